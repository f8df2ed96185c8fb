//! What a peer can have too much of: exits in a mailbox, ties to our processes.

use crate::raw::Raw;
use crate::world::{NEVER, World, eventually, found, idle, name};
use countersign::dist::control::{DemonitorP, Link, MonitorP, PayloadExit, PayloadExit2, Proc, UnlinkId, UnlinkNumber};
use countersign::etf::{Pid, atom};
use countersign::failure::{Code, Failure};
use countersign::node::{Mail, Node, NodeLimits};
use countersign::rt::{self, block_on};
use std::num::NonZeroU64;

/// A node with these limits, and a peer of it.
async fn limited(change: impl FnOnce(&mut NodeLimits)) -> (World, Node, Raw) {
    let world = World::new().await;
    let mut options = world.plain();
    change(&mut options.limits);
    let node = Node::start("a@localhost", options).await.unwrap();
    let raw = Raw::meet(&world, &node, "x@localhost").await;
    (world, node, raw)
}

/// A process that traps exits and does not read its mail.
async fn deaf(node: &Node) -> Pid {
    let (tell, told) = rt::channel::bounded(1);
    let deaf = node.spawn(|mut process| async move {
        process.trap_exits(true);
        tell.send(()).await.unwrap();
        std::future::pending::<()>().await;
    });
    told.recv().await.unwrap();
    deaf
}

/// Returns when the node has heard everything that was said before.
async fn settle(raw: &mut Raw, node: &Node) {
    let marker = idle(node);
    let from = raw.pid(1);
    raw.say(PayloadExit2 { from, to: marker.clone() }, Some(&atom("heard"))).await;
    eventually("the peer was heard", || !node.is_alive(&marker));
}

#[test]
fn exits_that_a_peer_asks_for_have_no_more_room_than_messages() {
    block_on(async {
        let (_world, node, mut raw) = limited(|limits| limits.mailbox = 100).await;
        let (deaf, from) = (deaf(&node).await, raw.pid(1));
        let one = raw.packed(PayloadExit2 { from, to: deaf.clone() }, Some(&atom("boo")));
        raw.frames.write(&one.repeat(5_000)).await.unwrap();
        settle(&mut raw, &node).await;
        assert_eq!(node.dropped_messages(), 4_900);
        assert!(node.is_alive(&deaf));
    });
}

#[test]
fn a_process_that_has_no_room_for_the_end_of_whom_it_is_linked_to_ends() {
    block_on(async {
        let (_world, node, mut raw) = limited(|limits| limits.mailbox = 3).await;
        let deaf = deaf(&node).await;
        let to = deaf.clone();
        let watching = node.run(|mut process| async move {
            let reference = process.monitor(to).await;
            process.receive_where(|mail| mail.down(&reference).is_some()).await
        });
        for id in 1..=4 {
            raw.say(Link { from: raw.pid(id), to: deaf.clone() }, None).await;
        }
        for id in 1..=3 {
            raw.say(PayloadExit { from: raw.pid(id), to: deaf.clone() }, Some(&atom("over"))).await;
        }
        settle(&mut raw, &node).await;
        assert!(node.is_alive(&deaf));
        // The fourth is lost with its node.
        drop(raw);
        let Mail::Down(down) = found(watching).await else { panic!("no end") };
        assert!(down.reason.is_atom("mailbox_overflow"), "{}", down.reason);
        assert_eq!(node.dropped_messages(), 1);
    });
}

#[test]
fn a_peer_with_too_many_ties_loses_its_link() {
    type Tie = fn(&mut Raw, &Pid, u32) -> Vec<u8>;
    let links: Tie = |raw, to, number| raw.packed(Link { from: raw.pid(number), to: to.clone() }, None);
    let monitors: Tie =
        |raw, to, number| raw.packed(MonitorP { from: raw.pid(1), to: Proc::Pid(to.clone()), reference: raw.reference(number) }, None);
    block_on(async {
        for ways in [[links, links], [monitors, monitors], [links, monitors]] {
            let (_world, node, mut raw) = limited(|limits| limits.ties_per_peer = 10).await;
            let (target, peer) = (idle(&node), node.connect(&name("x@localhost")).await.unwrap());
            for number in 0..10 {
                let bytes = ways[number % 2](&mut raw, &target, u32::try_from(number).unwrap());
                raw.frames.write(&bytes).await.unwrap();
            }
            settle(&mut raw, &node).await;
            assert!(peer.link().is_up());
            let bytes = ways[0](&mut raw, &target, 10);
            raw.frames.write(&bytes).await.unwrap();
            let closed = rt::timeout(NEVER, peer.link().closed()).await.unwrap();
            assert_eq!(closed.code(), Code::TooMany, "{closed}");
            assert!(closed.to_string().contains("more than 10 links and monitors"), "{closed}");
        }
    });
}

#[test]
fn ties_that_are_over_do_not_count() {
    block_on(async {
        let (_world, node, mut raw) = limited(|limits| limits.ties_per_peer = 4).await;
        let (target, peer) = (idle(&node), node.connect(&name("x@localhost")).await.unwrap());
        for number in 1..100 {
            let (from, to, reference) = (raw.pid(number), target.clone(), raw.reference(number));
            raw.say(Link { from: from.clone(), to: to.clone() }, None).await;
            // Once more is the same link.
            raw.say(Link { from: from.clone(), to: to.clone() }, None).await;
            raw.say(MonitorP { from: from.clone(), to: Proc::Pid(to.clone()), reference: reference.clone() }, None).await;
            raw.say(DemonitorP { from: from.clone(), to: Proc::Pid(to.clone()), reference }, None).await;
            let id = UnlinkNumber(NonZeroU64::new(u64::from(number)).unwrap());
            raw.say(UnlinkId { id, from, to }, None).await;
            // And those that end with their process.
            let ending = idle(&node);
            raw.say(Link { from: raw.pid(1), to: ending.clone() }, None).await;
            raw.say(PayloadExit2 { from: raw.pid(1), to: ending }, Some(&atom("over"))).await;
            assert!(raw.hear_term().await.unwrap().is_atom("over"));
        }
        settle(&mut raw, &node).await;
        assert!(peer.link().is_up(), "{:?}", peer.link().ended());
    });
}

#[test]
fn a_reference_that_watches_already_watches_nobody_else() {
    block_on(async {
        let (_world, node, mut raw) = limited(|_| {}).await;
        let (first, second) = (idle(&node), idle(&node));
        for watched in [&first, &second] {
            let reference = raw.reference(1);
            raw.say(MonitorP { from: raw.pid(1), to: Proc::Pid(watched.clone()), reference }, None).await;
        }
        assert!(raw.hear_term().await.unwrap().is_atom("noproc"));
        node.exit(&second, atom("kill")).await.unwrap();
        eventually("the second is gone", || !node.is_alive(&second));
        node.exit(&first, atom("over")).await.unwrap();
        assert!(raw.hear_term().await.unwrap().is_atom("over"));
    });
}
