//! The node that runs, held against its files; its port and its epmd.

use crate::program::{Ran, Running, World, free_port};
use serde_json::Value;
use std::fs;

/// A node `a@localhost` that runs by the configuration `a.json`.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) node: Running,
    pub(crate) port: u16,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let world = World::new();
        world.issue("ca", &["a@localhost"]);
        let port = free_port();
        world.write("a.json", &configuration(port));
        let node = world.start("--config a.json");
        Self { world, node, port }
    }

    /// A new pair lies there; of the old CA, or of a new one that lies there, too.
    pub(crate) fn replace_files(&self, ca: &str) {
        let other = World::new();
        other.issue(ca, &["a@localhost"]);
        for file in ["tls.crt", "tls.key", "ca.crt"] {
            let text = other.read(&format!("a@localhost/{file}"));
            self.world.write(&format!("a@localhost/{file}"), &text);
        }
    }
}

pub(crate) fn configuration(port: u16) -> String {
    format!(
        r#"{{ "node": {{ "name": "a@localhost", "cookie": "secret" }}, "tls": {{ "dir": "a@localhost" }},
              "acceptors": [{{ "host": "127.0.0.1", "port": {port} }}], "epmd": {{ "mode": "off" }} }}"#
    )
}

/// What the command prints for programs.
pub(crate) fn findings(ran: &Ran) -> Vec<Value> {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}\n{}{}", ran.out, ran.err))
}

#[track_caller]
pub(crate) fn of<'a>(findings: &'a [Value], check: &str) -> &'a Value {
    let found = findings.iter().find(|finding| text(finding, "check") == check);
    found.unwrap_or_else(|| panic!("nothing of {check} in {findings:#?}"))
}

pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn a_node_that_runs_by_its_files_is_well() {
    let stage = Stage::new();
    let ran = stage.world.run("doctor --config a.json --json");
    let all = findings(&ran);
    assert_eq!(ran.code, 0, "{all:#?}");
    for check in ["port", "running", "running_certificate", "running_ca", "running_links"] {
        assert_eq!(of(&all, check).get("ok"), Some(&Value::Bool(true)), "{check}: {all:#?}");
    }
    // Nor does the doctor leave any trace, which the next one would find.
    let again = findings(&stage.world.run("doctor --config a.json --json"));
    assert!(!again.iter().any(|finding| text(finding, "check") == "running_failures"), "{again:#?}");
    assert!(text(of(&all, "port"), "said").ends_with("is held by our own node"), "{all:#?}");
    drop(stage.node);
}

#[test]
fn a_port_that_nobody_holds_is_free_and_no_node_is_no_fault() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    let port = free_port();
    world.write("a.json", &configuration(port));
    let ran = world.done("doctor --config a.json --json");
    let all = findings(&ran);
    assert_eq!(text(of(&all, "port"), "said"), format!("127.0.0.1:{port} is free"));
    assert_eq!(of(&all, "running").get("ok"), Some(&Value::Null));
}

#[test]
fn a_port_that_somebody_else_holds_is_taken() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    let stranger = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    world.write("a.json", &configuration(stranger.local_addr().unwrap().port()));
    let ran = world.run("doctor --config a.json --json");
    assert_eq!(ran.code, 1);
    let all = findings(&ran);
    assert_eq!(text(of(&all, "port"), "code"), "unreachable", "{all:#?}");
}

#[test]
fn the_epmd_says_where_the_node_is() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    let port = free_port();
    let with_epmd = |port| configuration(port).replace(r#", "epmd": { "mode": "off" }"#, r#", "epmd": { "addresses": ["127.0.0.1"] }"#);
    world.write("a.json", &with_epmd(port));
    let before = findings(&world.done("doctor --config a.json --json"));
    assert!(text(of(&before, "epmd"), "said").contains("starts one of its own"), "{before:#?}");
    let node = world.start("--config a.json");
    let while_it_runs = findings(&world.done("doctor --config a.json --json"));
    assert_eq!(text(of(&while_it_runs, "epmd"), "said"), format!("it knows us, at port {port}"));
    world.write("moved.json", &with_epmd(free_port()));
    let ran = world.run("doctor --config moved.json --json");
    assert_eq!((ran.code, text(of(&findings(&ran), "epmd"), "code")), (1, "wrong_node"));
    drop(node);
}

