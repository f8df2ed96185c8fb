//! Which files a node looks at again, and which it does not.

use crate::world::World;
use countersign::config::tls_directory;
use countersign::node::NodeOptions;
use countersign::tls::source::CertSource;
use countersign::tls::{CertAuthManager, CertManager};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What the managers of the node, of its acceptor and of its route name as their sources.
fn sources(options: &NodeOptions) -> [Option<Arc<dyn CertSource>>; 3] {
    let managers = [&options.cert_manager, &options.acceptors[0].cert_manager, &options.routes[0].cert_manager];
    managers.map(|manager| manager.as_ref().and_then(|manager| manager.source()))
}

fn options(world: &World, node: &Value, acceptor: &Value, route: &Value) -> NodeOptions {
    let document = json!({
        "node": { "name": "a@localhost", "cookie": "secret" },
        "tls": node,
        "acceptors": [{ "tls": acceptor }],
        "routes": [{ "match": "b@localhost", "tls": route }],
    });
    world.read(&document.to_string()).unwrap().options
}

fn pair(name: &str) -> Value {
    json!({ "cert": format!("certs/{name}.crt"), "key": format!("certs/{name}.key"), "root_ca": "certs/ca.crt", "client_ca": "certs/ca.crt" })
}

fn with(mut section: Value, key: &str, value: impl Into<Value>) -> Value {
    section[key] = value.into();
    section
}

#[test]
fn whoever_names_the_same_files_has_the_same_source_and_others_have_their_own() {
    let world = World::new();
    let route = json!({ "cert": "certs/a.crt", "key": "certs/a.key", "root_ca": "certs/ca.crt" });
    let [node, acceptor, of_route] = sources(&options(&world, &pair("a"), &pair("b"), &route)).map(Option::unwrap);
    assert!(Arc::ptr_eq(&node, &of_route), "other CAs do not make another certificate");
    assert!(!Arc::ptr_eq(&node, &acceptor));
    assert_eq!(world.neutral(&acceptor.name()), "certs/b.crt, certs/b.key");
    assert_eq!(acceptor.read().unwrap().leaf().subject, "CN=b");
}

#[test]
fn every_layout_of_files_is_watched_and_what_stands_in_the_configuration_is_not() {
    let world = World::new();
    let (chain, key) = (world.text("certs/a.crt"), world.text("certs/a.key"));
    let combined = json!({ "cert": "both.pem", "root_ca": "certs/ca.crt", "client_ca": "certs/ca.crt" });
    let inline = json!({ "cert_pem": chain, "key_pem": key, "root_ca": "certs/ca.crt", "client_ca": "certs/ca.crt" });
    let names = |options: &NodeOptions| sources(options).map(|source| source.map(|source| world.neutral(&source.name())));
    let found = names(&options(&world, &json!({ "dir": "mounted" }), &combined, &with(inline.clone(), "watch", false)));
    assert_eq!(found, [Some("mounted".to_owned()), Some("both.pem".to_owned()), None]);
    let found = names(&options(&world, &with(pair("a"), "watch", false), &inline, &with(pair("a"), "watch", true)));
    assert_eq!(found, [None, None, Some("certs/a.crt, certs/a.key".to_owned())]);
}

#[test]
fn a_key_that_stands_in_the_configuration_cannot_be_watched() {
    let world = World::new();
    let section = json!({ "cert": "certs/a.crt", "key_pem": world.text("certs/a.key"), "root_ca": "certs/ca.crt", "client_ca": "certs/ca.crt", "watch": true });
    let refused = world.with_tls(&section.to_string()).unwrap_err().to_string();
    let sentence = "tls.watch: it means nothing when the certificate or its key stands in the configuration itself";
    assert_eq!(world.neutral(&refused), format!("countersign.json: {sentence}"));
}

#[test]
fn a_ca_file_that_changes_asks_for_a_restart() {
    let world = World::new();
    let node = options(&world, &pair("a"), &json!({ "dir": "mounted" }), &pair("b"));
    let manager = |manager: &Option<Arc<dyn CertAuthManager>>| manager.as_ref().unwrap().awaits_restart();
    assert!(!manager(&node.cert_manager).unwrap() && !manager(&node.acceptors[0].cert_manager).unwrap());
    world.write("certs/ca.crt", &countersign::testing::Ca::new().pem(), 0o644);
    assert!(manager(&node.cert_manager).unwrap() && !manager(&node.acceptors[0].cert_manager).unwrap());
    world.write("mounted/ca.crt", "torn", 0o644);
    assert!(manager(&node.acceptors[0].cert_manager).is_err());
}

#[test]
fn a_directory_of_the_command_line_is_watched_and_so_often_as_is_said() {
    let world = World::new();
    let file = world.read(r#"{ "node": { "name": "a@localhost", "cookie": "x", "reload_seconds": 60 }, "tls": { "dir": "mounted" } }"#);
    let options = file.unwrap().options;
    assert_eq!((options.reload_every, NodeOptions::default().reload_every), (Duration::from_secs(60), Duration::from_secs(5)));
    let source = options.cert_manager.unwrap().source().unwrap();
    let directory = tls_directory(Path::new(&source.name())).unwrap();
    assert_eq!(directory.source().unwrap().name(), source.name());
}
