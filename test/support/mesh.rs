//! Many nodes in one process, each linked to each over mutual TLS, and every message of every pair accounted for.

use aws_lc_rs::digest::{SHA256, digest};
use countersign::dist::Cookie;
use countersign::epmd::{Server, ServerOptions};
use countersign::etf::{Atom, Pid, Term, binary, tuple};
use countersign::net::Limits;
use countersign::node::{Acceptor, EpmdMode, Mail, Node, NodeOptions, Process};
use countersign::testing::Ca;
use countersign::tls::CertAuth;
use futures_util::future::join_all;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How many nodes, and how much each says to each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) nodes: usize,
    pub(crate) messages: usize,
    /// One message in so many is of 1 MiB.
    pub(crate) one_long_in: usize,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) links: usize,
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
    pub(crate) dropped: u64,
    pub(crate) faults: Vec<String>,
    pub(crate) linking: Duration,
    pub(crate) talking: Duration,
}

/// The count goes on while it runs.
pub(crate) async fn run(plan: Plan, count: &Arc<AtomicU64>) -> Totals {
    let ca = Ca::new();
    let epmd = Server::bind(ServerOptions::loopback()).await.unwrap();
    let nodes = join_all((0..plan.nodes).map(|number| start(&ca, epmd.port(), number))).await;
    let hearing = |node: &Node| {
        let count = Arc::clone(count);
        node.run(move |process| hear(process, plan, count))
    };
    let sinks: Vec<_> = nodes.iter().map(hearing).collect();
    let began = Instant::now();
    join_all(nodes.iter().enumerate().map(|(at, node)| link(node, nodes.get(at + 1..).unwrap_or_default()))).await;
    let linking = began.elapsed();

    let began = Instant::now();
    for (from, node) in nodes.iter().enumerate() {
        for (to, other) in nodes.iter().enumerate().filter(|(to, _)| *to != from) {
            let there = (Atom::fixed("sink"), other.name().clone());
            node.spawn(move |process| talk(process, there, plan, from, to));
        }
    }
    let mut totals = Totals { linking, ..Totals::default() };
    for heard in join_all(sinks).await {
        let heard = heard.unwrap();
        totals.messages += heard.messages;
        totals.bytes += heard.bytes;
        totals.faults.extend(heard.faults);
    }
    totals.talking = began.elapsed();
    totals.links = nodes.iter().map(|node| node.peers().len()).sum::<usize>() / 2;
    totals.dropped = nodes.iter().map(Node::dropped_messages).sum();
    join_all(nodes.iter().map(Node::stop)).await;
    totals
}

async fn start(ca: &Ca, epmd: u16, number: usize) -> Node {
    let options = NodeOptions {
        cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
        cookie: Some(Cookie::new(b"mesh".to_vec())),
        acceptors: vec![Acceptor {
            limits: Limits { per_address: 5_000, handshake_timeout: PATIENCE, ..Limits::default() },
            ..Acceptor::at_port(0)
        }],
        epmd: EpmdMode::At(epmd),
        setup_time: PATIENCE,
        ..NodeOptions::default()
    };
    Node::start(&format!("n{number}@localhost"), options).await.unwrap()
}

/// To all who were started later.
async fn link(node: &Node, others: &[Node]) {
    for other in others {
        node.connect(other.name()).await.unwrap();
    }
}

async fn talk(mut process: Process, there: (Atom, countersign::node_name::NodeName), plan: Plan, from: usize, to: usize) {
    for number in 0..plan.messages {
        let bytes = vec![(from ^ to ^ number) as u8; length(plan, from, to, number)];
        let hash = digest(&SHA256, &bytes);
        let parts = [Term::from(process.pid().clone()), Term::from(number as u64), binary(hash.as_ref().to_vec()), binary(bytes)];
        process.send(there.clone(), tuple(parts)).await.unwrap();
    }
}

/// From 64 bytes to 1 MiB: mostly short, so that a debug build carries all of it in seconds.
fn length(plan: Plan, from: usize, to: usize, number: usize) -> usize {
    let draw = (number * 31 + from * 7 + to * 13) % plan.one_long_in;
    match draw {
        0 => 1024 * 1024,
        1 => 100_000,
        2..10 => 8 * 1024,
        _ => 64 + draw * 7 % 1_000,
    }
}

#[derive(Debug, Default)]
struct Heard {
    messages: usize,
    bytes: usize,
    faults: Vec<String>,
}

async fn hear(mut process: Process, plan: Plan, count: Arc<AtomicU64>) -> Heard {
    process.register(Atom::fixed("sink")).unwrap();
    let mut heard = Heard::default();
    let mut next: HashMap<Pid, u64> = HashMap::new();
    while heard.messages < plan.messages * (plan.nodes - 1) {
        let Mail::Message(message) = process.receive().await else { continue };
        heard.messages += 1;
        count.fetch_add(1, Ordering::Relaxed);
        let Some([Term::Pid(from), number, Term::Binary(hash), Term::Binary(bytes)]) = message.term.as_tuple() else {
            heard.faults.push(format!("{} got {}", process.node(), message.term));
            continue;
        };
        heard.bytes += bytes.len();
        let due = next.entry(from.as_ref().clone()).or_default();
        if number.as_i64() != i64::try_from(*due).ok() || digest(&SHA256, bytes).as_ref() != hash.as_ref().as_ref() {
            heard.faults.push(format!("{} got {number} from {from}, and {due} was due, or its hash is wrong", process.node()));
        }
        *due += 1;
    }
    if next.len() != plan.nodes - 1 || next.values().any(|count| *count != plan.messages as u64) {
        heard.faults.push(format!("{} heard {} nodes, and not all of each", process.node(), next.len()));
    }
    heard
}

/// When hundreds of handshakes want two processors at once, each takes its time.
const PATIENCE: Duration = Duration::from_secs(60);
