//! Peers that do not read: who sends to them waits, and nobody else does.

use crate::raw::{Frames, Raw, local};
use crate::world::{NEVER, World, eventually, found, idle, name, next_term};
use countersign::dist::control::{Link, MonitorP, PayloadExit2, Proc, RegSend, SendSender, UnlinkId, UnlinkNumber, Unused};
use countersign::dist::{Challenge, Outstanding, initiator};
use countersign::etf::{Atom, Pid, Term, atom, binary, tuple};
use countersign::failure::{Code, Failure};
use countersign::node::{Node, NodeOptions, Peer};
use countersign::rt::{self, block_on};
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// More than the sockets between two ends ever hold.
const LONG: usize = 32 * 1024 * 1024;

struct Stalled {
    world: World,
    node: Node,
    witness: Node,
    raw: Raw,
    peer: Arc<Peer>,
}

/// A node, a peer of it that does not read unless it is told to, and another one.
async fn stalled(change: impl FnOnce(&mut NodeOptions)) -> Stalled {
    let world = World::new().await;
    let mut options = world.plain();
    change(&mut options);
    let node = Node::start("a@localhost", options).await.unwrap();
    let witness = Node::start("b@localhost", world.plain()).await.unwrap();
    witness.ping(node.name()).await.unwrap();
    let raw = Raw::meet(&world, &node, "x@localhost").await;
    let peer = node.connect(&name("x@localhost")).await.unwrap();
    Stalled { world, node, witness, raw, peer }
}

fn long() -> Term {
    binary(vec![7; LONG])
}

fn is_long(term: &Term) -> bool {
    *term == long()
}

/// A process in the middle of sending a long message.
fn sending_long(stalled: &Stalled) -> Pid {
    let to = stalled.raw.pid(1);
    let sender = stalled.node.spawn(move |mut process| async move {
        // Some of these tests end the link.
        let _ = process.send(&to, long()).await;
        let _ = process.send(&to, atom("after")).await;
        process.receive_where(|_| false).await;
    });
    eventually("the message waits", || stalled.peer.link().waiting() > LONG / 4);
    sender
}

