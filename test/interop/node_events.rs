//! Nodes that come and go: what the processes of the other side learn.

use crate::otp::Transport;
use crate::pair::{Pair, each_way, name};
use crate::puppet::{Puppet, in_time};
use crate::world::World;
use countersign::etf::atom;
use countersign::node::Mail;

#[test]
fn their_processes_learn_of_our_coming_and_going() {
    let Some(world) = World::new("their_processes_learn_of_our_coming_and_going") else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        let events = "net_kernel:monitor_nodes(true, [{node_type, all}]), collector ! watching,
            F = fun F() -> receive M -> collector ! M, F() end end, F()";
        let _watching = x.begin(events);
        assert_eq!(x.eval("counterpart:collected(1)"), "[watching]");
        let a = world.node("a@localhost", transport);
        in_time(a.connect(&name("x@localhost"))).unwrap();
        assert_eq!(x.eval("lists:last(counterpart:collected(2))"), "{nodeup,a@localhost,[{node_type,hidden}]}");
        let down = x.begin("monitor_node(a@localhost, true), collector ! watching, receive {nodedown, Node} -> Node end");
        x.eval("counterpart:collected(3)");
        in_time(a.stop());
        assert_eq!(down.wait(), "a@localhost");
        assert_eq!(x.eval("lists:last(counterpart:collected(4))"), "{nodedown,a@localhost,[{node_type,hidden}]}");
    }
}

#[test]
fn our_processes_learn_of_their_coming_and_going() {
    let Some(world) = World::new("our_processes_learn_of_their_coming_and_going") else { return };
    for transport in Transport::ALL {
        let a = world.node("a@localhost", transport);
        let watching = Puppet::new(&a);
        watching.tell(|process| Box::pin(async { process.monitor_nodes(true) }));
        let x = world.otp("x@localhost").over(transport).start();
        Pair::of(&x, a.clone(), crate::pair::Dialled::ByThem);
        let Mail::NodeUp(up) = watching.mail() else { panic!("it is up") };
        // Visible is only who is visible at both ends.
        assert_eq!((up.node, up.is_visible, up.reason), (name("x@localhost"), false, None));
        assert!(x.stop().success());
        let down = watching.node_down();
        assert_eq!((down.node, down.is_visible), (name("x@localhost"), false));
        in_time(a.stop());
    }
}

#[test]
fn the_end_of_their_node_ends_links_and_monitors_with_noconnection() {
    let Some(world) = World::new("the_end_of_their_node_ends_links_and_monitors_with_noconnection") else { return };
    for (transport, kills) in Transport::ALL.into_iter().zip([true, false, true]) {
        let a = world.node("a@localhost", transport);
        let x = world.otp("x@localhost").over(transport).start();
        let pair = Pair::of(&x, a.clone(), crate::pair::Dialled::ByUs);
        let (ours, theirs) = (Puppet::new(&a), pair.puppet("theirs"));
        ours.trap_exits();
        ours.link(&theirs);
        let (by_pid, by_name) = (ours.monitor(&theirs), ours.monitor(pair.there("theirs")));
        ours.monitor_node(&name("x@localhost"));
        pair.introduce(&ours, "ours");
        assert_eq!(pair.tell("theirs", "link(persistent_term:get(ours)), monitor(process, persistent_term:get(ours)), ok"), "ok");
        pair.settle();
        if kills {
            x.kill();
        } else {
            assert!(x.stop().success());
        }
        let mut left = vec![by_pid, by_name];
        let (mut links, mut nodes) = (0, 0);
        for _ in 0..4 {
            match ours.mail() {
                Mail::Exit(exited) => {
                    // A node that stops in order ends its processes first.
                    assert!(exited.from == theirs && (!kills || exited.reason == atom("noconnection")), "{exited:?}");
                    links += 1;
                }
                Mail::Down(down) => {
                    assert!(!kills || down.reason == atom("noconnection"), "{down:?}");
                    left.retain(|reference| *reference != down.reference);
                }
                Mail::NodeDown(_) => nodes += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((left.len(), links, nodes, ours.waiting()), (0, 1, 1, 0), "each once");
        in_time(a.stop());
    }
}

#[test]
fn the_end_of_our_node_ends_links_and_monitors_with_noconnection() {
    let Some(world) = World::new("the_end_of_our_node_ends_links_and_monitors_with_noconnection") else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        let a = world.node("a@localhost", transport);
        let pair = Pair::of(&x, a, crate::pair::Dialled::ByThem);
        let (ours, theirs) = (Puppet::named(&pair.a, "ours"), pair.puppet("theirs"));
        pair.introduce(&ours, "ours");
        let watch =
            "process_flag(trap_exit, true), P = persistent_term:get(ours), link(P), monitor(process, P), monitor(process, {ours, OUR}),
            monitor_node(OUR, true), ok";
        assert_eq!(pair.tell("theirs", watch), "ok");
        ours.link(&theirs);
        pair.settle();
        // The connection ends, and nobody says a word of the processes.
        let peer = pair.a.peers().remove(0);
        peer.link().cut(countersign::net::link::Ended::ByPeer);
        let heard =
            "F = fun F(0) -> []; F(N) -> receive {'EXIT', _, R} -> [{exit, R} | F(N - 1)]; {'DOWN', _, _, _, R} -> [{down, R} | F(N - 1)];
            {nodedown, R} -> [{nodedown, R} | F(N - 1)] end end, {lists:sort(F(4)), process_info(self(), messages)}";
        let all = "{[{down,noconnection},{down,noconnection},{exit,noconnection},{nodedown,a@localhost}],{messages,[]}}";
        assert_eq!(pair.tell("theirs", heard), all);
        ours.ended();
        in_time(pair.a.stop());
    }
}

#[test]
fn a_node_that_is_dropped_is_down_for_its_peers() {
    let Some(world) = World::new("a_node_that_is_dropped_is_down_for_its_peers") else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        let pair = Pair::of(&x, world.node("a@localhost", transport), crate::pair::Dialled::ByUs);
        let down = x.begin("monitor_node(a@localhost, true), collector ! watching, receive {nodedown, Node} -> Node end");
        x.eval("counterpart:collected(1)");
        drop(pair);
        assert_eq!(down.wait(), "a@localhost");
        assert_eq!(x.eval("net_adm:ping('a@localhost')"), "pang");
    }
}

#[test]
fn a_node_that_cannot_be_reached_is_down_at_once() {
    each_way("a_node_that_cannot_be_reached_is_down_at_once", |pair| {
        let ours = Puppet::new(&pair.a);
        ours.monitor_node(&name("nowhere@localhost"));
        assert_eq!(ours.node_down().node, name("nowhere@localhost"));
        let reference = ours.monitor((countersign::etf::Atom::fixed("some"), name("nowhere@localhost")));
        let down = ours.down();
        assert_eq!((down.reference, down.reason), (reference, atom("noconnection")));
    });
}
