//! Who is in which group, as everybody of the node may read it at any time. Only the scope's process writes.

use super::bag::Bag;
use crate::etf::{Atom, Pid, Term};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A group and who is in it, in no specific order; whoever has joined twice is there twice.
pub type Members = (Term, Arc<[Pid]>);

#[derive(Debug)]
pub(super) struct Roster {
    home: Atom,
    groups: RwLock<HashMap<Term, Group>>,
}

/// Never empty.
#[derive(Debug, Default)]
struct Group {
    all: Listed,
    local: Listed,
}

/// The list is made for the first reader after a change, and shared by those who come next.
#[derive(Debug, Default)]
struct Listed {
    bag: Bag,
    list: OnceLock<Arc<[Pid]>>,
}

impl Listed {
    fn list(&self) -> Arc<[Pid]> {
        Arc::clone(self.list.get_or_init(|| self.bag.pids().cloned().collect()))
    }

    fn change(&mut self) -> &mut Bag {
        self.list = OnceLock::new();
        &mut self.bag
    }
}

impl Roster {
    /// Of the node of this name.
    pub(super) fn new(home: Atom) -> Self {
        Self { home, groups: RwLock::default() }
    }

    pub(super) fn members(&self, group: &Term) -> Arc<[Pid]> {
        self.read().get(group).map_or_else(Default::default, |group| group.all.list())
    }

    pub(super) fn local_members(&self, group: &Term) -> Arc<[Pid]> {
        self.read().get(group).map_or_else(Default::default, |group| group.local.list())
    }

    /// Every group with all its members.
    pub(super) fn all(&self) -> Vec<Members> {
        self.read().iter().map(|(name, group)| (name.clone(), group.all.list())).collect()
    }

    /// Every group that has members of this node, with these.
    pub(super) fn local(&self) -> Vec<Members> {
        let groups = self.read();
        let with_local = groups.iter().filter(|(_, group)| !group.local.bag.is_empty());
        with_local.map(|(name, group)| (name.clone(), group.local.list())).collect()
    }

    pub(super) fn groups(&self) -> Vec<Term> {
        self.read().keys().cloned().collect()
    }

    pub(super) fn join(&self, name: &Term, pids: &[Pid]) {
        let mut groups = self.write();
        if pids.is_empty() {
            return;
        }
        let group = groups.entry(name.clone()).or_default();
        for pid in pids {
            group.all.change().add(pid.clone());
            if pid.node == self.home {
                group.local.change().add(pid.clone());
            }
        }
    }

    pub(super) fn leave(&self, name: &Term, pids: &[Pid]) {
        let mut groups = self.write();
        let Entry::Occupied(mut group) = groups.entry(name.clone()) else { return };
        for pid in pids {
            group.get_mut().all.change().remove(pid);
            if pid.node == self.home {
                group.get_mut().local.change().remove(pid);
            }
        }
        if group.get().all.bag.is_empty() {
            group.remove();
        }
    }

    pub(super) fn clear(&self) {
        let groups = std::mem::take(&mut *self.write());
        // Not under the lock: there may be many.
        drop(groups);
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<Term, Group>> {
        // Nothing that runs under this lock can panic half way.
        self.groups.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<Term, Group>> {
        self.groups.write().unwrap_or_else(PoisonError::into_inner)
    }
}
