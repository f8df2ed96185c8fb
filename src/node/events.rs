//! Who wants to know of nodes that come and go.

use super::core::Core;
use super::mail::{Mail, NodeEvent};
use crate::node_name::NodeName;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The processes that want to know, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Subscribers(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Of every node, coming and going.
    all: HashSet<u64>,
    /// Of the end of one node, once.
    of: HashMap<NodeName, Vec<u64>>,
}

impl Subscribers {
    pub(super) fn subscribe(&self, process: u64, wanted: bool) {
        let mut inner = self.lock();
        if wanted {
            inner.all.insert(process)
        } else {
            inner.all.remove(&process)
        };
    }

    pub(super) fn watch(&self, process: u64, node: NodeName) {
        self.lock().of.entry(node).or_default().push(process);
    }

    /// Whether it watched.
    pub(super) fn watch_no_more(&self, process: u64, node: &NodeName) -> bool {
        let mut inner = self.lock();
        let Some(watchers) = inner.of.get_mut(node) else { return false };
        let at = watchers.iter().position(|watcher| *watcher == process);
        if let Some(at) = at {
            watchers.swap_remove(at);
        }
        if watchers.is_empty() {
            inner.of.remove(node);
        }
        at.is_some()
    }

    /// A process has ended.
    pub(super) fn forget(&self, process: u64) {
        let mut inner = self.lock();
        inner.all.remove(&process);
        inner.of.retain(|_, watchers| {
            watchers.retain(|watcher| *watcher != process);
            !watchers.is_empty()
        });
    }

    pub(super) fn tell_up(&self, core: &Core, event: &NodeEvent) {
        let all: Vec<u64> = self.lock().all.iter().copied().collect();
        all.into_iter().for_each(|process| put(core, process, Mail::NodeUp(Box::new(event.clone()))));
    }

    pub(super) fn tell_down(&self, core: &Core, event: &NodeEvent) {
        let mut inner = self.lock();
        let mut told: Vec<u64> = inner.of.remove(&event.node).unwrap_or_default();
        told.extend(inner.all.iter().copied());
        drop(inner);
        told.into_iter().for_each(|process| put(core, process, Mail::NodeDown(Box::new(event.clone()))));
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing that runs under this lock can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put(core: &Core, process: u64, mail: Mail) {
    if let Some(body) = core.registry.body(process) {
        body.mailbox.put_signal(mail);
    }
}
