//! Which processes there are, and under which names.

use super::body::Body;
use crate::etf::{Atom, Pid};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The processes of a node, by number and by name.
#[derive(Debug, Default)]
pub(super) struct Registry(RwLock<Inner>);

#[derive(Debug, Default)]
struct Inner {
    bodies: HashMap<u64, Arc<Body>, BuildHasherDefault<Spread>>,
    names: HashMap<Atom, u64>,
    /// The names of those that have any, which are few.
    named: HashMap<u64, Vec<Atom>>,
}

/// A name cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameRefused {
    /// Another process has it.
    #[error("the name {0} is taken")]
    Taken(Atom),
    /// It is no name: an atom has at most 255 characters.
    #[error("a name has at most 255 characters")]
    TooLong,
    /// The process has ended, or is none of this node.
    #[error("{0} is no process of this node that lives")]
    NoProcess(Pid),
}

impl Inner {
    fn name(&mut self, number: u64, name: Atom) {
        self.named.entry(number).or_default().push(name.clone());
        self.names.insert(name, number);
    }
}

impl Registry {
    pub(super) fn add(&self, number: u64, body: Arc<Body>) {
        self.write().bodies.insert(number, body);
    }

    /// Adds a process that has a name from its first moment, if nobody else has it.
    pub(super) fn add_named(&self, number: u64, body: Arc<Body>, name: Atom) -> Result<(), NameRefused> {
        let mut inner = self.write();
        if inner.names.contains_key(&name) {
            return Err(NameRefused::Taken(name));
        }
        inner.bodies.insert(number, body);
        inner.name(number, name);
        Ok(())
    }

    /// Forgets a process, with its names.
    pub(super) fn remove(&self, number: u64) {
        let mut inner = self.write();
        inner.bodies.remove(&number);
        for name in inner.named.remove(&number).into_iter().flatten() {
            inner.names.remove(&name);
        }
    }

    pub(super) fn body(&self, number: u64) -> Option<Arc<Body>> {
        self.read().bodies.get(&number).cloned()
    }

    pub(super) fn named(&self, name: &Atom) -> Option<Arc<Body>> {
        let inner = self.read();
        inner.names.get(name).and_then(|number| inner.bodies.get(number)).cloned()
    }

    pub(super) fn register(&self, name: Atom, pid: &Pid) -> Result<(), NameRefused> {
        let mut inner = self.write();
        let number = number(pid);
        // Asked under the lock: a process that ends now removes its names after this.
        if inner.bodies.get(&number).is_none_or(|body| body.pid != *pid) {
            return Err(NameRefused::NoProcess(pid.clone()));
        }
        if inner.names.contains_key(&name) {
            return Err(NameRefused::Taken(name));
        }
        inner.name(number, name);
        Ok(())
    }

    pub(super) fn unregister(&self, name: &Atom) -> bool {
        let mut inner = self.write();
        let Some(holder) = inner.names.remove(name) else { return false };
        if let Entry::Occupied(mut names) = inner.named.entry(holder) {
            names.get_mut().retain(|other| other != name);
            if names.get().is_empty() {
                names.remove();
            }
        }
        true
    }

    pub(super) fn names_of(&self, number: u64) -> Vec<Atom> {
        self.read().named.get(&number).cloned().unwrap_or_default()
    }

    pub(super) fn names(&self) -> Vec<Atom> {
        self.read().names.keys().cloned().collect()
    }

    pub(super) fn bodies(&self) -> Vec<Arc<Body>> {
        self.read().bodies.values().cloned().collect()
    }

    pub(super) fn count(&self) -> usize {
        self.read().bodies.len()
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        // Nothing that runs under this lock can panic half way.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A process's number, from the two halves that its pid has.
pub(super) const fn number(pid: &Pid) -> u64 {
    (pid.serial as u64) << 32 | pid.id as u64
}

/// Our own consecutive numbers need no defence against chosen keys, only spreading.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }
}
