//! Each setting of a route, shown by a node that is reached only if the route's value, and not the node's, is in force.

use super::{by, dialler, hermit, only, port, refused, to, withholding};
use crate::managers::{Trust, supplied};
use crate::world::{World, cookie, door, name};
use countersign::dist::Flags;
use countersign::epmd::{Server, ServerOptions};
use countersign::failure::Code;
use countersign::node::{Acceptor, EpmdMode, Finder, IdentityPolicy, InvalidOptions, Node, NodeOptions, Place, Route, RouteRefused};
use countersign::rt::block_on;
use countersign::testing::Ca;
use countersign::tls::{CertAuthManager, ClientAuth, TlsPolicy};
use std::sync::Arc;
use std::time::Duration;

fn mutual(of: &Ca, names: &[&str]) -> Arc<dyn CertAuthManager> {
    supplied(of.agent(names), Trust::cluster(of.pool(), ClientAuth::RequireAndVerify))
}

#[test]
fn host_and_port() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = (hermit("a@localhost", world.secure()).await, dialler(&world, world.secure()).await);
        let elsewhere = hermit("z@localhost", world.secure()).await;
        only(&b, &a, (to(&a).with_place(Place::DISCOVERY), Code::Unreachable), to(&a)).await;
        only(&b, &a, (to(&a).with_place(Place::at("host.invalid", port(&a))), Code::Unreachable), to(&a)).await;
        only(&b, &a, (to(&a).with_place(Place::at("localhost", port(&elsewhere))), Code::WrongNode), to(&a)).await;
        // A host that is not said is that of the peer's name.
        assert!(by(&b, to(&a).with_place(Place::At { host: None, port: port(&a) }), &a).await.is_ok());
    });
}

trait With {
    fn with_place(self, place: Place) -> Self;
}

impl With for Route {
    fn with_place(self, place: Place) -> Self {
        Self { place, ..self }
    }
}

#[test]
fn another_epmd_of_another_host() {
    block_on(async {
        let (world, theirs) = (World::new().await, Server::bind(ServerOptions::loopback()).await.unwrap());
        let manager = Some(mutual(&world.ca, &["localhost", "db.invalid"]));
        let here = Acceptor { host: Some("127.0.0.1".parse().unwrap()), ..door() };
        let options = NodeOptions { epmd: EpmdMode::At(theirs.port()), acceptors: vec![here], ..world.with(manager) };
        let a = Node::start("a@db.invalid", options).await.unwrap();
        let b = dialler(&world, world.secure()).await;
        let ask = |host: Option<&str>, port| to(&a).with_place(Place::Epmd { host: host.map(str::to_owned), port });
        only(&b, &a, (ask(None, Some(theirs.port())), Code::Unreachable), ask(Some("localhost"), Some(theirs.port()))).await;
        only(&b, &a, (ask(Some("localhost"), None), Code::Unreachable), ask(Some("localhost"), Some(theirs.port()))).await;
    });
}

#[test]
fn a_manager_of_its_own() {
    block_on(async {
        let (world, other) = (World::new().await, Ca::new());
        let a = hermit("a@localhost", world.with(Some(mutual(&other, &["localhost"])))).await;
        let b = dialler(&world, world.secure()).await;
        let theirs = mutual(&other, &["localhost"]);
        let peer = only(&b, &a, (to(&a), Code::UnknownCa), Route { cert_manager: Some(Arc::clone(&theirs)), ..to(&a) }).await;
        let shown = peer.transport().presented.clone().unwrap().certificate.fingerprint();
        assert_eq!(shown, theirs.resolver().current().certificate.fingerprint());
    });
}

/// In Ergo such a route has none at all, and ends in a bare "no route".
#[test]
fn a_route_over_tls_without_a_certificate_of_its_own_has_the_node_s() {
    block_on(async {
        let world = World::new().await;
        let a = hermit("a@localhost", world.secure()).await;
        let manager = world.manager();
        let b = dialler(&world, world.with(Some(Arc::clone(&manager)))).await;
        let route = Route { server_name: Some("localhost".try_into().unwrap()), tls: Some(TlsPolicy::default()), ..to(&a) };
        let peer = by(&b, route, &a).await.unwrap();
        let shown = peer.transport().presented.clone().unwrap().certificate.fingerprint();
        assert_eq!(shown, manager.resolver().current().certificate.fingerprint());
    });
}

