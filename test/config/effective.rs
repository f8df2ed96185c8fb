//! Every option of a link can be set at every place, in a program and in JSON, and then is in force. A field of
//! [`Effective`] without a row here does not compile or fails.

mod rows;

use crate::world::World;
use countersign::dist::{Challenge, Cookie};
use countersign::node::{Acceptor, Effective, NodeOptions, Route};
use rows::{OfRoutes, Own, Row, SHOWING, manager, only_routes, table};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// What is in force, field by field, in words.
type Seen = BTreeMap<&'static str, String>;

/// A new field has to be named here, and then has to have a row.
fn seen(effective: Effective) -> Seen {
    let Effective {
        cert_manager,
        cookie,
        server_name,
        tls,
        identity,
        admission,
        flags,
        frame_bytes,
        send_buffer,
        unread_answers,
        setup_time,
        connect_timeout,
        handshake_timeout,
        deadline,
        keep_alive,
        send_timeout,
        idle,
        rotation,
    } = effective;
    let subject = cert_manager.map(|manager| manager.resolver().current().certificate.leaf().subject.clone());
    [
        ("cert_manager", format!("{subject:?}")),
        ("cookie", format!("{:?}", cookie.digest(Challenge(1)))),
        ("server_name", format!("{server_name:?}")),
        ("tls", format!("{:?}", tls.the_min_version())),
        ("expects", format!("{:?} {:?}", identity.expected(), tls.the_expected())),
        ("pins", format!("{:?}", tls.the_pins().current())),
        ("danger_insecure_skip_verify", tls.skips_verification().to_string()),
        ("identity", identity.policy().to_string()),
        ("spiffe", format!("{:?}", identity.template())),
        ("admission", format!("{:?}", admission.current())),
        ("flags", flags.to_string()),
        ("frame_bytes", frame_bytes.to_string()),
        ("send_buffer", send_buffer.to_string()),
        ("unread_answers", unread_answers.to_string()),
        ("setup_time", format!("{setup_time:?}")),
        ("connect_timeout", format!("{connect_timeout:?}")),
        ("handshake_timeout", format!("{handshake_timeout:?}")),
        ("deadline", format!("{deadline:?}")),
        ("keep_alive", format!("{keep_alive:?}")),
        ("send_timeout", format!("{send_timeout:?}")),
        ("idle", format!("{idle:?}")),
        ("rotation", format!("{rotation:?}")),
    ]
    .into()
}

#[test]
fn every_field_has_one_row_and_a_test_that_shows_it_at_work() {
    let of_routes = only_routes().into_iter().map(|row| (row.field, row.shown_by));
    let rows: Vec<_> = table().into_iter().map(|row| (row.field, row.shown_by)).chain(of_routes).collect();
    let fields: Vec<_> = rows.iter().map(|(field, _)| *field).collect();
    let mut sorted = fields.clone();
    sorted.sort_unstable();
    assert!(seen(Effective::of_node(&program()).unwrap()).keys().eq(&sorted), "{fields:?}");
    for (field, shown_by) in rows {
        let name = format!("fn {shown_by}()");
        assert!(SHOWING.iter().any(|text| text.contains(&name)), "{field}: there is no test {shown_by}");
    }
}

#[test]
fn what_the_node_says_is_in_force_at_all_its_acceptors_and_routes_that_say_nothing() {
    let world = World::new();
    for Row { field, node: (set, json), .. } in table() {
        let mut options = program();
        set(&mut options);
        let read = world.read(&merged(document(), json).to_string()).unwrap().options;
        let changed = change(field, &places(&options)[0]);
        for (place, (program, json)) in ["node", "acceptor", "route"].iter().zip(places(&options).into_iter().zip(places(&read))) {
            // Its limits are its own, and say how long a handshake may take.
            let reaches = (*place, field) != ("acceptor", "handshake_timeout");
            let expected = if reaches { changed.clone() } else { usual() };
            assert_eq!(program, expected, "{field} of the node, at the {place}, set by a program");
            assert_eq!(json, expected, "{field} of the node, at the {place}, set by JSON");
        }
    }
}

#[test]
fn what_an_acceptor_or_a_route_says_is_in_force_there_and_nowhere_else() {
    let world = World::new();
    for Row { field, node: (set_at_node, _), own, .. } in table() {
        let mut at_node = program();
        set_at_node(&mut at_node);
        let changed = change(field, &places(&at_node)[0]);
        let (acceptor, route) = own.ways();
        for (at, way) in [(1, acceptor), (2, route)] {
            let Some((set, json)) = way else { continue };
            let mut options = program();
            set(&mut options);
            let read = world.read(&merged(document(), json).to_string()).unwrap().options;
            for (how, options) in [("a program", &options), ("JSON", &read)] {
                let places = places(options);
                assert_eq!(places[at], changed, "{field}, at {at}, set by {how}");
                let elsewhere = places.into_iter().enumerate().filter(|(other, _)| *other != at);
                elsewhere.for_each(|(other, seen)| assert_eq!(seen, usual(), "{field} went too far, to {other}, by {how}"));
            }
        }
    }
}

