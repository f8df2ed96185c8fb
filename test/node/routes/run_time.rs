//! Routes that come and go while the node runs, and what they hold on to.

use super::{by, dialler, hermit, to};
use crate::managers::{HandWritten, Trust, supplied};
use crate::world::{World, cookie, eventually};
use countersign::failure::{Code, Failure};
use countersign::node::{Admission, EpmdMode, IdentityPolicy, InvalidOptions, Node, NodeOptions, Place, Route, RouteRefused, StartError};
use countersign::rt::block_on;
use countersign::testing::Ca;
use countersign::tls::{CertAuthManager, ClientAuth};
use std::sync::Arc;

fn cluster(ca: &Ca) -> Trust {
    Trust::cluster(ca.pool(), ClientAuth::RequireAndVerify)
}

fn shared(manager: &Arc<HandWritten>) -> Option<Arc<dyn CertAuthManager>> {
    Some(Arc::clone(manager) as Arc<dyn CertAuthManager>)
}

#[test]
fn a_route_counts_from_the_next_dial_on_and_links_outlive_it() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = (hermit("a@localhost", world.secure()).await, dialler(&world, world.secure()).await);
        assert_eq!(b.connect(a.name()).await.unwrap_err().code(), Code::Unreachable);
        let id = b.add_route(to(&a)).unwrap();
        let link = b.connect(a.name()).await.unwrap().facts().id;
        assert!(b.remove_route(id) && !b.remove_route(id));
        b.ping(a.name()).await.unwrap();
        assert_eq!(b.connect(a.name()).await.unwrap().facts().id, link);
        b.disconnect(a.name()).await;
        assert_eq!(b.connect(a.name()).await.unwrap_err().code(), Code::Unreachable);
        // A number is never given twice.
        assert_ne!(b.add_route(to(&a)).unwrap(), id);
    });
}

#[test]
fn the_routes_of_the_start_are_routes_like_any_other_and_a_bad_one_is_named() {
    block_on(async {
        let world = World::new().await;
        let a = hermit("a@localhost", world.secure()).await;
        let b = dialler(&world, NodeOptions { routes: vec![to(&a)], ..world.secure() }).await;
        b.connect(a.name()).await.unwrap();
        assert!(b.remove_route(b.routes()[0].id) && b.routes().is_empty());

        let bad = Route { danger_plaintext: true, cert_manager: Some(world.manager()), ..to(&a) };
        let error = Node::start("c@localhost", NodeOptions { routes: vec![to(&a), bad], ..world.secure() }).await.unwrap_err();
        assert_eq!(error.to_string(), "the route a@localhost: danger_plaintext and a certificate manager exclude each other");
        let StartError::Route { refused, .. } = error else { panic!("it is the route's fault") };
        assert!(matches!(*refused, RouteRefused::Options(InvalidOptions::PlainWithManager)));
    });
}

#[test]
fn an_update_asks_a_route_for_as_long_as_there_is_one() {
    block_on(async {
        let (world, other) = (World::new().await, Ca::new());
        let b = dialler(&world, world.secure()).await;
        let manager = supplied(other.agent(&["localhost"]), cluster(&other));
        let route = Route { cert_manager: Some(Arc::clone(&manager)), ..Route::matching("db-*".parse().unwrap(), Place::DISCOVERY) };
        let id = b.add_route(route).unwrap();
        let refused = manager.update(world.ca.agent(&["localhost"])).unwrap_err();
        assert!(refused.to_string().starts_with("route db-* could not work with this certificate"), "{refused}");
        assert!(b.remove_route(id));
        manager.update(world.ca.agent(&["localhost"])).unwrap();
    });
}

#[test]
fn a_link_is_handed_over_to_where_its_route_led_though_the_route_is_gone_and_is_asked_until_the_link_ends() {
    block_on(async {
        let (world, other) = (World::new().await, Ca::new());
        // The peer's host is not on its certificate: only the address that the route dials is.
        let certificate = other.agent(&["127.0.0.1", "erl:a@localhost"]);
        let a = hermit("a@localhost", world.with(Some(supplied(certificate, cluster(&other))))).await;
        let b = dialler(&world, world.secure()).await;
        let manager = supplied(other.agent(&["localhost"]), cluster(&other));
        let place = Place::at("127.0.0.1", a.local_addrs()[0].port());
        let route = Route { cert_manager: Some(Arc::clone(&manager)), ..Route::matching("a@*".parse().unwrap(), place) };
        let id = b.add_route(route).unwrap();
        let peer = b.connect(a.name()).await.unwrap();
        assert!(b.remove_route(id));
        let newest = manager.update(other.agent(&["localhost"])).unwrap();
        b.hand_over(a.name()).await.unwrap();
        assert_eq!(peer.transport().presented.as_ref().unwrap().generation, newest);
        assert_eq!(peer.link().handovers().done, 1);

        manager.update(world.ca.agent(&["localhost"])).unwrap_err();
        b.disconnect(a.name()).await;
        drop(peer);
        eventually("nobody is asked any more", || manager.update(world.ca.agent(&["localhost"])).is_ok());
    });
}

