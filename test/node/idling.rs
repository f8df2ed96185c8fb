//! Links over which nobody says anything.

use crate::seeds::SOON;
use crate::world::{NEVER, World, door, eventually, idle, next_term, there};
use countersign::dist::TickTime;
use countersign::etf::{Pid, atom};
use countersign::net::LinkId;
use countersign::node::{Acceptor, ClusterOptions, Idle, LinkOptions, Mail, Node, NodeOptions, Route};
use countersign::rt::{self, block_on, channel::unbounded};
use std::time::Duration;

const SHORT: Idle = Idle::After(Duration::from_millis(300));
fn idling(idle: Idle) -> LinkOptions {
    LinkOptions { idle: Some(idle), ..LinkOptions::default() }
}

/// Many ticks in each idle time.
const TICKS: TickTime = TickTime { period: Duration::from_secs(10), intensity: 1_000 };

async fn start(world: &World, own: &str, idle: Idle, tick: TickTime) -> Node {
    let cluster = ClusterOptions { reconnect: SOON, ..ClusterOptions::default() };
    Node::start(own, NodeOptions { idle, tick, cluster, ..world.secure() }).await.unwrap()
}

/// Tells of each node that goes, and why.
fn departures(node: &Node) -> rt::channel::Receiver<(String, String)> {
    let (sender, gone) = unbounded();
    let (began, begun) = unbounded();
    node.spawn(move |mut process| async move {
        process.monitor_nodes(true);
        began.try_send(()).unwrap();
        loop {
            if let Mail::NodeDown(event) = process.receive().await {
                sender.try_send((event.node.to_string(), event.reason.unwrap())).unwrap();
            }
        }
    });
    block_on(begun.recv()).unwrap();
    gone
}

fn link_to(node: &Node, other: &str) -> Option<LinkId> {
    node.peers().iter().find(|peer| peer.name().as_str() == other).map(|peer| peer.link().id())
}

#[test]
fn an_idle_link_is_closed_in_order_although_it_ticks_and_the_next_message_dials_again() {
    block_on(async {
        let world = World::new().await;
        let a = start(&world, "a@localhost", SHORT, TICKS).await;
        let b = start(&world, "b@localhost", Idle::Never, TICKS).await;
        let (here, there) = (departures(&a), departures(&b));
        for _ in 0..3 {
            a.ping(b.name()).await.unwrap();
            let (down, far) =
                (rt::timeout(NEVER, here.recv()).await.unwrap().unwrap(), rt::timeout(NEVER, there.recv()).await.unwrap().unwrap());
            assert_eq!(down, ("b@localhost".to_owned(), "nothing was said for the idle time-out".to_owned()));
            assert_eq!(far, ("a@localhost".to_owned(), "the peer closed the link".to_owned()));
        }
        assert_eq!(a.counters().accepted(), 3);
    });
}

#[test]
fn ticks_are_no_speech_and_everything_else_is_on_either_side() {
    block_on(async {
        let world = World::new().await;
        let a = start(&world, "a@localhost", Idle::Never, TICKS).await;
        let b = start(&world, "b@localhost", Idle::Never, TICKS).await;
        let hears = b.spawn(|mut process| async move {
            loop {
                next_term(&mut process).await;
            }
        });
        b.register("hears", &hears).unwrap();
        a.ping(b.name()).await.unwrap();
        let (ours, theirs) = (a.peers().remove(0), b.peers().remove(0));
        let (ours, theirs) = (ours.link(), theirs.link());
        // What was said for the ping may still be counted.
        let mut spoken = (u64::MAX, u64::MAX);
        eventually("only ticks come and go", || {
            let before = std::mem::replace(&mut spoken, (ours.spoken(), theirs.spoken()));
            let (began, back) = (ours.traffic(), theirs.traffic());
            eventually("ticks both ways", || {
                let (now, far) = (ours.traffic(), theirs.traffic());
                now.received > began.received + 16 && now.sent > began.sent + 16 && far.received > back.received + 16
            });
            before == (ours.spoken(), theirs.spoken())
        });
        a.send(there("hears", &b), atom("hello")).await.unwrap();
        eventually("it counts on both sides", || ours.spoken() > spoken.0 && theirs.spoken() > spoken.1);
    });
}

/// Ties a process of one node to one of another, and calls that off again.
struct Tie {
    peer: Node,
    undo: Box<dyn FnOnce()>,
}

async fn tied(world: &World, a: &Node, number: usize) -> Tie {
    let peer = start(world, &format!("b{number}@localhost"), Idle::Never, TickTime::default()).await;
    let (here, far) = (idle(a), idle(&peer));
    let end = |node: &Node, pid: Pid| {
        let node = node.clone();
        Box::new(move || block_on(node.exit(&pid, atom("kill"))).unwrap())
    };
    let of = |node: &Node, other: Pid, links: bool| {
        node.spawn(move |mut process| async move {
            if links {
                process.link(&other).await
            } else {
                drop(process.monitor(other).await)
            }
            process.receive_where(|_| false).await;
        })
    };
    let undo: Box<dyn FnOnce()> = match number {
        0 => end(a, of(a, far, true)),
        1 => end(a, of(a, far, false)),
        2 => end(&peer, of(&peer, here, true)),
        3 => end(&peer, of(&peer, here, false)),
        4 => {
            let watched = peer.name().clone();
            let watching = a.spawn(move |mut process| async move {
                process.monitor_node(&watched).await;
                process.receive_where(|_| false).await;
            });
            end(a, watching)
        }
        _ => {
            a.keep_connected(peer.name());
            let (a, peer) = (a.clone(), peer.name().clone());
            Box::new(move || assert!(a.forget(&peer)))
        }
    };
    eventually("they are linked", || link_to(a, peer.name().as_str()).is_some());
    Tie { peer, undo }
}