#[test]
fn a_server_name() {
    block_on(async {
        let world = World::new().await;
        let a = hermit("a@localhost", world.with(Some(mutual(&world.ca, &["db.internal"])))).await;
        let b = dialler(&world, world.secure()).await;
        let named = |name: &str| Route { server_name: Some(name.to_owned().try_into().unwrap()), ..to(&a) };
        only(&b, &a, (to(&a), Code::NameMismatch), named("db.internal")).await;
        only(&b, &a, (named("other.internal"), Code::NameMismatch), named("db.internal")).await;
        // Also over the name of the node's own manager.
        let manager = supplied(
            world.ca.agent(&["localhost"]),
            Trust {
                server_name: Some("other.internal".try_into().unwrap()),
                ..Trust::cluster(world.ca.pool(), ClientAuth::RequireAndVerify)
            },
        );
        b.stop().await;
        let b = dialler(&world, world.with(Some(manager))).await;
        only(&b, &a, (to(&a), Code::NameMismatch), named("db.internal")).await;
    });
}

#[test]
fn a_cookie() {
    block_on(async {
        let world = World::new().await;
        let a = hermit("a@localhost", NodeOptions { cookie: Some(cookie("other")), ..world.secure() }).await;
        let b = dialler(&world, world.secure()).await;
        only(&b, &a, (to(&a), Code::CookieMismatch), Route { cookie: Some(cookie("other")), ..to(&a) }).await;
    });
}

#[test]
fn plain_tcp_and_tls() {
    block_on(async {
        let world = World::new().await;
        let (plain, secure) = (hermit("a@localhost", world.plain()).await, hermit("c@localhost", world.secure()).await);
        let b = dialler(&world, world.secure()).await;
        let peer = only(&b, &plain, (to(&plain), Code::PlaintextPeer), Route { danger_plaintext: true, ..to(&plain) }).await;
        assert!(peer.transport().tls.is_none());
        b.stop().await;
        let b = dialler(&world, world.plain()).await;
        let route = Route { cert_manager: Some(world.manager()), ..to(&secure) };
        let peer = only(&b, &secure, (to(&secure), Code::TlsPeerOnPlainPort), route).await;
        assert!(peer.transport().tls.is_some());
    });
}

#[test]
fn a_policy_of_tls() {
    block_on(async {
        let world = World::new().await;
        let suites = |name: &str| TlsPolicy::default().suites(&[name]).unwrap();
        let a = hermit("a@localhost", NodeOptions { tls: suites("TLS13_AES_128_GCM_SHA256"), ..world.secure() }).await;
        let b = dialler(&world, NodeOptions { tls: suites("TLS13_CHACHA20_POLY1305_SHA256"), ..world.secure() }).await;
        let route = Route { tls: Some(suites("TLS13_AES_128_GCM_SHA256")), ..to(&a) };
        only(&b, &a, (to(&a), Code::NoCommonSuite), route).await;
    });
}

#[test]
fn a_rule_for_identities() {
    block_on(async {
        let world = World::new().await;
        let a = hermit("a@127.0.0.1", world.with(Some(mutual(&world.ca, &["localhost"])))).await;
        let b = dialler(&world, world.secure()).await;
        only(&b, &a, (to(&a), Code::IdentityMismatch), Route { identity: Some(IdentityPolicy::Off), ..to(&a) }).await;
        let a = hermit("a@localhost", world.secure()).await;
        only(&b, &a, (Route { identity: Some(IdentityPolicy::Strict), ..to(&a) }, Code::IdentityMismatch), to(&a)).await;
    });
}

