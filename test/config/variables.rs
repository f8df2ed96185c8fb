//! Variables of the environment in a configuration. Each test has a child of its own, whose environment it says.

use crate::world::World;
use countersign::failure::Failure;
use std::error::Error;
use std::process::Command;

/// Runs the test of this name again, alone, with these variables; the child finds itself in the second run.
fn with(test: &str, variables: &[(&str, &str)], check: impl FnOnce()) {
    if std::env::var_os("COUNTERSIGN_TEST_CHILD").is_some() {
        return check();
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args([&format!("variables::{test}"), "--exact", "--nocapture"]).env("COUNTERSIGN_TEST_CHILD", "1");
    let output = child.envs(variables.iter().copied()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_variable_may_stand_in_every_text_and_is_not_read_again() {
    let variables = [("HOST_HERE", "localhost"), ("TWICE", "${HOST_HERE}$$"), ("DIR", "mounted"), ("MODE", "strict")];
    with("a_variable_may_stand_in_every_text_and_is_not_read_again", &variables, || {
        let json = r#"{
            "node": { "name": "a@${HOST_HERE}", "cookie": "${TWICE}", "admins": ["b@${HOST_HERE}", "$$c@localhost"] },
            "tls": { "dir": "${DIR}", "identity": "${MODE}", "allow": ["node:*@${HOST_HERE}"] },
            "routes": [{ "match": "^db-.*@${HOST_HERE}$", "host": "${HOST_HERE}" }]
        }"#;
        let config = World::new().read(json).unwrap();
        assert_eq!(config.name.as_str(), "a@localhost");
        let names: Vec<_> = config.options.admins.iter().map(|name| name.as_str()).collect();
        assert_eq!(names, ["b@localhost", "$c@localhost"]);
        let cookie = config.options.cookie.as_ref().unwrap();
        let challenge = countersign::dist::Challenge(1);
        let read_once = countersign::dist::Cookie::new(b"${HOST_HERE}$$".to_vec());
        assert_eq!(format!("{:?}", cookie.digest(challenge)), format!("{:?}", read_once.digest(challenge)));
        assert!(config.options.routes[0].matches.matches(&"db-1@localhost".parse().unwrap()));
        let at = |option: &str| config.settings().unwrap().into_iter().find(|setting| setting.option == option).unwrap();
        assert_eq!(at("node.name").source.to_string(), "file: node.name with ${HOST_HERE}");
        assert_eq!(at("tls.identity").value, "strict");
    });
}

/// Where it does not fit, and what is said then.
const WRONG: &[(&str, &str)] = &[
    (r#"{"node": {"name": "${SECRET}"}, "tls": null}"#, "node.name: the name of a node is name@host, and there is no @"),
    (
        r#"{"node": {"name": "a@localhost", "visibility": "${SECRET}"}, "tls": null}"#,
        "node.visibility: \"${SECRET}\" is none of hidden, visible",
    ),
    (r#"{"node": {"name": "a@localhost", "mode": "${SHORT}"}, "tls": null}"#, "node.mode: \"${SHORT}\" is none of "),
    (
        r#"{"node": {"name": "a@localhost", "cookie": {"file": "${SECRET}"}}, "tls": null}"#,
        "node.cookie: ${SECRET}: the cookie cannot be read",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": {"cert": "${SECRET}/a.crt", "root_ca": "x"}}"#,
        "tls.cert: ${SECRET}/a.crt: cannot be read",
    ),
    (r#"{"node": {"name": "a@localhost"}, "tls": {"cert_pem": "${SECRET}", "key_pem": "${SECRET}"}}"#, "tls.cert_pem: "),
    (r#"{"node": {"name": "a@localhost"}, "tls": {"dir": "mounted", "pins": ["${SECRET}"]}}"#, "tls.pins[0]: "),
    (r#"{"node": {"name": "a@localhost"}, "tls": {"dir": "mounted", "allow": ["${SECRET}"]}}"#, "tls.allow[0]: "),
    (r#"{"node": {"name": "a@localhost"}, "tls": null, "epmd": {"addresses": ["${SECRET}"]}}"#, "epmd.addresses[0]: \"${SECRET}\" is not"),
    (r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"networks": ["${SECRET}"]}]}"#, "acceptors[0].networks[0]: "),
    (r#"{"node": {"name": "a@localhost"}, "tls": null, "routes": [{"match": "^${SECRET}("}]}"#, "routes[0].match: "),
];

#[test]
fn no_error_shows_what_a_variable_holds() {
    let test = "no_error_shows_what_a_variable_holds";
    with(test, &[("SECRET", "s3cr3t \"word\"\n"), ("SHORT", "q7")], || {
        let world = World::new();
        for (json, sentence) in WRONG {
            let error = world.read(json).unwrap_err();
            let mut said = format!("{error}|{error:?}|{}", error.hint());
            let mut cause: Option<&dyn Error> = error.source();
            while let Some(error) = cause {
                said.push_str(&format!("|{error}|{error:?}"));
                cause = error.source();
            }
            assert!(!said.contains("s3cr3t") && !said.contains("q7"), "{json}\n{said}");
            let place = world.neutral(&error.to_string());
            assert!(place.starts_with(&format!("countersign.json: {sentence}")), "{json}\n{place}");
        }
    });
}

#[test]
fn a_cookie_that_is_a_variable_is_not_written_out() {
    with("a_cookie_that_is_a_variable_is_not_written_out", &[("COOKIE", "secret")], || {
        let world = World::new();
        for (cookie, is_warned_about) in [("${COOKIE}", false), ("secret", true), ("$${COOKIE}", true), ("${COOKIE}-and-${COOKIE}", true)] {
            let json = format!(r#"{{ "node": {{ "name": "a@localhost", "cookie": "{cookie}" }}, "tls": {{ "dir": "mounted" }} }}"#);
            let warnings = world.read_open(&json).unwrap().warnings().unwrap();
            assert_eq!(!warnings.is_empty(), is_warned_about, "{cookie}: {warnings:?}");
        }
    });
}
