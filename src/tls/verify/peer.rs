//! The two verifiers that rustls asks: of a server by the dialling side, of a client by the accepting one.

use super::{Presented, SideJudge, timestamp};
use crate::tls::algorithms::ALGORITHMS;
use crate::tls::ca_pool::CaPool;
use crate::tls::handshake::Witness;
use crate::tls::manager::ClientAuth;
use crate::tls::rejudge::{Chain, Standing};
use crate::tls::stream::PeerCertificate;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::Arc;

/// Judges one peer in one handshake, and lets the witness see it.
#[derive(Debug)]
pub(crate) struct PeerVerifier {
    pub(crate) judge: Arc<SideJudge>,
    pub(crate) witness: Arc<Witness>,
}

impl PeerVerifier {
    fn admit(&self, (leaf, rest): Presented<'_>, name: Option<&ServerName<'_>>, now: UnixTime) -> Result<(), Error> {
        let changes = self.judge.changes();
        let accepted = self.judge.judge((leaf, rest), name, timestamp(now)).map_err(|refusal| self.witness.refuse(refusal))?;
        let chain = Chain::new(leaf, self.judge.keep(rest));
        let standing = Standing { judge: Arc::clone(&self.judge), name: name.map(ServerName::to_owned), until: accepted.until, changes };
        self.witness.see(PeerCertificate {
            leaf: accepted.leaf,
            verified: self.judge.judges_chains(),
            presented: chain,
            standing: Some(Arc::new(standing)),
        });
        Ok(())
    }
}

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
        self.0.judge.pool().map(CaPool::subjects).unwrap_or_default()
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
