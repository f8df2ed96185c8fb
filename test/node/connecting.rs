//! Why a node is no peer, in codes.

use crate::managers::{Trust, supplied};
use crate::world::{NEVER, World, cookie, eventually, name};
use countersign::etf::{Atom, atom};
use countersign::failure::{Code, Failure};
use countersign::net::{Listener, ListenerOptions};
use countersign::node::{EpmdMode, IdentityPolicy, Node, NodeOptions, Place, Route};
use countersign::rt::block_on;
use countersign::testing::Ca;
use countersign::tls::{CertAuth, Certificate, ClientAuth};
use std::sync::Arc;

/// Why `b` does not get to `a`, and what `a` counted.
async fn refused(a: &Node, b: &Node) -> (Code, Option<&'static str>) {
    let error = b.connect(a.name()).await.unwrap_err();
    assert!(!error.hint().as_str().is_empty(), "{error} has no cure");
    assert!(error.to_string().contains(a.name().as_str()), "{error}");
    eventually("both know of it", || a.peers().is_empty() && b.peers().is_empty() && !a.counters().refusals().is_empty());
    (error.code(), a.counters().refusals().into_keys().next())
}

#[test]
fn an_unknown_name_and_a_closed_port_are_told_apart() {
    block_on(async {
        let world = World::new().await;
        let b = world.node("b@localhost").await;
        let error = b.connect(&name("nobody@localhost")).await.unwrap_err();
        assert_eq!(error.code(), Code::Unreachable);
        assert!(error.to_string().contains("no node nobody is registered"), "{error}");
        assert!(error.hint().as_str().contains("countersign names"));

        let port = Listener::bind("127.0.0.1:0".parse().unwrap(), ListenerOptions::plain()).await.unwrap().local_addr().port();
        let route = Route::to(name("x@localhost"), "localhost", port);
        let c = Node::start("c@localhost", NodeOptions { routes: vec![route], ..world.secure() }).await.unwrap();
        let error = c.connect(&name("x@localhost")).await.unwrap_err();
        assert_eq!(error.code(), Code::Unreachable);
        assert!(error.to_string().contains(&port.to_string()), "{error}");

        let nowhere = NodeOptions {
            epmd: EpmdMode::Off,
            acceptors: vec![],
            routes: vec![Route::matching("*@host.invalid".parse().unwrap(), Place::DISCOVERY)],
            ..world.secure()
        };
        let d = Node::start("d@localhost", nowhere).await.unwrap();
        assert_eq!(d.connect(&name("x@host.invalid")).await.unwrap_err().code(), Code::Unreachable);
    });
}

#[test]
fn a_certificate_of_another_authority_is_refused_on_either_side() {
    block_on(async {
        let (world, other) = (World::new().await, Ca::new());
        let a = world.node("a@localhost").await;
        let stranger = |name, pool| {
            let manager: Arc<CertAuth> = Arc::new(CertAuth::mutual(other.agent(&["localhost"]), pool));
            (name, NodeOptions { cert_manager: Some(manager), ..world.secure() })
        };
        // The dialler does not know our CA; and then it does, and we do not know its.
        for ((own, options), code) in
            [(stranger("b@localhost", other.pool()), Code::UnknownCa), (stranger("c@localhost", world.ca.pool()), Code::UnknownCa)]
        {
            let b = Node::start(own, options).await.unwrap();
            let error = b.connect(a.name()).await.unwrap_err();
            assert_eq!(error.code(), code, "{own}: {error}");
        }
        assert!(a.peers().is_empty());
    });
}

#[test]
fn another_cookie_is_refused() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        let b = Node::start("b@localhost", NodeOptions { cookie: Some(cookie("other")), ..world.secure() }).await.unwrap();
        // Who dialled is not told, and draws its conclusion; the log of the other side has it.
        assert_eq!(refused(&a, &b).await, (Code::CookieMismatch, Some("cookie_mismatch")));
        let error = b.connect(a.name()).await.unwrap_err();
        assert!(error.hint().as_str().contains("cookie"), "{}", error.hint());
    });
}

#[test]
fn another_node_that_answers_is_not_the_one_that_was_dialled() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        let route = Route::to(name("x@localhost"), "localhost", a.local_addrs()[0].port());
        let b = Node::start("b@localhost", NodeOptions { routes: vec![route], ..world.secure() }).await.unwrap();
        let error = b.connect(&name("x@localhost")).await.unwrap_err();
        assert_eq!(error.code(), Code::WrongNode, "{error}");
        eventually("it is gone", || a.peers().is_empty());
    });
}

/// A node whose certificate has these names, under this rule.
async fn named(world: &World, own: &str, names: &[&str], identity: IdentityPolicy) -> Node {
    let manager: Arc<CertAuth> = Arc::new(CertAuth::mutual(world.ca.agent(names), world.ca.pool()));
    Node::start(own, NodeOptions { cert_manager: Some(manager), identity, ..world.secure() }).await.unwrap()
}