#[test]
fn an_epmd_that_must_run_and_does_not_is_wrong() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    let at = format!(r#""mode": "at", "port": {}"#, free_port());
    world.write("a.json", &configuration(0).replace(r#""mode": "off""#, &at));
    let ran = world.run("doctor --config a.json --json");
    assert_eq!((ran.code, text(of(&findings(&ran), "epmd"), "code")), (1, "unreachable"));
}

#[test]
fn a_configuration_that_is_not_there_is_wrong_usage() {
    let world = World::new();
    fs::create_dir(world.directory.join("empty")).unwrap();
    let ran = world.run("doctor --config missing.json");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert_eq!(world.run("doctor --tls-dir empty --cookie-file none").code, 1);
}

#[test]
fn the_environment_says_which_node_of_a_development_directory_is_meant() {
    let world = World::new();
    let variables = [("COUNTERSIGN_NAME", "b@localhost")];
    let node = world.start_with("--port 0", &variables);
    let mut command = world.command(crate::program::COUNTERSIGN, "doctor --json");
    command.envs(variables);
    let ran = crate::program::ran(command);
    let all = findings(&ran);
    assert_eq!((ran.code, text(of(&all, "running"), "about")), (0, "b@localhost"), "{all:#?}");
    assert_eq!(of(&all, "running_certificate").get("ok"), Some(&Value::Bool(true)), "{all:#?}");
    drop(node);
}

/// Their subjects are the same, so that a handshake does not tell them apart: the node has compared their keys.
#[test]
fn a_ca_that_was_made_anew_with_the_same_name_wants_a_restart() {
    let stage = Stage::new();
    let other = World::new();
    other.issue("ca", &["a@localhost"]);
    let both = stage.world.read("a@localhost/ca.crt") + &other.read("a@localhost/ca.crt");
    stage.world.write("a@localhost/ca.crt", &both);
    stage.world.run("rotate --config a.json");
    let ran = stage.world.run("doctor --config a.json --json");
    let all = findings(&ran);
    assert_eq!((ran.code, text(of(&all, "running_ca"), "code")), (1, "restart_required"), "{all:#?}");
    assert_eq!(all.iter().filter(|finding| text(finding, "check") == "running_ca").count(), 1, "{all:#?}");
    drop(stage.node);
}

#[test]
fn what_a_node_could_not_take_is_told_with_its_own_reason() {
    let stage = Stage::new();
    let other = stage.world.done("cert agent -n b --dns localhost --uri erl:b@localhost --ca ca -o b");
    assert!(!other.out.is_empty());
    for (from, to) in [("b/b.crt", "a@localhost/tls.crt"), ("b/b.key", "a@localhost/tls.key")] {
        stage.world.write(to, &stage.world.read(from));
    }
    stage.node.signal("HUP");
    stage.node.line_after("SIGHUP: a@localhost: refused");
    let ran = stage.world.run("doctor --config a.json --json");
    let all = findings(&ran);
    assert_eq!((ran.code, text(of(&all, "running_sources"), "code")), (1, "name_mismatch"), "{all:#?}");
    assert!(text(of(&all, "running_certificate"), "hint").contains("countersign rotate"), "{all:#?}");
    assert!(text(of(&all, "running_dates"), "said").starts_with("CN=a@localhost of "), "{all:#?}");
    drop(stage.node);
}

#[test]
fn a_node_is_not_asked_with_files_that_are_not_well_and_that_is_said() {
    let stage = Stage::new();
    stage.world.write("a@localhost/tls.key", &stage.world.read("ca/ca.key"));
    let ran = stage.world.run("doctor --config a.json --json");
    let all = findings(&ran);
    assert_eq!((ran.code, text(of(&all, "pair"), "code")), (1, "key_mismatch"), "{all:#?}");
    assert!(text(of(&all, "running"), "said").starts_with("not asked"), "{all:#?}");
    drop(stage.node);
}

#[test]
fn a_node_whose_certificate_names_no_node_is_found_by_the_name_that_is_said() {
    let world = World::new();
    world.done("cert ca -n ca -o pki");
    world.done("cert agent -n z --dns localhost --ca pki -o pki");
    fs::create_dir(world.directory.join("z")).unwrap();
    for (from, to) in [("z.crt", "tls.crt"), ("z.key", "tls.key"), ("ca.crt", "ca.crt")] {
        world.write(&format!("z/{to}"), &world.read(&format!("pki/{from}")));
    }
    world.write("cookie", "secret");
    let _node = world.start("--name z@localhost --tls-dir z --cookie-file cookie --port 0");
    let doctor = |name: &str| findings(&world.done(&format!("doctor --tls-dir z --cookie-file cookie --json {name}")));
    let without = doctor("");
    assert!(text(of(&without, "epmd"), "said").contains("--name"), "{without:#?}");
    let with = doctor("--name z@localhost");
    assert_eq!(of(&with, "running_certificate").get("ok"), Some(&Value::Bool(true)), "{with:#?}");
}
