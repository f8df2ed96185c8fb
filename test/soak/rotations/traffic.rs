//! What is said over the links, and who watches them.

use crate::tally::Counts;
use aws_lc_rs::digest::{SHA256, digest};
use countersign::etf::{Atom, Pid, Term, binary, tuple};
use countersign::node::{Mail, Message, Node, Process, Request};
use countersign::node_name::NodeName;
use countersign::rt;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Says numbers with their hashes to a peer, a few at a time, until it is enough; then asks how many came.
pub(crate) async fn talk(mut process: Process, peer: NodeName, counts: Arc<Counts>, enough: Arc<AtomicBool>) {
    let there = (SINK, peer.clone());
    let mut number = 0_u64;
    while !enough.load(Ordering::Relaxed) {
        for _ in 0..BATCH {
            let bytes = vec![number as u8; length(number)];
            let hash = binary(digest(&SHA256, &bytes).as_ref().to_vec());
            let said = tuple([Term::from(process.pid().clone()), Term::from(number), hash, binary(bytes)]);
            if let Err(error) = process.send(there.clone(), said).await {
                return counts.fault(&format!("{} cannot send to {peer}: {error}", process.node()));
            }
            number += 1;
        }
        Counts::add(&counts.sent, BATCH);
        rt::sleep(PAUSE).await;
    }
    match process.call(there, Term::from(process.pid().clone()), PATIENCE).await {
        Ok(heard) if heard.as_u64() == Some(number) => {}
        outcome => counts.fault(&format!("{} said {number} to {peer}, which answers {outcome:?}", process.node())),
    }
}

/// Mostly short, now and then so long that it goes in fragments.
const fn length(number: u64) -> usize {
    match number % 1_000 {
        500 => 1024 * 1024,
        250 | 750 => 100_000,
        rest => 64 + (rest * 7 % 500) as usize,
    }
}

/// Hears everybody, and answers how many messages came of whoever asks.
pub(crate) async fn hear(mut process: Process, counts: Arc<Counts>) {
    process.register(SINK).unwrap();
    let mut next: HashMap<Pid, u64> = HashMap::new();
    loop {
        let Mail::Message(message) = process.receive().await else { continue };
        match Request::parse(message) {
            Ok(request) => {
                let heard = request.request.as_pid().and_then(|pid| next.get(pid)).copied().unwrap_or_default();
                process.reply_at_once(&request, heard);
            }
            Err(message) => check(&message, &mut next, &counts, process.node()),
        }
    }
}

fn check(message: &Message, next: &mut HashMap<Pid, u64>, counts: &Counts, here: &NodeName) {
    let Some([Term::Pid(from), number, Term::Binary(hash), Term::Binary(bytes)]) = message.term.as_tuple() else {
        return counts.fault(&format!("{here} got {}", message.term));
    };
    let due = next.entry(from.as_ref().clone()).or_default();
    if number.as_u64() != Some(*due) {
        counts.fault(&format!("{here} got {number} from {from}, and {due} was due"));
    }
    if digest(&SHA256, bytes).as_ref() != hash.as_ref().as_ref() {
        counts.fault(&format!("{here} got {number} from {from} with a hash that is another one's"));
    }
    *due += 1;
    Counts::add(&counts.heard, 1);
    Counts::add(&counts.bytes, bytes.len() as u64);
}

/// Has a node of OTP say everything back.
pub(crate) async fn echo(mut process: Process, peer: NodeName, counts: Arc<Counts>, enough: Arc<AtomicBool>) {
    let mut number = 0_u64;
    while !enough.load(Ordering::Relaxed) {
        let bytes = binary(vec![number as u8; length(number)]);
        let said = tuple([Term::from(process.pid().clone()), tuple([Term::from(number), bytes])]);
        if let Err(error) = process.send((Atom::fixed("echo"), peer.clone()), said.clone()).await {
            return counts.fault(&format!("{} cannot send to {peer}: {error}", process.node()));
        }
        Counts::add(&counts.sent, 1);
        let back = process.receive_within(PATIENCE).await.and_then(Mail::into_term);
        match back.as_ref().and_then(Term::as_tuple) {
            Some([_, same]) if said.as_tuple().is_some_and(|said| said.get(1) == Some(same)) => {
                Counts::add(&counts.heard, 1);
                Counts::add(&counts.bytes, 2 * length(number) as u64);
            }
            _ => return counts.fault(&format!("{peer} did not say {number} back to {}", process.node())),
        }
        number += 1;
        rt::sleep(PAUSE / BATCH as u32).await;
    }
}

/// Whoever goes is a fault: a node, or the process that hears at one.
pub(crate) async fn watch(mut process: Process, peers: BTreeSet<NodeName>, ear: Atom, counts: Arc<Counts>, enough: Arc<AtomicBool>) {
    process.monitor_nodes(true);
    for peer in &peers {
        process.monitor((ear.clone(), peer.clone())).await;
        process.monitor_node(peer).await;
    }
    loop {
        let mail = process.receive().await;
        if enough.load(Ordering::Relaxed) {
            return;
        }
        match &mail {
            Mail::NodeDown(event) if !peers.contains(&event.node) => {}
            Mail::NodeDown(_) | Mail::Down(_) => counts.fault(&format!("{} sees {mail:?}", process.node())),
            _ => {}
        }
    }
}

/// Everybody that this node is linked to, watched and talked to.
pub(crate) fn begin(
    node: &Node,
    peers: &BTreeSet<NodeName>,
    with_otp: bool,
    counts: &Arc<Counts>,
    enough: &Arc<AtomicBool>,
) -> Vec<rt::channel::Receiver<()>> {
    let (watched, ear) = (peers.clone(), if with_otp { Atom::fixed("echo") } else { SINK });
    let (counting, done) = (Arc::clone(counts), Arc::clone(enough));
    node.spawn(move |process| watch(process, watched, ear, counting, done));
    let talkers = peers.iter().map(|peer| {
        let (peer, counts, enough) = (peer.clone(), Arc::clone(counts), Arc::clone(enough));
        let (ends, ended) = rt::channel::bounded(1);
        node.spawn(move |process| async move {
            if with_otp {
                echo(process, peer, counts, enough).await;
            } else {
                talk(process, peer, counts, enough).await;
            }
            drop::<rt::channel::Sender<()>>(ends);
        });
        ended
    });
    talkers.collect()
}

pub(crate) const SINK: Atom = Atom::fixed("sink");
const BATCH: u64 = 5;
const PAUSE: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(120);
