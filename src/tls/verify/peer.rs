//! The two verifiers that rustls asks: of a server by the dialling side, of a client by the accepting one.

use super::{ChainJudge, Demands, Refusal, Usage, hook, timestamp};
use crate::tls::algorithms::ALGORITHMS;
use crate::tls::handshake::Witness;
use crate::tls::manager::ClientAuth;
use crate::tls::verify::hook::VerifyPeer;
use crate::x509::Inspected;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::Arc;

/// Judges one peer in one handshake, and lets the witness see it. Without a judge (a mode that judges no
/// chain, or verification that was switched off) the handshake's signature still counts, and the hook is
/// still asked.
#[derive(Debug)]
pub(crate) struct PeerVerifier {
    pub(crate) usage: Usage,
    pub(crate) judge: Option<Arc<ChainJudge>>,
    pub(crate) hook: Option<Arc<dyn VerifyPeer>>,
    pub(in crate::tls) demands: Arc<Demands>,
    pub(crate) witness: Arc<Witness>,
}

impl PeerVerifier {
    fn admit(&self, chain: Presented<'_>, name: Option<&ServerName<'_>>, now: UnixTime) -> Result<(), Error> {
        let leaf = self.verdict(chain, name, now).map_err(|refusal| self.witness.refuse(refusal))?;
        self.witness.see(leaf, self.judge.is_some());
        Ok(())
    }

    fn verdict(&self, (leaf, rest): Presented<'_>, name: Option<&ServerName<'_>>, now: UnixTime) -> Result<Arc<Inspected>, Refusal> {
        match &self.judge {
            Some(judge) => judge.judge(leaf, rest, name, timestamp(now)),
            None => hook::unjudged(self.hook.as_deref(), &self.demands, leaf, self.usage),
        }
    }
}

/// A leaf, and what was sent behind it.
type Presented<'a> = (&'a CertificateDer<'a>, &'a [CertificateDer<'a>]);

/// rustls has two traits that ask the same about the handshake's signature.
macro_rules! signatures_count {
    () => {
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
    };
}

/// Verifies the server that was dialled.
#[derive(Debug)]
pub(crate) struct ServerVerifier(pub(crate) PeerVerifier);

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.0.admit((leaf, rest), Some(name), now).map(|()| ServerCertVerified::assertion())
    }

    signatures_count!();
}

/// Verifies a client, in any mode but [`ClientAuth::None`].
#[derive(Debug)]
pub(crate) struct ClientVerifier(pub(crate) PeerVerifier, pub(crate) ClientAuth);

impl ClientCertVerifier for ClientVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.1.insists()
    }

    /// What a client is told to choose a certificate by; empty means that any will do.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.judge.as_ref().map(|judge| judge.pool().subjects()).unwrap_or_default()
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.0.admit((leaf, rest), None, now).map(|()| ClientCertVerified::assertion())
    }

    signatures_count!();
}