#[test]
fn a_link_that_something_is_tied_to_stays_until_nothing_is() {
    block_on(async {
        let world = World::new().await;
        let a = start(&world, "a@localhost", SHORT, TickTime::default()).await;
        let c = start(&world, "c@localhost", Idle::Never, TickTime::default()).await;
        let mut ties = Vec::new();
        for number in 0..6 {
            ties.push(tied(&world, &a, number).await);
        }
        let links = || ties.iter().map(|tie| link_to(&a, tie.peer.name().as_str())).collect::<Vec<_>>();
        let before = links();
        assert!(before.iter().all(Option::is_some), "{before:?}");
        let gone = departures(&a);
        // A link that nothing is tied to is closed meanwhile, again and again.
        for _ in 0..5 {
            a.ping(c.name()).await.unwrap();
            assert_eq!(rt::timeout(NEVER, gone.recv()).await.unwrap().unwrap().0, "c@localhost");
        }
        assert_eq!(links(), before);
        let mut missing: Vec<String> = ties.iter().map(|tie| tie.peer.name().to_string()).collect();
        let peers: Vec<Node> = ties
            .into_iter()
            .map(|tie| {
                (tie.undo)();
                tie.peer
            })
            .collect();
        while !missing.is_empty() {
            let (down, why) = rt::timeout(NEVER, gone.recv()).await.unwrap().unwrap();
            assert_eq!(why, "nothing was said for the idle time-out");
            missing.retain(|name| *name != down);
        }
        drop(peers);
    });
}

#[test]
fn a_process_that_only_called_once_does_not_hold_the_link_for_ever() {
    block_on(async {
        let world = World::new().await;
        let a = start(&world, "a@localhost", SHORT, TickTime::default()).await;
        let b = world.node("b@localhost").await;
        let gone = departures(&a);
        let (_stays, end) = unbounded::<()>();
        let kernel = there("net_kernel", &b);
        a.spawn(move |mut process| async move {
            process.call(kernel, atom("x"), NEVER).await.unwrap();
            end.recv().await.unwrap_err();
        });
        assert_eq!(rt::timeout(NEVER, gone.recv()).await.unwrap().unwrap().0, "b@localhost");
    });
}

#[test]
fn an_acceptor_and_a_route_may_say_otherwise() {
    block_on(async {
        let world = World::new().await;
        let (usual, other) = (Idle::After(NEVER), Idle::After(2 * NEVER));
        let doors = vec![door(), Acceptor { link: idling(other), ..door() }, Acceptor { link: idling(Idle::Never), ..door() }];
        let a = Node::start("a@localhost", NodeOptions { acceptors: doors, idle: usual, ..world.secure() }).await.unwrap();
        let to = |at: usize, idle| Route {
            link: LinkOptions { idle, ..LinkOptions::default() },
            ..Route::to(a.name().clone(), "localhost", a.local_addrs()[at].port())
        };
        let cases = [(None, usual), (Some(other), other), (Some(Idle::Never), Idle::Never)];
        for (at, (route, wanted)) in cases.into_iter().enumerate() {
            let options = NodeOptions { idle: usual, routes: vec![to(at, route)], ..world.secure() };
            let b = Node::start(&format!("b{at}@localhost"), options).await.unwrap();
            assert_eq!(b.connect(a.name()).await.unwrap().idle(), wanted, "as the route {at} says");
            assert_eq!(a.connect(b.name()).await.unwrap().idle(), wanted, "as the acceptor {at} says");
        }
    });
}

#[test]
fn what_an_acceptor_or_a_route_says_closes_links_of_a_node_that_closes_none() {
    block_on(async {
        let world = World::new().await;
        let doors = vec![Acceptor { link: idling(SHORT), ..door() }];
        let a = Node::start("a@localhost", NodeOptions { acceptors: doors, ..world.secure() }).await.unwrap();
        let b = world.node("b@localhost").await;
        let route = Route { link: idling(SHORT), ..Route::to(b.name().clone(), "localhost", b.local_addrs()[0].port()) };
        let c = Node::start("c@localhost", NodeOptions { routes: vec![route], ..world.secure() }).await.unwrap();
        for (dials, dialled, closes) in [(&b, &a, &a), (&c, &b, &c)] {
            let gone = departures(closes);
            dials.ping(dialled.name()).await.unwrap();
            let (_, why) = rt::timeout(NEVER, gone.recv()).await.unwrap().unwrap();
            assert_eq!(why, "nothing was said for the idle time-out");
        }
    });
}
