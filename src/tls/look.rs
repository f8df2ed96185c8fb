//! Looks at a server without judging it, to find out why a handshake that judged has failed. Nothing of ours is
//! shown: no certificate, and not a byte of any protocol above TLS.

use super::config::ALPN;
use crate::x509::Inspected;
use crate::x509::name::distinguished_der;
use async_tls::TlsConnector;
use futures_util::io::{AsyncRead, AsyncWrite};
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::{Arc, OnceLock};

/// What was seen of a server, as far as its handshake went.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sight {
    /// What it presented, the leaf first; what cannot be read is left out.
    pub(crate) chain: Vec<Inspected>,
    /// Whose certificates it takes; `None` if it asked for none.
    pub(crate) asks_for: Option<Vec<String>>,
    /// Which version it chose, told by how it signs: it may end the handshake when it is shown no certificate.
    pub(crate) version: Option<&'static str>,
    /// Which suite and key exchange it chose, if the handshake came to its end.
    pub(crate) chosen: Option<[&'static str; 2]>,
}

/// One handshake with whatever answers. The caller has a deadline.
pub(crate) async fn look<IO>(name: ServerName<'static>, io: IO) -> Sight
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let onlooker = Arc::new(Onlooker::default());
    let Ok(config) = configuration(&onlooker) else { return Sight::default() };
    let chosen = TlsConnector::from(Arc::new(config)).connect(name, io).await.ok().map(|stream| {
        let (_, session) = stream.get_ref();
        let suite = session.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
        let group = session.negotiated_key_exchange_group().and_then(|group| group.name().as_str());
        [suite, group].map(|word| word.unwrap_or("unknown"))
    });
    let chain = onlooker.chain.get().map(Vec::as_slice).unwrap_or_default();
    Sight {
        chain: chain.iter().filter_map(|der| Inspected::from_der(der).ok()).collect(),
        asks_for: onlooker.asks_for.get().cloned(),
        version: onlooker.version.get().copied(),
        chosen,
    }
}

fn configuration(onlooker: &Arc<Onlooker>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(rustls::ALL_VERSIONS)?;
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::<Onlooker>::clone(onlooker))
        .with_client_cert_resolver(Arc::<Onlooker>::clone(onlooker));
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}

/// Takes everything, and notes it.
#[derive(Debug, Default)]
struct Onlooker {
    chain: OnceLock<Vec<CertificateDer<'static>>>,
    asks_for: OnceLock<Vec<String>>,
    version: OnceLock<&'static str>,
}

impl ServerCertVerifier for Onlooker {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.chain.get_or_init(|| std::iter::once(leaf).chain(rest).map(|der| der.clone().into_owned()).collect());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.version.get_or_init(|| "TLSv1_2");
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.version.get_or_init(|| "TLSv1_3");
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        super::algorithms::ALGORITHMS.supported_schemes()
    }
}

impl ResolvesClientCert for Onlooker {
    fn resolve(&self, roots: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asks_for.get_or_init(|| roots.iter().map(|subject| distinguished_der(subject)).collect());
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}
