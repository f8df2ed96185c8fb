//! A cookie or a key that stands where something else belongs, in a configuration or behind a flag.

use crate::canary::Canary;
use crate::world::{COUNTERSIGN, World, ran};

const COOKIE: &str = "COOKIEQZXJWVKYPTLMBN";

/// `NODE` is what stands in the section `node`, behind its name; `TLS` what stands for the section `tls`.
const WITH_A_COOKIE: &[(&str, &str)] = &[
    (r#""cookei": "COOKIE""#, "null"),
    (r#""cookie": ["COOKIE"]"#, "null"),
    (r#""cookie": {"file": ["COOKIE"]}"#, "null"),
    (r#""cookie": {"file": {"is": "COOKIE"}}"#, "null"),
    (r#""admins": "COOKIE""#, "null"),
    (r#""setup_seconds": "COOKIE""#, "null"),
    (r#""trace_control": "COOKIE""#, "null"),
    (r#""cookie": "COOKIE" "tick": 1"#, "null"),
    (r#""cookie": "COOKIE"#, "null"),
    (r#""cookie": "COOKIE""#, r#""COOKIE""#),
    (r#""cookie": "COOKIE""#, r#"{"cookie": "COOKIE"}"#),
    (r#""cookie": "COOKIE""#, r#"{"dir": "nowhere"}"#),
];

const WITH_A_KEY: &[&str] = &[
    r#"{"cert": "KEY", "root_ca": "ca", "client_ca": "ca"}"#,
    r#"{"cert": "a@localhost/tls.crt", "key": "KEY", "root_ca": "ca", "client_ca": "ca"}"#,
    r#"{"cert": "a@localhost/tls.crt", "key": ["KEY"], "root_ca": "ca", "client_ca": "ca"}"#,
    r#"{"cert_pem": "KEY", "root_ca": "ca", "client_ca": "ca"}"#,
    r#"{"cert": "a@localhost/tls.crt", "key": "a@localhost/tls.key", "root_ca": "KEY", "client_ca": "ca"}"#,
    r#"{"cert": "a@localhost/tls.crt", "key": "a@localhost/tls.key", "root_ca_pem": "KEY", "client_ca": "ca"}"#,
    r#"{"cert": "a@localhost/tls.crt", "key_pem": "x KEY", "root_ca": "ca", "client_ca": "ca"}"#,
    r#"{"cert": "b@localhost/tls.crt", "key_pem": "KEY", "root_ca": "ca", "client_ca": "ca"}"#,
    r#"{"dir": "KEY"}"#,
    r#"{"crt": "KEY"}"#,
    r#""KEY""#,
];

#[test]
fn a_mistake_in_a_configuration_repeats_no_cookie_and_no_key() {
    let world = World::new();
    world.issue("ca", &["a@localhost", "b@localhost"]);
    let key = world.read("a@localhost/tls.key");
    let canaries = [Canary::text("cookie", COOKIE), Canary::key(&key)];
    let in_json = key.replace('\n', "\\n");
    let cookies = WITH_A_COOKIE.iter().map(|(node, tls)| (node.replace("COOKIE", COOKIE), tls.replace("COOKIE", COOKIE)));
    let keys = WITH_A_KEY.iter().map(|tls| (format!(r#""cookie": "{COOKIE}""#), tls.replace("KEY", &in_json)));
    for (node, tls) in cookies.chain(keys) {
        let text = format!(r#"{{"node": {{"name": "a@localhost", {node}}}, "tls": {tls}}}"#);
        world.write("node.json", &text);
        for typed in ["start --config node.json --port 0", "start --config node.json --log json", "ping --config node.json"] {
            let mut command = world.command(COUNTERSIGN, typed);
            command.env("RUST_LOG", "trace");
            let said = ran(command);
            // Only what is read in full is refused with a place in it, and all of these are.
            assert_eq!(said.code, 2, "{text}\n{}{}", said.out, said.err);
            canaries.iter().for_each(|canary| canary.is_not_in(&format!("{typed}, of {tls}"), &(said.out.clone() + &said.err)));
        }
    }
}

#[test]
fn a_key_in_place_of_a_path_is_not_repeated() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    let key = world.read("a@localhost/tls.key");
    let canary = Canary::key(&key);
    for words in [
        "start --tls-dir=KEY",
        "start --tls-dir KEY",
        "ping --tls-dir=KEY",
        "start --config=KEY",
        "cert inspect -- KEY",
        "cert inspect KEY",
        "cert fingerprint -- KEY",
        "cert verify a@localhost/tls.crt --ca ca --key=KEY",
        "cert ca -n x --key=KEY",
    ] {
        let mut command = world.command(COUNTERSIGN, "");
        command.args(words.split(' ').map(|word| word.replace("KEY", &key)));
        let said = ran(command);
        assert_eq!(said.code, 2, "{}", said.err);
        canary.is_not_in(words, &(said.out + &said.err));
    }
}