#[test]
fn a_rotation_of_a_route_s_manager_counts_from_the_next_dial_on() {
    block_on(async {
        let (world, other) = (World::new().await, Ca::new());
        let a = hermit("a@localhost", world.with(Some(supplied(other.agent(&["localhost"]), cluster(&other))))).await;
        let b = dialler(&world, world.secure()).await;
        let manager = supplied(other.agent(&["localhost"]), cluster(&other));
        b.add_route(Route { cert_manager: Some(Arc::clone(&manager)), ..to(&a) }).unwrap();
        b.connect(a.name()).await.unwrap();
        let generation = manager.update(other.agent(&["localhost"])).unwrap();
        b.ping(a.name()).await.unwrap();
        assert_ne!(b.peers()[0].transport().presented.clone().unwrap().generation, generation);
        b.disconnect(a.name()).await;
        assert_eq!(b.connect(a.name()).await.unwrap().transport().presented.clone().unwrap().generation, generation);
    });
}

#[test]
fn a_route_reads_its_manager_once_and_one_that_is_added_again_reads_it_anew() {
    block_on(async {
        let (world, other) = (World::new().await, Ca::new());
        let (a, b) = (hermit("a@localhost", world.secure()).await, dialler(&world, world.secure()).await);
        let manager = HandWritten::new(world.ca.agent(&["localhost"]), cluster(&world.ca));
        let route = Route { cert_manager: shared(&manager), ..to(&a) };
        let id = b.add_route(route.clone()).unwrap();
        manager.change_to(cluster(&other));
        b.connect(a.name()).await.unwrap();
        b.disconnect(a.name()).await;
        assert!(b.remove_route(id));
        assert_eq!(by(&b, route, &a).await.unwrap_err(), Code::UnknownCa);
    });
}

#[test]
fn a_route_that_comes_later_borrows_whom_the_node_trusted_when_it_started() {
    block_on(async {
        let (world, other) = (World::new().await, Ca::new());
        let a = hermit("a@localhost", world.secure()).await;
        let manager = HandWritten::new(world.ca.agent(&["localhost"]), cluster(&world.ca));
        let b = dialler(&world, world.with(shared(&manager))).await;
        manager.change_to(Trust { server_name: Some("elsewhere.example".try_into().unwrap()), ..cluster(&other) });
        assert!(by(&b, to(&a), &a).await.is_ok());
    });
}

#[test]
fn a_node_that_asks_for_a_name_shows_the_certificate_of_its_route() {
    block_on(async {
        let world = World::new().await;
        let a = hermit("a@localhost", world.secure()).await;
        let elsewhere = supplied(world.ca.agent(&["elsewhere.example"]), cluster(&world.ca));
        let route = |manager| Route { cert_manager: manager, ..to(&a) };
        for (manager, host) in [(None, "elsewhere.example"), (Some(world.manager()), "localhost")] {
            let options = NodeOptions { routes: vec![route(manager)], epmd: EpmdMode::Off, ..world.with(Some(Arc::clone(&elsewhere))) };
            let guest = Node::join(a.name(), options).await.unwrap();
            assert_eq!(guest.name().host(), host);
            guest.stop().await;
            eventually("it has left", || a.peers().is_empty());
        }
    });
}

#[test]
fn what_is_listed_is_what_is_in_force_and_no_secret() {
    block_on(async {
        let world = World::new().await;
        let manager = world.manager();
        let b = dialler(&world, world.with(Some(Arc::clone(&manager)))).await;
        let pin = world.ca.facts().fingerprint;
        let route = Route {
            weight: 3,
            cookie: Some(cookie("s3cr3t")),
            pins: vec![pin],
            expects: Some("spiffe://example.org/db".parse().unwrap()),
            discovery: true,
            admission: Some(Admission::new().deny("cn:lost").unwrap().into()),
            ..Route::matching("db-*@internal".parse().unwrap(), Place::at("10.0.0.7", 15_000))
        };
        let id = b.add_route(route.clone()).unwrap();
        let plain = b.add_route(Route { danger_plaintext: true, ..Route::matching("x@*".parse().unwrap(), Place::DISCOVERY) }).unwrap();
        let [first, second] = &b.routes()[..] else { panic!("two") };
        assert_eq!(
            first.to_string(),
            format!(
                "{id}: db-*@internal → 10.0.0.7:15000, weight 3, as {}, expects spiffe://example.org/db, pinned, a cookie of its own, then discovery",
                manager.resolver().current().certificate.leaf().subject
            )
        );
        assert_eq!(second.to_string(), format!("{plain}: x@* → the epmd of the peer's host, weight 0, PLAIN TCP"));
        assert_eq!((&first.pins[..], first.has_own_cookie, first.has_own_manager), (&[pin][..], true, false));
        assert_eq!((first.identity.policy(), first.admission.denied().len()), (IdentityPolicy::Host, 1));
        assert_eq!(first.deadline, NodeOptions::default().setup_time * 7);
        assert!(!format!("{:?} {route:?}", b.routes()).contains("s3cr3t"));
    });
}
