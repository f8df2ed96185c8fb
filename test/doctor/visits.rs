//! A peer of our own kind: what is well, and where it fails.

use crate::world::{World, address, found, node, only_wrong, well};
use countersign::doctor::{Check, Fact, Health, everybody, visit};
use countersign::failure::Code;
use countersign::net::{Listener, ListenerOptions};
use countersign::node::Node;
use countersign::rt::block_on;
use countersign::testing::Ca;
use std::net::TcpListener;

#[test]
fn each_step_of_meeting_a_good_peer_is_shown() {
    let world = World::new();
    let b = node("b@localhost", world.ca.agent(&["localhost"]), &world.ca, "cluster");
    let routes = format!(r#", "routes": [{{ "match": "b@localhost", "port": {} }}]"#, port(&b));
    let report = block_on(visit(&world.case(&routes), &"b@localhost".parse().unwrap()));
    well(&report);
    let steps: Vec<Check> = report.findings().iter().map(|finding| finding.check).collect();
    let first = [Check::Resolve, Check::Connect, Check::Offer, Check::Presented, Check::Handshake, Check::Identity, Check::Distribution];
    assert_eq!(steps.get(..7), Some(&first[..]), "{report:#?}");
    let chain = found(&report, Check::Presented).facts.iter().find_map(|(_, fact)| match fact {
        Fact::Chain(links) => Some(links),
        _ => None,
    });
    let [leaf] = &chain.unwrap()[..] else { panic!("its chain is a leaf: {chain:?}") };
    assert!(leaf.names.contains("localhost") && leaf.issuer == world.ca.pool().authorities().next().unwrap().subject);
    assert!(b.nodes().is_empty(), "a doctor is nobody's peer");
    block_on(b.stop());
}

#[test]
fn an_address_is_enough_and_the_node_there_is_named() {
    let world = World::new();
    let b = node("b@localhost", world.ca.agent(&["localhost", "127.0.0.1"]), &world.ca, "cluster");
    let report = world.visit(&address(&b));
    assert!(found(&report, Check::Distribution).said.starts_with("b@localhost answers"), "{report:#?}");
    well(&report);
    block_on(b.stop());
}

#[test]
fn a_peer_of_another_ca_is_refused_and_its_chain_is_shown_nevertheless() {
    let (world, other) = (World::new(), Ca::new());
    let b = node("b@localhost", other.agent(&["127.0.0.1"]), &other, "cluster");
    let report = world.visit(&address(&b));
    let refused = only_wrong(&report, Check::Handshake, Code::UnknownCa);
    assert!(refused.said.contains("certificate signed by unknown authority"), "{refused:?}");
    let shown = found(&report, Check::Presented);
    assert!(shown.health == Health::Absent && shown.facts.iter().any(|(key, _)| *key == "chain"), "{shown:?}");
    assert!(!report.findings().iter().any(|finding| finding.check == Check::Distribution), "nothing of the distribution is said to it");
    block_on(b.stop());
}

#[test]
fn a_peer_that_refuses_us_is_told_from_one_that_we_refuse() {
    let (world, other) = (World::new(), Ca::new());
    let b = node("b@localhost", world.ca.agent(&["127.0.0.1"]), &other, "cluster");
    let report = world.visit(&address(&b));
    let refused = only_wrong(&report, Check::Handshake, Code::UnknownCa);
    assert!(refused.facts.contains(&("refused_by", Fact::Words("the peer".to_owned()))), "{refused:?}");
    assert!(format!("{:?}", refused.facts).contains("it takes certificates issued by"), "{refused:?}");
    let shown = found(&report, Check::Presented);
    let asks = shown.facts.iter().find(|(key, _)| *key == "asks_for").unwrap();
    assert!(format!("{asks:?}").contains(&other.pool().authorities().next().unwrap().subject), "{asks:?}");
    block_on(b.stop());
}

#[test]
fn another_cookie_and_another_node_are_found_behind_tls() {
    let world = World::new();
    let b = node("b@localhost", world.ca.agent(&["localhost", "127.0.0.1"]), &world.ca, "another");
    only_wrong(&world.visit(&address(&b)), Check::Distribution, Code::CookieMismatch);
    let routes = format!(r#", "routes": [{{ "match": "c@localhost", "port": {} }}]"#, port(&b));
    let report = block_on(visit(&world.case(&routes), &"c@localhost".parse().unwrap()));
    only_wrong(&report, Check::Distribution, Code::WrongNode);
    block_on(b.stop());
}

#[test]
fn a_name_that_the_certificate_does_not_bear_is_found_before_anything_is_said() {
    let world = World::new();
    let b = node("b@internal", world.ca.agent(&["127.0.0.1"]), &world.ca, "cluster");
    let routes = format!(r#", "routes": [{{ "match": "b@internal", "host": "127.0.0.1", "port": {} }}]"#, port(&b));
    let report = block_on(visit(&world.case(&routes), &"b@internal".parse().unwrap()));
    only_wrong(&report, Check::Identity, Code::IdentityMismatch);
    block_on(b.stop());
}

#[test]
fn a_route_that_verifies_nobody_says_so() {
    let (world, other) = (World::new(), Ca::new());
    let b = node("b@localhost", other.agent(&["localhost"]), &world.ca, "cluster");
    let more = r#", "danger_insecure_skip_verify": true, "tls": {}"#;
    let routes = format!(r#", "routes": [{{ "match": "b@localhost", "port": {}{more} }}]"#, port(&b));
    let report = block_on(visit(&world.case(&routes), &"b@localhost".parse().unwrap()));
    let shake = found(&report, Check::Handshake);
    assert!(shake.health == Health::Absent && shake.said.contains("nothing was judged"), "{report:#?}");
    block_on(b.stop());
}

#[test]
fn every_seed_and_route_is_met() {
    let world = World::new();
    let b = node("b@localhost", world.ca.agent(&["localhost"]), &world.ca, "cluster");
    let c = node("c@localhost", world.ca.agent(&["localhost", "127.0.0.1"]), &world.ca, "cluster");
    let more = format!(
        r#", "cluster": {{ "seeds": ["b@localhost"] }}, "routes": [
            {{ "match": "b@localhost", "port": {} }},
            {{ "match": "c-*@localhost", "host": "127.0.0.1", "port": {} }},
            {{ "match": "d-*@localhost", "epmd": 1 }}]"#,
        port(&b),
        port(&c)
    );
    let report = block_on(everybody(&world.case(&more)));
    well(&report);
    let met = report.findings().iter().filter(|finding| finding.check == Check::Distribution).map(|finding| finding.said.as_str());
    let met: Vec<&str> = met.collect();
    assert_eq!(met, ["b@localhost answers, and its cookie is ours", "c@localhost answers, and its cookie is ours"]);
    assert!(report.findings().iter().any(|finding| finding.health == Health::Absent && finding.about == "d-*@localhost"), "{report:#?}");
    block_on(b.stop());
    block_on(c.stop());
}

#[test]
fn a_plain_port_of_ours_says_so() {
    let world = World::new();
    let listener = block_on(Listener::bind("127.0.0.1:0".parse().unwrap(), ListenerOptions::plain())).unwrap();
    let report = world.visit(&listener.local_addr().to_string());
    only_wrong(&report, Check::Handshake, Code::PlaintextPeer);
}

#[test]
fn without_a_good_configuration_a_peer_is_looked_at() {
    let world = World::new();
    let b = node("b@localhost", world.ca.agent(&["127.0.0.1"]), &world.ca, "cluster");
    world.write("a.key", "nothing", 0o600);
    let report = world.visit(&address(&b));
    assert!(found(&report, Check::Presented).facts.iter().any(|(key, _)| *key == "chain"), "{report:#?}");
    block_on(b.stop());
}

#[test]
fn nobody_listens_at_a_closed_port_and_nobody_has_a_name_that_is_none() {
    let world = World::new();
    // Bound, and never listened at by anybody else meanwhile: connections to a socket of UDP's number are refused.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    only_wrong(&world.visit(&closed.to_string()), Check::Connect, Code::Unreachable);
    only_wrong(&world.visit("nowhere.invalid:15000"), Check::Resolve, Code::Unreachable);
}

fn port(node: &Node) -> u16 {
    node.local_addrs().first().unwrap().port()
}
