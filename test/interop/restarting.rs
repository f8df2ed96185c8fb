//! Nodes that come back under their old name, and what is left of their earlier life.

use crate::otp::Transport;
use crate::pair::{Dialled, Pair, name};
use crate::puppet::{Puppet, in_time};
use crate::world::World;
use countersign::etf::{Term, atom, tuple};
use countersign::node::Node;

#[test]
fn pids_of_our_earlier_life_are_harmless() {
    let Some(world) = World::new("pids_of_our_earlier_life_are_harmless") else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        let first = Pair::of(&x, world.node("a@localhost", transport), Dialled::ByThem);
        // Not among the first: the next life needs a few processes for itself before it comes to puppets.
        let puppets: Vec<Puppet> = (0..5).map(|_| Puppet::new(&first.a)).collect();
        let earlier = puppets.last().unwrap();
        first.introduce(earlier, "earlier");
        let creation = first.a.creation();
        in_time(first.a.stop());

        let second = Pair::of(&x, again(&world, "a@localhost", transport), Dialled::ByUs);
        assert_ne!(second.a.creation(), creation);
        // The very number of the earlier one is somebody else's now.
        let later: Vec<Puppet> = (0..10).map(|_| Puppet::new(&second.a)).collect();
        assert!(later.iter().any(|puppet| (puppet.pid().id, puppet.pid().serial) == (earlier.pid().id, earlier.pid().serial)));
        let stale = "P = persistent_term:get(earlier), process_flag(trap_exit, true), P ! hello, exit(P, kill), R = monitor(process, P),
            receive {'DOWN', R, process, P, Why} -> link(P), receive {'EXIT', P, Too} -> unlink(P), {Why, Too} end end";
        assert_eq!(second.eval(stale), "{noproc,noproc}");
        assert_eq!(second.eval("net_adm:ping(OUR)"), "pong");
        assert!(later.iter().all(|puppet| second.a.is_alive(&puppet.pid()) && puppet.waiting() == 0));
        in_time(second.a.stop());
    }
}

#[test]
fn pids_of_their_earlier_life_are_harmless() {
    let Some(world) = World::new("pids_of_their_earlier_life_are_harmless") else { return };
    for (transport, kills) in Transport::ALL.into_iter().zip([true, false, true]) {
        let a = world.node("a@localhost", transport);
        let ours = Puppet::new(&a);
        ours.trap_exits();
        ours.monitor_node(&name("x@localhost"));
        ours.node_down();
        let x = world.otp("x@localhost").over(transport).start();
        let earlier = Pair::of(&x, a.clone(), Dialled::ByUs).puppet("earlier");
        ours.monitor_node(&name("x@localhost"));
        if kills {
            x.kill();
        } else {
            x.stop();
        }
        ours.node_down();

        crate::world::eventually("the name is free", || world.epmd.registered().iter().all(|node| node.name.to_string() != "x"));
        let x = world.otp("x@localhost").over(transport).start();
        // The first of these connects.
        ours.send(&earlier, atom("hello")).unwrap();
        ours.exit(&earlier, atom("kill")).unwrap();
        let reference = ours.monitor(&earlier);
        let down = ours.down();
        assert_eq!((down.reference, down.reason), (reference, atom("noproc")));
        ours.link(&earlier);
        let exited = ours.exited();
        assert_eq!((exited.from, exited.reason), (earlier.clone(), atom("noproc")));
        ours.unlink(&earlier);
        let echo = (countersign::etf::Atom::fixed("echo"), name("x@localhost"));
        ours.send(echo, tuple([Term::from(ours.pid()), atom("hello")])).unwrap();
        assert!(ours.term().as_tuple().unwrap()[1].is_atom("hello"));
        assert_eq!((x.eval("nodes(hidden)"), ours.waiting()), ("[a@localhost]".to_owned(), 0));
        in_time(a.stop());
    }
}

#[test]
fn a_node_that_comes_back_at_once_is_met_again() {
    let Some(world) = World::new("a_node_that_comes_back_at_once_is_met_again") else { return };
    let x = world.otp("x@localhost").start();
    for round in 0..20 {
        let dialled = if round % 2 == 0 { Dialled::ByThem } else { Dialled::ByUs };
        let pair = Pair::of(&x, again(&world, "a@localhost", Transport::Tls13), dialled);
        pair.settle();
        if round % 3 == 0 {
            in_time(pair.a.stop());
        }
    }
}

/// A node whose last life may not have left the port mapper yet.
fn again(world: &World, own: &str, transport: Transport) -> Node {
    crate::world::eventually("the name is free", || {
        world.epmd.registered().iter().all(|node| !own.starts_with(&format!("{}@", node.name)))
    });
    world.node(own, transport)
}
