//! Becoming a peer, and no longer being one.

use crate::pair::{Pair, them};
use crate::puppet::{Puppet, in_time};
use crate::world::eventually;

#[test]
fn an_elixir_node_connects_and_lists_us_as_hidden() {
    let Some(pair) = Pair::new("an_elixir_node_connects_and_lists_us_as_hidden") else { return };
    assert_eq!(pair.eval("Node.list(:hidden)"), "[:rust@localhost]");
    assert_eq!(pair.eval("{Node.list(), Node.list(:connected)}"), "{[], [:rust@localhost]}");
    assert_eq!(pair.eval("Node.ping(:rust@localhost)"), ":pong");
    assert_eq!(pair.rust.peers().first().map(|peer| peer.name().clone()), Some(them()));
    in_time(pair.rust.ping(&them())).unwrap();
    let facts = pair.rust.peers().first().unwrap().transport();
    assert_eq!(facts.tls.map(|tls| (tls.version, tls.is_ours)), Some(("TLSv1_3", false)));
    pair.end();
}

#[test]
fn either_side_disconnects_and_the_next_message_connects_again() {
    let Some(pair) = Pair::new("either_side_disconnects_and_the_next_message_connects_again") else { return };
    let puppet = Puppet::named(&pair.rust, "puppet");
    puppet.monitor_node(&them());
    assert_eq!(pair.eval("Node.disconnect(:rust@localhost)"), "true");
    assert_eq!(puppet.node_down().node, them());
    pair.eval("send({:puppet, :rust@localhost}, :again)");
    assert!(puppet.term().is_atom("again"));

    let down = pair.elixir.begin(
        "Node.monitor(:rust@localhost, true); send({:puppet, :rust@localhost}, :watching); receive do {:nodedown, node} -> node end",
    );
    assert!(puppet.term().is_atom("watching"));
    assert!(in_time(pair.rust.disconnect(&them())));
    assert_eq!(down.wait(), ":rust@localhost");
    eventually("they list nobody", || pair.eval("Node.list(:hidden)") == "[]");
    in_time(pair.rust.connect(&them())).unwrap();
    assert_eq!(pair.eval("Node.list(:hidden)"), "[:rust@localhost]");
    pair.end();
}

#[test]
fn who_watches_our_node_hears_that_it_stops_and_that_it_is_not_there() {
    let Some(pair) = Pair::new("who_watches_our_node_hears_that_it_stops_and_that_it_is_not_there") else { return };
    let puppet = Puppet::named(&pair.rust, "puppet");
    let watch = "Node.monitor(:rust@localhost, true); send({:puppet, :rust@localhost}, :watching)
        receive do {:nodedown, node} -> node end";
    let down = pair.elixir.begin(watch);
    assert!(puppet.term().is_atom("watching"));
    in_time(pair.rust.stop());
    assert_eq!(down.wait(), ":rust@localhost");
    assert_eq!(pair.eval(watch), ":rust@localhost");
    assert_eq!(pair.eval("{Node.ping(:rust@localhost), Node.list(:hidden)}"), "{:pang, []}");
    pair.end();
}
