//! Nodes that start with a manager of the user's own, acceptors and routes with theirs, and certificates that
//! are replaced while links are up.

use crate::managers::{HandWritten, Trust, hand_written, supplied};
use crate::world::{NEVER, World, cookie, door, eventually, found, name, next_term, there};
use countersign::etf::{Atom, Term, binary, tuple};
use countersign::failure::{Code, Failure};
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions, Route};
use countersign::rt::{self, block_on};
use countersign::testing::Ca;
use countersign::tls::{CertAuthManager, CertManager, ClientAuth};
use std::sync::Arc;

fn cluster(ca: &Ca) -> Trust {
    Trust::cluster(ca.pool(), ClientAuth::RequireAndVerify)
}

/// To one of a node's acceptors.
fn route(to: &Node, acceptor: usize) -> Route {
    Route::to(to.name().clone(), "localhost", to.local_addrs()[acceptor].port())
}

async fn dialling(own: &str, manager: Arc<dyn CertAuthManager>, route: Route) -> Node {
    let options = NodeOptions { acceptors: vec![], routes: vec![route], epmd: EpmdMode::Off, ..World::new().await.with(Some(manager)) };
    Node::start(own, options).await.unwrap()
}

#[test]
fn a_node_starts_with_a_manager_that_shares_nothing_with_ours_but_the_resolver() {
    block_on(async {
        let world = World::new().await;
        let own = || hand_written(world.ca.agent(&["localhost"]), cluster(&world.ca));
        let a = Node::start("a@localhost", world.with(Some(own()))).await.unwrap();
        let b = Node::start("b@localhost", world.with(Some(own()))).await.unwrap();
        b.ping(a.name()).await.unwrap();
        let peer = &a.peers()[0];
        assert!(peer.identity().is_verified());
        assert_eq!(peer.transport().tls.unwrap().version, "TLSv1_3");
        assert!(a.cert_manager().unwrap().client_auth() == ClientAuth::RequireAndVerify);
    });
}

#[test]
fn what_a_manager_says_later_about_whom_to_trust_changes_nothing() {
    block_on(async {
        let (world, other) = (World::new().await, Ca::new());
        let manager = HandWritten::new(world.ca.agent(&["localhost"]), cluster(&world.ca));
        let a = Node::start("a@localhost", world.with(Some(Arc::clone(&manager) as Arc<dyn CertAuthManager>))).await.unwrap();
        manager.change_to(cluster(&other));
        let b = world.node("b@localhost").await;
        b.ping(a.name()).await.unwrap();
        assert!(a.connect(b.name()).await.is_ok());
        a.disconnect(b.name()).await;
        a.ping(b.name()).await.unwrap();
    });
}

#[test]
fn an_acceptor_refuses_by_its_own_manager_while_another_one_accepts() {
    block_on(async {
        let (world, other) = (World::new().await, Ca::new());
        let theirs: Arc<dyn CertAuthManager> =
            hand_written(world.ca.agent(&["localhost"]), Trust { client_cas: Some(other.pool()), ..cluster(&world.ca) });
        let second = Acceptor { cert_manager: Some(theirs), ..door() };
        let a = Node::start("a@localhost", NodeOptions { acceptors: vec![door(), second], ..world.secure() }).await.unwrap();

        let of_ours = || supplied(world.ca.agent(&["localhost"]), cluster(&world.ca));
        let of_theirs = || supplied(other.agent(&["localhost"]), Trust { root_cas: Some(world.ca.pool()), ..cluster(&other) });
        let cases = [
            ("b@localhost", of_ours(), 0, true),
            ("c@localhost", of_ours(), 1, false),
            ("d@localhost", of_theirs(), 0, false),
            ("e@localhost", of_theirs(), 1, true),
        ];
        for (own, manager, acceptor, passes) in cases {
            let node = dialling(own, manager, route(&a, acceptor)).await;
            let outcome = node.connect(a.name()).await;
            assert_eq!(outcome.is_ok(), passes, "{own} at {acceptor}: {outcome:?}");
            if let Err(error) = outcome {
                assert_eq!(error.code(), Code::UnknownCa, "{error}");
            }
            node.stop().await;
        }
    });
}

