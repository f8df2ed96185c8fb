//! What tests of handovers share: two nodes with a relay between them, and traffic whose every message is accounted for.

use crate::relay::Relay;
use crate::world::{NEVER, World, eventually, found, idle};
use aws_lc_rs::digest::{SHA256, digest};
use countersign::etf::{Atom, Term, atom, binary, tuple};
use countersign::node::{EpmdMode, Mail, Node, NodeOptions, Otherwise, Process, Rotation, Route};
use countersign::rt;
use countersign::tls::Generation;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) const HANDOVER: Rotation = Rotation::Handover { otherwise: Otherwise::Keep };

/// Two nodes, of which `dialler` has dialled `acceptor` through the relay.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) world: World,
    pub(crate) dialler: Node,
    pub(crate) acceptor: Node,
    pub(crate) relay: Relay,
}

impl Pair {
    pub(crate) async fn new(change: impl Fn(&mut NodeOptions)) -> Self {
        let world = World::new().await;
        let options = || {
            let mut options = NodeOptions { epmd: EpmdMode::Off, ..world.secure() };
            change(&mut options);
            options
        };
        let acceptor = Node::start("acceptor@localhost", options()).await.unwrap();
        let relay = Relay::to(acceptor.local_addrs()[0].port());
        let route = Route::to(acceptor.name().clone(), "localhost", relay.port());
        let dialler = Node::start("dialler@localhost", NodeOptions { routes: vec![route], ..options() }).await.unwrap();
        dialler.ping(acceptor.name()).await.unwrap();
        Self { world, dialler, acceptor, relay }
    }

    /// With this policy on both sides.
    pub(crate) async fn rotating(rotation: Rotation) -> Self {
        Self::new(|options| options.rotation = rotation).await
    }

    /// The generation that each side has presented on the connection under the link.
    pub(crate) fn shown(&self) -> [Generation; 2] {
        [(&self.dialler, &self.acceptor), (&self.acceptor, &self.dialler)].map(|(node, other)| shown(node, other))
    }

    /// Hands the link over, wanted by its dialler.
    pub(crate) async fn hand_over(&self) -> Result<(), countersign::node::HandOverError> {
        rt::timeout(NEVER, self.dialler.hand_over(self.acceptor.name())).await.unwrap()
    }

    /// How often the link has moved, as each side has counted.
    pub(crate) fn moved(&self) -> [u64; 2] {
        [(&self.dialler, &self.acceptor), (&self.acceptor, &self.dialler)].map(|(node, other)| peer(node, other).link().handovers().done)
    }
}

pub(crate) fn peer(node: &Node, other: &Node) -> Arc<countersign::node::Peer> {
    let peers = node.peers();
    peers.into_iter().find(|peer| peer.name() == other.name()).unwrap_or_else(|| panic!("{} is no peer of {}", other.name(), node.name()))
}

pub(crate) fn shown(node: &Node, other: &Node) -> Generation {
    peer(node, other).transport().presented.as_ref().unwrap().generation
}

/// Has a node say more than the system and a relay hold, and waits until some of it waits.
pub(crate) fn say_much(from: &Node, to: &Node) {
    let link = Arc::clone(peer(from, to).link());
    let there = (Atom::fixed("nobody"), to.name().clone());
    // The link may end before all of it is said.
    from.spawn(|mut process| async move { process.send(there, binary(vec![7; MUCH])).await.unwrap_or_default() });
    eventually("it waits", || link.waiting() > MUCH / 2);
}

/// Half of what a frame may be, and twice of what Linux ever buffers for a socket unless told otherwise.
pub(crate) const MUCH: usize = 64 * 1024 * 1024;

/// Replaces the certificate of a node.
pub(crate) fn rotate(world: &World, node: &Node) -> Generation {
    node.cert_manager().unwrap().update(world.ca.agent(&["localhost", "127.0.0.1"])).unwrap()
}

/// Messages from one node to another, numbered and hashed, from 64 bytes to 1 MiB, until it is told to end.
pub(crate) struct Traffic<F> {
    goes_on: Arc<AtomicBool>,
    sink: F,
}

/// What came at the other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrived {
    pub(crate) messages: u64,
}

pub(crate) fn traffic(from: &Node, to: &Node, lengths: &'static [usize]) -> Traffic<impl Future<Output = Option<Arrived>> + use<>> {
    traffic_to(from, to, from.name().name(), lengths)
}

