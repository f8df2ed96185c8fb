//! Peers that are not ours: rustls as it comes, which presents whatever it is told to.

use async_tls::{TlsAcceptor, TlsConnector};
use countersign::authority::{KeyKind, KeyPair};
use countersign::rt::{TcpListener, TcpStream};
use countersign::testing::{Ca, LeafBuilder};
use countersign::tls::ClientAuth;
use countersign::x509::pem::{self, Origin};
use countersign::x509::{Fingerprint, PrivateKey};
use futures_util::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use rustls::{ClientConfig, CommonState, HandshakeKind, RootCertStore, ServerConfig};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// How a foreign peer fared with one of ours.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Met {
    /// Bytes went both ways.
    Accepted(Facts),
    /// It was told no, with this alert.
    Alert(String),
    /// The connection ended without a word.
    Closed,
    /// It said no itself.
    Refused(String),
}

/// What it knows of a connection that came about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Facts {
    pub(crate) peer: Option<Fingerprint>,
    pub(crate) kind: Option<HandshakeKind>,
    pub(crate) suite: String,
}

impl fmt::Display for Met {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(_) => f.write_str("-"),
            Self::Alert(name) => write!(f, "alert:{name}"),
            Self::Closed => f.write_str("closed"),
            Self::Refused(_) => f.write_str("refused"),
        }
    }
}

impl Met {
    fn failed(error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(rustls::Error::AlertReceived(alert)) => Self::Alert(wire_name(&format!("{alert:?}"))),
            Some(other) => Self::Refused(other.to_string()),
            None => Self::Closed,
        }
    }
}

/// `UnknownCA`, as the specification spells it: `unknown_ca`.
pub(crate) fn wire_name(camel: &str) -> String {
    let mut name = String::new();
    for letter in camel.chars() {
        if letter.is_uppercase() && name.ends_with(char::is_lowercase) {
            name.push('_');
        }
        name.push(letter);
    }
    name.to_lowercase()
}

/// A client that trusts this CA, and presents this, if anything.
pub(crate) fn client(ca: &Ca, identity: Option<CertifiedKey>) -> ClientConfig {
    client_with(aws_lc_rs::default_provider(), ca, identity)
}

pub(crate) fn client_with(provider: CryptoProvider, ca: &Ca, identity: Option<CertifiedKey>) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots(ca));
    match identity {
        Some(identity) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity))),
        None => builder.with_no_client_auth(),
    }
}

/// A server that presents this, if anything, and asks for what this mode asks for.
pub(crate) fn server(ca: &Ca, mode: ClientAuth, identity: Option<CertifiedKey>) -> ServerConfig {
    server_with(aws_lc_rs::default_provider(), ca, mode, identity)
}

pub(crate) fn server_with(provider: CryptoProvider, ca: &Ca, mode: ClientAuth, identity: Option<CertifiedKey>) -> ServerConfig {
    let provider = Arc::new(provider);
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let builder = match mode {
        ClientAuth::None => builder.with_no_client_auth(),
        mode => {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(ca)), provider);
            let verifier = if mode.insists() { verifier } else { verifier.allow_unauthenticated() };
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    match identity {
        Some(identity) => builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(identity))),
        None => builder.with_cert_resolver(Arc::new(Nothing)),
    }
}

/// A good chain with its own key.
pub(crate) fn identity(leaf: LeafBuilder<'_>) -> CertifiedKey {
    let (chain, key) = leaf.pem();
    let chain = pem::certificates(&Origin::memory(), chain.as_bytes()).unwrap();
    let key = PrivateKey::from_pem(&Origin::memory(), key.expose()).unwrap();
    CertifiedKey::new(chain.into_iter().map(|(_, der)| der).collect(), key.signing_key())
}

/// A key that belongs to no certificate.
pub(crate) fn stray_key(kind: KeyKind) -> Arc<dyn SigningKey> {
    let pem = KeyPair::generate(kind).unwrap().pem();
    PrivateKey::from_pem(&Origin::memory(), pem.expose()).unwrap().signing_key()
}

/// Dials `localhost` once; says from where, and how it fared.
pub(crate) async fn dial(config: &Arc<ClientConfig>, port: u16) -> io::Result<(SocketAddr, Met)> {
    let tcp = TcpStream::connect(("127.0.0.1", port)).await?;
    let local = tcp.local_addr()?;
    let name = "localhost".try_into().unwrap();
    let met = match TlsConnector::from(Arc::clone(config)).connect(name, tcp).await {
        Ok(mut stream) => match ask(&mut stream).await {
            Ok(()) => Met::Accepted(facts(stream.get_ref().1)),
            Err(error) => Met::failed(&error),
        },
        Err(error) => Met::failed(&error),
    };
    Ok((local, met))
}

/// Accepts one peer; says how it fared.
pub(crate) async fn accept(config: &Arc<ServerConfig>, listener: &TcpListener) -> io::Result<Met> {
    let (tcp, _) = listener.accept().await?;
    Ok(match TlsAcceptor::from(Arc::clone(config)).accept(tcp).await {
        Ok(mut stream) => match answer(&mut stream).await {
            Ok(()) => Met::Accepted(facts(stream.get_ref().1)),
            Err(error) => Met::failed(&error),
        },
        Err(error) => Met::failed(&error),
    })
}

/// One question, one answer: the bytes that prove a connection.
pub(crate) async fn ask<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    // An error of writing is not the reason; that is read.
    let _ = stream.write_all(b"ping").await;
    let _ = stream.flush().await;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await?;
    if &answer == b"pong" { Ok(()) } else { Err(io::Error::other("not the answer")) }
}

/// The other side of [`ask`].
pub(crate) async fn answer<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    let mut question = [0; 4];
    stream.read_exact(&mut question).await?;
    stream.write_all(b"pong").await?;
    stream.flush().await
}

fn facts(tls: &CommonState) -> Facts {
    Facts {
        peer: tls.peer_certificates().and_then(|chain| chain.first()).map(|leaf| Fingerprint::of(leaf)),
        kind: tls.handshake_kind(),
        suite: tls.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or_default().to_owned(),
    }
}

fn roots(ca: &Ca) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(ca.der().clone()).unwrap();
    roots
}

/// A server that has no certificate.
#[derive(Debug)]
struct Nothing;

impl ResolvesServerCert for Nothing {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}
