//! Where routes lead: what epmds and functions say, and discovery where a route allows it.

use super::{by, dialler, hermit, only, port, to, withholding};
use crate::managers::{Trust, supplied};
use crate::world::{World, cookie, name};
use countersign::dist::Flags;
use countersign::failure::{Code, Failure};
use countersign::node::{Address, Finder, Node, NodeOptions, Place, Route};
use countersign::rt::block_on;
use countersign::testing::Ca;
use countersign::tls::ClientAuth;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn found_at(port: u16) -> Place {
    Place::Found(Finder::new("registry", move |_| async move { Ok(Address::new("localhost", port)) }))
}

fn lost() -> Place {
    Place::Found(Finder::new("registry", |peer| async move { Err(format!("{peer} has\nmoved")) }))
}

#[test]
fn a_function_is_asked_for_each_attempt_and_knows_for_whom() {
    block_on(async {
        let world = World::new().await;
        let (a, c) = (hermit("a@localhost", world.secure()).await, hermit("c@localhost", world.secure()).await);
        let (ports, asked) = ([port(&a), port(&c)], Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&asked);
        let registry = Finder::new("registry", move |peer| {
            counter.fetch_add(1, Ordering::SeqCst);
            async move { Ok(Address::new("localhost", ports[usize::from(peer.name() == "c")])) }
        });
        let b = dialler(&world, world.secure()).await;
        b.add_route(Route::matching("*@localhost".parse().unwrap(), Place::Found(registry))).unwrap();
        for (round, node) in [&a, &c, &a].into_iter().enumerate() {
            assert_eq!(b.connect(node.name()).await.unwrap().name(), node.name());
            b.disconnect(node.name()).await;
            assert_eq!(asked.load(Ordering::SeqCst), round + 1);
        }
    });
}

/// In Ergo a route with a resolver forgets all three.
#[test]
fn a_route_with_a_function_keeps_its_cookie_its_certificate_and_its_flags() {
    block_on(async {
        let (world, other) = (World::new().await, Ca::new());
        let theirs = || supplied(other.agent(&["localhost"]), Trust::cluster(other.pool(), ClientAuth::RequireAndVerify));
        let a = hermit("a@localhost", NodeOptions { cookie: Some(cookie("other")), ..world.with(Some(theirs())) }).await;
        let b = dialler(&world, world.secure()).await;
        let base = || Route { place: found_at(port(&a)), ..to(&a) };
        let certified = || Route { cert_manager: Some(theirs()), ..base() };
        let whole = Route { cookie: Some(cookie("other")), link: withholding(Flags::FRAGMENTS), ..certified() };
        assert_eq!(by(&b, base(), &a).await.unwrap_err(), Code::UnknownCa);
        let peer = only(&b, &a, (certified(), Code::CookieMismatch), whole).await;
        assert!(!peer.facts().flags.contains(Flags::FRAGMENTS) && peer.facts().flags.contains(Flags::SPAWN));
    });
}

#[test]
fn a_function_that_fails_or_panics_is_an_answer_to_whoever_waits_and_hinders_nobody_later() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = (hermit("a@localhost", world.secure()).await, dialler(&world, world.secure()).await);
        let panicking = [
            Finder::new("registry", |_| async { panic!("in the future") }),
            Finder::new("registry", |_| -> std::future::Ready<Result<Address, String>> { panic!("before it") }),
        ];
        let failing = panicking.map(|finder| (Place::Found(finder), "registry does not find it: it panicked"));
        for (place, said) in failing.into_iter().chain([(lost(), "registry does not find it: a@localhost has\\u{a}moved")]) {
            let id = b.add_route(Route { place, ..to(&a) }).unwrap();
            let error = b.connect(a.name()).await.unwrap_err();
            assert_eq!((error.code(), error.reason().to_string().as_str()), (Code::Unreachable, said));
            assert!(b.remove_route(id));
        }
        assert!(by(&b, to(&a), &a).await.is_ok());
    });
}

#[test]
fn a_peer_is_looked_for_at_its_own_host_only_if_the_route_says_so_and_with_what_it_says() {
    block_on(async {
        let world = World::new().await;
        // The epmd knows this one; whoever is to be reached by a route has another cookie, too.
        let a = Node::start("a@localhost", NodeOptions { cookie: Some(cookie("other")), ..world.secure() }).await.unwrap();
        let b = dialler(&world, world.secure()).await;
        let astray = |discovery| Route { place: lost(), discovery, cookie: Some(cookie("other")), ..to(&a) };
        only(&b, &a, (astray(false), Code::Unreachable), astray(true)).await;
        assert_eq!(by(&b, Route { cookie: None, ..astray(true) }, &a).await.unwrap_err(), Code::CookieMismatch);
    });
}

#[test]
fn without_a_route_a_peer_is_looked_for_at_its_own_host() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = (world.node("a@localhost").await, dialler(&world, world.secure()).await);
        b.add_route(Route { place: lost(), ..Route::to(name("z@localhost"), "", 1) }).unwrap();
        b.connect(a.name()).await.unwrap();
        let error = b.connect(&name("c@localhost")).await.unwrap_err();
        assert_eq!(error.to_string(), "cannot connect to c@localhost: no node c is registered at localhost");
        assert_eq!(error.attempts().map(|attempt| attempt.route()).collect::<Vec<_>>(), [None]);
    });
}
