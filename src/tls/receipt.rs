//! Tickets that nobody can redeem. A resumed session would skip the verifier, so that a revoked peer
//! came back; but the *arrival* of a ticket says that the server has accepted our certificate, which
//! TLS 1.3 otherwise leaves a client to guess from silence.

use super::handshake::Witness;
use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::server::StoresServerSessions;
use rustls_pki_types::ServerName;
use std::sync::Arc;

/// The server's side: pretends to store, so that a ticket is sent, and never finds one.
#[derive(Debug)]
pub(super) struct Unredeemable;

impl StoresServerSessions for Unredeemable {
    fn put(&self, _key: Vec<u8>, _value: Vec<u8>) -> bool {
        true
    }

    fn get(&self, _key: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn take(&self, _key: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn can_cache(&self) -> bool {
        true
    }
}

/// The client's side: notes that a ticket came, and forgets it.
#[derive(Debug)]
pub(super) struct ReceiptBook(pub(super) Arc<Witness>);

impl ClientSessionStore for ReceiptBook {
    fn set_kx_hint(&self, _server: ServerName<'static>, _group: NamedGroup) {}

    fn kx_hint(&self, _server: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _server: ServerName<'static>, _session: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _server: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _server: ServerName<'static>, _ticket: Tls13ClientSessionValue) {
        self.0.note_receipt();
    }

    fn take_tls13_ticket(&self, _server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}
