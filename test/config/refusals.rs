//! Every mistake names its file, its place and its cure.

mod documents;
mod routes;
mod tls;

use crate::world::World;
use countersign::config::Config;
use countersign::failure::Failure;
use documents::DOCUMENTS;
use routes::ROUTES;
use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use tls::TLS;

/// The document, and how it is answered: the sentence, and how the hint begins.
type Case = (&'static str, &'static str, &'static str);

const COOKIES: &[Case] = &[
    (r#"" ""#, "node.cookie: the cookie is empty", "put a long random word"),
    (r#"{"file": "empty"}"#, "node.cookie: the cookie is empty", "put a long random word"),
    (r#"{"file": "open-cookie"}"#, "node.cookie: open-cookie: the cookie can be read by others (mode 0644)", "chmod 600 open-cookie"),
    (r#"{"file": "none"}"#, "node.cookie: none: the cookie cannot be read | No such file or directory (os error 2)", "check the path"),
    (r#"{"file": "certs"}"#, "node.cookie: certs: the cookie cannot be read | invalid input parameter", "check the path"),
    (r#"{"env": "COUNTERSIGN_NOT_SET"}"#, "node.cookie: the environment variable COUNTERSIGN_NOT_SET is not set", "set it"),
];

#[test]
fn every_mistake_names_its_place_and_its_cure() {
    let document = |json: &str| json.to_owned();
    let tls = |tls: &str| format!(r#"{{"node": {{"name": "a@localhost"}}, "tls": {tls}}}"#);
    let cookie = |cookie: &str| format!(r#"{{"node": {{"name": "a@localhost", "cookie": {cookie}}}, "tls": null}}"#);
    let route = |route: &str| format!(r#"{{"node": {{"name": "a@localhost"}}, "tls": {{"dir": "mounted"}}, "routes": [{route}]}}"#);
    let world = World::new();
    let first = [check(&world, DOCUMENTS, document), check(&world, TLS, tls)];
    let wrong = [&first[..], &[check(&world, COOKIES, cookie), check(&world, ROUTES, route)]].concat().concat();
    assert!(wrong.is_empty(), "{wrong}");
}

/// What differs from the table, for all cases at once. Each has one mistake, and so `check` must find that one and make up
/// no other.
fn check(world: &World, cases: &[Case], whole: impl Fn(&str) -> String) -> String {
    let mut wrong = String::new();
    for (json, sentence, hint) in cases {
        let Err(error) = world.read(&whole(json)) else {
            writeln!(wrong, "accepted: {json}").unwrap();
            continue;
        };
        let said = world.neutral(&steady(&in_full(&error)));
        let all: Vec<_> = world.checked().iter().map(|error| world.neutral(&steady(&in_full(error)))).collect();
        if all != [said.as_str()] {
            writeln!(wrong, "{json}\n  said    {said}\n  checked {all:#?}").unwrap();
        }
        let advised = world.neutral(error.hint().as_str());
        if said != format!("countersign.json: {sentence}") || !advised.starts_with(hint) {
            writeln!(wrong, "{json}\n  said    {said}\n  wanted  countersign.json: {sentence}\n  advised {advised}").unwrap();
        }
    }
    wrong
}

fn in_full(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error} | {}", in_full(cause)))
}

/// Fingerprints differ from run to run.
fn steady(text: &str) -> String {
    text.split(' ').map(|word| if word.len() > 60 && word.contains(':') { "HEX)" } else { word }).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::from_file(Path::new("nowhere/countersign.json")).unwrap_err();
    assert_eq!(in_full(&error), "nowhere/countersign.json: the file cannot be read | No such file or directory (os error 2)");
}

/// It would be waited for until somebody writes to it.
#[test]
fn a_pipe_in_the_place_of_a_file_keeps_nobody_waiting() {
    let world = World::new();
    world.make_pipe("pipe");
    for (key, tls) in [
        ("cert", r#""cert": "pipe", "key": "certs/a.key", "root_ca": "certs/ca.crt""#),
        ("key", r#""cert": "certs/a.crt", "key": "pipe", "root_ca": "certs/ca.crt""#),
        ("root_ca", r#""cert": "certs/a.crt", "key": "certs/a.key", "root_ca": "pipe""#),
    ] {
        let error = world.with_tls(&format!(r#"{{ {tls}, "client_auth": "none" }}"#)).unwrap_err();
        let said = in_full(&error);
        assert!(said.contains(&format!("tls.{key}: ")) && said.ends_with("it is a pipe, a socket or a device"), "{said}");
    }
}

#[test]
fn no_error_repeats_a_secret_that_stands_in_a_wrong_place() {
    let world = World::new();
    for json in [
        r#"{"node": "s3cr3t", "tls": null}"#,
        r#"{"node": {"name": "a@localhost", "cookie": ["s3cr3t"]}, "tls": "s3cr3t"}"#,
        r#"{"node": {"name": "a@localhost"}, "tls": {"cert_pem": "s3cr3t", "key_pem": "s3cr3t"}}"#,
        r#"{"node": {"name": "a@localhost"}, "tls": "a, expected s3cr3t"}"#,
    ] {
        let error = world.read(json).unwrap_err();
        assert!(!in_full(&error).contains("s3cr3t") && !format!("{error:?}").contains("s3cr3t"), "{error:?}");
    }
}
