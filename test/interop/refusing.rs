//! Peers that must not become any: the wrong cookie, authority or name.

use crate::otp::Transport;
use crate::pair::name;
use crate::puppet::in_time;
use crate::world::World;
use countersign::dist::Cookie;
use countersign::failure::{Code, Failure};
use countersign::node::{Admission, IdentityPolicy, Node, NodeOptions};
use countersign::testing::Ca;
use countersign::tls::CertAuth;
use std::sync::Arc;

#[test]
fn a_wrong_cookie_is_said_to_be_one_by_whoever_dialled() {
    let Some(world) = World::new("a_wrong_cookie_is_said_to_be_one_by_whoever_dialled") else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).cookie("other").start();
        let a = world.node("a@localhost", transport);
        assert_eq!(x.eval("net_adm:ping(a@localhost)"), "pang");
        crate::world::eventually("it is counted", || a.counters().refused(Code::CookieMismatch) == 1);

        let error = in_time(a.connect(&name("x@localhost"))).unwrap_err();
        assert_eq!(error.code(), Code::CookieMismatch, "{error}");
        assert!(a.peers().is_empty());
        assert_eq!(x.eval("nodes(connected)"), "[]");
        in_time(a.stop());
        // With the right one nothing else stands between them.
        let options = NodeOptions { cookie: Some(Cookie::new(b"other".to_vec())), ..world.options("b@localhost", transport) };
        let b = in_time(Node::start("b@localhost", options)).unwrap();
        assert_eq!(x.eval("net_adm:ping(b@localhost)"), "pong");
        in_time(b.stop());
    }
}

#[test]
fn a_certificate_of_a_stranger_is_an_unknown_ca_both_ways() {
    let Some(world) = World::new("a_certificate_of_a_stranger_is_an_unknown_ca_both_ways") else { return };
    let stranger = Ca::new();
    world.pki.write("stranger", stranger.leaf().names(&["localhost"]));
    for transport in [Transport::Tls13, Transport::Tls12] {
        // Theirs is the stranger's.
        let x = world.otp("x@localhost").over(transport).certificate("stranger").start();
        let a = world.node("a@localhost", transport);
        assert_eq!(x.eval("net_adm:ping(a@localhost)"), "pang");
        crate::world::eventually("it is counted", || a.counters().refused(Code::UnknownCa) == 1);
        let error = in_time(a.connect(&name("x@localhost"))).unwrap_err();
        assert_eq!((error.code(), error.reason().is_by_peer()), (Code::UnknownCa, false), "{error}");
        in_time(a.stop());

        // Ours is.
        let y = world.otp("y@localhost").over(transport).start();
        let auth = CertAuth::mutual(stranger.agent(&["localhost"]), world.pki.ca().pool());
        let options = NodeOptions { cert_manager: Some(Arc::new(auth)), ..world.options("b@localhost", transport) };
        let b = in_time(Node::start("b@localhost", options)).unwrap();
        let error = in_time(b.connect(&name("y@localhost"))).unwrap_err();
        assert_eq!((error.code(), error.reason().is_by_peer()), (Code::UnknownCa, true), "{error}");
        assert_eq!(y.eval("net_adm:ping(b@localhost)"), "pang");
        assert!(b.peers().is_empty());
        in_time(b.stop());
    }
}

#[test]
fn a_name_that_the_certificate_does_not_cover_is_refused() {
    let Some(world) = World::new("a_name_that_the_certificate_does_not_cover_is_refused") else { return };
    world.pki.write("other", world.pki.ca().leaf().names(&["other.example"]));
    for transport in [Transport::Tls13, Transport::Tls12] {
        let x = world.otp("x@localhost").over(transport).certificate("other").start();
        let a = world.node("a@localhost", transport);
        assert_eq!(x.eval("net_adm:ping(a@localhost)"), "pang");
        crate::world::eventually("it is counted", || a.counters().refused(Code::IdentityMismatch) == 1);
        // Dialled, it is not even asked for its name.
        let error = in_time(a.connect(&name("x@localhost"))).unwrap_err();
        assert_eq!(error.code(), Code::NameMismatch, "{error}");
        assert!(a.peers().is_empty());
        in_time(a.stop());

        let b = with_policy(&world, "b@localhost", transport, IdentityPolicy::Off);
        assert_eq!(x.eval("net_adm:ping(b@localhost)"), "pong");
        in_time(b.stop());
    }
}

#[test]
fn the_strict_policy_wants_the_whole_name() {
    let Some(world) = World::new("the_strict_policy_wants_the_whole_name") else { return };
    world.pki.write("whole", world.pki.ca().leaf().names(&["localhost", "erl:x@localhost"]));
    for transport in [Transport::Tls13, Transport::Tls12] {
        let a = with_policy(&world, "a@localhost", transport, IdentityPolicy::Strict);
        let x = world.otp("x@localhost").over(transport).certificate("whole").start();
        let y = world.otp("y@localhost").over(transport).certificate("whole").start();
        assert_eq!((y.eval("net_adm:ping(a@localhost)"), x.eval("net_adm:ping(a@localhost)")), ("pang".to_owned(), "pong".to_owned()));
        let error = in_time(a.connect(&name("y@localhost"))).unwrap_err();
        assert_eq!(error.code(), Code::IdentityMismatch, "{error}");
        assert_eq!(a.peers().len(), 1);
        in_time(a.stop());
    }
}

fn with_policy(world: &World, own: &str, transport: Transport, identity: IdentityPolicy) -> Node {
    in_time(Node::start(own, NodeOptions { identity, ..world.options(own, transport) })).unwrap()
}

#[test]
fn a_list_keeps_a_node_of_otp_out_by_its_name_or_its_certificate_and_is_exchanged() {
    let Some(world) = World::new("a_list_keeps_a_node_of_otp_out_by_its_name_or_its_certificate_and_is_exchanged") else { return };
    world.pki.write("laptop", world.pki.ca().leaf().common_name("laptop").names(&["localhost"]));
    for transport in [Transport::Tls13, Transport::Tls12] {
        let x = world.otp("x@localhost").over(transport).certificate("laptop").start();
        let a = world.node("a@localhost", transport);
        for (at, lists) in [Admission::new().deny("node:x@localhost"), Admission::new().deny("cn:laptop")].into_iter().enumerate() {
            a.admission().set(lists.unwrap());
            assert_eq!(x.eval("net_adm:ping(a@localhost)"), "pang");
            crate::world::eventually("it is counted", || a.counters().refused(Code::NotAllowed) == 2 * at as u64 + 1);
            let error = in_time(a.connect(&name("x@localhost"))).unwrap_err();
            assert_eq!(error.code(), Code::NotAllowed, "{error}");
            assert_eq!(x.eval("nodes(connected)"), "[]");
        }
        a.admission().set(Admission::new().allow("cn:laptop").unwrap());
        assert_eq!(x.eval("net_adm:ping(a@localhost)"), "pong");
        in_time(a.stop());
    }
}