#[test]
fn a_form_of_spiffe_ids() {
    block_on(async {
        let world = World::new().await;
        let certificate = world.ca.leaf().dns("localhost").uri("spiffe://example.org/node/a").build();
        let manager = supplied(certificate, Trust::cluster(world.ca.pool(), ClientAuth::RequireAndVerify));
        let a = hermit("a@localhost", world.with(Some(manager))).await;
        let b = dialler(&world, NodeOptions { identity: IdentityPolicy::Strict, ..world.secure() }).await;
        let form = |form: &str| Route { spiffe: Some(form.parse().unwrap()), ..to(&a) };
        only(&b, &a, (to(&a), Code::IdentityMismatch), form("spiffe://example.org/node/{name}")).await;
        only(&b, &a, (form("spiffe://example.org/{name}"), Code::IdentityMismatch), form("spiffe://example.org/node/{name}")).await;
        // Whoever is expected stands in for the name under a rule that asks for all of it, too.
        let expects = |who: &str| Some(who.parse().unwrap());
        only(&b, &a, (to(&a), Code::IdentityMismatch), Route { expects: expects("spiffe://example.org/node/a"), ..to(&a) }).await;
        let another = Route { expects: expects("spiffe://example.org/node/b"), ..form("spiffe://example.org/node/{name}") };
        only(&b, &a, (another, Code::IdentityMismatch), form("spiffe://example.org/node/{name}")).await;
    });
}

#[test]
fn flags_that_are_withheld() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = (hermit("a@localhost", world.secure()).await, dialler(&world, world.secure()).await);
        let optional = Flags::FRAGMENTS | Flags::DIST_HDR_ATOM_CACHE | Flags::SPAWN;
        assert!(by(&b, to(&a), &a).await.unwrap().facts().flags.contains(optional));
        b.add_route(Route { link: withholding(optional), ..to(&a) }).unwrap();
        let peer = b.connect(a.name()).await.unwrap();
        assert!(!peer.facts().flags.intersects(optional), "{}", peer.facts().flags);
        b.ping(a.name()).await.unwrap();
    });
}

#[test]
fn a_deadline_for_the_whole_attempt() {
    block_on(async {
        let world = World::new().await;
        let b = dialler(&world, world.secure()).await;
        let never = Finder::new("oracle", |_| std::future::pending());
        let short = Duration::from_millis(20);
        b.add_route(Route { deadline: Some(short), ..Route::matching("*".parse().unwrap(), Place::Found(never)) }).unwrap();
        let error = b.connect(&name("a@localhost")).await.unwrap_err();
        assert!(error.to_string().ends_with("by route *: no link within 20ms"), "{error}");
        assert_eq!(b.routes()[0].deadline, short);
    });
}

#[test]
fn settings_that_would_look_as_if_they_protected_are_refused() {
    block_on(async {
        let world = World::new().await;
        let (plain, secure) = (dialler(&world, world.plain()).await, dialler(&world, world.secure()).await);
        let base = || Route::matching("*".parse().unwrap(), Place::DISCOVERY);
        let (pin, expected) = (world.ca.facts().fingerprint, "db.internal".parse().unwrap());
        let protective = [
            ("pins", Route { pins: vec![pin], ..base() }),
            ("expects", Route { expects: Some(expected), ..base() }),
            ("server_name", Route { server_name: Some("db.internal".try_into().unwrap()), ..base() }),
            ("tls", Route { tls: Some(TlsPolicy::default()), ..base() }),
            ("danger_insecure_skip_verify", Route { danger_insecure_skip_verify: true, ..base() }),
        ];
        for (setting, route) in protective {
            let beside = "plain TCP";
            assert_eq!(refused(&plain, route.clone()), RouteRefused::Idle { setting, beside });
            assert_eq!(refused(&secure, Route { danger_plaintext: true, ..route }), RouteRefused::Idle { setting, beside });
        }
        let both = Route { danger_plaintext: true, cert_manager: Some(world.manager()), ..base() };
        assert_eq!(refused(&secure, both), RouteRefused::Options(InvalidOptions::PlainWithManager));
        let unproven = Route { danger_insecure_skip_verify: true, expects: Some("db.internal".parse().unwrap()), ..base() };
        assert_eq!(refused(&secure, unproven), RouteRefused::Idle { setting: "expects", beside: "danger_insecure_skip_verify" });
        let flags = Flags::MAP_TAG | Flags::SPAWN;
        assert_eq!(
            refused(&secure, Route { link: withholding(flags), ..base() }),
            RouteRefused::Options(InvalidOptions::Withheld(Flags::MAP_TAG))
        );
    });
}
