//! TLS 1.2 where a policy allows it, and suites by name.

use crate::block_on;
use crate::foreign_tls::{self, Met};
use crate::links::{accepted, link, listen, refusal};
use crate::logbook;
use countersign::net::{Dialer, DialerOptions, Listener, ListenerOptions};
use countersign::rt::TcpListener;
use countersign::testing::Ca;
use countersign::tls::{CertAuth, CertManager, ClientAuth, TlsPolicy, TlsVersion};
use futures_util::future::join;
use rustls::{ClientConfig, HandshakeKind};
use std::sync::Arc;

#[test]
fn two_sides_that_allow_tls_1_2_can_speak_it() {
    block_on(async {
        let ca = Ca::new();
        let link = link(&listener(&ca, only_1_2()).await, &dialer(&ca, only_1_2())).await;
        for side in [&link.dialled, &link.accepted] {
            let tls = side.tls().unwrap();
            assert_eq!((tls.version(), tls.suite()), ("TLSv1_2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"));
            assert!(tls.is_full_handshake() && tls.is_accepted());
        }
        assert!(link.accepted.peer_certificate().unwrap().verified);
        assert_eq!(link.client(), link.dialled.presented().map(|issue| issue.certificate.fingerprint()));
    });
}

#[test]
fn two_sides_that_allow_tls_1_2_prefer_1_3() {
    block_on(async {
        let (ca, both) = (Ca::new(), TlsPolicy::default().min_version(TlsVersion::Tls12));
        let link = link(&listener(&ca, both.clone()).await, &dialer(&ca, both)).await;
        assert_eq!(link.dialled.tls().unwrap().version(), "TLSv1_3");
    });
}

#[test]
fn tls_1_2_alone_is_refused_by_default_from_either_side() {
    block_on(async {
        let ca = Ca::new();
        let old_client = refusal(&listener(&ca, TlsPolicy::default()).await, &dialer(&ca, only_1_2())).await;
        assert_eq!(old_client.codes(), codes("version_mismatch", "version_mismatch"));
        let old_server = refusal(&listener(&ca, only_1_2()).await, &dialer(&ca, TlsPolicy::default())).await;
        assert_eq!(old_server.codes(), codes("version_mismatch", "version_mismatch"));
    });
}

#[test]
fn a_foreign_client_of_tls_1_2_is_told_that_the_version_is_wrong() {
    block_on(async {
        let ca = Ca::new();
        let listener = listener(&ca, TlsPolicy::default()).await;
        let (local, met) = foreign_tls::dial(&Arc::new(foreign_1_2(&ca)), listener.local_addr().port()).await.unwrap();
        assert_eq!(met, Met::Alert("protocol_version".to_owned()));
        assert_eq!(logbook::refusal_of(local).await.unwrap().code, "version_mismatch");
    });
}

#[test]
fn a_server_of_tls_1_2_refuses_before_the_client_thinks_that_all_is_well() {
    block_on(async {
        let ca = Ca::new();
        let listener = listener(&ca, only_1_2()).await;
        let stranger = Arc::new(CertAuth::mutual(Ca::new().client("stranger"), ca.pool()));
        let refused = refusal(&listener, &dialer_of(stranger, only_1_2())).await;
        assert_eq!(refused.codes(), codes("unknown_ca", "unknown_ca?"));
    });
}

#[test]
fn a_rotation_holds_for_tls_1_2_too() {
    block_on(async {
        let ca = Ca::new();
        let manager = Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()));
        let mut options = ListenerOptions::secure(manager.clone());
        options.tls = only_1_2();
        let (listener, dialer) = (listen(options).await, dialer_of(manager.clone(), only_1_2()));
        let before = link(&listener, &dialer).await;
        let fresh = ca.agent(&["localhost"]);
        manager.update(fresh.clone()).unwrap();
        let after = link(&listener, &dialer).await;
        assert_ne!(before.server(), after.server());
        assert_eq!((after.server(), after.client()), (fresh.fingerprint(), Some(fresh.fingerprint())));
    });
}

#[test]
fn a_suite_that_is_named_is_used() {
    block_on(async {
        for suite in ["TLS13_AES_128_GCM_SHA256", "TLS13_CHACHA20_POLY1305_SHA256"] {
            let (ca, policy) = (Ca::new(), TlsPolicy::default().suites(&[suite]).unwrap());
            for (listening, dialling) in [(policy.clone(), TlsPolicy::default()), (TlsPolicy::default(), policy)] {
                let link = link(&listener(&ca, listening).await, &dialer(&ca, dialling)).await;
                assert_eq!((link.dialled.tls().unwrap().suite(), link.accepted.tls().unwrap().suite()), (suite, suite));
            }
        }
    });
}

