//! A certificate of ours that is replaced under links to OTP, which knows no handovers.

use crate::otp::Transport;
use crate::pair::{Dialled, Pair, name};
use crate::puppet::in_time;
use crate::world::{World, eventually};
use countersign::failure::{Code, Failure};
use countersign::net::CannotHandOver;
use countersign::node::{Node, NodeOptions, Otherwise, Rotation};
use countersign::rt::block_on;
use std::sync::Arc;

const ENCRYPTED: [Transport; 2] = [Transport::Tls13, Transport::Tls12];
const BOTH: [Dialled; 2] = [Dialled::ByUs, Dialled::ByThem];

fn rotating(world: &World, own: &str, transport: Transport, otherwise: Otherwise) -> Node {
    let rotation = Rotation::Handover { otherwise };
    block_on(Node::start(own, NodeOptions { rotation, ..world.options(own, transport) })).unwrap()
}

fn rotate(world: &World, node: &Node) {
    node.cert_manager().unwrap().update(world.pki.issue(node.name().name())).unwrap();
}

#[test]
fn a_link_to_otp_is_left_alone_where_it_is_to_be_kept_while_one_to_a_node_of_ours_moves() {
    let Some(world) = World::new("a_link_to_otp_is_left_alone_where_it_is_to_be_kept_while_one_to_a_node_of_ours_moves") else { return };
    let x = world.otp("x@localhost").start();
    for (own, dialled) in [("a@localhost", Dialled::ByUs), ("b@localhost", Dialled::ByThem)] {
        let pair = Pair::of(&x, rotating(&world, own, Transport::Tls13, Otherwise::Keep), dialled);
        let other = world.node("other@localhost", Transport::Tls13);
        in_time(pair.a.ping(other.name())).unwrap();
        let peer = |of: &str| pair.a.peers().into_iter().find(|peer| peer.name().as_str() == of).unwrap();
        let (link, moving) = (Arc::clone(peer("x@localhost").link()), Arc::clone(peer("other@localhost").link()));
        rotate(&world, &pair.a);
        // Both are looked at together.
        eventually("the link to ours moves", || moving.handovers().done == 1);
        assert_eq!((link.handovers().cannot, link.handovers().done), (Some(CannotHandOver::NotOurs), 0));
        assert_eq!(pair.eval("net_adm:ping(OUR)"), "pong");
        assert!(link.is_up());
        let error = in_time(pair.a.hand_over(&name("x@localhost"))).unwrap_err();
        assert_eq!(error.code(), Code::AlpnMismatch, "{error}");
        assert!(link.is_up());
        in_time(pair.a.stop());
        in_time(other.stop());
    }
}

#[test]
fn a_link_to_otp_is_closed_where_that_is_chosen_and_the_next_one_has_the_new_certificate() {
    let Some(world) = World::new("a_link_to_otp_is_closed_where_that_is_chosen_and_the_next_one_has_the_new_certificate") else { return };
    for transport in ENCRYPTED {
        let x = world.otp("x@localhost").over(transport).start();
        for dialled in BOTH {
            let pair = Pair::of(&x, rotating(&world, "a@localhost", transport, Otherwise::Close), dialled);
            let link = Arc::clone(pair.a.peers()[0].link());
            rotate(&world, &pair.a);
            assert_eq!(in_time(link.closed()).to_string(), "the certificate was replaced");
            in_time(pair.a.ping(&name("x@localhost"))).unwrap();
            let shown = pair.a.peers()[0].transport().presented.as_ref().unwrap().generation;
            assert_eq!(shown.0, 2);
            in_time(pair.a.stop());
        }
    }
}
