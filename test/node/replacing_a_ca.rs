//! A cluster moves from one CA to another while it works. A restart is what it is in production: the node stops, and one
//! with the same name starts with other settings; that both live in one process changes nothing for their peers.

use crate::verdicts::lasting;
use crate::world::{NEVER, World, eventually, name};
use countersign::etf::{Atom, Term, atom, tuple};
use countersign::failure::Failure;
use countersign::node::{Mail, Node, Request};
use countersign::rt::{self, block_on};
use countersign::testing::Ca;
use countersign::tls::{CaPool, CertAuth, CertAuthManager, CertManager, Certificate};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Sender, receiver.
type Pair = (&'static str, &'static str);

/// What was said between all pairs.
#[derive(Debug, Default)]
struct Ledger {
    arrived: Mutex<BTreeMap<Pair, Vec<i64>>>,
    acknowledged: Mutex<BTreeMap<Pair, i64>>,
}

struct Cluster {
    world: World,
    old: Ca,
    new: Ca,
    /// Those that run; one that is being restarted is missing.
    running: Mutex<BTreeMap<&'static str, (Node, Arc<CertAuth>)>>,
    ledger: Ledger,
    is_over: AtomicBool,
}

impl Cluster {
    async fn new() -> Arc<Self> {
        let (world, old, new) = (World::new().await, Ca::named("Old"), Ca::named("New"));
        let (running, ledger, is_over) = (Mutex::default(), Ledger::default(), AtomicBool::new(false));
        Arc::new(Self { world, old, new, running, ledger, is_over })
    }

    fn both(&self) -> Arc<CaPool> {
        Arc::new(self.old.pool().merge(&self.new.pool()))
    }

    fn node(&self, own: &str) -> Option<Node> {
        self.running.lock().unwrap().get(own).map(|(node, _)| node.clone())
    }

    /// Starts a node, having stopped the one of this name.
    async fn restart(self: &Arc<Self>, own: &'static str, certificate: Certificate, pool: Arc<CaPool>) {
        let before = self.running.lock().unwrap().remove(own);
        if let Some((node, _)) = before {
            node.stop().await;
        }
        let manager = Arc::new(CertAuth::mutual(certificate, pool));
        let options = self.world.with(Some(Arc::clone(&manager) as Arc<dyn CertAuthManager>));
        let node = Node::start(own, options).await.unwrap();
        self.receive(own, &node);
        self.running.lock().unwrap().insert(own, (node, manager));
        self.progress().await;
    }

    /// Whoever is told a number has written it down before it says so.
    fn receive(self: &Arc<Self>, own: &'static str, node: &Node) {
        let cluster = Arc::clone(self);
        let sink = node.spawn(move |mut process| async move {
            loop {
                let Mail::Message(message) = process.receive().await else { continue };
                let Ok(request) = Request::parse(message) else { continue };
                let [from, number] = request.request.as_tuple().unwrap() else { panic!("{request:?}") };
                let from = *NAMES.iter().find(|name| from.is_atom(name)).unwrap();
                cluster.ledger.arrived.lock().unwrap().entry((from, own)).or_default().push(number.as_i64().unwrap());
                let _ = process.reply(&request, atom("ok")).await;
            }
        });
        node.register("sink", &sink).unwrap();
    }

