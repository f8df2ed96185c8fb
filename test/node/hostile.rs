//! Peers that have met us, and then break the protocol: their link ends, and nothing else does.

use crate::raw::Raw;
use crate::world::{NEVER, World, found, idle, name, next_term};
use countersign::dist::Control;
use countersign::dist::control::{Link, MonitorP, Proc, SendSender};
use countersign::etf::{Atom, Creation, Pid, Term, atom, encode, tuple};
use countersign::failure::{Code, Failure};
use countersign::net::link::LinkClosed;
use countersign::node::Node;
use countersign::rt::{self, block_on};
use proptest::prelude::*;

/// What becomes of the link of a peer that says this once it is up, while another peer is there.
async fn end_after(world: &World, node: &Node, witness: &Node, bytes: impl FnOnce(&mut Raw) -> Vec<u8>) -> LinkClosed {
    let mut raw = Raw::meet(world, node, "x@localhost").await;
    let peer = node.connect(&name("x@localhost")).await.unwrap();
    let bytes = bytes(&mut raw);
    // It may have seen enough, and closed, before it has seen all.
    let _ = raw.frames.write(&bytes).await;
    let closed = rt::timeout(NEVER, peer.link().closed()).await.unwrap();
    raw.until_ended().await;
    // In the middle of its end it is no peer to talk to, and afterwards it is none at all.
    node.disconnect(&name("x@localhost")).await;
    witness.ping(node.name()).await.unwrap();
    assert_eq!(node.peers().len(), 1, "the other peer is still the same");
    closed
}

