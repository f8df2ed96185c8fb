//! What stands at an acceptor itself, in a program and in JSON. A field without a row here does not compile or fails.

use crate::world::World;
use countersign::net::Limits;
use countersign::node::{Acceptor, LinkOptions, NodeLimits};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// What is said, field by field, in words.
type Said = BTreeMap<&'static str, String>;

type Row = (&'static str, fn(&mut Acceptor), Value);

fn table() -> Vec<Row> {
    vec![
        ("host", |acceptor| acceptor.host = Some("::1".parse().unwrap()), json!({ "host": "::1" })),
        ("port", |acceptor| acceptor.port = 1, json!({ "port": 1 })),
        ("port_range", |acceptor| acceptor.port_range = 2, json!({ "port_range": 2 })),
        ("announce_port", |acceptor| acceptor.announce_port = Some(3), json!({ "announce_port": 3 })),
        ("registered", |acceptor| acceptor.registered = Some(false), json!({ "registered": false })),
        ("networks", |acceptor| acceptor.networks = Some(vec!["10.0.0.0/8".parse().unwrap()]), json!({ "networks": ["10.0.0.0/8"] })),
        ("danger_plaintext", |acceptor| acceptor.danger_plaintext = true, json!({ "danger_plaintext": true })),
        ("connections", |acceptor| acceptor.limits.connections = 4, json!({ "limits": { "connections": 4 } })),
        ("per_address", |acceptor| acceptor.limits.per_address = 5, json!({ "limits": { "per_ip": 5 } })),
        ("handshakes", |acceptor| acceptor.limits.handshakes = 6, json!({ "limits": { "handshakes": 6 } })),
        ("silent", |acceptor| acceptor.limits.silent = 7, json!({ "limits": { "silent": 7 } })),
        (
            "handshake_timeout",
            |acceptor| acceptor.limits.handshake_timeout = Duration::from_secs(8),
            json!({ "limits": { "handshake_seconds": 8 } }),
        ),
        ("linger", |acceptor| acceptor.limits.linger = Duration::from_millis(9), json!({ "limits": { "linger_milliseconds": 9 } })),
    ]
}

/// A new field has to be named here. What is not counted here has its row where options of links are.
fn said(acceptor: &Acceptor) -> Said {
    let Acceptor {
        host,
        port,
        port_range,
        announce_port,
        registered,
        networks,
        danger_plaintext,
        limits,
        cert_manager: _,
        cookie: _,
        tls: _,
        identity: _,
        spiffe: _,
        admission: _,
        rotation: _,
        link:
            LinkOptions {
                withhold: _,
                frame_bytes: _,
                send_buffer: _,
                unread_answers: _,
                setup_time: _,
                keep_alive: _,
                send_timeout: _,
                idle: _,
            },
    } = acceptor;
    let Limits { connections, per_address, handshakes, silent, handshake_timeout, linger } = limits;
    [
        ("host", format!("{host:?}")),
        ("port", port.to_string()),
        ("port_range", port_range.to_string()),
        ("announce_port", format!("{announce_port:?}")),
        ("registered", format!("{registered:?}")),
        ("networks", format!("{networks:?}")),
        ("danger_plaintext", danger_plaintext.to_string()),
        ("connections", connections.to_string()),
        ("per_address", per_address.to_string()),
        ("handshakes", handshakes.to_string()),
        ("silent", silent.to_string()),
        ("handshake_timeout", format!("{handshake_timeout:?}")),
        ("linger", format!("{linger:?}")),
    ]
    .into()
}

/// As JSON says it, with all that a node has to have.
fn read(world: &World, acceptor: &Value, limits: &Value) -> Acceptor {
    let document = json!({ "node": { "name": "a@localhost" }, "tls": null, "acceptors": [acceptor], "limits": limits });
    let mut acceptors = world.read(&document.to_string()).unwrap().options.acceptors;
    acceptors.remove(0)
}

#[test]
fn what_stands_at_an_acceptor_is_taken_as_it_is_written() {
    let world = World::new();
    let usual = Acceptor { port_range: 1, ..Acceptor::default() };
    let mut rows = Vec::new();
    for (field, set, json) in table() {
        let mut program = usual.clone();
        set(&mut program);
        let mut expected = said(&usual);
        expected.insert(field, said(&program)[field].clone());
        assert_ne!(expected, said(&usual), "{field}");
        assert_eq!(said(&program), expected, "{field}");
        let mut document = json!({ "port": 15_000 });
        json.as_object().unwrap().iter().for_each(|(key, value)| document[key] = value.clone());
        assert_eq!(said(&read(&world, &document, &json!({}))), expected, "{field}");
        rows.push(field);
    }
    rows.sort_unstable();
    assert!(said(&usual).keys().eq(&rows), "{rows:?}");
}

#[test]
fn what_an_acceptor_leaves_out_of_its_limits_is_as_for_all() {
    let world = World::new();
    let all = json!({
        "connections": 1, "per_ip": 2, "handshakes": 3, "silent": 4, "handshake_seconds": 5, "linger_milliseconds": 6,
    });
    let shared = Limits {
        connections: 1,
        per_address: 2,
        handshakes: 3,
        silent: 4,
        handshake_timeout: Duration::from_secs(5),
        linger: Duration::from_millis(6),
    };
    assert_eq!(read(&world, &json!({}), &all).limits, shared);
    let own = json!({ "limits": { "silent": 40 } });
    assert_eq!(read(&world, &own, &all).limits, Limits { silent: 40, ..shared });
}

#[test]
fn what_may_be_read_is_taken_as_it_is_written() {
    let world = World::new();
    let read = json!({ "depth": 1, "decompressed_bytes": 2, "integer_bytes": 3, "unfinished_messages": 4, "unfinished_bytes": 5 });
    let limits = |read: Value| {
        let document = json!({ "node": { "name": "a@localhost" }, "tls": null, "limits": { "read": read } });
        world.read(&document.to_string()).unwrap().options.limits.read
    };
    let taken = limits(read);
    assert_eq!((taken.term.depth, taken.term.decompressed, taken.term.integer), (1, 2, 3));
    assert_eq!((taken.assembly.sequences, taken.assembly.bytes), (4, 5));
    assert_eq!(limits(json!({})), NodeLimits::default().read);
}
