//! Several routes for one peer: in which order they are tried, and what is said when all of them fail.

use super::{dialler, hermit, port, to};
use crate::raw::{Frames, local};
use crate::world::{World, cookie, name};
use countersign::dist::{Status, acceptor};
use countersign::failure::{Code, Failure};
use countersign::net::{Listener, ListenerOptions};
use countersign::node::{Admission, ConnectError, Finder, Node, NodeOptions, Place, Route, RouteId};
use countersign::rt::block_on;
use std::time::Duration;

fn nowhere(weight: i32) -> Route {
    let lost = Finder::new("registry", |_| async { Err("it is empty".to_owned()) });
    Route { weight, ..Route::matching("*".parse().unwrap(), Place::Found(lost)) }
}

fn tried(error: &ConnectError) -> Vec<Option<RouteId>> {
    error.attempts().map(|attempt| attempt.route()).collect()
}

#[test]
fn the_heaviest_is_tried_first_and_of_equals_the_one_that_was_added_first() {
    block_on(async {
        let world = World::new().await;
        let b = dialler(&world, world.secure()).await;
        let ids: Vec<RouteId> = [0, -5, 7, 0, 7].into_iter().map(|weight| b.add_route(nowhere(weight)).unwrap()).collect();
        b.add_route(Route { weight: 100, ..Route::to(name("c@localhost"), "localhost", 1) }).unwrap();
        let error = b.connect(&name("a@localhost")).await.unwrap_err();
        let order = [2, 4, 0, 3, 1].map(|at: usize| Some(ids[at]));
        assert_eq!(tried(&error), order);
        assert_eq!(b.routes().iter().skip(1).map(|route| Some(route.id)).collect::<Vec<_>>(), order);
    });
}

#[test]
fn the_first_route_by_which_the_peer_is_reached_ends_the_search() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = (hermit("a@localhost", world.secure()).await, dialler(&world, world.secure()).await);
        let never_asked = Finder::new("never", |_| async { panic!("the peer was reached already") });
        b.add_route(nowhere(2)).unwrap();
        b.add_route(Route { weight: 1, ..to(&a) }).unwrap();
        b.add_route(Route::matching("*".parse().unwrap(), Place::Found(never_asked))).unwrap();
        b.connect(a.name()).await.unwrap();
        // The one that failed is counted all the same.
        assert_eq!(b.counters().refused(Code::Unreachable), 1);
    });
}

#[test]
fn the_lists_of_a_route_hold_for_its_own_attempt_before_and_after_the_dial() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = (hermit("a@localhost", world.secure()).await, dialler(&world, world.secure()).await);
        let lists = |deny: &str| Some(Admission::new().deny(deny).unwrap().into());
        let never_asked = Finder::new("never", |_| async { panic!("nobody is looked for whose name is denied") });
        let astray = Route::matching("a@*".parse().unwrap(), Place::Found(never_asked));
        let by_name = b.add_route(Route { weight: 2, admission: lists("node:a@localhost"), ..astray }).unwrap();
        let by_certificate = b.add_route(Route { weight: 1, admission: lists("dns:localhost"), ..to(&a) }).unwrap();
        let error = b.connect(a.name()).await.unwrap_err();
        assert_eq!(tried(&error), [Some(by_name), Some(by_certificate)]);
        let reached: Vec<_> = error.attempts().map(|attempt| (attempt.code(), attempt.address().is_some())).collect();
        assert_eq!(reached, [(Code::NotAllowed, false), (Code::NotAllowed, true)], "{error}");
        b.add_route(to(&a)).unwrap();
        b.connect(a.name()).await.unwrap();
    });
}

#[test]
fn an_error_names_every_attempt_and_the_one_that_got_furthest_speaks_for_all() {
    block_on(async {
        let world = World::new().await;
        let a = hermit("a@localhost", NodeOptions { cookie: Some(cookie("other")), ..world.secure() }).await;
        let b = dialler(&world, world.secure()).await;
        let mismatch = Route { weight: 1, matches: "a@*".parse().unwrap(), ..to(&a) };
        b.add_route(nowhere(2)).unwrap();
        b.add_route(mismatch).unwrap();
        b.add_route(Route { discovery: true, ..nowhere(0) }).unwrap();
        let error = b.connect(a.name()).await.unwrap_err();
        assert_eq!(error.code(), Code::CookieMismatch);
        let codes: Vec<Code> = error.attempts().map(Failure::code).collect();
        assert_eq!(codes, [Code::Unreachable, Code::CookieMismatch, Code::Unreachable, Code::Unreachable]);
        let said = format!(
            "cannot connect to a@localhost: 4 attempts failed: \
             by route *: registry does not find it: it is empty [unreachable]; \
             by route a@* to localhost:{}: a@localhost closed the connection on our answer to its challenge: \
             most likely its cookie is another one [cookie_mismatch]; \
             by route *: registry does not find it: it is empty [unreachable]; \
             by route *, then discovery: no node a is registered at localhost [unreachable]",
            port(&a)
        );
        assert_eq!(error.to_string(), said);
        assert!(error.hint().as_str().contains("cookie"));
        assert!(error.attempts().all(|attempt| !attempt.hint().as_str().is_empty()));
    });
}

#[test]
fn a_single_route_says_where_it_led_and_why_that_was_in_vain() {
    block_on(async {
        let world = World::new().await;
        let free = Listener::bind("127.0.0.1:0".parse().unwrap(), ListenerOptions::plain()).await.unwrap().local_addr().port();
        let b = dialler(&world, world.secure()).await;
        let id = b.add_route(Route::to(name("a@localhost"), "localhost", free)).unwrap();
        let error = b.connect(&name("a@localhost")).await.unwrap_err();
        let said = error.to_string();
        assert!(said.starts_with(&format!("cannot connect to a@localhost: by route a@localhost to localhost:{free}: ")), "{said}");
        let [attempt] = &error.attempts().collect::<Vec<_>>()[..] else { panic!("{error}") };
        assert_eq!((attempt.route(), attempt.address().unwrap().port), (Some(id), free));
    });
}

#[test]
fn a_peer_whose_own_attempt_goes_on_is_not_dialled_by_another_route() {
    block_on(async {
        let world = World::new().await;
        let listen = || Listener::bind("127.0.0.1:0".parse().unwrap(), ListenerOptions::plain());
        let port = listen().await.unwrap();
        let options = NodeOptions { setup_time: Duration::from_millis(100), acceptors: Vec::new(), ..world.plain() };
        let b = Node::start("b@localhost", options).await.unwrap();
        b.add_route(Route { weight: 1, ..Route::to(name("x@localhost"), "localhost", port.local_addr().port()) }).unwrap();
        b.add_route(nowhere(0)).unwrap();
        let insisting = async {
            let mut frames = Frames::accepted(port.accept().await.unwrap());
            let heard = frames.next().await.unwrap();
            assert!(acceptor::AwaitName::new(&local("x@localhost")).on_name(&heard).is_ok());
            frames.send(&Status::Nok.write()).await;
            frames
        };
        let x = name("x@localhost");
        let (outcome, _frames) = futures_util::join!(b.connect(&x), insisting);
        let error = outcome.unwrap_err();
        assert_eq!((tried(&error).len(), error.code()), (1, Code::NameInUse), "{error}");
    });
}
