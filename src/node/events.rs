//! Who wants to know of nodes that come and go, and of the node's own certificates.

use super::core::Core;
use super::expiry::OwnCertificate;
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
    /// Of the node's own certificates.
    certificates: HashSet<u64>,
    /// Of the end of one node: how often each.
    of: HashMap<NodeName, HashMap<u64, usize>>,
    /// The same from the other side, so that the end of a process costs what it watches.
    watched: HashMap<u64, HashSet<NodeName>>,
}

impl Inner {
    fn watches_no_more(&mut self, process: u64, node: &NodeName) {
        if let Some(watchers) = self.of.get_mut(node) {
            watchers.remove(&process);
            if watchers.is_empty() {
                self.of.remove(node);
            }
        }
        self.forget_watched(process, node);
    }

    fn forget_watched(&mut self, process: u64, node: &NodeName) {
        if let Some(watched) = self.watched.get_mut(&process) {
            watched.remove(node);
            if watched.is_empty() {
                self.watched.remove(&process);
            }
        }
    }
}

impl Subscribers {
    pub(super) fn subscribe(&self, process: u64, wanted: bool) {
        enter(&mut self.lock().all, process, wanted);
    }

    pub(super) fn subscribe_to_certificates(&self, process: u64, wanted: bool) {
        enter(&mut self.lock().certificates, process, wanted);
    }

    pub(super) fn watch(&self, process: u64, node: NodeName) {
        let mut inner = self.lock();
        inner.watched.entry(process).or_default().insert(node.clone());
        let times = inner.of.entry(node).or_default().entry(process).or_default();
        *times = times.saturating_add(1);
    }

    /// Whether it watched.
    pub(super) fn watch_no_more(&self, process: u64, node: &NodeName) -> bool {
        let mut inner = self.lock();
        let Some(times) = inner.of.get_mut(node).and_then(|watchers| watchers.get_mut(&process)) else { return false };
        *times = times.saturating_sub(1);
        if *times == 0 {
            inner.watches_no_more(process, node);
        }
        true
    }

    /// Whether anybody wants to know of the end of this node above all.
    pub(super) fn is_watched(&self, node: &NodeName) -> bool {
        self.lock().of.contains_key(node)
    }

    /// A process has ended.
    pub(super) fn forget(&self, process: u64) {
        let mut inner = self.lock();
        inner.all.remove(&process);
        inner.certificates.remove(&process);
        let watched = inner.watched.remove(&process).unwrap_or_default();
        watched.iter().for_each(|node| inner.watches_no_more(process, node));
    }

    pub(super) fn tell_up(&self, core: &Core, event: &NodeEvent) {
        let all: Vec<u64> = self.lock().all.iter().copied().collect();
        all.into_iter().for_each(|process| put(core, process, Mail::NodeUp(Box::new(event.clone()))));
    }

    pub(super) fn tell_down(&self, core: &Core, event: &NodeEvent) {
        let mut inner = self.lock();
        let watchers = inner.of.remove(&event.node).unwrap_or_default();
        watchers.keys().for_each(|&process| inner.forget_watched(process, &event.node));
        let mut told: Vec<u64> = watchers.into_iter().flat_map(|(process, times)| std::iter::repeat_n(process, times)).collect();
        told.extend(inner.all.iter().copied());
        drop(inner);
        told.into_iter().for_each(|process| put(core, process, Mail::NodeDown(Box::new(event.clone()))));
    }

    pub(super) fn tell_certificate(&self, core: &Core, own: &OwnCertificate) {
        let wanting: Vec<u64> = self.lock().certificates.iter().copied().collect();
        wanting.into_iter().for_each(|process| put(core, process, Mail::OwnCertificate(Box::new(own.clone()))));
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing that runs under this lock can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn enter(among: &mut HashSet<u64>, process: u64, wanted: bool) {
    if wanted {
        among.insert(process)
    } else {
        among.remove(&process)
    };
}

fn put(core: &Core, process: u64, mail: Mail) {
    if let Some(body) = core.registry.body(process) {
        body.mailbox.put_signal(mail);
    }
}
