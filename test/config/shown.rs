//! What `config show` says is what the schema says, and what is in force.

use crate::schema::{SCHEMA, SECTIONS, followed, keys_of_the_schema, steps};
use crate::world::World;
use countersign::config::{Config, Setting, Source};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A node that says as little as it can, with one acceptor and one route.
fn document() -> Value {
    json!({
        "node": { "name": "a@localhost" },
        "tls": { "dir": "mounted" },
        "acceptors": [{}],
        "routes": [{ "match": "b@localhost" }],
    })
}

fn settings(config: &Config) -> BTreeMap<String, Setting> {
    config.settings().unwrap().into_iter().map(|setting| (setting.option.clone(), setting)).collect()
}

/// Keys that have no row of their own, and why.
const WITHOUT_A_ROW: &[(&str, &str)] = &[
    ("$schema", "for editors"),
    ("dir", "is shown as the files that it stands for"),
    ("cert_pem", "is shown as cert"),
    ("key_pem", "is shown as key"),
    ("root_ca_pem", "is shown as root_ca"),
    ("client_ca_pem", "is shown as client_ca"),
    ("danger_plaintext", "is shown as tls, which is then null"),
];

/// Of the node: they stand at each acceptor, where they are in force.
const AT_ACCEPTORS: [&str; 6] = ["connections", "per_ip", "handshakes", "silent", "handshake_seconds", "linger_milliseconds"];

#[test]
fn every_key_of_the_schema_is_shown() {
    let mut document = document();
    document["cluster"] = json!({ "seeds": ["b@localhost"], "quorum": { "seeds": 1 } });
    let settings = settings(&World::new().read(&document.to_string()).unwrap());
    let objects = ["keep_alive"];
    for section in SECTIONS.iter().filter(|section| !objects.iter().any(|object| section.ends_with(object))) {
        for key in keys_of_the_schema(section) {
            let path = format!("{section}{}{key}", if section.is_empty() { "" } else { "." });
            let is_within = SECTIONS.contains(&path.as_str()) || ["acceptors", "routes"].contains(&path.as_str());
            let is_elsewhere =
                WITHOUT_A_ROW.iter().any(|(without, _)| *without == key) || *section == "limits" && AT_ACCEPTORS.contains(&key.as_str());
            let is_object = objects.contains(&key.as_str());
            assert!(is_object || is_within || is_elsewhere || settings.contains_key(&path), "{path} is not shown");
        }
    }
}

/// Defaults that depend on what else is said.
const DEPENDING: &[&str] = &["rotation_otherwise"];

#[test]
fn the_defaults_of_the_schema_are_those_of_the_program() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut document = document();
    let mut held = 0;
    document["cluster"] = json!({ "seeds": ["b@localhost"], "quorum": { "seeds": 1 } });
    let settings = settings(&World::new().read(&document.to_string()).unwrap());
    for section in SECTIONS {
        let object = steps(section)
            .fold(&schema, |value, step| followed(&schema, if step == "[0]" { &value["items"] } else { &value["properties"][step] }));
        for (key, property) in object["properties"].as_object().unwrap() {
            let path = format!("{section}{}{key}", if section.is_empty() { "" } else { "." });
            let Some(default) = property.get("default").filter(|_| !DEPENDING.contains(&key.as_str())) else { continue };
            let shown = settings.get(&path).or_else(|| settings.get(&format!("acceptors[0].{path}")));
            assert_eq!(shown.map(|setting| &setting.value), Some(default), "{path}");
            assert_eq!(shown.map(|setting| &setting.source), Some(&Source::Default), "{path}");
            held += 1;
        }
    }
    assert!(held > 30, "only {held} defaults were looked at");
}

#[test]
fn what_the_program_has_by_default_is_in_the_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let settings = settings(&World::new().read(&document().to_string()).unwrap());
    for (path, setting) in settings.iter().filter(|(_, setting)| setting.source == Source::Default) {
        let is_said_in_words = setting.value.is_null() || setting.value == json!([]) || setting.value == "(hidden)";
        // What is not said at an acceptor or a route is the node's, and has its default there.
        if is_said_in_words || path.starts_with("acceptors") || path.starts_with("routes") {
            continue;
        }
        let property = steps(path).fold(&schema, |value, step| &followed(&schema, value)["properties"][step]);
        let has_words = ["connect_seconds", "handshake_seconds", "client_auth", "idle_seconds"].iter().any(|key| path.ends_with(key));
        assert!(has_words || property.get("default") == Some(&setting.value), "{path}: {} and {property}", setting.value);
    }
}

#[test]
fn the_words_of_the_schema_are_those_that_the_program_takes() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let (world, mut held) = (World::new(), 0);
    for section in SECTIONS {
        let object = steps(section)
            .fold(&schema, |value, step| followed(&schema, if step == "[0]" { &value["items"] } else { &value["properties"][step] }));
        for (key, property) in object["properties"].as_object().unwrap() {
            let Some(words) = followed(&schema, property)["enum"].as_array() else { continue };
            let mut document = document();
            let place = steps(section).fold(&mut document, |value, step| if step == "[0]" { &mut value[0] } else { &mut value[step] });
            if *key == "crl_policy" {
                place["crl"] = json!([]);
            }
            if *key == "rotation_otherwise" {
                place["rotation"] = "handover".into();
            }
            if *key == "client_auth" {
                place["dir"] = "mounted".into();
            }
            if *section == "cluster.quorum" {
                place["seeds"] = 0.into();
            }
            place[key] = "zz".into();
            let said = world.read(&document.to_string()).unwrap_err().to_string();
            let (_, known) = said.split_once("\"zz\" is none of ").unwrap_or_else(|| panic!("{section}.{key}: {said}"));
            assert_eq!(json!(known.split(", ").collect::<Vec<_>>()), json!(words), "{section}.{key}");
            held += 1;
        }
    }
    assert!(held > 10, "only {held} words were looked at");
}

#[test]
fn no_secret_is_shown() {
    let world = World::new();
    let key = Value::from(world.text("certs/a.key"));
    let chain = Value::from(world.text("certs/a.crt"));
    let json = json!({
        "node": { "name": "a@localhost", "cookie": "s3cr3t" },
        "tls": { "cert_pem": chain, "key_pem": key, "root_ca": "certs/ca.crt", "client_ca": "certs/ca.crt" },
        "acceptors": [{ "cookie": "s3cr3t-too" }],
        "routes": [{ "match": "b@localhost", "cookie": { "file": "cookie" } }],
    });
    let config = world.read(&json.to_string()).unwrap();
    let shown = format!("{:?} {config:?}", config.settings().unwrap());
    assert!(!shown.contains("s3cr3t") && !shown.contains("PRIVATE KEY"), "{shown}");
    let hidden: Vec<_> = config.settings().unwrap().into_iter().filter(|setting| setting.value == "(hidden)").collect();
    assert_eq!(hidden.len(), 6, "cookie and key at the node, the acceptor and the route: {hidden:?}");
}
