//! Nodes with a configuration file, with a directory of certificates, and in the clear.

use crate::world::{World, free_port};

#[test]
fn a_configuration_is_enough_to_start_reach_and_stop_a_node() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    world.write("cookie", "secret\n");
    world.write("countersign.json", &configuration(free_port()));
    let pem = |name: &str| world.read(&format!("a@localhost/{name}"));
    let (chain, key, ca) = (pem("tls.crt"), pem("tls.key"), pem("ca.crt"));
    let variables = [("CHAIN", chain.as_str()), ("KEY", key.as_str()), ("CA", ca.as_str())];
    let node = world.start_with("--config countersign.json", &variables);
    let reach = |arguments: &str| {
        let mut command = world.command(crate::world::COUNTERSIGN, arguments);
        command.envs(variables);
        crate::world::ran(command)
    };
    let pong = reach("ping --config countersign.json");
    assert!(pong.out.starts_with("a@localhost answered in "), "{}", pong.err);
    let stopped = reach("stop --config countersign.json");
    assert_eq!(stopped.out, "stopped a@localhost\n", "{}", stopped.err);
    assert!(node.ended().success());
}

/// Without an epmd, so that the configuration alone says where the node is.
fn configuration(port: u16) -> String {
    format!(
        r#"{{
            "node": {{ "name": "a@localhost", "cookie": {{ "file": "cookie" }} }},
            "tls": {{ "cert_pem": "${{CHAIN}}", "key_pem": "${{KEY}}", "root_ca_pem": "${{CA}}", "client_ca_pem": "${{CA}}" }},
            "acceptors": [{{ "port": {port} }}],
            "epmd": {{ "mode": "off" }}
        }}"#
    )
}

#[test]
fn commands_go_by_what_stands_at_the_acceptor_of_the_node() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    let (first, second) = (free_port(), free_port());
    for acceptors in [
        r#"[{ "port": 0, "cookie": "another" }]"#.to_owned(),
        format!(r#"[{{ "port": {first}, "registered": false, "cookie": "another" }}]"#),
        format!(r#"[{{ "port": {first}, "danger_plaintext": true }}, {{ "port": {second} }}]"#),
    ] {
        let node = r#""node": { "name": "a@localhost", "cookie": "secret" }, "tls": { "dir": "a@localhost" }"#;
        world.write("countersign.json", &format!(r#"{{ {node}, "acceptors": {acceptors} }}"#));
        let running = world.start("--config countersign.json");
        assert!(world.done("status --config countersign.json").out.starts_with("a@localhost\n"));
        world.done("stop --config countersign.json");
        assert!(running.ended().success(), "{acceptors}");
    }
}

#[test]
fn a_directory_of_certificates_is_enough_and_the_certificate_says_the_name() {
    let world = World::new();
    world.issue("ca", &["a@localhost", "b@localhost"]);
    world.write("cookie", "secret");
    let _node = world.start("--tls-dir a@localhost --cookie-file cookie --port 0");
    assert!(world.done("ping --tls-dir a@localhost --cookie-file cookie").out.starts_with("a@localhost answered"));
    assert!(world.done("ping a@localhost --tls-dir b@localhost --cookie-file cookie").out.starts_with("a@localhost answered"));
}

#[test]
fn plain_tcp_must_be_asked_for_and_is_warned_about() {
    let world = World::new();
    world.write("cookie", "secret");
    let node = world.start("--plain --name a@localhost --cookie-file cookie --port 0");
    assert_eq!(node.line_after("encrypted").trim(), "no: plain TCP");
    assert!(world.done("ping a@localhost --plain --cookie-file cookie").out.starts_with("a@localhost answered"));
    world.write("other", "another");
    let ran = world.run("ping a@localhost --plain --cookie-file other");
    assert!(ran.code == 1 && ran.err.contains("code: cookie_mismatch"), "{}", ran.err);
}

#[test]
fn plain_tcp_and_tls_do_not_talk_to_each_other_and_say_why() {
    let world = World::new();
    let _node = world.start("--port 0");
    std::fs::copy(world.directory.join("dev/.erlang.cookie"), world.directory.join("cookie")).unwrap();
    let ran = world.run("ping dev@localhost --plain --cookie-file cookie");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("hint: "), "{}", ran.err);
}

#[test]
fn a_cookie_in_a_file_that_others_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    world.write("countersign.json", r#"{ "node": { "name": "a@localhost", "cookie": "secret" }, "tls": null }"#);
    let warning = "a cookie or key is written out in a file that others can read";
    assert!(!world.run("ping --config countersign.json").err.contains(warning));
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(world.directory.join("countersign.json"), open).unwrap();
    assert!(world.run("ping --config countersign.json").err.contains(warning));
}