#[test]
fn identity_is_asked_of_the_dialler_and_of_the_dialled() {
    use IdentityPolicy::{Host, Off, Strict};
    // The names on the certificate of whoever is judged, by which rule, and whether it passes.
    let cases: [(&[&str], IdentityPolicy, bool); 7] = [
        (&["localhost"], Host, true),
        (&["localhost"], Strict, false),
        (&["localhost", "erl:x@localhost"], Strict, true),
        (&["localhost", "erl:y@localhost"], Strict, false),
        (&["elsewhere.example"], Host, false),
        (&["elsewhere.example"], Off, true),
        (&["erl:x@localhost", "elsewhere.example"], Host, true),
    ];
    block_on(async {
        let world = World::new().await;
        for (at, (names, policy, passes)) in cases.into_iter().enumerate() {
            let judge = named(&world, &format!("a{at}@localhost"), &["localhost"], policy).await;
            let judged = named(&world, "x@localhost", names, Off).await;
            let dialled_us = judged.connect(judge.name()).await;
            assert_eq!(dialled_us.is_ok(), passes, "{names:?} {policy} dials: {dialled_us:?}");
            if let Err(error) = dialled_us {
                assert_eq!(error.code(), Code::NotAllowed, "{error}");
                eventually("it is counted", || judge.counters().refused(Code::IdentityMismatch) == 1);
            }
            judge.disconnect(judged.name()).await;
            eventually("nobody is linked", || judged.peers().is_empty());
            // Whom we dial must be called by the host, too: TLS asks before identity does.
            if names.contains(&"localhost") {
                let we_dialled = judge.connect(judged.name()).await;
                assert_eq!(we_dialled.is_ok(), passes, "{names:?} {policy} is dialled: {we_dialled:?}");
                if let Err(error) = we_dialled {
                    assert_eq!(error.code(), Code::IdentityMismatch, "{error}");
                }
            }
            judged.stop().await;
            eventually("the name is free", || world.epmd.registered().iter().all(|node| node.name.as_str() != "x"));
        }
    });
}

#[test]
fn peers_that_were_not_verified_are_peers_unless_identity_is_strict() {
    block_on(async {
        let world = World::new().await;
        let stranger = Ca::new();
        for (at, mode) in [ClientAuth::None, ClientAuth::Request].into_iter().enumerate() {
            for identity in [IdentityPolicy::Host, IdentityPolicy::Strict] {
                let trust = Trust { client_auth: mode, root_cas: Some(world.ca.pool()), ..Trust::default() };
                let open = supplied(world.ca.agent(&["localhost"]), trust);
                let a = Node::start(
                    &format!("a{at}{identity}@localhost"),
                    NodeOptions { cert_manager: Some(open), identity, ..world.secure() },
                )
                .await
                .unwrap();
                let b = foreign(&world, stranger.agent(&["localhost"])).await;
                let linked = b.connect(a.name()).await;
                assert_eq!(linked.is_ok(), identity == IdentityPolicy::Host, "{mode:?} {identity}: {linked:?}");
                match linked {
                    Ok(_) => assert!(!a.peers()[0].identity().is_verified()),
                    Err(error) => assert_eq!(error.code(), Code::NotAllowed, "{error}"),
                }
                b.stop().await;
                eventually("the name is free", || world.epmd.registered().iter().all(|node| node.name.as_str() != "b"));
            }
        }
    });
}

/// A node that knows our CA, and that our CA does not know.
async fn foreign(world: &World, certificate: Certificate) -> Node {
    let manager: Arc<CertAuth> = Arc::new(CertAuth::mutual(certificate, world.ca.pool()));
    Node::start("b@localhost", NodeOptions { cert_manager: Some(manager), ..world.secure() }).await.unwrap()
}

#[test]
fn a_node_that_was_stopped_can_be_started_again_at_once() {
    block_on(async {
        let world = World::new().await;
        for _ in 0..20 {
            let a = world.node("a@localhost").await;
            a.stop().await;
        }
    });
}

#[test]
fn a_stopped_node_says_that_it_sends_nothing() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        b.ping(a.name()).await.unwrap();
        b.stop().await;
        let sent = b.send((Atom::fixed("nobody"), a.name()), atom("hello")).await;
        assert_eq!(sent.unwrap_err().to_string(), "cannot connect to b@localhost: this node is stopping");
        assert!(b.post(a.name(), Atom::fixed("nobody"), atom("hello")).await.is_err());
        assert!(b.call((Atom::fixed("net_kernel"), a.name()), atom("x"), NEVER).await.is_err());
    });
}
