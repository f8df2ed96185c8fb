//! Nodes that ask for a name.

use crate::otp::Transport;
use crate::pair::name;
use crate::puppet::{Puppet, in_time};
use crate::world::World;
use countersign::etf::{Atom, Term, atom, tuple};
use countersign::failure::Code;
use countersign::node::{NameGiving, Node, NodeOptions};

#[test]
fn a_nameless_node_of_otp_gets_its_name_from_us() {
    let Some(world) = World::new("a_nameless_node_of_otp_gets_its_name_from_us") else { return };
    for transport in Transport::ALL {
        let a = world.node("a@localhost", transport);
        let ours = Puppet::named(&a, "ours");
        let nameless = world.otp("undefined@localhost").over(transport).start();
        for _ in 0..3 {
            assert_eq!(nameless.eval("net_kernel:connect_node(a@localhost)"), "true");
            let given = nameless.eval("node()");
            let given = name(given.trim_matches('\''));
            assert_eq!(given.host(), "localhost");
            assert_eq!((a.peers().len(), a.peers()[0].name()), (1, &given));
            let asked = nameless.begin("{ours, a@localhost} ! {self(), node()}, receive Answer -> Answer end");
            let request = ours.term();
            let parts = request.as_tuple().unwrap();
            assert_eq!(parts[1].as_atom().unwrap().as_str(), given.as_str());
            ours.send(parts[0].as_pid().unwrap(), atom("answer")).unwrap();
            assert_eq!(asked.wait(), "answer");
            in_time(a.ping(&given)).unwrap();
            ours.send((Atom::fixed("echo"), &given), tuple([Term::from(ours.pid()), atom("hello")])).unwrap();
            assert!(ours.term().as_tuple().unwrap()[1].is_atom("hello"));
            // Without the link it has no name any more, and asks again.
            ours.monitor_node(&given);
            nameless.eval("erlang:disconnect_node(a@localhost)");
            ours.node_down();
            crate::world::eventually("it has no name", || nameless.eval("node()") == "nonode@nohost");
        }
        in_time(a.stop());
    }
}

#[test]
fn who_gives_no_names_refuses_nameless_nodes() {
    let Some(world) = World::new("who_gives_no_names_refuses_nameless_nodes") else { return };
    let options = NodeOptions { names: NameGiving::Nobody, ..world.options("a@localhost", Transport::Tls13) };
    let a = in_time(Node::start("a@localhost", options)).unwrap();
    let nameless = world.otp("undefined@localhost").start();
    assert_eq!(nameless.eval("net_kernel:connect_node(a@localhost)"), "false");
    crate::world::eventually("it is counted", || a.counters().refused(Code::NotAllowed) == 1);
    assert!(a.peers().is_empty());
    in_time(a.stop());
}

#[test]
fn a_node_of_ours_gets_its_name_from_otp() {
    let Some(world) = World::new("a_node_of_ours_gets_its_name_from_otp") else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        let joining = || in_time(Node::join(&name("x@localhost"), world.options("nameless", transport))).unwrap();
        let (one, other) = (joining(), joining());
        assert_ne!(one.name(), other.name());
        for node in [one, other] {
            assert_eq!(node.name().host(), "localhost");
            assert_eq!(x.eval(&format!("net_adm:ping('{}')", node.name())), "pong");
            in_time(node.ping(&name("x@localhost"))).unwrap();
            let ours = Puppet::named(&node, "ours");
            ours.send((Atom::fixed("echo"), name("x@localhost")), tuple([Term::from(ours.pid()), atom("hello")])).unwrap();
            assert!(ours.term().as_tuple().unwrap()[1].is_atom("hello"));
            x.eval(&format!("{{ours, '{}'}} ! hello", node.name()));
            assert!(ours.term().is_atom("hello"));
            assert!(x.eval("nodes(hidden)").contains(node.name().as_str()));
            let down = x.begin(&format!(
                "monitor_node('{}', true), {{ours, '{}'}} ! watching, receive {{nodedown, _}} -> ok end",
                node.name(),
                node.name()
            ));
            assert!(ours.term().is_atom("watching"));
            in_time(node.stop());
            assert_eq!(down.wait(), "ok");
        }
    }
}
