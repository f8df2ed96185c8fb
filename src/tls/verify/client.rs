//! The accepting side judges the certificate of who dials it, as its mode says.

use super::{ChainJudge, Usage, hook, timestamp};
use crate::tls::algorithms::ALGORITHMS;
use crate::tls::handshake::Witness;
use crate::tls::manager::ClientAuth;
use crate::tls::verify::{Refusal, hook::VerifyPeer};
use crate::x509::Inspected;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};
use std::sync::Arc;

/// Verifies one client in one handshake, in any mode but [`ClientAuth::None`]. The two modes that
/// judge no chain have no judge; the handshake's signature counts in all.
#[derive(Debug)]
pub(crate) struct ClientVerifier {
    pub(crate) mode: ClientAuth,
    pub(crate) judge: Option<Arc<ChainJudge>>,
    pub(crate) hook: Option<Arc<dyn VerifyPeer>>,
    pub(crate) witness: Arc<Witness>,
}

impl ClientVerifier {
    fn verdict(&self, leaf: &CertificateDer<'_>, rest: &[CertificateDer<'_>], now: UnixTime) -> Result<Inspected, Refusal> {
        match &self.judge {
            Some(judge) => judge.judge(leaf, rest, None, timestamp(now)),
            None => hook::unjudged(self.hook.as_deref(), leaf, Usage::Client),
        }
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.mode.insists()
    }

    /// What a client is told to choose a certificate by; empty means that any will do.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.judge.as_ref().map(|judge| judge.pool().subjects()).unwrap_or_default()
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let facts = self.verdict(leaf, intermediates, now).map_err(|refusal| self.witness.refuse(refusal))?;
        self.witness.see(facts, self.judge.is_some());
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &ALGORITHMS)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &ALGORITHMS)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ALGORITHMS.supported_schemes()
    }
}
