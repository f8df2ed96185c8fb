//! What a node keeps of its handovers: which link a peer may mean, how many take place at a time, and who is told of a
//! new certificate.

use super::slots::Slots;
use crate::dist::handover::LinkName;
use crate::node::core::Core;
use crate::node::peer::Peer;
use crate::observe::Event;
use crate::rt;
use crate::tls::{CertResolver, Generation};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// How the handovers of a node went so far, of all its links together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandoverCounts {
    /// How often a link has moved to a connection that this node had dialled.
    pub dialled: u64,
    /// How often one has moved to a connection that a peer had dialled.
    pub answered: u64,
    /// How often this node dialled, or asked a peer to, in vain.
    pub failed: u64,
    /// How many it ever dialled at a time.
    pub most_at_once: usize,
}

#[derive(Debug)]
pub(in crate::node) struct Rotations {
    /// The links that peers have dialled, and may carry over to new connections.
    links: Mutex<HashMap<LinkName, Weak<Peer>>>,
    watched: Mutex<Vec<(Arc<CertResolver>, rt::Task)>>,
    /// For handovers that this node dials. They wait for nothing but themselves.
    pub(super) dialling: Slots,
    /// For those that it asks for. Apart from the others: two nodes that waited for each other would wait for long.
    pub(super) asking: Slots,
    dialled: AtomicU64,
    answered: AtomicU64,
    failed: AtomicU64,
}

impl Rotations {
    pub(in crate::node) fn new(at_a_time: usize) -> Self {
        Self {
            links: Mutex::default(),
            watched: Mutex::default(),
            dialling: Slots::new(at_a_time),
            asking: Slots::new(at_a_time),
            dialled: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    /// A link may be meant from now on.
    pub(in crate::node) fn enter(&self, peer: &Arc<Peer>) {
        if let Some(name) = peer.link.name().filter(|_| !peer.facts().dialled) {
            lock(&self.links).insert(name, Arc::downgrade(peer));
        }
    }

    /// It has ended.
    pub(in crate::node) fn leave(&self, peer: &Peer) {
        if let Some(name) = peer.link.name().filter(|_| !peer.facts().dialled) {
            lock(&self.links).remove(&name);
        }
    }

    pub(super) fn find(&self, name: LinkName) -> Option<Arc<Peer>> {
        lock(&self.links).get(&name).and_then(Weak::upgrade)
    }

    pub(in crate::node) fn counts(&self) -> HandoverCounts {
        HandoverCounts {
            dialled: self.dialled.load(Ordering::Relaxed),
            answered: self.answered.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            most_at_once: self.dialling.most(),
        }
    }

    pub(super) fn has_dialled(&self) {
        self.dialled.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn has_answered(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn has_failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// Is told of each new certificate from now on, once.
    pub(super) fn watch(&self, core: &Arc<Core>, resolver: &Arc<CertResolver>) {
        let mut watched = lock(&self.watched);
        if watched.iter().any(|(known, _)| Arc::ptr_eq(known, resolver)) {
            return;
        }
        // Asked here and not in the task, which may begin after the next certificate has come.
        let watching = watch(Arc::downgrade(core), Arc::clone(resolver), resolver.current().generation);
        match rt::spawn("rotation", watching) {
            Ok(task) => watched.push((Arc::clone(resolver), task)),
            Err(error) => log::error!(target: "countersign::node", event:% = Event::TaskNotStarted, error:%; "cannot start a task"),
        }
    }
}

/// Ends with the node, which owns the task.
async fn watch(core: Weak<Core>, resolver: Arc<CertResolver>, mut seen: Generation) {
    loop {
        seen = resolver.newer_than(seen).await.generation;
        // Certificates may be replaced in a row, and only the last one counts.
        rt::sleep(MOMENT).await;
        let Some(core) = core.upgrade() else { return };
        core.is_rotated(&resolver);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that runs under these locks can panic half way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const MOMENT: Duration = Duration::from_millis(10);
