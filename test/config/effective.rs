//! Every option of a link can be set at every place, in a program and in JSON, and then is in force. A field of
//! [`Effective`] without a row here does not compile or fails.

use crate::world::World;
use countersign::dist::{Challenge, Cookie, Flags};
use countersign::net::{KeepAlive, Timeout};
use countersign::node::{
    Acceptor, Admission, AdmissionHandle, Effective, IdentityPolicy, Idle, LinkOptions, NodeOptions, Rotation, Route, SpiffeTemplate,
};
use countersign::testing::Ca;
use countersign::tls::{CertAuth, CertAuthManager, TlsPolicy, TlsVersion};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How a field is set at a place: in a program, and in JSON.
type Ways<T> = (fn(&mut T), Value);

struct Row {
    field: &'static str,
    node: Ways<NodeOptions>,
    own: Own,
    /// The test of `test/node` that fails if nothing goes by the field.
    shown_by: &'static str,
}

/// How an acceptor or a route says it instead.
enum Own {
    /// In what both have.
    Link(Ways<LinkOptions>),
    /// Each in its own way, or not at all, and why.
    Each(Result<Ways<Acceptor>, &'static str>, Ways<Route>),
}

fn table() -> Vec<Row> {
    let identity = || json!({ "tls": { "identity": "strict" } });
    let old = || json!({ "tls": { "min_version": "1.2" } });
    let spiffe = || json!({ "tls": { "spiffe": "spiffe://example.org/{host}/{name}" } });
    let listed = || json!({ "tls": { "allow": ["dns:*.internal"], "deny": ["cn:lost"] } });
    let manager =
        || json!({ "tls": { "cert": "certs/b.crt", "key": "certs/b.key", "root_ca": "certs/ca.crt", "client_ca": "certs/ca.crt" } });
    let probing = || json!({ "keep_alive": { "idle_seconds": 5, "interval_seconds": 4, "probes": 3 } });
    vec![
        Row {
            field: "cert_manager",
            node: (|node| node.cert_manager = Some(b()), manager()),
            own: Own::Each(
                Ok((|acceptor| acceptor.cert_manager = Some(b()), manager())),
                (|route| route.cert_manager = Some(b()), manager()),
            ),
            shown_by: "an_acceptor_refuses_by_its_own_manager_while_another_one_accepts",
        },
        Row {
            field: "cookie",
            node: (|node| node.cookie = Some(another()), json!({ "node": { "cookie": "another" } })),
            own: Own::Each(
                Ok((|acceptor| acceptor.cookie = Some(another()), json!({ "cookie": "another" }))),
                (|route| route.cookie = Some(another()), json!({ "cookie": "another" })),
            ),
            shown_by: "an_acceptor_may_have_its_own_cookie_and_a_route_too",
        },
        Row {
            field: "tls",
            node: (|node| node.tls = older(), old()),
            own: Own::Each(Ok((|acceptor| acceptor.tls = Some(older()), old())), (|route| route.tls = Some(older()), old())),
            shown_by: "an_acceptor_may_speak_an_older_tls_than_the_node",
        },
        Row {
            field: "identity",
            node: (|node| node.identity = IdentityPolicy::Strict, identity()),
            own: Own::Each(
                Ok((|acceptor| acceptor.identity = Some(IdentityPolicy::Strict), identity())),
                (|route| route.identity = Some(IdentityPolicy::Strict), identity()),
            ),
            shown_by: "an_acceptor_may_be_looser_about_names_than_the_node",
        },
        Row {
            field: "spiffe",
            node: (|node| node.spiffe = Some(template()), spiffe()),
            own: Own::Each(
                Ok((|acceptor| acceptor.spiffe = Some(template()), spiffe())),
                (|route| route.spiffe = Some(template()), spiffe()),
            ),
            shown_by: "nodes_with_spiffe_ids_meet_strictly_and_each_is_whom_its_id_names",
        },
        Row {
            field: "admission",
            node: (|node| node.admission = lists(), listed()),
            own: Own::Each(
                Ok((|acceptor| acceptor.admission = Some(lists()), listed())),
                (|route| route.admission = Some(lists()), listed()),
            ),
            shown_by: "an_acceptor_and_a_route_allow_others_than_the_node_and_deny_more",
        },
        Row {
            field: "flags",
            node: (|node| node.withhold = Flags::FRAGMENTS, json!({ "node": { "withhold": ["FRAGMENTS"] } })),
            own: Own::Link((|link| link.withhold = Some(Flags::FRAGMENTS), json!({ "withhold": ["FRAGMENTS"] }))),
            shown_by: "flags_that_an_acceptor_or_a_route_withholds_are_not_agreed_on",
        },
        Row {
            field: "frame_bytes",
            node: (|node| node.limits.frame_bytes = 4_711, json!({ "limits": { "frame_bytes": 4_711 } })),
            own: Own::Link((|link| link.frame_bytes = Some(4_711), json!({ "frame_bytes": 4_711 }))),
            shown_by: "an_acceptor_may_take_longer_frames_than_the_node",
        },
        Row {
            field: "send_buffer",
            node: (|node| node.limits.send_buffer = 4_711, json!({ "limits": { "send_buffer": 4_711 } })),
            own: Own::Link((|link| link.send_buffer = Some(4_711), json!({ "send_buffer": 4_711 }))),
            shown_by: "as_much_waits_for_a_peer_as_its_acceptor_says",
        },
        Row {
            field: "unread_answers",
            node: (|node| node.limits.unread_answers = 4_711, json!({ "limits": { "unread_answers": 4_711 } })),
            own: Own::Link((|link| link.unread_answers = Some(4_711), json!({ "unread_answers": 4_711 }))),
            shown_by: "a_peer_may_leave_as_many_answers_unread_as_its_acceptor_says",
        },
        Row {
            field: "setup_time",
            node: (|node| node.setup_time = MOMENT, json!({ "node": { "setup_seconds": 2 } })),
            own: Own::Link((|link| link.setup_time = Some(MOMENT), json!({ "setup_seconds": 2 }))),
            shown_by: "an_acceptor_may_be_more_patient_than_the_node",
        },
        Row {
            field: "connect_timeout",
            node: (|node| node.connect_timeout = Some(MOMENT), json!({ "node": { "connect_seconds": 2 } })),
            own: Own::Each(
                Err("whoever is received has connected already"),
                (|route| route.connect_timeout = Some(MOMENT), json!({ "connect_seconds": 2 })),
            ),
            shown_by: "a_route_may_be_less_patient_than_the_node_with_a_host_that_does_not_answer",
        },
        Row {
            field: "handshake_timeout",
            node: (|node| node.handshake_timeout = Some(MOMENT), json!({ "node": { "handshake_seconds": 2 } })),
            own: Own::Each(
                Ok((|acceptor| acceptor.limits.handshake_timeout = MOMENT, json!({ "limits": { "handshake_seconds": 2 } }))),
                (|route| route.handshake_timeout = Some(MOMENT), json!({ "handshake_seconds": 2 })),
            ),
            shown_by: "a_route_may_be_less_patient_than_the_node_with_a_peer_that_says_nothing",
        },
        Row {
            field: "keep_alive",
            node: (|node| node.keep_alive = probes(), json!({ "node": probing() })),
            own: Own::Link((|link| link.keep_alive = Some(probes()), probing())),
            shown_by: "the_system_probes_the_connections_of_one_acceptor_and_of_one_route",
        },
        Row {
            field: "send_timeout",
            node: (|node| node.send_timeout = Timeout::After(MOMENT), json!({ "node": { "send_timeout_seconds": 2 } })),
            own: Own::Link((|link| link.send_timeout = Some(Timeout::After(MOMENT)), json!({ "send_timeout_seconds": 2 }))),
            shown_by: "a_peer_that_takes_nothing_loses_its_link_where_its_acceptor_says_so",
        },
        Row {
            field: "idle",
            node: (|node| node.idle = Idle::After(MOMENT), json!({ "node": { "idle_seconds": 2 } })),
            own: Own::Link((|link| link.idle = Some(Idle::After(MOMENT)), json!({ "idle_seconds": 2 }))),
            shown_by: "an_acceptor_and_a_route_may_say_otherwise",
        },
        Row {
            field: "rotation",
            node: (|node| node.rotation = Rotation::Close, json!({ "tls": { "rotation": "close" } })),
            own: Own::Each(
                Ok((|acceptor| acceptor.rotation = Some(Rotation::Close), json!({ "tls": { "rotation": "close" } }))),
                (|route| route.rotation = Some(Rotation::Close), json!({ "tls": { "rotation": "close" } })),
            ),
            shown_by: "an_acceptors_links_follow_its_own_manager_and_policy_and_a_routes_links_the_routes",
        },
    ]
}

/// What is in force, field by field, in words.
type Seen = BTreeMap<&'static str, String>;

/// A new field has to be named here, and then has to have a row.
fn seen(effective: Effective) -> Seen {
    let Effective {
        cert_manager,
        cookie,
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
        keep_alive,
        send_timeout,
        idle,
        rotation,
    } = effective;
    let subject = cert_manager.map(|manager| manager.resolver().current().certificate.leaf().subject.clone());
    [
        ("cert_manager", format!("{subject:?}")),
        ("cookie", format!("{:?}", cookie.digest(Challenge(1)))),
        ("tls", timeless(&format!("{tls:?}"))),
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
        ("keep_alive", format!("{keep_alive:?}")),
        ("send_timeout", format!("{send_timeout:?}")),
        ("idle", format!("{idle:?}")),
        ("rotation", format!("{rotation:?}")),
    ]
    .into()
}

#[test]
fn every_field_has_one_row_and_a_test_that_shows_it_at_work() {
    let fields: Vec<_> = table().iter().map(|row| row.field).collect();
    let mut sorted = fields.clone();
    sorted.sort_unstable();
    assert!(seen(Effective::of_node(&program()).unwrap()).keys().eq(&sorted), "{fields:?}");
    for row in table() {
        let name = format!("fn {}()", row.shown_by);
        assert!(SHOWING.iter().any(|text| text.contains(&name)), "{}: there is no test {}", row.field, row.shown_by);
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
        "routes": [{ "peer": "c@localhost", "host": "localhost", "port": 1 }],
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

fn manager(subject: &str) -> Arc<dyn CertAuthManager> {
    let ca = Ca::new();
    Arc::new(CertAuth::mutual(ca.client(subject), ca.pool()))
}

fn b() -> Arc<dyn CertAuthManager> {
    manager("b")
}

fn template() -> SpiffeTemplate {
    "spiffe://example.org/{host}/{name}".parse().unwrap()
}

fn lists() -> AdmissionHandle {
    Admission::new().allow("dns:*.internal").and_then(|lists| lists.deny("cn:lost")).unwrap().into()
}

fn another() -> Cookie {
    Cookie::new(b"another".to_vec())
}

fn older() -> TlsPolicy {
    TlsPolicy::default().min_version(TlsVersion::Tls12)
}

fn probes() -> KeepAlive {
    KeepAlive::probing(Duration::from_secs(5), Duration::from_secs(4), 3).unwrap()
}

const MOMENT: Duration = Duration::from_secs(2);
const SHOWING: [&str; 7] = [
    include_str!("../node/managers_at_work.rs"),
    include_str!("../node/acceptors.rs"),
    include_str!("../node/acceptors_waiting.rs"),
    include_str!("../node/admission.rs"),
    include_str!("../node/identities.rs"),
    include_str!("../node/idling.rs"),
    include_str!("../node/handover_policies.rs"),
];

/// Without the moment since which lists are in force: two policies are not made in one second, always.
fn timeless(text: &str) -> String {
    let (before, behind) = text.split_once("since: Timestamp(").unwrap();
    format!("{before}{}", behind.split_once(')').unwrap().1)
}
