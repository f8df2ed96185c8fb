//! `priv/schema.json` and the program know the same keys.

use crate::world::World;
use countersign::dist::Flags;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// For each object of the schema: the way to it.
const SECTIONS: &[&str] = &[
    "",
    "node",
    "node.keep_alive",
    "tls",
    "acceptors[0]",
    "acceptors[0].tls",
    "acceptors[0].link",
    "acceptors[0].link.keep_alive",
    "acceptors[0].limits",
    "routes[0]",
    "routes[0].tls",
    "routes[0].link",
    "epmd",
    "cluster",
    "cluster.quorum",
    "cluster.reconnect",
    "tick",
    "limits",
    "limits.read",
];

#[test]
fn the_schema_and_the_program_know_the_same_keys() {
    let world = World::new();
    for section in SECTIONS {
        assert_eq!(keys_of_the_program(&world, section), keys_of_the_schema(section), "{section:?}");
    }
}

#[test]
fn no_object_of_the_schema_takes_an_unknown_key() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut objects = 0;
    visit(&schema, &mut |object| {
        if object.contains_key("properties") {
            assert_eq!(object.get("additionalProperties"), Some(&json!(false)), "{object:?}");
            objects += 1;
        }
    });
    assert!(objects >= 8);
}

#[test]
fn every_key_of_the_schema_is_described() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    visit(&schema, &mut |object| {
        for (key, property) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let words = ["description", "$ref"].iter().any(|word| property.get(word).is_some());
            assert!(words || key == "$schema", "{key}");
        }
    });
}

#[test]
fn the_schema_names_the_flags_that_can_be_withheld() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let names: Vec<_> = Flags::OPTIONAL.each().map(|(name, _)| name).collect();
    assert_eq!(schema["$defs"]["flags"]["items"]["enum"], json!(names));
}

fn visit(value: &Value, look: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            look(object);
            object.values().for_each(|value| visit(value, look));
        }
        Value::Array(values) => values.iter().for_each(|value| visit(value, look)),
        _ => {}
    }
}

/// The refusal of an unknown key lists those that are known.
fn keys_of_the_program(world: &World, section: &str) -> BTreeSet<String> {
    let probes = json!({ "idle_seconds": 1, "interval_seconds": 1, "probes": 1 });
    let mut document = json!({
        "node": { "name": "a@localhost", "keep_alive": probes },
        "tls": {},
        "acceptors": [{ "tls": {}, "link": { "keep_alive": probes }, "limits": {} }],
        "routes": [{ "match": "b@localhost", "tls": {}, "link": {} }],
        "epmd": {},
        "cluster": { "quorum": { "seeds": 0 }, "reconnect": {} },
        "tick": {},
        "limits": { "read": {} },
    });
    let object = steps(section).fold(&mut document, |value, step| if step == "[0]" { &mut value[0] } else { &mut value[step] });
    object.as_object_mut().unwrap().insert("zz".to_owned(), Value::Null);
    let said = world.read(&document.to_string()).unwrap_err().to_string();
    let (_, known) = said.split_once("unknown field `zz`, expected ").unwrap_or_else(|| panic!("{said}"));
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

pub(crate) fn keys_of_the_schema(section: &str) -> BTreeSet<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let found = steps(section).fold(&schema, |value, step| {
        let inner = if step == "[0]" { &value["items"] } else { &value["properties"][step] };
        followed(&schema, inner)
    });
    found["properties"].as_object().unwrap_or_else(|| panic!("{section}: {found}")).keys().cloned().collect()
}

/// Behind references, and behind the choice between an object and `null`.
pub(crate) fn followed<'a>(schema: &'a Value, value: &'a Value) -> &'a Value {
    if let Some(reference) = value["$ref"].as_str() {
        return followed(schema, schema.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}")));
    }
    let choices = value["anyOf"].as_array().into_iter().flatten();
    choices.filter(|choice| choice["type"] != "null").map(|choice| followed(schema, choice)).next().unwrap_or(value)
}

fn steps(section: &str) -> impl Iterator<Item = &str> {
    section.split('.').filter(|step| !step.is_empty()).flat_map(|step| match step.strip_suffix("[0]") {
        Some(array) => vec![array, "[0]"],
        None => vec![step],
    })
}

const SCHEMA: &str = include_str!("../../priv/schema.json");
