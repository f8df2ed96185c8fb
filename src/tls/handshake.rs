//! One object per handshake: it hands out the certificate, watches what the peer shows, and keeps the
//! facts. rustls drops a failed session with all it knew; this stays.

use super::resolver::{CertResolver, Issue};
use super::stream::PeerCertificate;
use super::verify::Refusal;
use crate::x509::name::printable;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Witness and recorder of one handshake.
#[derive(Debug)]
pub(super) struct Witness {
    resolver: Arc<CertResolver>,
    presented: OnceLock<Arc<Issue>>,
    asked: OnceLock<Vec<Vec<u8>>>,
    dialled_as: OnceLock<String>,
    protocols: OnceLock<Vec<String>>,
    peer: OnceLock<PeerCertificate>,
    refusal: OnceLock<Refusal>,
    first_bytes: OnceLock<Vec<u8>>,
    receipt: AtomicBool,
}

impl Witness {
    pub(super) fn new(resolver: Arc<CertResolver>) -> Arc<Self> {
        Arc::new(Self {
            resolver,
            presented: OnceLock::new(),
            asked: OnceLock::new(),
            dialled_as: OnceLock::new(),
            protocols: OnceLock::new(),
            peer: OnceLock::new(),
            refusal: OnceLock::new(),
            first_bytes: OnceLock::new(),
            receipt: AtomicBool::new(false),
        })
    }

    /// What this side presented, if it got that far.
    pub(super) fn presented(&self) -> Option<&Arc<Issue>> {
        self.presented.get()
    }

    /// Where the certificate of this side comes from.
    pub(super) const fn resolver(&self) -> &Arc<CertResolver> {
        &self.resolver
    }

    /// What this side presented or, had the peer let it, would have.
    pub(super) fn own(&self) -> Arc<Issue> {
        self.presented.get().cloned().unwrap_or_else(|| self.resolver.current())
    }

    /// The subjects of the CAs that the server asked for; `None` if it asked for no certificate.
    pub(super) fn asked(&self) -> Option<&[Vec<u8>]> {
        self.asked.get().map(Vec::as_slice)
    }

    /// The name by which the client called us.
    pub(super) fn dialled_as(&self) -> Option<&str> {
        self.dialled_as.get().map(String::as_str)
    }

    /// The application protocols that the client offered.
    pub(super) fn protocols(&self) -> &[String] {
        self.protocols.get().map(Vec::as_slice).unwrap_or_default()
    }

    /// Notes what a failed handshake can no longer tell.
    pub(super) fn hear_hello(&self, hello: &ClientHello<'_>) {
        if let Some(name) = hello.server_name() {
            self.dialled_as.get_or_init(|| name.to_owned());
        }
        let offered = hello.alpn().into_iter().flatten().take(PROTOCOLS_IN_A_SENTENCE);
        self.protocols.get_or_init(|| offered.map(|protocol| printable(&String::from_utf8_lossy(protocol))).collect());
    }

    pub(super) fn peer(&self) -> Option<&PeerCertificate> {
        self.peer.get()
    }

    pub(super) fn see(&self, peer: PeerCertificate) {
        self.peer.get_or_init(|| peer);
    }

    pub(super) fn refusal(&self) -> Option<&Refusal> {
        self.refusal.get()
    }

    /// Notes why the peer is refused, and says it the way rustls turns into the right alert.
    pub(super) fn refuse(&self, refusal: Refusal) -> rustls::Error {
        self.refusal.get_or_init(|| refusal).for_the_peer()
    }

    /// The first bytes that came from the peer: they tell what it is if it is no TLS.
    pub(super) fn first_bytes(&self) -> &[u8] {
        self.first_bytes.get().map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn hear(&self, bytes: &[u8]) {
        self.first_bytes.get_or_init(|| bytes.iter().take(FIRST_BYTES).copied().collect());
    }

    pub(super) fn has_heard(&self) -> bool {
        self.first_bytes.get().is_some()
    }

    pub(super) fn note_receipt(&self) {
        self.receipt.store(true, Ordering::Relaxed);
    }

    /// Whether the server has sent a ticket, which it does only after accepting our certificate.
    pub(super) fn has_receipt(&self) -> bool {
        self.receipt.load(Ordering::Relaxed)
    }
}

/// A HelloRetryRequest asks twice. The first answer stands: the peer verifies that one.
impl ResolvesServerCert for Witness {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let issue = self.presented.get_or_init(|| self.resolver.current());
        Some(Arc::clone(issue.certificate.certified()))
    }
}

/// rustls sends no certificate when the key can sign with none of the schemes: then nothing was
/// presented, and nothing is recorded as if it were.
impl ResolvesClientCert for Witness {
    fn resolve(&self, roots: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.get_or_init(|| roots.iter().map(|subject| subject.to_vec()).collect());
        let issue = self.own();
        issue.certificate.certified().key.choose_scheme(schemes)?;
        let issue = self.presented.get_or_init(|| issue);
        Some(Arc::clone(issue.certificate.certified()))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

const FIRST_BYTES: usize = 64;
const PROTOCOLS_IN_A_SENTENCE: usize = 8;
