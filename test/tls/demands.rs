//! Pins and expected identities: what a certificate must show besides a good chain.

use crate::block_on;
use crate::foreign_tls;
use crate::links::{dialling, link, listen, listening, refusal};
use crate::logbook;
use countersign::failure::{Code, Failure};
use countersign::net::{Dialer, DialerOptions, ListenerOptions};
use countersign::testing::Ca;
use countersign::tls::rejudge::Verdict;
use countersign::tls::{CertAuth, CertManager, Certificate, ClientAuth, Hook, Peer, Pins, TlsPolicy};
use countersign::x509::Fingerprint;
use std::sync::Arc;

fn mutual(ca: &Ca, certificate: Certificate) -> Arc<CertAuth> {
    Arc::new(CertAuth::mutual(certificate, ca.pool()))
}

fn dialer(manager: Arc<CertAuth>, tls: TlsPolicy) -> Dialer {
    let mut options = DialerOptions::secure(manager);
    options.tls = tls;
    Dialer::new(options).unwrap()
}

fn another() -> Arc<Pins> {
    Pins::new([Fingerprint::of(b"another")])
}

#[test]
fn a_listener_takes_only_whom_it_has_pinned() {
    block_on(async {
        let ca = Ca::new();
        let (pinned, other) = (ca.agent(&["localhost"]), ca.agent(&["localhost"]));
        let mut options = ListenerOptions::secure(mutual(&ca, ca.agent(&["localhost"])));
        options.tls = TlsPolicy::default().pins(Pins::new([pinned.leaf().key_fingerprint]));
        let listener = listen(options).await;
        link(&listener, &dialling(mutual(&ca, pinned))).await;
        let refused = refusal(&listener, &dialling(mutual(&ca, other.clone()))).await;
        assert_eq!(refused.codes().0, "pin_mismatch");
        let told = format!("neither {} (SHA-256 {})", other.leaf().subject, other.leaf().fingerprint);
        assert!(refused.acceptor.reason.starts_with(&told), "{refused:?}");
    });
}

#[test]
fn a_good_chain_for_somebody_else_is_refused_with_all_that_tells_them_apart() {
    block_on(async {
        let ca = Ca::new();
        let listener = listening(mutual(&ca, ca.agent(&["localhost"]))).await;
        let policy = TlsPolicy::default().expecting("spiffe://example.org/db".parse().unwrap());
        let refused = refusal(&listener, &dialer(mutual(&ca, ca.agent(&["localhost"])), policy)).await;
        assert_eq!(refused.dialler.code(), Code::IdentityMismatch);
        let said = refused.dialler.to_string();
        assert!(said.ends_with("is for DNS:localhost, and spiffe://example.org/db is expected"), "{said}");
        // The other side learns no more than that it was the name.
        assert!(!refused.acceptor.reason.contains("spiffe"), "{refused:?}");
    });
}

#[test]
fn whoever_was_expected_is_judged_again_by_that_and_not_by_the_host_that_was_dialled() {
    block_on(async {
        let ca = Ca::new();
        let listener = listening(mutual(&ca, ca.leaf().uri("spiffe://example.org/db").build())).await;
        let pins = Pins::new([]);
        let policy = TlsPolicy::default().expecting("spiffe://example.org/db".parse().unwrap()).pins(Arc::clone(&pins));
        let link = link(&listener, &dialer(mutual(&ca, ca.agent(&["localhost"])), policy)).await;
        let peer = link.dialled.peer_certificate().unwrap();
        assert!(matches!(peer.rejudge(), Verdict::Accepted { .. }), "{:?}", peer.rejudge());
        pins.replace([peer.leaf.fingerprint]);
        assert!(matches!(peer.rejudge(), Verdict::Accepted { .. }), "{:?}", peer.rejudge());
        pins.replace([Fingerprint::of(b"another")]);
        assert!(matches!(peer.rejudge(), Verdict::Refused(refusal) if refusal.code() == Code::PinMismatch));
    });
}

#[test]
fn a_hook_is_not_asked_about_whom_a_pin_refuses() {
    block_on(async {
        let ca = Ca::new();
        let listener = listening(mutual(&ca, ca.agent(&["localhost"]))).await;
        let hook = Hook::new("unasked", |_: &Peer<'_>| panic!("a pin decides first"));
        let policy = TlsPolicy::default().pins(another()).hook(hook);
        for policy in [policy.clone(), policy.danger_insecure_skip_verify()] {
            let refused = refusal(&listener, &dialer(mutual(&ca, ca.agent(&["localhost"])), policy)).await;
            assert_eq!(refused.dialler.code(), Code::PinMismatch);
        }
    });
}

#[test]
fn pins_hold_beside_a_configuration_of_ones_own() {
    block_on(async {
        let ca = Ca::new();
        let builder = CertAuth::builder(ca.agent(&["localhost"])).client_cas(ca.pool()).root_cas(ca.pool());
        let builder = builder.client_auth(ClientAuth::RequireAndVerify).rustls_client(Arc::new(foreign_tls::client(&ca, None)));
        let server = foreign_tls::server(&ca, ClientAuth::RequireAndVerify, None);
        let own = Arc::new(builder.rustls_server(Arc::new(server)).build().unwrap());
        let listener = listening(own.clone()).await;
        let port = listener.local_addr().port();
        let refused = dialer(own.clone(), TlsPolicy::default().pins(another())).dial("localhost", port).await;
        assert_eq!(refused.unwrap_err().code(), Code::PinMismatch);
        let key = own.resolver().current().certificate.leaf().key_fingerprint;
        assert!(dialer(own.clone(), TlsPolicy::default().pins(Pins::new([key]))).dial("localhost", port).await.is_ok());

        let mut options = ListenerOptions::secure(own.clone());
        options.tls = TlsPolicy::default().pins(another());
        let listener = listen(options).await;
        // The dialler may be through before the listener has looked.
        let ends = match dialling(own).dial("localhost", listener.local_addr().port()).await {
            Ok(connection) => connection.ends(),
            Err(error) => error.refused().unwrap().ends(),
        };
        assert_eq!(logbook::refusal_of(ends.local.unwrap()).await.unwrap().code, "pin_mismatch");
        assert_eq!(listener.counters().accepted(), 0);
    });
}
