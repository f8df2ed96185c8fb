//! `countersign ca-in-use`: what depends on a CA, before it is taken out.

use crate::world::World;

#[test]
fn a_ca_that_vouches_for_the_node_alone_is_in_use_and_one_that_nobody_knows_is_not() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    world.issue("other", &["b@localhost"]);
    world.write("cookie", "secret");
    let _node = world.start("--tls-dir a@localhost --cookie-file cookie --port 0");
    let ask = |arguments: &str| world.run(&format!("ca-in-use {arguments} --tls-dir a@localhost --cookie-file cookie"));

    let used = ask("ca/ca.crt");
    assert_eq!((used.code, used.out.as_str()), (1, "a certificate of a@localhost itself is vouched for by nobody else\n"), "{}", used.err);
    let unused = ask("other/ca.crt");
    assert_eq!((unused.code, unused.out.as_str()), (0, "nothing at a@localhost depends on it\n"), "{}", unused.err);
    let told: serde_json::Value = serde_json::from_str(&ask("ca/ca.crt --json").out).unwrap();
    assert_eq!(told, serde_json::json!({ "certificate": true, "links": [] }), "whoever asks is no link that counts");
    let absent = ask("no-such-file");
    assert_eq!(absent.code, 2, "{}", absent.err);
}

#[test]
fn a_ca_that_vouches_for_the_certificate_of_one_acceptor_alone_is_in_use() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    world.issue("old", &["b@localhost"]);
    world.write(
        "countersign.json",
        r#"{
            "node": { "name": "a@localhost", "cookie": "secret" }, "tls": { "dir": "a@localhost" },
            "acceptors": [{ "port": 0 }, { "port": 0, "tls": { "dir": "b@localhost" } }]
        }"#,
    );
    let _node = world.start("--config countersign.json");
    let used = world.run("ca-in-use old/ca.crt --config countersign.json");
    assert_eq!((used.code, used.out.as_str()), (1, "a certificate of a@localhost itself is vouched for by nobody else\n"), "{}", used.err);
}