fn framed(packet: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(packet.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend(packet);
    bytes
}

/// A packet with this term as its control message, without atom cache.
fn control(term: &Term) -> Vec<u8> {
    let mut packet = vec![131, 68, 0];
    packet.extend(&encode(term).unwrap()[1..]);
    framed(&packet)
}

fn fragment(kind: u8, sequence: u64, number: u64, rest: &[u8]) -> Vec<u8> {
    let mut packet = vec![131, kind];
    packet.extend(sequence.to_be_bytes());
    packet.extend(number.to_be_bytes());
    packet.extend(rest);
    framed(&packet)
}

/// The rest of a first fragment: no atoms, and a message to nobody.
fn opening(raw: &Raw) -> Vec<u8> {
    let message = Control::from(SendSender { from: raw.pid(1), to: raw.pid(2) });
    [vec![0], encode(&message.into_term()).unwrap()[1..].to_vec(), vec![109, 0, 0, 0, 9]].concat()
}

#[test]
fn whoever_breaks_the_protocol_loses_his_link_and_nobody_else_does() {
    type Say = fn(&mut Raw) -> Vec<u8>;
    let cases: &[(&str, Say, Code)] = &[
        ("a frame of 4 GiB", |_| vec![0xff; 4], Code::TooMany),
        ("an unknown packet", |_| framed(&[112, 131, 97, 1]), Code::ProtocolViolation),
        ("an empty header", |_| framed(&[131, 68]), Code::ProtocolViolation),
        ("no tuple", |_| control(&atom("hello")), Code::ProtocolViolation),
        ("an unknown number", |_| control(&tuple([99])), Code::ProtocolViolation),
        ("the number of OTP 28", |raw| control(&tuple([Term::from(37), Term::from(raw.pid(1))])), Code::ProtocolViolation),
        ("too few elements", |raw| control(&tuple([Term::from(1), Term::from(raw.pid(1))])), Code::ProtocolViolation),
        ("an element of the wrong kind", |_| control(&tuple([1, 2, 3])), Code::ProtocolViolation),
        ("no term", |_| framed(&[131, 68, 0, 200]), Code::ProtocolViolation),
        ("a term that ends too early", |_| framed(&[131, 68, 0, 104, 3, 97]), Code::ProtocolViolation),
        ("an atom that is nowhere in the cache", |_| framed(&[131, 68, 1, 0, 7, 82, 0]), Code::ProtocolViolation),
        ("an atom that the header does not list", |_| framed(&[131, 68, 0, 82, 9]), Code::ProtocolViolation),
        ("the process of another node", foreign_link, Code::ProtocolViolation),
        (
            "a payload that is missing",
            |raw| control(&tuple([Term::from(22), raw.pid(1).into(), raw.pid(2).into()])),
            Code::ProtocolViolation,
        ),
        ("a fragment of nothing", |_| fragment(70, 5, 1, &[1]), Code::ProtocolViolation),
        ("the sequence 0", |raw| fragment(69, 0, 2, &opening(raw)), Code::ProtocolViolation),
        (
            "a sequence twice",
            |raw| [fragment(69, 5, 3, &opening(raw)), fragment(69, 5, 3, &opening(raw))].concat(),
            Code::ProtocolViolation,
        ),
        ("a count that skips", |raw| [fragment(69, 5, 3, &opening(raw)), fragment(70, 5, 1, &[1])].concat(), Code::ProtocolViolation),
        ("too many sequences", too_many_sequences, Code::TooMany),
    ];
    block_on(async {
        let world = World::new().await;
        let (node, witness) = world.two().await;
        for (what, say, code) in cases {
            let closed = end_after(&world, &node, &witness, say).await;
            assert_eq!(closed.code(), *code, "{what}: {closed}");
        }
    });
}

fn foreign_link(raw: &mut Raw) -> Vec<u8> {
    let foreign = Pid { node: Atom::fixed("c@localhost"), id: 1, serial: 0, creation: Creation(7) };
    let to = raw.pid(2);
    raw.packed(Link { from: foreign, to }, None)
}

fn too_many_sequences(raw: &mut Raw) -> Vec<u8> {
    (1..2_000).flat_map(|sequence| fragment(69, sequence, 2, &opening(raw))).collect()
}

#[test]
fn what_was_said_before_the_violation_is_heard() {
    block_on(async {
        let world = World::new().await;
        let (node, witness) = world.two().await;
        let (sender, heard) = rt::channel::bounded(1);
        let listener = node.spawn(|mut process| async move {
            sender.send(next_term(&mut process).await).await.unwrap();
        });
        end_after(&world, &node, &witness, |raw| {
            let mut bytes = raw.packed(SendSender { from: raw.pid(1), to: listener }, Some(&atom("last_words")));
            bytes.extend(framed(&[0]));
            bytes
        })
        .await;
        assert!(rt::timeout(NEVER, heard.recv()).await.unwrap().unwrap().is_atom("last_words"));
    });
}

#[test]
fn a_reference_that_is_not_the_peers_own_watches_nobody() {
    block_on(async {
        let world = World::new().await;
        let (node, _witness) = world.two().await;
        let watched = idle(&node);
        let (mut raw, own) = (Raw::meet(&world, &node, "x@localhost").await, watched.clone());
        let theirs = found(node.run(move |mut process| async move { process.monitor(&own).await })).await;
        raw.say(MonitorP { from: raw.pid(1), to: Proc::Pid(watched), reference: theirs }, None).await;
        let answer = raw.hear().await.unwrap();
        assert!(answer.payload.unwrap().is_atom("noproc"), "{:?}", answer.control);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_on_a_link_end_it_or_say_nothing(storms in prop::collection::vec(packet(), 60)) {
        block_on(async {
            let world = World::new().await;
            let mut options = world.plain();
            options.limits.frame_bytes = 4096;
            let node = Node::start("a@localhost", options).await.unwrap();
            let witness = Node::start("b@localhost", world.plain()).await.unwrap();
            for (at, storm) in storms.iter().enumerate() {
                let own = format!("x{at}@localhost");
                let mut raw = Raw::meet(&world, &node, &own).await;
                // A node that has ended the link already does not take all of it.
                let _ = raw.frames.write(storm).await;
                // Whatever frame has begun ends in this, and then begins one that is too long.
                let _ = raw.frames.write(&[0xff; 8192]).await;
                raw.until_ended().await;
            }
            witness.ping(node.name()).await.unwrap();
        });
    }
}

/// What begins like a packet gets farther than what does not.
fn packet() -> impl Strategy<Value = Vec<u8>> {
    let rest = prop::collection::vec(any::<u8>(), 0..200);
    let start = prop_oneof![
        Just(vec![131, 68, 0, 104]),
        Just(vec![131, 68]),
        Just(vec![131, 69, 0, 0, 0, 0, 0, 0, 0, 1]),
        Just(vec![131, 70]),
        Just(Vec::new()),
        Just(vec![131, 68, 0, 104, 3, 97])
    ];
    (start, rest, any::<bool>()).prop_map(|(start, rest, is_framed)| {
        let packet = [start, rest].concat();
        if is_framed { framed(&packet) } else { packet }
    })
}
