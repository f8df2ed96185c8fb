//! The sample that is handed out works as it stands, and shows what there is.

use crate::schema::{followed, keys_of_the_schema};
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn the_sample_loads_beside_the_files_that_it_names() {
    let config = World::new().read(SAMPLE).unwrap();
    assert_eq!(config.name.as_str(), "a@localhost");
    assert!(config.options.cert_manager.is_some() && config.options.cookie.is_some());
}

/// What an acceptor, a route or its links may have instead of the node's, it need not show again.
#[test]
fn the_sample_shows_every_key_that_a_node_may_have_beside_the_others() {
    for section in
        ["", "node", "node.keep_alive", "tls", "epmd", "cluster", "cluster.quorum", "cluster.reconnect", "tick", "limits", "limits.read"]
    {
        let shown: BTreeSet<String> = at(section).as_object().unwrap().keys().cloned().collect();
        let left_out = LEFT_OUT.iter().filter(|(of, ..)| *of == section).flat_map(|(_, keys, _)| *keys).map(|key| (*key).to_owned());
        let all: BTreeSet<String> = shown.iter().cloned().chain(left_out.clone()).collect();
        assert_eq!(all, keys_of_the_schema(section), "{section:?}");
        assert!(left_out.clone().all(|key| !shown.contains(&key)), "{section:?} shows what is said to be left out");
    }
}

#[test]
fn where_the_schema_says_what_is_usual_the_sample_says_the_same() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    let compared = compare(&schema, &schema, &sample, "");
    assert!(compared > 30, "{compared} defaults were found");
}

fn compare(schema: &Value, described: &Value, value: &Value, place: &str) -> usize {
    let described = followed(schema, described);
    let usual = described.get("default").map_or(0, |usual| {
        assert_eq!(value, usual, "{place}");
        1
    });
    let fields = value.as_object().into_iter().flatten();
    let fields = fields.map(|(key, value)| compare(schema, &described["properties"][key], value, &format!("{place}.{key}")));
    let items = value.as_array().into_iter().flatten().map(|item| compare(schema, &described["items"], item, &format!("{place}[]")));
    usual + fields.sum::<usize>() + items.sum::<usize>()
}

fn at(section: &str) -> Value {
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    section.split('.').filter(|step| !step.is_empty()).fold(sample, |value, step| value[step].clone())
}

/// Keys that cannot stand beside the others, or that mean nothing to a node of no particular place.
const LEFT_OUT: &[(&str, &[&str], &str)] = &[
    ("tls", &["dir", "cert_pem", "key_pem", "root_ca_pem", "client_ca_pem"], "other forms of the same"),
    ("tls", &["crl", "crl_policy"], "there is no list yet"),
    ("tls", &["server_name"], "peers are called by their hosts"),
    ("tls", &["spiffe"], "there are no such ids"),
    ("tls", &["pins"], "the CA is enough"),
    ("tls", &["rotation_otherwise"], "only beside a handover"),
    ("epmd", &["port", "addresses"], "the environment says so"),
];

const SAMPLE: &str = include_str!("../../priv/node.json");
const SCHEMA: &str = include_str!("../../priv/schema.json");
