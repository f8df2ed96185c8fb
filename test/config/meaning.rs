//! What a configuration means when it is right.

use crate::world::World;
use countersign::dist::{Challenge, Flags};
use countersign::node::{
    Admission, ClusterOptions, EpmdMode, ExpiredLinks, IdentityPolicy, Idle, Mode, NameGiving, NodeOptions, Otherwise, Overflow, Quorum,
    QuorumPolicy, Reconnect, Rotation, Route, Visibility,
};
use countersign::node_name::NodeName;
use countersign::tls::verify::revocation::InForce;
use countersign::tls::{CertAuthManager, ClientAuth, CrlPolicy, TlsPolicy, Watcher};
use std::sync::Arc;
use std::time::Duration;

fn manager(options: &NodeOptions) -> &Arc<dyn CertAuthManager> {
    options.cert_manager.as_ref().unwrap()
}

#[test]
fn what_is_left_out_is_as_in_a_program() {
    let config = World::new().with_tls(r#"{"dir": "mounted"}"#).unwrap();
    let (read, default) = (config.options, NodeOptions::default());
    assert_eq!(config.name.as_str(), "a@localhost");
    assert!(!read.danger_plaintext && read.cookie.is_none() && read.routes.is_empty() && read.admins.is_empty());
    assert_eq!((read.identity, read.visibility, read.names), (default.identity, default.visibility, default.names));
    assert_eq!(read.rotation, default.rotation);
    assert_eq!((read.tick, read.setup_time), (default.tick, default.setup_time));
    assert!(read.spiffe.is_none() && *read.admission.current() == Admission::new());
    assert_eq!(format!("{:?}{:?}", read.limits, read.epmd), format!("{:?}{:?}", default.limits, default.epmd));
    assert_eq!(format!("{:?}", read.acceptors), format!("{:?}", default.acceptors));
    assert_eq!((read.mode, read.idle), (default.mode, default.idle));
    assert_eq!(format!("{:?}", read.cluster), format!("{:?}", default.cluster));
}

#[test]
fn a_directory_means_mutual_tls_with_its_one_ca() {
    let config = World::new().with_tls(r#"{"dir": "mounted"}"#).unwrap();
    let manager = manager(&config.options);
    assert_eq!(manager.client_auth(), ClientAuth::RequireAndVerify);
    assert_eq!(manager.client_cas().unwrap().fingerprints(), manager.root_cas().unwrap().fingerprints());
    assert_eq!(manager.resolver().current().certificate.leaf().subject, "CN=a");
}

#[test]
fn a_mounted_directory_is_read_through_its_link() {
    let world = World::new();
    world.mount("mounted");
    let config = world.with_tls(r#"{"dir": "volume"}"#).unwrap();
    assert_eq!(manager(&config.options).resolver().current().certificate.leaf().subject, "CN=a");
}

#[test]
fn certificate_and_key_may_stand_in_one_file_or_inline() {
    let world = World::new();
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let (chain, key, ca) = (json(&world.text("certs/a.crt")), json(&world.text("certs/a.key")), json(&world.text("certs/ca.crt")));
    let both = json(&world.text("both.pem"));
    for who in [
        r#""cert": "both.pem""#.to_owned(),
        r#""cert": "certs/a.crt", "key": "certs/a.key""#.to_owned(),
        format!(r#""cert": "certs/a.crt", "key_pem": {key}"#),
        format!(r#""cert_pem": {chain}, "key": "certs/a.key""#),
        format!(r#""cert_pem": {both}"#),
    ] {
        let config = world.with_tls(&format!(r#"{{ {who}, "root_ca_pem": {ca}, "client_ca": "certs/ca.crt" }}"#)).unwrap();
        let manager = manager(&config.options);
        assert_eq!((manager.client_auth(), manager.root_cas().unwrap().len()), (ClientAuth::RequireAndVerify, 1), "{who}");
    }
}

#[test]
fn every_mode_of_client_authentication_can_be_said() {
    let world = World::new();
    for mode in ClientAuth::ALL {
        let config = world.with_tls(&format!(r#"{{"dir": "mounted", "client_auth": "{mode}"}}"#)).unwrap();
        assert_eq!(manager(&config.options).client_auth(), mode);
    }
}

#[test]
fn null_means_plain_tcp() {
    let config = World::new().with_tls("null").unwrap();
    assert!(config.options.danger_plaintext && config.options.cert_manager.is_none());
}

#[test]
fn a_cookie_comes_from_its_text_or_its_file_without_the_line_break() {
    let world = World::new();
    let digest = |cookie: &str| {
        let config = world.read(&format!(r#"{{"node": {{"name": "a@localhost", "cookie": {cookie}}}, "tls": null}}"#)).unwrap();
        format!("{:?}", config.options.cookie.unwrap().digest(Challenge(1)))
    };
    assert_eq!(digest(r#""secret""#), digest(r#"{"file": "cookie"}"#));
    assert_ne!(digest(r#""secret""#), digest(r#""another""#));
}

#[test]
fn everything_else_is_taken_as_it_is_written() {
    let config = World::new().read(ALL).unwrap();
    let options = config.options;
    assert_eq!((options.visibility, options.names), (Visibility::Visible, NameGiving::Nobody));
    assert_eq!((options.identity, options.setup_time.as_secs()), (IdentityPolicy::Strict, 9));
    assert_eq!(options.admins.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["b@localhost"]);
    assert_eq!((options.tick.period.as_secs(), options.tick.intensity), (15, 5));
    let [first, second] = &options.acceptors[..] else { panic!("{:?}", options.acceptors) };
    assert_eq!((first.port, first.port_range, first.limits.per_address), (1, 1, 7));
    assert!(first.cert_manager.is_none() && first.cookie.is_some() && first.identity == Some(IdentityPolicy::Off));
    assert_eq!((second.host.as_ref().unwrap().to_string(), second.port_range), ("127.0.0.1".to_owned(), 3));
    assert_eq!(second.cert_manager.as_ref().unwrap().client_auth(), ClientAuth::None);
    let [route] = &options.routes[..] else { panic!("{:?}", options.routes) };
    assert_eq!((route.matches.as_str(), route.weight, route.place.to_string().as_str()), ("b@*", 7, "127.0.0.1:2"));
    assert!(route.discovery && route.danger_insecure_skip_verify && route.cookie.is_some());
    assert_eq!((route.tls.as_ref().unwrap().the_pins().current().len(), route.link.withhold), (1, Some(Flags::FRAGMENTS | Flags::SPAWN)));
    let seconds = [route.connect_timeout, route.handshake_timeout, route.deadline].map(|wait| wait.unwrap().as_secs());
    assert_eq!(seconds, [1, 2, 3]);
    assert_eq!((route.identity, route.server_name.as_ref().unwrap().to_str()), (Some(IdentityPolicy::Off), "db.internal".into()));
    assert_eq!((options.limits.frame_bytes, options.limits.mailbox, options.limits.overflow), (4, 6, Overflow::Exit));
    assert_eq!((options.limits.ties_per_peer, options.limits.timers_per_process), (3, 2));
    assert_eq!((options.limits.calls, options.limits.calls_per_peer, options.limits.handovers), (9, 8, 10));
    assert_eq!(options.rotation, Rotation::Handover { otherwise: Otherwise::Close });
    assert_eq!((first.rotation, second.rotation), (Some(Rotation::Close), None));
    assert_eq!(route.rotation, Some(Rotation::Handover { otherwise: Otherwise::Keep }));
    assert!(options.trace_control);
    let spiffe = [&options.spiffe, &first.spiffe, &second.spiffe, &route.spiffe].map(|spiffe| spiffe.as_ref().map(ToString::to_string));
    let of = |domain: &str| Some(format!("spiffe://{domain}.org/{{name}}"));
    assert_eq!(spiffe, [of("e"), of("f"), None, of("g")]);
    let lists = |allow: &[&str], deny: &[&str]| {
        let entries = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
        Admission::new().allowing(entries(allow)).denying(entries(deny))
    };
    assert_eq!(*options.admission.current(), lists(&["dns:localhost", "node:b@localhost"], &["cn:laptop"]));
    let own = [&first.admission, &second.admission, &route.admission];
    let own = own.map(|handle| handle.as_ref().map(|handle| Admission::clone(&handle.current())));
    assert_eq!(own, [Some(lists(&["cn:a"], &[])), None, Some(lists(&[], &["cn:b"]))]);
    assert_eq!((options.mode, options.idle), (Mode::ListenAndDial, Idle::After(Duration::from_secs(300))));
    assert_eq!((first.link.idle, second.link.idle, route.link.idle), (Some(Idle::Never), None, Some(Idle::After(Duration::from_secs(60)))));
    let ClusterOptions { seeds, keep, quorum, reconnect } = options.cluster;
    assert_eq!((names(&seeds), names(&keep)), (vec!["a@localhost", "b@localhost"], vec!["c@localhost"]));
    assert_eq!(quorum, Some(Quorum { seeds: 1, within: Duration::from_secs(20), policy: QuorumPolicy::Warn }));
    assert_eq!(reconnect, Reconnect { first: Duration::from_secs(2), most: Duration::from_secs(8), at_a_time: 3 });
    assert!(matches!(options.epmd, EpmdMode::Embedded(server) if server.port == 5 && server.addresses.len() == 1));
}

fn names(names: &[NodeName]) -> Vec<&str> {
    names.iter().map(|name| name.as_str()).collect()
}

#[test]
fn a_node_may_be_passive_or_only_dial() {
    let world = World::new();
    let mode = |mode: &str| {
        let read = world.read(&format!(r#"{{"node": {{"name": "a@localhost", "mode": "{mode}"}}, "tls": null}}"#));
        read.unwrap().options.mode
    };
    assert_eq!([mode("listen_and_dial"), mode("passive"), mode("outgoing_only")], Mode::ALL);
}

#[test]
fn an_epmd_that_runs_elsewhere_or_not_at_all() {
    let world = World::new();
    let epmd = |section: &str| {
        world.read(&format!(r#"{{"node": {{"name": "a@localhost"}}, "tls": null, "epmd": {section}}}"#)).unwrap().options.epmd
    };
    assert!(matches!(epmd(r#"{"mode": "at", "port": 4370}"#), EpmdMode::At(4370)));
    assert!(matches!(epmd(r#"{"mode": "off"}"#), EpmdMode::Off));
    assert!(matches!(epmd("{}"), EpmdMode::Auto));
}

fn routes(world: &World, routes: &str) -> Vec<Route> {
    let document = format!(r#"{{"node": {{"name": "a@localhost"}}, "tls": {{"dir": "mounted"}}, "routes": [{routes}]}}"#);
    world.read(&document).unwrap_or_else(|error| panic!("{routes}: {error}")).options.routes
}

#[test]
fn a_route_leads_to_a_port_or_to_what_an_epmd_says() {
    let world = World::new();
    for (place, meant) in [
        ("", "the epmd of the peer's host"),
        (r#", "port": 7"#, "the peer's host:7"),
        (r#", "host": "h""#, "the epmd of h"),
        (r#", "host": "h", "epmd": 7"#, "the epmd of h at port 7"),
    ] {
        let [route] = &routes(&world, &format!(r#"{{"match": "^b"{place}}}"#))[..] else { panic!("{place}") };
        assert_eq!(route.place.to_string(), meant);
    }
}

#[test]
fn a_route_may_have_a_certificate_a_name_or_nothing_of_its_own() {
    let world = World::new();
    let own = r#""cert": "certs/b.crt", "key": "certs/b.key", "root_ca": "certs/ca.crt""#;
    let all = [
        format!(r#"{{"match": "a*", "tls": {{{own}}}}}"#),
        r#"{"match": "b*", "tls": {"server_name": "db"}}"#.to_owned(),
        r#"{"match": "c*", "danger_plaintext": true}"#.to_owned(),
        r#"{"match": "d*", "identity": "spiffe://example.org/db"}"#.to_owned(),
    ];
    let [a, b, c, d] = &routes(&world, &all.join(","))[..] else { panic!("four") };
    assert_eq!(a.cert_manager.as_ref().unwrap().resolver().current().certificate.leaf().subject, "CN=b");
    assert!(b.cert_manager.is_none() && b.server_name.is_some() && !b.danger_plaintext);
    assert!(c.danger_plaintext && c.cert_manager.is_none());
    assert_eq!(d.expects.as_ref().unwrap().to_string(), "spiffe://example.org/db");
}

/// Every key once that does not exclude another.
const ALL: &str = r#"{
  "node": {
    "name": "a@localhost", "cookie": { "file": "cookie" }, "visibility": "visible", "admins": ["b@localhost"],
    "name_giving": "nobody", "setup_seconds": 9, "trace_control": true,
    "mode": "listen_and_dial", "idle_seconds": 300
  },
  "tls": {
    "dir": "mounted", "server_name": "localhost", "min_version": "1.2", "identity": "strict", "spiffe": "spiffe://e.org/{name}",
    "allow": ["dns:localhost", "node:b@localhost"], "deny": ["cn:laptop"], "rotation": "handover", "rotation_otherwise": "close"
  },
  "acceptors": [
    { "port": 1, "tls": { "identity": "off", "rotation": "close", "spiffe": "spiffe://f.org/{name}", "allow": ["cn:a"] }, "cookie": "another", "link": { "idle_seconds": 0 } },
    {
      "host": "127.0.0.1", "port": 2, "port_range": 3,
      "tls": { "cert": "certs/b.crt", "key": "certs/b.key", "root_ca": "certs/ca.crt", "client_auth": "none" }
    }
  ],
  "routes": [{
    "match": "b@*", "weight": 7, "host": "127.0.0.1", "port": 2, "discovery": true, "cookie": "another", "deadline_seconds": 3,
    "tls": {
      "server_name": "db.internal", "min_version": "1.2", "identity": "off", "spiffe": "spiffe://g.org/{name}", "deny": ["cn:b"],
      "rotation": "handover", "pins": ["0000000000000000000000000000000000000000000000000000000000000000"]
    },
    "danger_insecure_skip_verify": true,
    "connect_seconds": 1, "handshake_seconds": 2, "link": { "withhold": ["SPAWN", "FRAGMENTS"], "idle_seconds": 60 }
  }],
  "cluster": {
    "seeds": ["a@localhost", "b@localhost"], "keep": ["c@localhost"], "quorum": { "seeds": 1, "seconds": 20, "otherwise": "warn" },
    "reconnect": { "first_seconds": 2, "most_seconds": 8, "at_a_time": 3 }
  },
  "epmd": { "mode": "auto", "port": 5, "addresses": ["127.0.0.1"] },
  "tick": { "seconds": 15, "intensity": 5 },
  "limits": {
    "connections": 8, "per_ip": 7, "handshakes": 6, "frame_bytes": 4, "send_buffer": 5, "unread_answers": 5, "ties_per_peer": 3,
    "timers_per_process": 2, "calls": 9, "calls_per_peer": 8, "handovers": 10, "mailbox": 6,
    "overflow": "exit"
  }
}"#;

#[test]
fn open_links_are_judged_as_often_as_is_said_and_kept_beyond_their_dates_if_that_is_meant() {
    let world = World::new();
    let read = |node: &str| {
        world.read(&format!(r#"{{ "node": {{ "name": "a@localhost"{node} }}, "tls": {{"dir": "mounted"}} }}"#)).unwrap().options
    };
    let (usual, other) = (read(""), read(r#", "judge_seconds": 5, "expired": "keep""#));
    assert_eq!((usual.judge_every, usual.expired), (NodeOptions::default().judge_every, ExpiredLinks::Close));
    assert_eq!((other.judge_every, other.expired), (Duration::from_secs(5), ExpiredLinks::Keep));
}

#[test]
fn revocation_lists_are_read_and_read_again_when_their_file_changes() {
    let world = World::new();
    world.publish_list();
    let config = world.with_tls(r#"{"dir": "mounted", "crl": ["certs/crl.pem"], "crl_policy": "allow_unknown"}"#).unwrap();
    let lists = config.options.tls.the_revocation();
    let watcher = Watcher::new();
    lists.changes().watch(&watcher);
    let first = lists.in_force();
    assert_eq!((first.revocation().facts().count(), first.revocation().policy()), (1, CrlPolicy::AllowUnknown));
    world.publish_list();
    countersign::rt::block_on(async { countersign::rt::timeout(NEVER, watcher.after(0)).await }).unwrap();
    let number = |lists: &InForce| lists.revocation().facts().next().unwrap().number.clone();
    assert!(number(&lists.in_force()) > number(&first));
}

#[test]
fn what_the_section_of_an_acceptor_or_route_leaves_out_of_judging_is_the_nodes_one_by_one() {
    let world = World::new();
    world.publish_list();
    let key = "AB".repeat(32);
    let config = world.read(&format!(
        r#"{{ "node": {{ "name": "a@localhost" }}, "tls": {{"dir": "mounted", "crl": ["certs/crl.pem"]}},
            "acceptors": [{{ "tls": {{"min_version": "1.2"}} }}, {{ "tls": {{"crl": []}} }}, {{ "tls": {{"identity": "strict"}} }}],
            "routes": [{{ "match": "b@localhost", "tls": {{"pins": ["{key}"]}} }}] }}"#
    ));
    let options = config.unwrap().options;
    let lists = |policy: &TlsPolicy| policy.the_revocation().in_force().revocation().facts().count();
    let at = |index: usize| options.acceptors[index].tls.as_ref();
    assert!(Arc::ptr_eq(at(0).unwrap().the_revocation(), options.tls.the_revocation()));
    assert_eq!((lists(at(1).unwrap()), at(2).is_none()), (0, true));
    let of_route = options.routes[0].tls.as_ref().unwrap();
    assert_eq!((lists(of_route), of_route.the_pins().current().len(), options.tls.the_pins().current().len()), (1, 1, 0));
}

/// Only a test that fails waits so long.
const NEVER: Duration = Duration::from_secs(30);
