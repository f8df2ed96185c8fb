//! A node at the other end of a link that is up.

use super::identity::Identity;
use crate::dist::Flags;
use crate::etf::{Creation, Reference};
use crate::net::{Link, LinkFacts, LinkId};
use crate::node_name::NodeName;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A peer: its link, and who it has shown to be.
pub struct Peer {
    pub(super) link: Arc<Link>,
    identity: Identity,
    since: Instant,
    /// The monitors that its processes hold on ours, with the numbers of ours: when it calls one off by name,
    /// another process may have the name by now.
    watching: Mutex<HashMap<Reference, u64>>,
}

impl Peer {
    pub(super) fn new(link: Arc<Link>, identity: Identity) -> Arc<Self> {
        Arc::new(Self { link, identity, since: Instant::now(), watching: Mutex::default() })
    }

    /// Its name.
    pub fn name(&self) -> &NodeName {
        &self.facts().peer
    }

    /// Who it has shown to be.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What is known of the link.
    pub fn facts(&self) -> &LinkFacts {
        self.link.facts()
    }

    /// The link itself.
    pub const fn link(&self) -> &Arc<Link> {
        &self.link
    }

    /// Since when it is a peer.
    pub const fn since(&self) -> Instant {
        self.since
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

    pub(super) fn watches(&self, reference: Reference, process: u64) {
        self.lock().insert(reference, process);
    }

    pub(super) fn watches_no_more(&self, reference: &Reference) -> Option<u64> {
        self.lock().remove(reference)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Reference, u64>> {
        // Nothing that runs under this lock can panic half way.
        self.watching.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("name", self.name()).field("identity", &self.identity).finish_non_exhaustive()
    }
}
