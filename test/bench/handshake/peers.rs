//! The peers that are compared: ours, and static rustls configurations on the same stack. A meeting is
//! a full handshake, and one byte by which the server says that it, too, is through.

use async_tls::{TlsAcceptor, TlsConnector};
use countersign::net::{Dialer, DialerOptions, Listener, ListenerOptions};
use countersign::rt::{self, TcpListener, TcpStream};
use countersign::testing::Ca;
use countersign::tls::{CertAuth, Certificate, ServerName};
use countersign::x509::pem::{self, Origin};
use futures_util::future::BoxFuture;
use futures_util::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{CipherSuite, ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One CA, and a certificate for each side, in the forms that both stacks want.
pub(crate) struct World {
    ca: Ca,
    server: Pair,
    client: Pair,
    provider: Arc<CryptoProvider>,
}

struct Pair {
    ours: Certificate,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl World {
    pub(crate) fn new() -> Self {
        let ca = Ca::new();
        let mut provider = rustls::crypto::aws_lc_rs::default_provider();
        // One suite, so that no side's preference is measured.
        provider.cipher_suites.retain(|suite| suite.suite() == CipherSuite::TLS13_AES_256_GCM_SHA384);
        Self { server: Pair::new(&ca), client: Pair::new(&ca), ca, provider: Arc::new(provider) }
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.ca.der().clone()).unwrap();
        Arc::new(roots)
    }

    fn server_config(&self, alpn: &[&[u8]]) -> ServerConfig {
        let verifier = WebPkiClientVerifier::builder_with_provider(self.roots(), Arc::clone(&self.provider)).build().unwrap();
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider));
        let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]).unwrap().with_client_cert_verifier(verifier);
        let mut config = builder.with_single_cert(self.server.chain.clone(), self.server.key.clone_key()).unwrap();
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.alpn_protocols = owned(alpn);
        config
    }

    fn client_config(&self, client: &Pair, alpn: &[&[u8]]) -> ClientConfig {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider));
        let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]).unwrap().with_root_certificates(self.roots());
        let mut config = builder.with_client_auth_cert(client.chain.clone(), client.key.clone_key()).unwrap();
        config.resumption = Resumption::disabled();
        config.alpn_protocols = owned(alpn);
        config
    }
}

impl Pair {
    fn new(ca: &Ca) -> Self {
        let (text, secret) = ca.leaf().ip(IpAddr::V4(Ipv4Addr::LOCALHOST)).pem();
        let origin = Origin::memory();
        let chain = pem::certificates(&origin, text.as_bytes()).unwrap().into_iter().map(|(_, der)| der).collect();
        let key = pem::private_key(&origin, secret.expose()).unwrap();
        let key = PrivateKeyDer::try_from(key.der.expose().to_vec()).unwrap();
        Self { ours: Certificate::from_pem(&origin, text.as_bytes(), secret.expose()).unwrap(), chain, key }
    }
}

/// Something that dials, and reads the server's byte.
pub(crate) trait Client {
    fn meet(&self, port: u16) -> BoxFuture<'_, ()>;
}

pub(crate) struct StaticClient(TlsConnector);

impl StaticClient {
    pub(crate) fn new(world: &World, alpn: &[&[u8]]) -> Self {
        Self::showing(world, &world.client, alpn)
    }

    fn showing(world: &World, client: &Pair, alpn: &[&[u8]]) -> Self {
        Self(TlsConnector::from(Arc::new(world.client_config(client, alpn))))
    }
}

impl Client for StaticClient {
    fn meet(&self, port: u16) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
            tcp.set_nodelay(true).unwrap();
            let name = ServerName::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
            read_one(self.0.connect(name, tcp).await.unwrap()).await;
        })
    }
}

/// So many clients, each with a certificate of its own, that whoever comes was not seen for a long time.
pub(crate) struct Crowd(Vec<StaticClient>, AtomicUsize);

impl Crowd {
    pub(crate) fn new(world: &World) -> Self {
        let client = || StaticClient::showing(world, &Pair::new(&world.ca), &[]);
        Self((0..400).map(|_| client()).collect(), AtomicUsize::new(0))
    }
}

impl Client for Crowd {
    fn meet(&self, port: u16) -> BoxFuture<'_, ()> {
        let next = self.1.fetch_add(1, Ordering::Relaxed) % self.0.len();
        self.0.get(next).unwrap().meet(port)
    }
}

pub(crate) struct OurClient(Dialer);

impl OurClient {
    pub(crate) fn new(world: &World) -> Self {
        let manager = CertAuth::mutual(world.client.ours.clone(), world.ca.pool());
        Self(Dialer::new(DialerOptions::secure(Arc::new(manager))).unwrap())
    }
}

impl Client for OurClient {
    fn meet(&self, port: u16) -> BoxFuture<'_, ()> {
        Box::pin(async move { read_one(self.0.dial("127.0.0.1", port).await.unwrap()).await })
    }
}

/// Something that is dialled, and writes a byte to whoever comes through.
pub(crate) struct Server {
    port: u16,
    _task: rt::Task,
}

impl Server {
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) async fn ours(world: &World) -> Self {
        let manager = CertAuth::mutual(world.server.ours.clone(), world.ca.pool());
        let options = ListenerOptions::secure(Arc::new(manager));
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let port = listener.local_addr().port();
        let serve = async move {
            while let Ok(connection) = listener.accept().await {
                write_one(connection).await;
            }
        };
        Self { port, _task: rt::spawn("ours", serve).unwrap() }
    }

    pub(crate) async fn fixed(world: &World, alpn: &[&[u8]]) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(world.server_config(alpn)));
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let serve = async move {
            while let Ok((tcp, _)) = socket.accept().await {
                let acceptor = acceptor.clone();
                let one = async move {
                    tcp.set_nodelay(true).unwrap();
                    write_one(acceptor.accept(tcp).await.unwrap()).await;
                };
                rt::spawn("one", one).unwrap().detach();
            }
        };
        Self { port, _task: rt::spawn("static", serve).unwrap() }
    }
}

async fn write_one(mut stream: impl futures_util::io::AsyncWrite + Unpin) {
    stream.write_all(b"!").await.unwrap();
    stream.flush().await.unwrap();
}

async fn read_one(mut stream: impl AsyncRead + Unpin) {
    stream.read_exact(&mut [0]).await.unwrap();
}

fn owned(alpn: &[&[u8]]) -> Vec<Vec<u8>> {
    alpn.iter().map(|protocol| protocol.to_vec()).collect()
}
