//! Links on which nothing is said, and peers that say nothing any more.

use crate::cable::Cable;
use crate::otp::{Otp, Transport};
use crate::pair::{Dialled, Pair, name};
use crate::puppet::{Puppet, in_time};
use crate::world::World;
use countersign::dist::TickTime;
use countersign::etf::{Atom, Term, atom};
use countersign::node::{Node, NodeOptions, Route};
use std::time::{Duration, Instant};

#[test]
fn a_link_without_traffic_stays_up() {
    for_three_periods("a_link_without_traffic_stays_up", |_, _| {});
}

#[test]
fn a_link_with_traffic_of_ours_alone_stays_up() {
    for_three_periods("a_link_with_traffic_of_ours_alone_stays_up", |_, a| {
        a.spawn(|mut process| async move {
            while process.send((Atom::fixed("sink"), name("x@localhost")), Term::from(1)).await.is_ok() {
                countersign::rt::sleep(Duration::from_millis(200)).await;
            }
        });
    });
}

#[test]
fn a_link_with_traffic_of_theirs_alone_stays_up() {
    for_three_periods("a_link_with_traffic_of_theirs_alone_stays_up", |x, _| {
        x.eval("spawn(fun() -> F = fun F() -> {nobody, a@localhost} ! tick, receive after 200 -> F() end end, F() end), ok");
    });
}

#[test]
fn a_node_that_stands_still_is_down_and_comes_back_when_it_goes_on() {
    let Some(world) = World::new("a_node_that_stands_still_is_down_and_comes_back_when_it_goes_on") else { return };
    let x = world.otp("x@localhost").arguments(THEIRS).start();
    let pair = Pair::of(&x, start(&world, Transport::Tls13, vec![]), Dialled::ByUs);
    let ours = Puppet::new(&pair.a);
    ours.monitor_node(&name("x@localhost"));
    let down = pair.begin("monitor_node(OUR, true), collector ! watching, receive {nodedown, _} -> net_adm:ping(OUR) end");
    pair.eval("counterpart:collected(1)");
    x.pause();
    let event = ours.node_down();
    assert_eq!(event.reason.as_deref(), Some("nothing came from the peer for 8s"));
    assert!(pair.a.peers().is_empty());
    x.resume();
    assert_eq!(down.wait(), "pong");
    pair.settle();
    in_time(pair.a.stop());
}

#[test]
fn both_sides_find_out_that_the_cable_is_cut() {
    let Some(world) = World::new("both_sides_find_out_that_the_cable_is_cut") else { return };
    for transport in [Transport::Tls13, Transport::Tcp] {
        let x = world.otp("x@localhost").over(transport).arguments(THEIRS).start();
        let port = world.epmd.registered().iter().find(|node| node.name.to_string() == "x").unwrap().port;
        let cable = Cable::to(port);
        let a = start(&world, transport, vec![Route::to(name("x@localhost"), "localhost", cable.port())]);
        let pair = Pair::of(&x, a, Dialled::ByUs);
        let ours = Puppet::new(&pair.a);
        ours.monitor_node(&name("x@localhost"));
        let down = pair.begin("monitor_node(OUR, true), collector ! watching, receive {nodedown, _} -> down end");
        pair.eval("counterpart:collected(1)");
        cable.cut();
        ours.node_down();
        assert_eq!(down.wait(), "down");
        in_time(pair.a.stop());
    }
}

/// Nothing may happen for so long, so this waits for time.
fn for_three_periods(test: &str, meanwhile: impl FnOnce(&Otp, &Node)) {
    let Some(world) = World::new(test) else { return };
    let x = world.otp("x@localhost").arguments(THEIRS).start();
    let pair = Pair::of(&x, start(&world, Transport::Tls13, vec![]), Dialled::ByThem);
    let ours = Puppet::new(&pair.a);
    ours.monitor_node(&name("x@localhost"));
    let down = pair.begin("monitor_node(OUR, true), receive {nodedown, _} -> down after 25000 -> up end");
    meanwhile(&x, &pair.a);
    let began = Instant::now();
    let event = ours.tell(|process| Box::pin(process.receive_within(Duration::from_secs(25))));
    assert!(event.is_none(), "{event:?} after {:?}", began.elapsed());
    assert_eq!(down.wait_for(Duration::from_secs(60)), "up");
    ours.send((Atom::fixed("collector"), name("x@localhost")), atom("still_here")).unwrap();
    assert_eq!(x.eval("counterpart:collected(1)"), "[still_here]");
    in_time(pair.a.stop());
}

fn start(world: &World, transport: Transport, routes: Vec<Route>) -> Node {
    let tick = TickTime { period: Duration::from_secs(8), intensity: 4 };
    in_time(Node::start("a@localhost", NodeOptions { tick, routes, ..world.options("a@localhost", transport) })).unwrap()
}

const THEIRS: &str = "-kernel net_ticktime 8";
