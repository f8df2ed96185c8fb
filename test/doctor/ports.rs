//! What `start` could not listen on is not free.

use crate::program::free_port;
use crate::world::{World, found, only_wrong};
use countersign::doctor::{Case, Check, Health, Report, examine};
use countersign::failure::Code;
use countersign::rt::block_on;

fn examined(world: &World, acceptors: &str) -> Report {
    beside_epmd(world, acceptors, r#""mode": "off""#)
}

fn beside_epmd(world: &World, acceptors: &str, epmd: &str) -> Report {
    let text = format!(
        r#"{{ "node": {{ "name": "a@localhost", "cookie": "cluster" }}, "tls": {{ {} }}, "acceptors": [{acceptors}], "epmd": {{ {epmd} }} }}"#,
        crate::world::TLS
    );
    block_on(examine(&Case::of_json(&text, &world.directory)))
}

#[test]
fn an_address_that_is_not_of_this_machine_is_wrong() {
    let world = World::new();
    for port in [0, 15_000] {
        // Of a network that is for documents: no machine has it.
        let report = examined(&world, &format!(r#"{{ "host": "192.0.2.1", "port": {port} }}"#));
        assert!(only_wrong(&report, Check::Port, Code::Unreachable).said.starts_with("cannot listen on 192.0.2.1"), "{report:#?}");
    }
}

#[test]
fn a_host_that_cannot_be_resolved_is_wrong() {
    let report = examined(&World::new(), r#"{ "host": "nowhere.invalid", "port": 0 }"#);
    assert!(only_wrong(&report, Check::Port, Code::Unreachable).said.contains("nowhere.invalid"), "{report:#?}");
}

#[test]
fn two_acceptors_that_want_one_port_are_wrong() {
    let world = World::new();
    let port = free_port();
    let door = format!(r#"{{ "host": "127.0.0.1", "port": {port} }}"#);
    let report = examined(&world, &format!("{door}, {door}"));
    assert_eq!(found(&report, Check::Port).health, Health::Good, "{report:#?}");
    let finding = only_wrong(&report, Check::Port, Code::Unreachable);
    assert_eq!(
        (finding.about.as_str(), finding.said.as_str()),
        ("acceptors[1]", &*format!("127.0.0.1:{port} is wanted by acceptors[0], too"))
    );
}

#[test]
fn an_epmd_of_the_nodes_own_that_could_not_listen_is_wrong() {
    let world = World::new();
    let port = free_port();
    let report = beside_epmd(&world, r#"{ "port": 0 }"#, &format!(r#""port": {port}, "addresses": ["192.0.2.1"]"#));
    let said = &only_wrong(&report, Check::Epmd, Code::Unreachable).said;
    assert!(said.starts_with(&format!("epmd cannot listen on 192.0.2.1:{port}")), "{said}");
}
