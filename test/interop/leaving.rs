//! Who is listed where, and leaving in order.

use crate::otp::Transport;
use crate::pair::{Dialled, Pair, each_way, name};
use crate::puppet::{Puppet, in_time};
use crate::world::World;
use countersign::etf::{Term, binary};
use countersign::node::{Node, NodeOptions, Visibility};

#[test]
fn a_hidden_node_is_listed_among_the_hidden() {
    each_way("a_hidden_node_is_listed_among_the_hidden", |pair| {
        let own = format!("[{}]", pair.a.name());
        // Who dials knows of the link a moment before who was dialled lists it.
        pair.settle();
        assert_eq!(pair.eval("{nodes(), nodes(hidden), nodes(connected)}"), format!("{{[],{own},{own}}}"));
        let peers: Vec<_> = pair.a.peers().iter().map(|peer| peer.name().clone()).collect();
        assert_eq!((pair.a.nodes(), peers), (vec![], vec![name("x@localhost")]));
    });
}

#[test]
fn a_visible_node_is_listed_unless_the_other_one_is_hidden() {
    let Some(world) = World::new("a_visible_node_is_listed_unless_the_other_one_is_hidden") else { return };
    let x = world.otp("x@localhost").start();
    let y = world.otp("y@localhost").arguments("-hidden").start();
    let options = NodeOptions { visibility: Visibility::Visible, ..world.options("a@localhost", Transport::Tls13) };
    let a = in_time(Node::start("a@localhost", options)).unwrap();
    Pair::of(&x, a.clone(), Dialled::ByThem).settle();
    Pair::of(&y, a.clone(), Dialled::ByUs).settle();
    assert_eq!(x.eval("{nodes(), nodes(hidden)}"), "{[a@localhost],[]}");
    assert_eq!(y.eval("{nodes(), nodes(hidden)}"), "{[],[a@localhost]}");
    assert_eq!((a.nodes(), a.peers().len()), (vec![name("x@localhost")], 2));
    in_time(a.stop());
}

#[test]
fn either_side_disconnects_and_connects_again() {
    each_way("either_side_disconnects_and_connects_again", |pair| {
        let ours = Puppet::new(&pair.a);
        let them = pair.them();
        for _ in 0..10 {
            ours.monitor_node(&them);
            assert_eq!(pair.eval("erlang:disconnect_node(OUR)"), "true");
            assert_eq!(ours.node_down().node, them);
            assert_eq!(pair.eval("net_adm:ping(OUR)"), "pong");

            let down = pair.begin("monitor_node(OUR, true), collector ! watching, receive {nodedown, Node} -> Node end");
            assert_eq!(pair.eval("counterpart:collected(1), counterpart:forget()"), "ok");
            assert!(in_time(pair.a.disconnect(&them)));
            assert_eq!(down.wait(), pair.a.name().as_str());
            in_time(pair.a.ping(&them)).unwrap();
        }
        assert!(in_time(pair.a.disconnect(&them)) && !in_time(pair.a.disconnect(&them)));
        in_time(pair.a.ping(&them)).unwrap();
    });
}

#[test]
fn what_was_sent_before_a_stop_arrives() {
    each_way("what_was_sent_before_a_stop_arrives", |pair| {
        let ours = Puppet::new(&pair.a);
        let to = pair.there("sink");
        ours.tell(|process| {
            Box::pin(async move {
                for _ in 0..5_000 {
                    process.send(to.clone(), binary(vec![1; 100])).await.unwrap();
                }
                process.send(to, binary(vec![2; 3_000_000])).await.unwrap();
            })
        });
        in_time(pair.a.stop());
        assert!(pair.eval("counterpart:sunk(5001)").starts_with("{5001,3500000,"));
        pair.eval("counterpart:forget()");
    });
}

#[test]
fn what_was_sent_before_a_stop_arrives_also_while_they_send() {
    each_way("what_was_sent_before_a_stop_arrives_also_while_they_send", |pair| {
        let ours = Puppet::named(&pair.a, "ours");
        let flood = "register(flood, spawn(fun() -> F = fun F() -> erlang:send({ours, OUR}, binary:copy(<<1>>, 1000), [noconnect]), F() end, F() end)), ok";
        assert_eq!(pair.eval(flood), "ok");
        ours.term();
        let to = pair.there("sink");
        ours.tell(|process| {
            Box::pin(async move {
                for _ in 0..2_000 {
                    process.send(to.clone(), Term::from(1)).await.unwrap();
                }
                process.send(to, binary(vec![2; 3_000_000])).await.unwrap();
            })
        });
        in_time(pair.a.stop());
        assert!(pair.eval("counterpart:sunk(2001)").starts_with("{2001,"));
        pair.eval("exit(whereis(flood), kill), counterpart:forget()");
    });
}
