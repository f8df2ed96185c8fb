//! Nodes that wait for others when they start, and nodes that are not to be found.

use crate::world::{COUNTERSIGN, Running, World};

/// Starts a node without waiting until it says that it runs.
fn begin(world: &World, arguments: &str) -> Running {
    Running::of(world.command(COUNTERSIGN, &format!("start --port 0 {arguments}")))
}

#[test]
fn a_node_says_for_whom_it_waits_and_starts_when_they_are_there() {
    let world = World::new();
    let a = begin(&world, "--name a@localhost --seed b@localhost --quorum 1");
    let mut waits = a.line_after("waiting for seeds, 0 of 1: b@localhost: ");
    // The first answer may be there before anything is said.
    if waits == "no answer yet" {
        waits = a.line_after("waiting for seeds, 0 of 1: b@localhost: ");
    }
    assert!(waits.contains("no node b is registered"), "{waits}");
    let _b = world.start("--name b@localhost --port 0");
    assert_eq!(a.started(), "a@localhost");
    let said = world.done("status a@localhost").out;
    let mut table = said.lines().skip_while(|line| *line != "keeps").skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    assert_eq!(table.next().unwrap(), ["PEER", "LINKED", "RESTING", "FAILURES", "CODE"], "{said}");
    assert_eq!(table.next().unwrap()[..2], ["b@localhost", "yes"], "{said}");
}

#[test]
fn a_node_without_its_quorum_ends_with_the_reason_of_each_seed() {
    let world = World::new();
    world.write(
        "countersign.json",
        r#"{
            "node": { "name": "a@localhost", "cookie": "secret" }, "tls": null, "acceptors": [],
            "cluster": { "seeds": ["b@localhost", "c@localhost"], "quorum": { "seeds": 1, "seconds": 1 } }
        }"#,
    );
    let ran = world.run("start --config countersign.json");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
    let error = ran.err.lines().find(|line| line.starts_with("error: ")).unwrap();
    assert!(error.starts_with("error: 0 of 2 seeds are linked after 1s, and 1 are wanted; b@localhost: "), "{error}");
    assert!(error.contains("; c@localhost: "), "{error}");
}

#[test]
fn a_node_that_waits_for_seeds_ends_at_the_first_signal() {
    let world = World::new();
    let a = begin(&world, "--name a@localhost --seed b@localhost --quorum 1");
    a.line_after("waiting for seeds, 0 of 1: ");
    a.signal("TERM");
    assert!(a.ended().success());
}

#[test]
fn a_node_may_announce_nothing_or_listen_nowhere() {
    let world = World::new();
    let passive = world.start("--name a@localhost --port 0 --passive");
    assert_eq!(passive.line_after("epmd").trim(), "none: peers need a route");
    let dialler = world.run("start --name c@localhost --port 0 --outgoing-only");
    assert_eq!(dialler.code, 2, "a port and no listening: {}", dialler.err);
    let dialler = Running::of(world.command(COUNTERSIGN, "start --name c@localhost --outgoing-only"));
    assert_eq!(dialler.line_after("listens on").trim(), "nothing: it only dials");
}

#[test]
fn a_port_for_a_node_that_only_dials_is_refused() {
    let world = World::new();
    let node = r#""node": { "name": "a@localhost", "cookie": "secret", "mode": "outgoing_only" }, "tls": null"#;
    world.write("countersign.json", &format!("{{ {node} }}"));
    let ran = world.run("start --config countersign.json --port 0");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.starts_with("error: --port: it means nothing when the mode is outgoing_only"), "{}", ran.err);
}