#[test]
fn an_unknown_suite_is_named_together_with_those_there_are() {
    let error = TlsPolicy::default().suites(&["TLS13_AES_256_GCM_SHA384", "TLS_RSA_WITH_RC4_128_SHA"]).unwrap_err();
    assert_eq!(error.name, "TLS_RSA_WITH_RC4_128_SHA");
    assert!(error.to_string().contains("TLS13_CHACHA20_POLY1305_SHA256"), "{error}");
}

#[test]
fn sides_without_a_common_suite_say_so_both() {
    block_on(async {
        let ca = Ca::new();
        let (aes, chacha) = (suites("TLS13_AES_128_GCM_SHA256"), suites("TLS13_CHACHA20_POLY1305_SHA256"));
        let refusal = refusal(&listener(&ca, aes).await, &dialer(&ca, chacha)).await;
        assert_eq!(refusal.codes(), codes("no_common_suite", "no_common_suite?"));
    });
}

#[test]
fn our_own_nodes_take_aes_and_a_hybrid_key_exchange() {
    block_on(async {
        let ca = Ca::new();
        let link = link(&listener(&ca, TlsPolicy::default()).await, &dialer(&ca, TlsPolicy::default())).await;
        for tls in [link.dialled.tls().unwrap(), link.accepted.tls().unwrap()] {
            assert!(tls.is_ours());
            assert_eq!((tls.suite(), tls.key_exchange()), ("TLS13_AES_256_GCM_SHA384", "X25519MLKEM768"));
        }
    });
}

#[test]
fn foreign_peers_get_chacha20_in_either_direction() {
    block_on(async {
        let ca = Ca::new();
        let identity = || Some(foreign_tls::identity(ca.leaf().dns("localhost")));
        let listener = listener(&ca, TlsPolicy::default()).await;
        let (caller, port) = (Arc::new(foreign_tls::client(&ca, identity())), listener.local_addr().port());
        let answering = async { foreign_tls::answer(&mut accepted(&listener).await.unwrap()).await };
        let (dialled, answered) = join(foreign_tls::dial(&caller, port), answering).await;
        answered.unwrap();
        chacha(&dialled.unwrap().1);

        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Arc::new(foreign_tls::server(&ca, ClientAuth::RequireAndVerify, identity()));
        let (dialer, port) = (dialer(&ca, TlsPolicy::default()), socket.local_addr().unwrap().port());
        let asking = async { foreign_tls::ask(&mut dialer.dial("localhost", port).await.unwrap()).await };
        let (met, asked) = join(foreign_tls::accept(&server, &socket), asking).await;
        asked.unwrap();
        chacha(&met.unwrap());
    });
}

#[track_caller]
fn chacha(met: &Met) {
    let Met::Accepted(facts) = met else { panic!("{met:?}") };
    assert_eq!((facts.suite.as_str(), facts.kind), ("TLS13_CHACHA20_POLY1305_SHA256", Some(HandshakeKind::Full)));
}

async fn listener(ca: &Ca, policy: TlsPolicy) -> Listener {
    let mut options = ListenerOptions::secure(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool())));
    options.tls = policy;
    listen(options).await
}

fn dialer(ca: &Ca, policy: TlsPolicy) -> Dialer {
    dialer_of(Arc::new(CertAuth::mutual(ca.client("caller"), ca.pool())), policy)
}

fn dialer_of(manager: Arc<CertAuth>, policy: TlsPolicy) -> Dialer {
    let mut options = DialerOptions::secure(manager);
    options.tls = policy;
    Dialer::new(options).unwrap()
}

/// A policy is without TLS 1.3 when it has no suite of it.
fn only_1_2() -> TlsPolicy {
    suites("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384").min_version(TlsVersion::Tls12)
}

fn suites(name: &str) -> TlsPolicy {
    // The policy checks nothing but the name here; whether it can be spoken, a listener says at start.
    TlsPolicy::default().suites(&[name]).unwrap()
}

fn foreign_1_2(ca: &Ca) -> ClientConfig {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.cipher_suites.retain(|suite| suite.version().version == rustls::ProtocolVersion::TLSv1_2);
    foreign_tls::client_with(provider, ca, Some(foreign_tls::identity(ca.leaf())))
}

fn codes(acceptor: &str, dialler: &str) -> (String, String) {
    (acceptor.to_owned(), dialler.to_owned())
}