    /// Says one number after the other, each until it is acknowledged.
    async fn send(self: Arc<Self>, (from, to): Pair) {
        let mut number = 0;
        while !self.is_over.load(Ordering::SeqCst) {
            if let Some(node) = self.node(from) {
                let said = tuple([Term::from(Atom::new(from).unwrap()), Term::from(number)]);
                let answer = node.call((Atom::fixed("sink"), name(to)), said, NEVER).await;
                if answer.is_ok() {
                    self.ledger.acknowledged.lock().unwrap().insert((from, to), number);
                    number += 1;
                    continue;
                }
            }
            // One of the two restarts: others have their turn.
            rt::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits until every pair of nodes that run has got further.
    async fn progress(&self) {
        let up: Vec<&str> = self.running.lock().unwrap().keys().copied().collect();
        let reached = || self.ledger.acknowledged.lock().unwrap().clone();
        let before = reached();
        let is_ahead = |pair: &Pair| reached().get(pair) > before.get(pair);
        let talking = || pairs().filter(|(from, to)| up.contains(from) && up.contains(to)).all(|pair| is_ahead(&pair));
        let waiting = async {
            while !talking() {
                rt::sleep(Duration::from_millis(2)).await;
            }
        };
        rt::timeout(NEVER, waiting).await.unwrap();
    }

    fn links(&self) -> BTreeSet<(String, String, countersign::net::LinkId)> {
        let running = self.running.lock().unwrap();
        let nodes = running.values().map(|(node, _)| node);
        let links =
            nodes.flat_map(|node| node.peers().into_iter().map(|peer| (node.name().to_string(), peer.name().to_string(), peer.facts().id)));
        links.collect()
    }
}

fn pairs() -> impl Iterator<Item = Pair> {
    NAMES.into_iter().flat_map(|from| NAMES.into_iter().filter(move |to| *to != from).map(move |to| (from, to)))
}

#[test]
fn a_cluster_moves_to_another_ca_node_by_node_and_nothing_that_was_acknowledged_is_lost() {
    block_on(async {
        let cluster = Cluster::new().await;
        let senders: Vec<_> = pairs().map(|pair| rt::spawn("sender", Box::pin(Arc::clone(&cluster).send(pair))).unwrap()).collect();
        for own in NAMES {
            cluster.restart(own, lasting(&cluster.old), cluster.old.pool()).await;
        }
        let first = cluster.links();

        // 1. Everybody trusts both, and presents what it did.
        for own in NAMES {
            cluster.restart(own, lasting(&cluster.old), cluster.both()).await;
        }
        // 2. Everybody presents the new one. No restart is needed for that.
        for (_, manager) in cluster.running.lock().unwrap().values() {
            manager.update(lasting(&cluster.new)).unwrap();
        }
        // 3. Links of before are there still, and need the old CA; made anew, they do not.
        let a = cluster.node(NAMES[0]).unwrap();
        let found = a.depends_on(&cluster.old.pool());
        assert!(!found.certificate && found.links.len() == 2, "{found:?}");
        assert!(found.links.iter().all(|link| link.theirs && link.ours), "{found:?}");
        for own in NAMES {
            let node = cluster.node(own).unwrap();
            for peer in node.peers() {
                node.disconnect(peer.name()).await;
            }
        }
        cluster.progress().await;
        for own in NAMES {
            let node = cluster.node(own).unwrap();
            eventually("nothing depends on the old CA", || node.depends_on(&cluster.old.pool()).is_none());
            assert!(node.depends_on(&cluster.new.pool()).certificate, "but all of it on the new one");
        }
        // 4. Nobody trusts the old one any more.
        for own in NAMES {
            cluster.restart(own, lasting(&cluster.new), cluster.new.pool()).await;
        }
        cluster.progress().await;

        assert!(cluster.links().is_disjoint(&first), "every link was made anew");
        let by_new = |peer: &countersign::node::Peer| {
            peer.transport().peer_certificate.as_ref().is_some_and(|shown| shown.leaf.issuer == cluster.new.facts().subject)
        };
        assert!(NAMES.iter().all(|own| cluster.node(own).unwrap().peers().iter().all(|peer| by_new(peer))));
        refused(&cluster).await;

        cluster.is_over.store(true, Ordering::SeqCst);
        drop(senders);
        let (arrived, acknowledged) = (cluster.ledger.arrived.lock().unwrap(), cluster.ledger.acknowledged.lock().unwrap());
        for pair in pairs() {
            let numbers = &arrived[&pair];
            assert!(numbers.windows(2).all(|two| two[0] <= two[1]), "{pair:?}: in order");
            let missing = (0..=acknowledged[&pair]).find(|number| numbers.binary_search(number).is_err());
            assert_eq!(missing, None, "{pair:?}: what was acknowledged has arrived");
        }
    });
}

/// Who comes with a certificate of the old CA gets in no more, and whoever dials it does not take it for a node.
async fn refused(cluster: &Cluster) {
    let manager = Arc::new(CertAuth::mutual(lasting(&cluster.old), cluster.both()));
    let late = Node::start("late@localhost", cluster.world.with(Some(manager))).await.unwrap();
    let a = cluster.node(NAMES[0]).unwrap();
    let codes = (late.connect(a.name()).await.unwrap_err().code(), a.connect(late.name()).await.unwrap_err().code());
    assert_eq!((codes.0.as_str(), codes.1.as_str()), ("unknown_ca", "unknown_ca"));
}

const NAMES: [&str; 3] = ["a@localhost", "b@localhost", "c@localhost"];
