//! The rows: how each option of a link is set at each place, and which test shows it at work.

use countersign::dist::{Cookie, Flags};
use countersign::net::{KeepAlive, Timeout};
use countersign::node::{
    Acceptor, Admission, AdmissionHandle, IdentityPolicy, Idle, LinkOptions, NodeOptions, Rotation, Route, SpiffeTemplate,
};
use countersign::testing::Ca;
use countersign::tls::{CertAuth, CertAuthManager, Pins, TlsPolicy, TlsVersion};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How a field is set at a place: in a program, and in JSON.
pub(super) type Ways<T> = (fn(&mut T), Value);

pub(super) struct Row {
    pub(super) field: &'static str,
    pub(super) node: Ways<NodeOptions>,
    pub(super) own: Own,
    /// The test of `test/node` that fails if nothing goes by the field.
    pub(super) shown_by: &'static str,
}

/// How an acceptor or a route says it instead.
pub(super) enum Own {
    /// In what both have.
    Link(Ways<LinkOptions>),
    /// Each in its own way, or not at all, and why.
    Each(Result<Ways<Acceptor>, &'static str>, Ways<Route>),
}

/// A field for which only a route has a way.
pub(super) struct OfRoutes {
    pub(super) field: &'static str,
    pub(super) route: Ways<Route>,
    /// Why neither the node nor an acceptor has one.
    pub(super) why_only: &'static str,
    /// The test of `test/node` that fails if nothing goes by the field.
    pub(super) shown_by: &'static str,
}

pub(super) fn only_routes() -> Vec<OfRoutes> {
    vec![
        OfRoutes {
            field: "server_name",
            route: (
                |route| route.server_name = Some("db.internal".try_into().unwrap()),
                json!({ "tls": { "server_name": "db.internal" } }),
            ),
            why_only: "for the node its manager says it, and who dials is not verified by a name",
            shown_by: "a_server_name",
        },
        OfRoutes {
            field: "expects",
            route: (|route| route.expects = Some("spiffe://e.org/db".parse().unwrap()), json!({ "identity": "spiffe://e.org/db" })),
            why_only: "it names one peer",
            shown_by: "an_expected_identity_stands_in_for_the_host_and_for_the_name",
        },
        OfRoutes {
            field: "danger_insecure_skip_verify",
            route: (|route| route.danger_insecure_skip_verify = true, json!({ "danger_insecure_skip_verify": true })),
            why_only: "not for everybody by one word in a file; a program may say so in its policy",
            shown_by: "a_route_may_verify_nobody_though_the_node_does_and_the_other_way_round",
        },
        OfRoutes {
            field: "deadline",
            route: (|route| route.deadline = Some(MOMENT), json!({ "deadline_seconds": 2 })),
            why_only: "without it the deadlines of the steps add up",
            shown_by: "a_deadline_for_the_whole_attempt",
        },
    ]
}

pub(super) fn table() -> Vec<Row> {
    let identity = || json!({ "tls": { "identity": "strict" } });
    let old = || json!({ "tls": { "min_version": "1.2" } });
    let pins = || json!({ "tls": { "pins": [NOBODY] } });
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
            field: "pins",
            node: (|node| node.tls = pinned(), pins()),
            own: Own::Each(
                Ok((|acceptor| acceptor.tls = Some(pinned()), pins())),
                (|route| route.pins = vec![NOBODY.parse().unwrap()], pins()),
            ),
            shown_by: "a_peer_with_another_key_is_refused_within_the_handshake_of_tls",
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

pub(super) fn manager(subject: &str) -> Arc<dyn CertAuthManager> {
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

fn pinned() -> TlsPolicy {
    TlsPolicy::default().pins(Pins::new([NOBODY.parse().unwrap()]))
}

fn probes() -> KeepAlive {
    KeepAlive::probing(Duration::from_secs(5), Duration::from_secs(4), 3).unwrap()
}

const MOMENT: Duration = Duration::from_secs(2);
const NOBODY: &str = "0000000000000000000000000000000000000000000000000000000000000000";
pub(super) const SHOWING: [&str; 9] = [
    include_str!("../../node/managers_at_work.rs"),
    include_str!("../../node/acceptors.rs"),
    include_str!("../../node/acceptors_waiting.rs"),
    include_str!("../../node/admission.rs"),
    include_str!("../../node/identities.rs"),
    include_str!("../../node/idling.rs"),
    include_str!("../../node/handover_policies.rs"),
    include_str!("../../node/routes/overrides.rs"),
    include_str!("../../node/routes/trust.rs"),
];
