//! A node at the other end of a link that is up.

use super::identity::Identity;
use super::idle::Idle;
use super::rotation::{Tenure, Terms};
use crate::dist::Flags;
use crate::etf::{Creation, Reference};
use crate::net::{Link, LinkFacts, LinkId, TransportFacts};
use crate::node_name::NodeName;
use arc_swap::ArcSwap;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A peer: its link, and who it has shown to be.
pub struct Peer {
    pub(super) link: Arc<Link>,
    /// As the certificate shows it that the peer presented last.
    identity: ArcSwap<Identity>,
    pub(super) tenure: Tenure,
    ties: Mutex<Ties>,
    /// The ties of its making. Each of them counts down itself.
    made: Arc<AtomicUsize>,
    /// Requests of it that were refused.
    refused: AtomicU64,
}

/// What of ours is tied to it.
#[derive(Debug, Default)]
struct Ties {
    /// The monitors that its processes hold on ours, with the numbers of ours: when it calls one off by name,
    /// another process may have the name by now.
    watching: HashMap<Reference, (u64, Made)>,
    /// The numbers of all our living processes that ever were tied over it: whom to ask when it is lost.
    tied: HashSet<u64>,
}

/// A tie of a peer's making, or a timer of a process's, for as long as it lasts.
#[derive(Debug)]
pub(super) struct Made(Arc<AtomicUsize>);

impl Made {
    /// `None` if there are so many already.
    pub(super) fn one_more(count: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        let before = count.fetch_add(1, Ordering::Relaxed);
        let made = Self(Arc::clone(count));
        (before < limit).then_some(made)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Peer {
    pub(super) fn new(link: Arc<Link>, identity: Identity, terms: Terms) -> Arc<Self> {
        let (identity, tenure) = (ArcSwap::from_pointee(identity), Tenure::new(terms));
        Arc::new(Self { link, identity, tenure, ties: Mutex::default(), made: Arc::default(), refused: AtomicU64::new(0) })
    }

    /// Its name.
    pub fn name(&self) -> &NodeName {
        &self.facts().peer
    }

    /// Who it has shown to be.
    pub fn identity(&self) -> Arc<Identity> {
        self.identity.load_full()
    }

    /// It has shown a newer certificate.
    pub(super) fn identify(&self, identity: Identity) {
        self.identity.store(Arc::new(identity));
    }

    /// What is known of the link, for as long as it lives.
    pub fn facts(&self) -> &LinkFacts {
        self.link.facts()
    }

    /// What is known of the connection that carries it now: certificates, TLS, addresses.
    pub fn transport(&self) -> Arc<TransportFacts> {
        self.link.transport()
    }

    /// The link itself.
    pub const fn link(&self) -> &Arc<Link> {
        &self.link
    }

    /// Since when it is a peer.
    pub fn since(&self) -> Instant {
        self.facts().since
    }

    /// How long its link may be idle.
    pub fn idle(&self) -> Idle {
        self.tenure.terms.effective().idle
    }

    pub(super) fn id(&self) -> LinkId {
        self.link.id()
    }

    pub(super) fn creation(&self) -> Creation {
        self.facts().creation
    }

    pub(super) fn can(&self, flag: Flags) -> bool {
        self.facts().flags.contains(flag)
    }

    pub(super) fn is_up(&self) -> bool {
        self.link.is_up()
    }

    /// `None` if it has made so many already.
    pub(super) fn makes_a_tie(&self, limit: usize) -> Option<Made> {
        Made::one_more(&self.made, limit)
    }

    /// Whether any of those lasts.
    pub(super) fn has_made_ties(&self) -> bool {
        self.made.load(Ordering::Relaxed) > 0
    }

    /// False if it watches by this reference already.
    pub(super) fn watches(&self, reference: &Reference, process: u64, made: Made) -> bool {
        let mut ties = self.lock();
        let is_new = !ties.watching.contains_key(reference);
        if is_new {
            ties.watching.insert(reference.clone(), (process, made));
        }
        is_new
    }

    pub(super) fn watches_no_more(&self, reference: &Reference) -> Option<u64> {
        self.lock().watching.remove(reference).map(|(process, _)| process)
    }

    /// A process of ours is tied over it.
    pub(super) fn is_tied_to(&self, process: u64) {
        self.lock().tied.insert(process);
    }

    /// Which processes of ours ever were.
    pub(super) fn tied(&self) -> HashSet<u64> {
        self.lock().tied.clone()
    }

    /// A process of ours has ended.
    pub(super) fn forget(&self, process: u64) {
        self.lock().tied.remove(&process);
    }

    /// It is lost; whom of ours that may concern.
    pub(super) fn lose(&self) -> HashSet<u64> {
        std::mem::take(&mut *self.lock()).tied
    }

    /// Counts a request of it that was refused: how many before.
    pub(super) fn refuse(&self) -> u64 {
        self.refused.fetch_add(1, Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Ties> {
        // Nothing that runs under this lock can panic half way.
        self.ties.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("name", self.name()).field("identity", &self.identity()).finish_non_exhaustive()
    }
}