#[test]
fn an_acceptor_may_have_its_own_cookie_and_a_route_too() {
    block_on(async {
        let world = World::new().await;
        let second = Acceptor { cookie: Some(cookie("second")), ..door() };
        let a = Node::start("a@localhost", NodeOptions { acceptors: vec![door(), second], ..world.secure() }).await.unwrap();
        let cases = [
            ("b@localhost", 0, None, true),
            ("c@localhost", 1, None, false),
            ("d@localhost", 1, Some("second"), true),
            ("e@localhost", 0, Some("second"), false),
        ];
        for (own, acceptor, own_cookie, passes) in cases {
            let route = Route { cookie: own_cookie.map(cookie), ..route(&a, acceptor) };
            let node = dialling(own, world.manager(), route).await;
            let outcome = node.connect(a.name()).await;
            assert_eq!(outcome.is_ok(), passes, "{own}: {outcome:?}");
            node.stop().await;
        }
    });
}

#[test]
fn a_route_may_have_its_own_manager() {
    block_on(async {
        let (world, other) = (World::new().await, Ca::new());
        let theirs = supplied(other.agent(&["localhost"]), cluster(&other));
        let a = Node::start("a@localhost", world.with(Some(theirs))).await.unwrap();
        let b = world.node("b@localhost").await;
        let to_theirs = Route { cert_manager: Some(hand_written(other.agent(&["localhost"]), cluster(&other))), ..route(&a, 0) };
        let c = Node::start("c@localhost", NodeOptions { routes: vec![to_theirs], ..world.secure() }).await.unwrap();
        assert_eq!(b.connect(a.name()).await.unwrap_err().code(), Code::UnknownCa);
        c.ping(a.name()).await.unwrap();
        c.ping(b.name()).await.unwrap();
    });
}

#[test]
fn links_made_after_an_update_present_the_new_certificate_and_open_ones_lose_nothing() {
    block_on(async {
        let world = World::new().await;
        let manager = HandWritten::new(world.ca.agent(&["localhost"]), cluster(&world.ca));
        let a = Node::start("a@localhost", world.with(Some(Arc::clone(&manager) as Arc<dyn CertAuthManager>))).await.unwrap();
        let b = world.node("b@localhost").await;
        let sink = a.run(|mut process| async move {
            process.register(Atom::fixed("sink")).unwrap();
            for number in 0..COUNT {
                let term = next_term(&mut process).await;
                assert_eq!(term.as_tuple().unwrap()[0], Term::from(number));
            }
        });
        eventually("somebody listens", || a.whereis("sink").is_some());
        b.ping(a.name()).await.unwrap();
        let (link, first) = (b.peers()[0].facts().id, manager.resolver().current().generation);
        let to = there("sink", &a);
        let sending = b.run(move |mut process| async move {
            for number in 0..COUNT {
                process.send(to.clone(), tuple([Term::from(number), binary(vec![0; 1_000])])).await.unwrap();
            }
        });
        let mut last = first;
        for round in 0..10 {
            last = manager.update(world.ca.agent(&["localhost"])).unwrap();
            let fresh = world.node(&format!("c{round}@localhost")).await;
            fresh.ping(a.name()).await.unwrap();
            let current = manager.resolver().current();
            let seen = fresh.peers()[0].transport().peer_certificate.clone().unwrap().leaf.fingerprint;
            assert_eq!(seen, current.certificate.fingerprint());
            let facts = a.connect(fresh.name()).await.unwrap().transport().presented.clone().unwrap();
            assert_eq!((facts.generation, facts.certificate.fingerprint()), (last, seen));
        }
        assert_ne!(first, last);
        rt::timeout(NEVER, async { (found(sending).await, found(sink).await) }).await.unwrap();
        assert_eq!(b.connect(a.name()).await.unwrap().facts().id, link, "the first link is still the same");
        assert_eq!(a.connect(&name("b@localhost")).await.unwrap().transport().presented.clone().unwrap().generation, first);
    });
}

const COUNT: i64 = 20_000;
