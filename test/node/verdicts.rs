//! What tests of links that are judged again share: a node with everything live, and peers of its own CA.

use crate::world::{NEVER, World, eventually, found, name};
use countersign::authority::Revocations;
use countersign::clock::{Clock, DAY, ManualClock, SystemClock, Timestamp};
use countersign::failure::Failure;
use countersign::node::{Mail, Node, NodeEvent, NodeOptions};
use countersign::rt;
use countersign::testing::Ca;
use countersign::tls::{CertAuth, Certificate, CrlPolicy, Revocation, RevocationLists, TlsPolicy};
use countersign::x509::RevocationList;
use countersign::x509::pem::Origin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// `hub@localhost`, whose lists and clock a test has in its hands.
pub(crate) struct Hub {
    pub(crate) world: World,
    pub(crate) node: Node,
    pub(crate) lists: Arc<RevocationLists>,
    pub(crate) clock: Arc<ManualClock>,
}

/// A peer of the hub.
pub(crate) struct Spoke {
    pub(crate) node: Node,
    pub(crate) certificate: Certificate,
}

impl Hub {
    /// Links are judged when there is a reason to, and never for the time alone: a test would not show why.
    pub(crate) async fn new(change: impl FnOnce(&mut NodeOptions)) -> Self {
        let world = World::new().await;
        let clock = Arc::new(ManualClock::at(now()));
        let lists = RevocationLists::on_clock(list(&world.ca, &[]), Arc::<ManualClock>::clone(&clock));
        let manager = CertAuth::mutual(lasting(&world.ca), world.ca.pool());
        let mut options = world.with(Some(Arc::new(manager)));
        options.tls = TlsPolicy::default().revocation(Arc::clone(&lists)).clock(clock.clone());
        options.judge_every = Duration::from_secs(86_400);
        change(&mut options);
        let node = Node::start("hub@localhost", options).await.unwrap();
        Self { world, node, lists, clock }
    }

    /// A node that has made itself a peer of the hub.
    pub(crate) async fn spoke(&self, own: &str) -> Spoke {
        self.spoke_with(own, lasting(&self.world.ca)).await
    }

    pub(crate) async fn spoke_with(&self, own: &str, certificate: Certificate) -> Spoke {
        let manager = CertAuth::mutual(certificate.clone(), self.world.ca.pool());
        let node = Node::start(own, self.world.with(Some(Arc::new(manager)))).await.unwrap();
        node.ping(self.node.name()).await.unwrap();
        Spoke { node, certificate }
    }

    pub(crate) async fn spokes(&self, count: usize) -> Vec<Spoke> {
        let mut spokes = Vec::new();
        for number in 0..count {
            spokes.push(self.spoke(&format!("s{number}@localhost")).await);
        }
        spokes
    }

    pub(crate) fn revoke(&self, spokes: &[&Spoke]) {
        let revoked: Vec<&Certificate> = spokes.iter().map(|spoke| &spoke.certificate).collect();
        self.lists.replace(list(&self.world.ca, &revoked)).unwrap();
    }

    /// The names of the peers that are left.
    pub(crate) fn peers(&self) -> Vec<String> {
        self.node.peers().iter().map(|peer| peer.name().to_string()).collect()
    }
}

impl Spoke {
    /// What a new attempt to reach the hub comes to, when this end knows that the link is lost.
    pub(crate) async fn reconnect(&self, hub: &Hub) -> Result<(), String> {
        eventually("its own end is told", || self.node.peers().is_empty());
        self.node.connect(hub.node.name()).await.map(drop).map_err(|error| error.code().as_str().to_owned())
    }
}

/// Watches a node for another one's end, which is told by the future; it watches when this returns.
pub(crate) async fn watching(node: &Node, other: &str) -> impl Future<Output = NodeEvent> + use<> {
    let other = name(other);
    let (ready, is_ready) = rt::channel::bounded(1);
    let watching = node.run(move |mut process| async move {
        process.monitor_nodes(true);
        ready.send(()).await.unwrap();
        loop {
            if let Mail::NodeDown(event) = process.receive().await
                && event.node == other
            {
                return *event;
            }
        }
    });
    rt::timeout(NEVER, is_ready.recv()).await.unwrap().unwrap();
    found(watching)
}

/// A certificate for nearly a year, from before any clock of a test.
pub(crate) fn lasting(ca: &Ca) -> Certificate {
    until(ca, now() + 300 * DAY)
}

pub(crate) fn until(ca: &Ca, end: Timestamp) -> Certificate {
    ca.leaf().names(&["localhost", "127.0.0.1"]).valid(now() + -30 * DAY, end).build()
}

/// The CA's next list.
pub(crate) fn list(ca: &Ca, revoked: &[&Certificate]) -> Revocation {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let entries = revoked.iter().map(|certificate| (certificate.leaf().serial.clone(), now())).collect();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let revocations = Revocations { number, this_update: now() + -29 * DAY, next_update: now() + 299 * DAY, entries };
    let pem = ca.authority().revocation_list(&revocations).unwrap();
    Revocation::new(RevocationList::from_pem(&Origin::memory(), pem.as_bytes()).unwrap(), CrlPolicy::DenyUnknown).unwrap()
}

pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}
