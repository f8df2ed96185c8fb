//! What variables hold is shown nowhere.

use crate::program::{COUNTERSIGN, World, ran};

/// Each of these keys names a file, and the variable holds what belongs into the file.
const MISPLACED: &[(&str, &str)] = &[
    (r#"{ "file": "${CANARY}" }"#, r#""dir": "a@localhost""#),
    (r#""x""#, r#""dir": "${CANARY}""#),
    (r#""x""#, r#""cert": "${CANARY}", "key": "a@localhost/tls.key", "root_ca": "a@localhost/ca.crt""#),
    (r#""x""#, r#""cert": "a@localhost/tls.crt", "key": "${CANARY}", "root_ca": "a@localhost/ca.crt""#),
    (r#""x""#, r#""dir": "a@localhost", "crl": ["${CANARY}"]"#),
];

#[test]
fn the_value_of_a_variable_in_the_place_of_a_path_is_never_repeated() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    for (cookie, tls) in MISPLACED {
        let text = format!(
            r#"{{ "node": {{ "name": "a@localhost", "cookie": {cookie} }}, "tls": {{ {tls} }}, "acceptors": [], "epmd": {{ "mode": "off" }} }}"#
        );
        world.write("a.json", &text);
        for arguments in ["doctor --config a.json", "doctor --config a.json --json", "config check a.json", "start --config a.json"] {
            let mut command = world.command(COUNTERSIGN, arguments);
            command.env("CANARY", "s3cr3t-of-the-cluster");
            let ran = ran(command);
            let said = format!("{}{}", ran.out, ran.err);
            assert!(ran.code != 0 && said.contains("${CANARY}") && !said.contains("s3cr3t"), "{arguments}, {text}\n{said}");
        }
    }
}

#[test]
fn a_short_value_does_not_spoil_the_sentence() {
    let world = World::new();
    let text =
        r#"{ "node": { "name": "a@localhost", "cookie": "x" }, "tls": { "cert": "${N}.crt", "key": "e.key", "root_ca": "ca.crt" } }"#;
    world.write("a.json", text);
    let mut command = world.command(COUNTERSIGN, "config check a.json");
    command.env("N", "e");
    let ran = ran(command);
    assert!(ran.err.starts_with("error: a.json: tls.cert: ${N}.crt: cannot be read\n"), "{}", ran.err);
}
