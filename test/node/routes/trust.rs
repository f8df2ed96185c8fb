//! Whom a route takes for its peer: pins, an expected identity, and what is left when nobody is verified.

use super::{by, dialler, hermit, only, to};
use crate::managers::{Trust, supplied};
use crate::world::{World, eventually};
use countersign::failure::{Code, Failure};
use countersign::node::{Node, NodeOptions, Route};
use countersign::rt::block_on;
use countersign::testing::Ca;
use countersign::tls::{CertAuthManager, Certificate, ClientAuth, Pins, TlsPolicy};
use countersign::x509::Fingerprint;
use std::sync::Arc;

fn showing(certificate: Certificate, world: &World) -> Arc<dyn CertAuthManager> {
    supplied(certificate, Trust::cluster(world.ca.pool(), ClientAuth::RequireAndVerify))
}

/// A node with this certificate, and one that dials it.
async fn two(world: &World, certificate: Certificate) -> (Node, Node) {
    (hermit("a@localhost", world.with(Some(showing(certificate, world)))).await, dialler(world, world.secure()).await)
}

fn pinned(node: &Node, pins: &[Fingerprint]) -> Route {
    Route { pins: pins.to_vec(), ..to(node) }
}

#[test]
fn a_pin_is_that_of_the_key_or_of_the_certificate() {
    block_on(async {
        let (world, wrong) = (World::new().await, Fingerprint::of(b"another"));
        let certificate = world.ca.agent(&["localhost"]);
        let (key, whole) = (certificate.leaf().key_fingerprint, certificate.leaf().fingerprint);
        let (a, b) = two(&world, certificate).await;
        only(&b, &a, (pinned(&a, &[wrong]), Code::PinMismatch), pinned(&a, &[wrong, key])).await;
        only(&b, &a, (pinned(&a, &[wrong]), Code::PinMismatch), pinned(&a, &[whole])).await;
    });
}

#[test]
fn a_peer_with_another_key_is_refused_within_the_handshake_of_tls() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = two(&world, world.ca.agent(&["localhost"])).await;
        b.add_route(pinned(&a, &[Fingerprint::of(b"another")])).unwrap();
        let error = b.connect(a.name()).await.unwrap_err();
        let countersign::node::ConnectReason::Dial(dial) = error.reason() else { panic!("not in the handshake of TLS: {error}") };
        assert_eq!((dial.code(), dial.refused().unwrap().is_by_peer()), (Code::PinMismatch, false));
        // The other side has been told so by TLS, and has heard nothing else.
        eventually("it was refused", || a.counters().refused_by_peer(Code::CertificateUnknown) == 1);
        assert_eq!(a.counters().refusals().len(), 1, "{:?}", a.counters().refusals());
    });
}

#[test]
fn a_route_s_pins_stand_in_for_those_of_the_node() {
    block_on(async {
        let world = World::new().await;
        let certificate = world.ca.agent(&["localhost"]);
        let key = certificate.leaf().key_fingerprint;
        let a = hermit("a@localhost", world.with(Some(showing(certificate, &world)))).await;
        let policy = TlsPolicy::default().pins(Pins::new([Fingerprint::of(b"another")]));
        let b = dialler(&world, NodeOptions { tls: policy, ..world.secure() }).await;
        only(&b, &a, (to(&a), Code::PinMismatch), pinned(&a, &[key])).await;
        // And where a route says nothing, the node's are in force.
        b.add_route(to(&a)).unwrap();
        assert_eq!(b.routes()[0].pins, [Fingerprint::of(b"another")]);
    });
}

#[test]
fn an_expected_identity_stands_in_for_the_host_and_for_the_name() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = two(&world, world.ca.leaf().uri("spiffe://example.org/db").build()).await;
        let expecting = |who: &str| Route { expects: Some(who.parse().unwrap()), ..to(&a) };
        let peer = only(&b, &a, (to(&a), Code::NameMismatch), expecting("spiffe://example.org/db")).await;
        assert!(peer.identity().is_verified());
        only(&b, &a, (expecting("spiffe://example.org/web"), Code::IdentityMismatch), expecting("spiffe://example.org/db")).await;
        // A name that the dialled host would satisfy does not count besides.
        let (a, b) = two(&world, world.ca.agent(&["localhost", "db.internal", "erl:x@localhost"])).await;
        let expecting = |who: &str| Route { expects: Some(who.parse().unwrap()), ..to(&a) };
        only(&b, &a, (expecting("web.internal"), Code::IdentityMismatch), expecting("db.internal")).await;
        only(&b, &a, (expecting("a@localhost"), Code::IdentityMismatch), expecting("x@localhost")).await;
    });
}

#[test]
fn an_identity_proves_nothing_on_a_certificate_that_nobody_vouches_for() {
    block_on(async {
        let (world, stranger) = (World::new().await, Ca::new());
        let (a, b) = two(&world, stranger.leaf().uri("spiffe://example.org/db").build()).await;
        let route = Route { expects: Some("spiffe://example.org/db".parse().unwrap()), ..to(&a) };
        assert_eq!(by(&b, route, &a).await.unwrap_err(), Code::UnknownCa);
    });
}

/// In Ergo the node's own setting overwrites it.
#[test]
fn a_route_may_verify_nobody_though_the_node_does_and_the_other_way_round() {
    block_on(async {
        let (world, stranger) = (World::new().await, Ca::new());
        let (a, b) = two(&world, stranger.agent(&["localhost"])).await;
        let peer = only(&b, &a, (to(&a), Code::UnknownCa), Route { danger_insecure_skip_verify: true, ..to(&a) }).await;
        assert!(!peer.identity().is_verified());
        b.stop().await;
        let b = dialler(&world, NodeOptions { tls: TlsPolicy::default().danger_insecure_skip_verify(), ..world.secure() }).await;
        let strict = Route { tls: Some(TlsPolicy::default()), ..to(&a) };
        only(&b, &a, (strict, Code::UnknownCa), to(&a)).await;
    });
}

#[test]
fn pins_hold_where_nobody_is_verified() {
    block_on(async {
        let (world, stranger) = (World::new().await, Ca::new());
        let certificate = stranger.agent(&["elsewhere.example"]);
        let key = certificate.leaf().key_fingerprint;
        let (a, b) = two(&world, certificate).await;
        let route = |pin| Route { danger_insecure_skip_verify: true, ..pinned(&a, &[pin]) };
        only(&b, &a, (route(Fingerprint::of(b"another")), Code::PinMismatch), route(key)).await;
    });
}