/// To a sink of this name.
pub(crate) fn traffic_to(
    from: &Node,
    to: &Node,
    sink: &str,
    lengths: &'static [usize],
) -> Traffic<impl Future<Output = Option<Arrived>> + use<>> {
    let goes_on = Arc::new(AtomicBool::new(true));
    let name = Atom::new(&format!("sink_of_{sink}")).unwrap();
    let there = (name.clone(), to.name().clone());
    let sink = to.run(|process| hear(process, name));
    eventually("the sink listens", || to.whereis(there.0.as_str()).is_some());
    let talking = Arc::clone(&goes_on);
    from.spawn(move |process| talk(process, there, lengths, talking));
    Traffic { goes_on, sink }
}

impl<F: Future<Output = Option<Arrived>>> Traffic<F> {
    /// Ends it, and waits until its last message has arrived.
    pub(crate) async fn end(self) -> Arrived {
        self.goes_on.store(false, Ordering::SeqCst);
        found(self.sink).await
    }
}

async fn talk(mut process: Process, there: (Atom, countersign::node_name::NodeName), lengths: &[usize], goes_on: Arc<AtomicBool>) {
    let mut number = 0;
    while goes_on.load(Ordering::SeqCst) {
        let bytes = vec![number as u8; lengths[number as usize % lengths.len()]];
        let hash = binary(digest(&SHA256, &bytes).as_ref().to_vec());
        if process.send(there.clone(), tuple([Term::from(number), hash, binary(bytes)])).await.is_err() {
            return;
        }
        number += 1;
    }
    process.send(there, tuple([atom("end"), Term::from(number)])).await.unwrap();
}

async fn hear(mut process: Process, name: Atom) -> Arrived {
    process.register(name).unwrap();
    let mut due = 0;
    loop {
        let Mail::Message(message) = process.receive().await else { continue };
        match message.term.as_tuple().unwrap() {
            [Term::Atom(_), count] => {
                assert_eq!(count.as_i64(), i64::try_from(due).ok(), "messages are missing at the end");
                return Arrived { messages: due };
            }
            [number, Term::Binary(hash), Term::Binary(bytes)] => {
                assert_eq!(number.as_i64(), i64::try_from(due).ok(), "{} is due", due);
                assert_eq!(digest(&SHA256, bytes).as_ref(), hash.as_ref(), "message {due} was damaged");
                due += 1;
            }
            _ => panic!("{}", message.term),
        }
    }
}

/// Short ones, with some of 1 MiB between.
pub(crate) const MIXED: &[usize] = &[64, 200, 64, 8_192, 64, 100_000, 64, 64, 300, 1024 * 1024];

/// Holds a monitor and a link on a process of each other node, and wants to know of every node that goes; returns what
/// it was told by the time when the marker comes.
pub(crate) struct Guard {
    pid: countersign::etf::Pid,
    node: Node,
    told: std::pin::Pin<Box<dyn Future<Output = Option<Vec<String>>> + Send>>,
}

impl Guard {
    pub(crate) async fn at(node: &Node, others: &[&Node]) -> Self {
        let watched: Vec<_> = others.iter().map(|other| idle(other)).collect();
        let names: Vec<_> = others.iter().map(|other| other.name().clone()).collect();
        let (ready, is_ready) = rt::channel::bounded(1);
        let told = node.run(move |mut process| async move {
            process.trap_exits(true);
            process.monitor_nodes(true);
            for (pid, name) in watched.iter().zip(&names) {
                process.monitor(pid.clone()).await;
                process.link(pid).await;
                process.monitor_node(name).await;
            }
            ready.send(process.pid().clone()).await.unwrap();
            let (mut told, mut wanted) = (Vec::new(), None);
            // Of the end of a node it is told twice, and of all that is lost with it before.
            while wanted.is_none_or(|wanted| told.iter().filter(|line: &&String| line.starts_with("NodeDown")).count() < wanted) {
                match process.receive().await {
                    Mail::Message(message) => wanted = Some(if message.term == atom("what") { 0 } else { 2 }),
                    other => told.push(format!("{other:?}")),
                }
            }
            told
        });
        let pid = rt::timeout(NEVER, is_ready.recv()).await.unwrap().unwrap();
        Self { pid, node: node.clone(), told: Box::pin(told) }
    }

    /// What it was told by the time when a node has ended.
    pub(crate) async fn told_at_the_end(self) -> Vec<String> {
        self.node.send(self.pid, atom("end")).await.unwrap();
        found(self.told).await
    }

    pub(crate) async fn told(self) -> Vec<String> {
        self.node.send(self.pid, atom("what")).await.unwrap();
        found(self.told).await
    }
}
