//! No session is ever resumed: a resumed one would skip the verifier, and a revoked peer came back.

use crate::block_on;
use crate::foreign_tls::{self, Met};
use crate::links::{accepted, dialling, link, listen, listening};
use countersign::net::{Connection, Dialer, Listener, ListenerOptions};
use countersign::rt::TcpListener;
use countersign::testing::Ca;
use countersign::tls::config::ALPN;
use countersign::tls::{CertAuth, ClientAuth, TlsPolicy, TlsVersion};
use futures_util::future::join;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, TicketRequest, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::{ClientConfig, HandshakeKind, NamedGroup};
use rustls_pki_types::ServerName;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn a_foreign_client_with_a_session_cache_gets_no_ticket_and_a_full_handshake_each_time() {
    block_on(async {
        let (ca, cache) = (Ca::new(), Arc::new(Cache::new()));
        let listener = listening(mutual(&ca)).await;
        let config = caching(&ca, &cache, Vec::new());
        assert_eq!([visit(&listener, &config).await, visit(&listener, &config).await], [FULL; 2]);
        assert_eq!(cache.tickets.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn who_speaks_our_protocol_gets_one_receipt_and_cannot_redeem_it() {
    block_on(async {
        let (ca, cache) = (Ca::new(), Arc::new(Cache::new()));
        let listener = listening(mutual(&ca)).await;
        let config = caching(&ca, &cache, vec![ALPN.to_vec()]);
        for round in 1..=3 {
            assert_eq!(visit(&listener, &config).await, FULL);
            assert_eq!(cache.tickets.load(Ordering::SeqCst), round);
        }
    });
}

#[test]
fn who_asks_for_more_receipts_gets_one_although_a_configuration_of_ones_own_would_give_them() {
    block_on(async {
        let (ca, cache) = (Ca::new(), Arc::new(Cache::new()));
        let mut server = foreign_tls::server(&ca, ClientAuth::RequireAndVerify, None);
        server.max_tls13_tickets = 4;
        let manager = CertAuth::builder(ca.agent(&["localhost"])).rustls_server(Arc::new(server)).build().unwrap();
        let listener = listening(Arc::new(manager)).await;
        let mut client = Arc::unwrap_or_clone(caching(&ca, &cache, vec![ALPN.to_vec()]));
        client.send_ticket_request = Some(TicketRequest { new_session_count: 4, resumption_count: 4 });
        let answering = async { foreign_tls::answer(&mut accepted(&listener).await.unwrap()).await.unwrap() };
        let (met, ()) = join(foreign_tls::dial(&Arc::new(client), listener.local_addr().port()), answering).await;
        assert!(matches!(met.unwrap().1, Met::Accepted(_)));
        assert_eq!(cache.tickets.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn tls_1_2_has_neither_tickets_nor_session_numbers() {
    block_on(async {
        let (ca, cache) = (Ca::new(), Arc::new(Cache::new()));
        let mut options = ListenerOptions::secure(mutual(&ca));
        options.tls = TlsPolicy::default().min_version(TlsVersion::Tls12);
        let listener = listen(options).await;
        let config = caching_1_2(&ca, &cache);
        assert_eq!([visit(&listener, &config).await, visit(&listener, &config).await], [FULL; 2]);
    });
}

#[test]
fn our_dialler_resumes_nothing_although_a_foreign_server_hands_out_tickets() {
    block_on(async {
        let ca = Ca::new();
        let identity = foreign_tls::identity(ca.leaf().dns("localhost"));
        let server = Arc::new(foreign_tls::server(&ca, ClientAuth::RequireAndVerify, Some(identity)));
        assert!(server.send_tls13_tickets > 0);
        let (dialer, socket) = (dialling(mutual(&ca)), TcpListener::bind("127.0.0.1:0").await.unwrap());
        for _ in 0..2 {
            let (met, connection) = join(foreign_tls::accept(&server, &socket), call(&dialer, &socket)).await;
            let Met::Accepted(facts) = met.unwrap() else { panic!("refused") };
            assert_eq!(facts.kind, Some(HandshakeKind::Full));
            assert!(facts.peer.is_some());
            assert!(connection.tls().unwrap().is_full_handshake());
        }
    });
}

#[test]
fn our_dialler_knows_at_once_that_ours_accepted_it_and_with_others_after_the_first_read() {
    block_on(async {
        let ca = Ca::new();
        let link = link(&listening(mutual(&ca)).await, &dialling(mutual(&ca))).await;
        assert!(link.dialled.tls().unwrap().is_accepted());

        let identity = foreign_tls::identity(ca.leaf().dns("localhost"));
        let server = Arc::new(foreign_tls::server(&ca, ClientAuth::RequireAndVerify, Some(identity)));
        let (dialer, socket) = (dialling(mutual(&ca)), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let port = socket.local_addr().unwrap().port();
        let calling = async {
            let mut connection = dialer.dial("localhost", port).await.unwrap();
            assert!(!connection.tls().unwrap().is_accepted());
            foreign_tls::ask(&mut connection).await.unwrap();
            assert!(connection.tls().unwrap().is_accepted());
        };
        join(foreign_tls::accept(&server, &socket), calling).await.0.unwrap();
    });
}

#[test]
fn a_late_refusal_by_a_foreign_server_comes_with_the_first_read_and_is_explained() {
    block_on(async {
        let ca = Ca::new();
        let identity = foreign_tls::identity(ca.leaf().dns("localhost"));
        let server = Arc::new(foreign_tls::server(&ca, ClientAuth::RequireAndVerify, Some(identity)));
        let stranger = Arc::new(CertAuth::mutual(Ca::new().client("stranger"), ca.pool()));
        let (dialer, socket) = (dialling(stranger), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let port = socket.local_addr().unwrap().port();
        let calling = async {
            let mut connection = dialer.dial("localhost", port).await.unwrap();
            foreign_tls::ask(&mut connection).await.unwrap_err()
        };
        let (met, error) = join(foreign_tls::accept(&server, &socket), calling).await;
        assert!(matches!(met.unwrap(), Met::Refused(_)));
        let refused = Connection::refusal(&error).unwrap();
        assert_eq!((refused.code().as_str(), refused.is_guess()), ("unknown_ca", true));
        assert!(refused.to_string().contains("we presented CN=stranger"), "{refused}");
    });
}

const FULL: Option<HandshakeKind> = Some(HandshakeKind::Full);

fn mutual(ca: &Ca) -> Arc<CertAuth> {
    Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))
}

fn caching(ca: &Ca, cache: &Arc<Cache>, protocols: Vec<Vec<u8>>) -> Arc<ClientConfig> {
    let mut config = foreign_tls::client(ca, Some(foreign_tls::identity(ca.leaf())));
    config.alpn_protocols = protocols;
    config.resumption = Resumption::store(cache.clone());
    Arc::new(config)
}

fn caching_1_2(ca: &Ca, cache: &Arc<Cache>) -> Arc<ClientConfig> {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.cipher_suites.retain(|suite| suite.version().version == rustls::ProtocolVersion::TLSv1_2);
    let mut config = foreign_tls::client_with(provider, ca, Some(foreign_tls::identity(ca.leaf())));
    config.resumption = Resumption::store(cache.clone());
    Arc::new(config)
}

async fn visit(listener: &Listener, config: &Arc<ClientConfig>) -> Option<HandshakeKind> {
    let answering = async {
        let mut connection = accepted(listener).await.unwrap();
        foreign_tls::answer(&mut connection).await.unwrap();
        assert!(connection.tls().unwrap().is_full_handshake());
        assert!(connection.peer_certificate().unwrap().verified);
    };
    let (met, ()) = join(foreign_tls::dial(config, listener.local_addr().port()), answering).await;
    match met.unwrap().1 {
        Met::Accepted(facts) => facts.kind,
        other => panic!("{other:?}"),
    }
}

async fn call(dialer: &Dialer, socket: &TcpListener) -> Connection {
    let mut connection = dialer.dial("localhost", socket.local_addr().unwrap().port()).await.unwrap();
    foreign_tls::ask(&mut connection).await.unwrap();
    connection
}

/// rustls's own cache, counting what comes in.
#[derive(Debug)]
struct Cache {
    inner: ClientSessionMemoryCache,
    tickets: AtomicUsize,
}

impl Cache {
    fn new() -> Self {
        Self { inner: ClientSessionMemoryCache::new(32), tickets: AtomicUsize::new(0) }
    }
}

impl ClientSessionStore for Cache {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.inner.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.inner.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.inner.set_tls12_session(server, session);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.inner.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.inner.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.tickets.fetch_add(1, Ordering::SeqCst);
        self.inner.insert_tls13_ticket(server, ticket);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.inner.take_tls13_ticket(server)
    }
}
