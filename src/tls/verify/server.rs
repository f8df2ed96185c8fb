//! The dialling side judges the server's certificate.

use super::{ChainJudge, Usage, hook, timestamp};
use crate::tls::algorithms::ALGORITHMS;
use crate::tls::handshake::Witness;
use crate::tls::verify::{Refusal, hook::VerifyPeer};
use crate::x509::Inspected;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::Arc;

/// Verifies one server in one handshake. Without a judge (verification was switched off, with a
/// warning) the handshake's signature still counts, and the hook is still asked.
#[derive(Debug)]
pub(crate) struct ServerVerifier {
    pub(crate) judge: Option<Arc<ChainJudge>>,
    pub(crate) hook: Option<Arc<dyn VerifyPeer>>,
    pub(crate) witness: Arc<Witness>,
}

impl ServerVerifier {
    fn verdict(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<Inspected, Refusal> {
        match &self.judge {
            Some(judge) => judge.judge(leaf, rest, Some(name), timestamp(now)),
            None => hook::unjudged(self.hook.as_deref(), leaf, Usage::Server),
        }
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let facts = self.verdict(leaf, intermediates, name, now).map_err(|refusal| self.witness.refuse(refusal))?;
        self.witness.see(facts, self.judge.is_some());
        Ok(ServerCertVerified::assertion())
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
