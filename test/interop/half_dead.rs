//! Links that only one side still believes in.

use crate::cable::Cable;
use crate::otp::Transport;
use crate::pair::{Dialled, Pair, name};
use crate::puppet::{Puppet, in_time};
use crate::world::{World, eventually};
use countersign::node::{Mail, Node, NodeOptions, Route};

#[test]
fn a_node_of_ours_that_is_back_takes_the_place_of_the_link_that_otp_believes_in() {
    let Some(world) = World::new("a_node_of_ours_that_is_back_takes_the_place_of_the_link_that_otp_believes_in") else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        let (cable, first) = through_a_cable(&world, transport);
        let down = x.begin("monitor_node(a@localhost, true), collector ! watching, receive {nodedown, _} -> down end");
        x.eval("counterpart:collected(1)");
        cable.cut();
        drop(first);
        eventually("the name is free", || world.epmd.registered().iter().all(|node| node.name.to_string() != "a"));
        assert_eq!(x.eval("nodes(hidden)"), "[a@localhost]");

        let second = Pair::of(&x, world.node("a@localhost", transport), Dialled::ByUs);
        assert_eq!(down.wait(), "down");
        second.settle();
        assert_eq!(x.eval("nodes(hidden)"), "[a@localhost]");
        in_time(second.a.stop());
    }
}

#[test]
fn a_node_of_otp_that_is_back_takes_the_place_of_the_link_that_we_believe_in() {
    let Some(world) = World::new("a_node_of_otp_that_is_back_takes_the_place_of_the_link_that_we_believe_in") else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        let (cable, a) = through_a_cable(&world, transport);
        let watching = Puppet::new(&a);
        watching.tell(|process| Box::pin(async { process.monitor_nodes(true) }));
        let (ours, theirs) = (Puppet::new(&a), Pair { x: &x, a: a.clone() }.puppet("theirs"));
        let reference = ours.monitor(&theirs);
        cable.cut();
        x.kill();
        eventually("the name is free", || world.epmd.registered().iter().all(|node| node.name.to_string() != "x"));
        assert_eq!((a.peers().len(), watching.waiting()), (1, 0));

        // Somebody who does not know the cookie cannot end it.
        let x = world.otp("x@localhost").over(transport).cookie("other").start();
        assert_eq!(x.eval("net_adm:ping(a@localhost)"), "pang");
        assert_eq!((a.peers().len(), watching.waiting()), (1, 0));
        x.kill();
        eventually("the name is free", || world.epmd.registered().iter().all(|node| node.name.to_string() != "x"));

        let x = world.otp("x@localhost").over(transport).start();
        let pair = Pair::of(&x, a, Dialled::ByThem);
        let down = watching.node_down();
        assert_eq!(down.reason.as_deref(), Some("the peer made a new link in its place"));
        assert!(matches!(watching.mail(), Mail::NodeUp(up) if up.node == name("x@localhost")));
        let lost = ours.down();
        assert_eq!((lost.reference, lost.reason.to_string()), (reference, "noconnection".to_owned()));
        pair.settle();
        in_time(pair.a.stop());
    }
}

/// `a@localhost`, and the cable through which it is a peer of `x@localhost`.
fn through_a_cable(world: &World, transport: Transport) -> (Cable, Node) {
    let port = world.epmd.registered().iter().find(|node| node.name.to_string() == "x").unwrap().port;
    let cable = Cable::to(port);
    let routes = vec![Route::to(name("x@localhost"), "localhost", cable.port())];
    let a = in_time(Node::start("a@localhost", NodeOptions { routes, ..world.options("a@localhost", transport) })).unwrap();
    in_time(a.connect(&name("x@localhost"))).unwrap();
    (cable, a)
}
