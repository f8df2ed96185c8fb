//! The option file that is handed out to owners of OTP nodes, with the paths put in.

use crate::otp::Transport;
use crate::pair::name;
use crate::puppet::in_time;
use crate::world::World;
use countersign::failure::{Code, Failure};
use countersign::node::{Node, NodeOptions};
use countersign::testing::Ca;
use countersign::tls::CertAuth;
use std::sync::Arc;

#[test]
fn a_node_of_otp_joins_with_the_option_file_that_is_handed_out() {
    let Some(world) = World::new("a_node_of_otp_joins_with_the_option_file_that_is_handed_out") else { return };
    let a = world.node("a@localhost", Transport::Tls13);
    let x = world.otp("x@localhost").goes_by(FILE).start();
    assert_eq!(x.eval("net_adm:ping('a@localhost')"), "pong");
    in_time(a.ping(&name("x@localhost"))).unwrap();
    let peer = in_time(a.connect(&name("x@localhost"))).unwrap();
    assert!(!peer.facts().dialled && peer.identity().is_verified());
    assert_eq!(peer.transport().tls.unwrap().version, "TLSv1_3");
    in_time(a.stop());
}

#[test]
fn and_is_dialled_and_takes_nobody_whose_certificate_is_of_another_ca() {
    let Some(world) = World::new("and_is_dialled_and_takes_nobody_whose_certificate_is_of_another_ca") else { return };
    let x = world.otp("x@localhost").goes_by(FILE).start();
    let a = world.node("a@localhost", Transport::Tls13);
    in_time(a.ping(&name("x@localhost"))).unwrap();
    assert!(in_time(a.connect(&name("x@localhost"))).unwrap().facts().dialled);
    assert_eq!(x.eval("net_adm:ping('a@localhost')"), "pong");
    let manager = CertAuth::mutual(Ca::new().agent(&["localhost"]), world.pki.ca().pool());
    let options = NodeOptions { cert_manager: Some(Arc::new(manager)), ..world.options("z@localhost", Transport::Tls13) };
    let stranger = in_time(Node::start("z@localhost", options)).unwrap();
    let error = in_time(stranger.connect(&name("x@localhost"))).unwrap_err();
    assert_eq!((error.code(), error.reason().is_by_peer()), (Code::UnknownCa, true), "{error}");
    in_time(stranger.stop());
    in_time(a.stop());
}

const FILE: &str = include_str!("../../priv/ssl_dist.config");
