//! A node without a single file of one's own.

use crate::world::{Running, World};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_node_starts_from_nothing_answers_and_stops() {
    let world = World::new();
    let node = world.start("--port 0");

    let pong = world.done("ping").out;
    assert!(pong.starts_with("dev@localhost answered in ") && pong.ends_with(" ms\n"), "{pong}");
    let status: serde_json::Value = serde_json::from_str(&world.done("status --json").out).unwrap();
    assert_eq!(status.get("name").and_then(|name| name.as_str()), Some("dev@localhost"), "{status}");
    assert!(world.done("status").out.starts_with("dev@localhost\n"));
    assert_eq!(world.done("send dev@localhost countersign \"hello\"").out, "sent to countersign at dev@localhost\n");

    assert_eq!(world.done("stop").out, "stopped dev@localhost\n");
    assert!(node.ended().success());
    let gone = world.run("ping");
    assert!(gone.code == 1 && gone.err.contains("code: unreachable"), "{}", gone.err);
}

#[test]
fn what_start_says_is_enough_to_know_the_node() {
    let world = World::new();
    let node = world.start("--port 0");
    assert!(node.line_after("listens on").trim().starts_with("127.0.0.1:"));
    assert_eq!(node.line_after("certificate").trim(), "CN=dev@localhost");
    assert_eq!(node.line_after("names").trim(), "DNS:localhost, IP:127.0.0.1, URI:erl:dev@localhost");
    assert!(node.line_after("valid until").contains("days left"));
    assert_eq!(node.line_after("trusts").trim(), "CN=countersign development");
    assert_eq!(node.line_after("asks for").trim(), "require_and_verify");
    assert!(node.line_after("erl -sname shell@localhost").contains("-proto_dist inet_tls"));
    assert_eq!(node.line_after("net_adm"), ":ping('dev@localhost').");
}

#[test]
fn nobody_is_invited_to_a_node_that_no_shell_finds() {
    let cases =
        [("--passive --port 0", "127.0.0.1:", "none: peers need a route"), ("--outgoing-only", "nothing", "none: nobody can dial it")];
    for (flags, listens, epmd) in cases {
        let world = World::new();
        let node = world.start(flags);
        assert!(node.line_after("listens on").trim().starts_with(listens), "{flags}");
        assert_eq!(node.line_after("  epmd  ").trim(), epmd);
        node.line_after("for development only");
        node.signal("TERM");
        let rest = node.rest();
        assert!(rest.iter().all(|line| !line.contains("Erlang shell")), "{rest:#?}");
    }
}

#[test]
fn nobody_else_can_read_the_development_directory() {
    let world = World::new();
    let _node = world.start("--port 0");
    let mode = |name: &str| fs::metadata(world.directory.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("dev"), 0o700);
    for secret in ["dev/ca.key", "dev/dev@localhost.key", "dev/shell@localhost.key", "dev/.erlang.cookie"] {
        assert_eq!(mode(secret), 0o600, "{secret}");
    }
}

#[test]
fn the_next_start_finds_the_same_certificates_and_cookie() {
    let world = World::new();
    let files = || ["ca.crt", "dev@localhost.crt", "shell@localhost.crt", ".erlang.cookie"].map(|file| world.read(&format!("dev/{file}")));
    drop(world.start("--port 0 --name other@localhost"));
    drop(world.start("--port 0"));
    let first = files();
    drop(world.start("--port 0"));
    assert_eq!(files(), first);
}

#[test]
fn what_is_damaged_or_about_to_expire_is_made_anew() {
    let world = World::new();
    drop(world.start("--port 0"));
    let certificate = || world.read("dev/dev@localhost.crt");
    let first = certificate();
    world.write("dev/dev@localhost.crt", "no certificate");
    drop(world.start("--port 0"));
    assert!(certificate().contains("BEGIN CERTIFICATE") && certificate() != first);

    world.done("cert renew dev/dev@localhost.crt --hours 2");
    let short = certificate();
    drop(world.start("--port 0"));
    assert_ne!(certificate(), short);
}

#[test]
fn two_nodes_that_start_at_the_same_moment_make_one_ca() {
    let world = World::new();
    let nodes = ["one@localhost", "two@localhost"].map(|name| {
        let command = world.command(crate::world::COUNTERSIGN, &format!("start --port 0 --name {name}"));
        (name, Running::of(command))
    });
    for (name, node) in &nodes {
        assert_eq!(node.started(), *name);
        assert!(world.done(&format!("ping {name}")).out.starts_with(name));
    }
}

#[test]
fn two_nodes_of_one_directory_are_reached_by_name_and_obey_its_tools() {
    let world = World::new();
    let (one, two) = (world.start("--port 0"), world.start("--port 0 --name two@localhost"));
    assert!(world.done("ping two@localhost").out.starts_with("two@localhost answered"));
    assert!(world.done("names").out.contains("two"));
    world.done("stop two@localhost");
    assert!(two.ended().success());
    world.done("ping dev@localhost");
    drop(one);
}

#[test]
fn a_name_that_is_taken_is_explained() {
    let world = World::new();
    let _node = world.start("--port 0");
    let second = world.run("start --port 0");
    assert_eq!(second.code, 1, "{}", second.err);
    assert!(second.err.contains("code: name_in_use\nhint: "), "{}", second.err);
}

#[test]
fn a_cookie_that_a_flag_names_is_not_passed_over() {
    let world = World::new();
    let ran = world.run("start --port 0 --cookie-file nowhere");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.starts_with("error: --cookie-file: ") && ran.err.contains("nowhere: the cookie cannot be read"), "{}", ran.err);
}

#[test]
fn a_node_with_another_cookie_than_the_directorys_invites_nobody_with_that() {
    let world = World::new();
    world.write("cookie", "of-its-own");
    let node = world.start("--port 0 --cookie-file cookie");
    world.done("status --cookie-file cookie");
    assert_ne!(world.run("status").code, 0);
    world.done("stop --cookie-file cookie");
    let said = node.rest().join("\n");
    assert!(!said.contains("erl "), "{said}");
}