#[test]
fn senders_to_a_peer_that_does_not_read_wait_and_lose_nothing() {
    block_on(async {
        let mut stalled = stalled(|options| options.limits.send_buffer = 256 * 1024).await;
        let sent = Arc::new(AtomicUsize::new(0));
        for sender in 0..4 {
            let (to, sent) = (stalled.raw.pid(1), Arc::clone(&sent));
            stalled.node.spawn(move |mut process| async move {
                for number in 0..EACH {
                    let message = tuple([Term::from(sender), Term::from(number as u64), binary(vec![0; SIZE])]);
                    process.send(&to, message).await.unwrap();
                    sent.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        eventually("the buffer is full", || stalled.peer.link().waiting() > 256 * 1024);
        for _ in 0..100 {
            stalled.witness.ping(stalled.node.name()).await.unwrap();
        }
        assert!(sent.load(Ordering::Relaxed) < 4 * EACH, "nobody waits");
        assert!(stalled.peer.link().waiting() < 1024 * 1024, "{} bytes wait", stalled.peer.link().waiting());

        let mut next = [0; 4];
        for _ in 0..4 * EACH {
            let term = stalled.raw.hear_term().await.unwrap();
            let [sender, number, _] = term.as_tuple().unwrap() else { panic!("{term}") };
            let next = &mut next[usize::try_from(sender.as_i64().unwrap()).unwrap()];
            assert_eq!(number.as_i64(), Some(*next));
            *next += 1;
        }
    });
}

const EACH: usize = 1_000;
const SIZE: usize = 8 * 1024;

#[test]
fn short_messages_go_between_the_fragments_of_a_long_one_but_not_its_senders() {
    block_on(async {
        let mut stalled = stalled(|_| {}).await;
        sending_long(&stalled);
        let to = stalled.raw.pid(1);
        found(stalled.node.run(move |mut process| async move { process.send(&to, atom("short")).await.unwrap() })).await;
        assert!(stalled.raw.hear_term().await.unwrap().is_atom("short"));
        assert!(is_long(&stalled.raw.hear_term().await.unwrap()));
        assert!(stalled.raw.hear_term().await.unwrap().is_atom("after"));
    });
}

#[test]
fn a_process_killed_in_mid_send_leaves_its_message_whole_and_its_end_behind_it() {
    block_on(async {
        let mut stalled = stalled(|_| {}).await;
        let sender = sending_long(&stalled);
        stalled.node.register("sender", &sender).unwrap();
        let (from, by_pid, by_name) = (stalled.raw.pid(1), stalled.raw.reference(1), stalled.raw.reference(2));
        stalled.raw.say(MonitorP { from: from.clone(), to: Proc::Pid(sender.clone()), reference: by_pid }, None).await;
        stalled.raw.say(MonitorP { from: from.clone(), to: Proc::Name(Atom::fixed("sender")), reference: by_name }, None).await;
        stalled.raw.say(Link { from: from.clone(), to: sender.clone() }, None).await;
        // The node has heard all three when it does what came behind them.
        let marker = idle(&stalled.node);
        stalled.raw.say(PayloadExit2 { from, to: marker.clone() }, Some(&atom("heard"))).await;
        eventually("the peer was heard", || !stalled.node.is_alive(&marker));
        stalled.node.exit(&sender, atom("kill")).await.unwrap();
        eventually("it has ended", || !stalled.node.is_alive(&sender));
        assert!(is_long(&stalled.raw.hear_term().await.unwrap()));
        let mut ends = Vec::new();
        for _ in 0..3 {
            let message = stalled.raw.hear().await.unwrap();
            assert!(message.payload.unwrap().is_atom("killed"), "{:?}", message.control);
            ends.push(message.control.name());
        }
        ends.sort_unstable();
        assert_eq!(ends, ["PAYLOAD_EXIT", "PAYLOAD_MONITOR_P_EXIT", "PAYLOAD_MONITOR_P_EXIT"]);
    });
}

#[test]
fn a_peer_that_asks_and_does_not_read_the_answers_loses_its_link() {
    block_on(async {
        let mut stalled = stalled(|options| options.limits.unread_answers = 256 * 1024).await;
        let nobody = Proc::Name(Atom::new(&"n".repeat(255)).unwrap());
        let from = stalled.raw.pid(1);
        flood(&mut stalled, |raw, number| {
            raw.packed(MonitorP { from: from.clone(), to: nobody.clone(), reference: raw.reference(number) }, None)
        })
        .await;
    });
}

/// Says this until the node ends the link, which it must do with this code.
async fn flood(stalled: &mut Stalled, mut say: impl FnMut(&mut Raw, u32) -> Vec<u8>) {
    for number in 1..1_000_000 {
        let bytes = say(&mut stalled.raw, number);
        if stalled.raw.frames.write(&bytes).await.is_err() {
            break;
        }
    }
    let closed = rt::timeout(NEVER, stalled.peer.link().closed()).await.unwrap();
    assert_eq!(closed.code(), Code::TooMany, "{closed}");
    stalled.witness.ping(stalled.node.name()).await.unwrap();
}

#[test]
fn answers_that_wait_behind_a_long_message_count_too() {
    block_on(async {
        let mut stalled = stalled(|options| options.limits.unread_answers = 256 * 1024).await;
        let (from, to) = (stalled.raw.pid(1), sending_long(&stalled));
        flood(&mut stalled, |raw, number| {
            let id = UnlinkNumber(NonZeroU64::new(u64::from(number)).unwrap());
            raw.packed(UnlinkId { id, from: from.clone(), to: to.clone() }, None)
        })
        .await;
    });
}

#[test]
fn the_nodes_own_processes_wait_for_no_peer() {
    block_on(async {
        let mut stalled = stalled(|options| options.limits.unread_answers = 64 * 1024 * 1024).await;
        for server in ["net_kernel", "rex", "countersign"] {
            let request = tuple([atom("$gen_call"), tuple([stalled.raw.pid(1).into(), binary(vec![0; 40_000])]), atom("status")]);
            let to = Atom::fixed(server);
            let mut asked = 0;
            while stalled.peer.link().waiting() < 2 * 1024 * 1024 && asked < 1_000 {
                let from = stalled.raw.pid(1);
                stalled.raw.say(RegSend { from, unused: Unused, to: to.clone() }, Some(&request)).await;
                asked += 1;
            }
            stalled.witness.call((to, stalled.node.name()), atom("ping"), NEVER).await.unwrap();
        }
        eventually("answers wait", || stalled.peer.link().waiting() > 2 * 1024 * 1024);
    });
}

#[test]
fn a_peer_that_does_not_read_can_be_disconnected() {
    block_on(async {
        let stalled = stalled(|_| {}).await;
        sending_long(&stalled);
        let gone = name("x@localhost");
        assert!(rt::timeout(NEVER, stalled.node.disconnect(&gone)).await.unwrap());
        assert_eq!(stalled.node.peers().len(), 1);
    });
}

#[test]
fn a_node_stops_however_many_peers_do_not_read() {
    block_on(async {
        let stalled = stalled(|_| {}).await;
        let mut raws = Vec::new();
        for number in 0..20 {
            let raw = Raw::meet(&stalled.world, &stalled.node, &format!("y{number}@localhost")).await;
            let to = raw.pid(1);
            stalled.node.spawn(move |mut process| async move {
                let _ = process.send(&to, binary(vec![7; LONG / 2])).await;
            });
            raws.push(raw);
        }
        eventually("all of them wait", || stalled.node.peers().iter().filter(|peer| peer.link().waiting() > 0).count() == 20);
        rt::timeout(NEVER, stalled.node.stop()).await.unwrap();
        assert!(stalled.node.peers().is_empty());
    });
}

#[test]
fn what_a_peer_said_before_it_broke_off_is_heard() {
    block_on(async {
        for _ in 0..20 {
            let mut stalled = stalled(|_| {}).await;
            let heard = stalled.node.run(|mut process| async move {
                process.register(Atom::fixed("ear")).unwrap();
                let mut count = 0;
                while next_term(&mut process).await.is_atom("word") {
                    count += 1;
                }
                count
            });
            eventually("somebody listens", || stalled.node.whereis("ear").is_some());
            sending_long(&stalled);
            let word = |raw: &mut Raw, word| {
                let from = raw.pid(1);
                raw.packed(RegSend { from, unused: Unused, to: Atom::fixed("ear") }, Some(&atom(word)))
            };
            let mut bytes: Vec<u8> = (0..500).flat_map(|_| word(&mut stalled.raw, "word")).collect();
            bytes.extend(word(&mut stalled.raw, "last"));
            stalled.raw.frames.write(&bytes).await.unwrap();
            // With bytes unread, so that the node's next write fails.
            drop(stalled.raw);
            assert_eq!(found(heard).await, 500);
        }
    });
}

#[test]
fn what_waits_is_said_before_a_disconnect_though_the_peer_talks_on() {
    block_on(async {
        let mut stalled = stalled(|_| {}).await;
        let (to, sink) = (stalled.raw.pid(1), idle(&stalled.node));
        found(stalled.node.run(move |mut process| async move {
            for number in 0..400 {
                process.send(&to, tuple([Term::from(number), binary(vec![0; 1024])])).await.unwrap();
            }
        }))
        .await;
        let leaving = stalled.node.clone();
        let left = rt::spawn("leaving", async move {
            leaving.disconnect(&name("x@localhost")).await;
        });
        let from = stalled.raw.pid(1);
        for number in 0..400 {
            let talk = stalled.raw.packed(SendSender { from: from.clone(), to: sink.clone() }, Some(&binary(vec![1; 4096])));
            let _ = stalled.raw.frames.write(&talk).await;
            let term = stalled.raw.hear_term().await.unwrap_or_else(|| panic!("only {number} messages came"));
            assert_eq!(term.as_tuple().unwrap()[0], Term::from(number));
        }
        drop(left);
    });
}

#[test]
fn a_node_that_has_stopped_takes_nobody_in() {
    block_on(async {
        let world = World::new().await;
        let node = Node::start("a@localhost", world.plain()).await.unwrap();
        let mut frames = Frames::dial(&world, &node).await;
        let local = local("x@localhost");
        let (first, state) = initiator::send_name(&local, node.name().clone());
        frames.send(&first).await;
        let status = frames.next().await.unwrap();
        let challenge = frames.next().await.unwrap();
        node.stop().await;
        let initiator::AfterStatus::Continue(state) = state.on_status(&status).unwrap() else { panic!("not ok") };
        let (reply, _) = state.on_challenge(&challenge, Challenge(1), &Outstanding::default()).unwrap();
        frames.send(&reply).await;
        while frames.next().await.is_some() {}
        eventually("it is nobody's peer", || node.peers().is_empty());
    });
}