#[test]
fn what_only_a_route_can_say_is_in_force_there_and_nowhere_else() {
    let world = World::new();
    for OfRoutes { field, route: (set, json), why_only, .. } in only_routes() {
        let mut options = program();
        set(&mut options.routes[0]);
        let read = world.read(&merged(document(), json!({ "routes": [json] })).to_string()).unwrap().options;
        let expected = change(field, &places(&options)[2]);
        assert_eq!(places(&options), [usual(), usual(), expected.clone()], "{field}, by a program: {why_only}");
        assert_eq!(places(&read), [usual(), usual(), expected], "{field}, by JSON: {why_only}");
    }
}

#[test]
fn an_acceptor_and_a_route_may_say_what_is_usual_where_the_node_does_not() {
    let world = World::new();
    let unusual = json!({
        "node": { "withhold": ["SPAWN"], "send_timeout_seconds": 2, "keep_alive": { "idle_seconds": 5, "interval_seconds": 4, "probes": 3 } },
    });
    let usually = json!({ "link": { "withhold": [], "send_timeout_seconds": null, "keep_alive": null } });
    let own = json!({ "acceptors": [usually], "routes": [usually] });
    let options = world.read(&merged(merged(document(), unusual), own).to_string()).unwrap().options;
    let [node, acceptor, route] = places(&options);
    assert_ne!(node, usual());
    assert_eq!([acceptor, route], [usual(), usual()]);
}

impl Own {
    /// At the acceptor and at the route of a node that has one of each.
    fn ways(self) -> (Option<Way>, Option<Way>) {
        let at = |place: &str, json: Value| json!({ place: [json] });
        match self {
            Self::Link((set, json)) => (
                Some((Box::new(move |node| set(&mut node.acceptors[0].link)), at("acceptors", json!({ "link": json })))),
                Some((Box::new(move |node| set(&mut node.routes[0].link)), at("routes", json!({ "link": json })))),
            ),
            Self::Each(acceptor, (set_route, route)) => (
                acceptor.ok().map(|(set, json)| -> Way { (Box::new(move |node| set(&mut node.acceptors[0])), at("acceptors", json)) }),
                Some((Box::new(move |node| set_route(&mut node.routes[0])), at("routes", route))),
            ),
        }
    }
}

type Way = (Box<dyn Fn(&mut NodeOptions)>, Value);

/// For a peer without a route, for one that dials the acceptor, for one behind the route.
fn places(node: &NodeOptions) -> [Seen; 3] {
    let (acceptor, route) = (&node.acceptors[0], &node.routes[0]);
    let effective = [Effective::of_node(node), Effective::of_acceptor(node, acceptor), Effective::of_route(node, route)];
    effective.map(|effective| seen(effective.unwrap()))
}

/// What is usual but for this field, which must differ.
fn change(field: &'static str, changed: &Seen) -> Seen {
    assert_ne!(changed[field], usual()[field], "{field}");
    let mut expected = usual();
    expected.insert(field, changed[field].clone());
    expected
}

fn usual() -> Seen {
    seen(Effective::of_node(&program()).unwrap())
}

/// A node with one acceptor and one route, as a program describes it. The deadlines are said one by one, for otherwise
/// one of them stands for all.
fn program() -> NodeOptions {
    NodeOptions {
        cert_manager: Some(manager("a")),
        cookie: Some(Cookie::new(b"secret".to_vec())),
        acceptors: vec![Acceptor::default()],
        routes: vec![Route::to("c@localhost".parse().unwrap(), "localhost", 1)],
        connect_timeout: Some(Duration::from_secs(7)),
        handshake_timeout: Some(Duration::from_secs(7)),
        ..NodeOptions::default()
    }
}

/// The same in JSON.
fn document() -> Value {
    json!({
        "node": { "name": "a@localhost", "cookie": "secret", "connect_seconds": 7, "handshake_seconds": 7 },
        "tls": { "cert": "certs/a.crt", "key": "certs/a.key", "root_ca": "certs/ca.crt", "client_ca": "certs/ca.crt" },
        "acceptors": [{}],
        "routes": [{ "match": "c@localhost", "host": "localhost", "port": 1 }],
    })
}

/// Objects key by key, arrays element by element.
fn merged(mut into: Value, from: Value) -> Value {
    match (&mut into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                let old = into.remove(&key).unwrap_or(Value::Null);
                into.insert(key, merged(old, value));
            }
        }
        (Value::Array(into), Value::Array(from)) => {
            for (old, value) in into.iter_mut().zip(from) {
                *old = merged(old.take(), value);
            }
        }
        (into, from) => *into = from,
    }
    into
}
