//! Who is registered: the memory of an epmd, without its sockets.

use super::wire::{AliveName, Creation, NodeEntry};
use std::collections::BTreeMap;

/// Bounded by the connections, as each entry has one.
#[derive(Debug)]
pub(super) struct Registry {
    nodes: BTreeMap<AliveName, NodeEntry>,
    next: Creation,
}

/// Another node has the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameTaken;

impl Registry {
    /// One that begins to count there, but not below [`Creation::FIRST`].
    pub(super) fn starting_at(seed: u32) -> Self {
        let next = Creation::new(seed).map_or(Creation::FIRST, |seed| seed.max(Creation::FIRST));
        Self { nodes: BTreeMap::new(), next }
    }

    /// Every registration gets a creation of its own, until four thousand million have been given.
    pub(super) fn register(&mut self, entry: NodeEntry) -> Result<Creation, NameTaken> {
        if self.nodes.contains_key(&entry.name) {
            return Err(NameTaken);
        }
        let creation = self.next;
        self.next = creation.next();
        self.nodes.insert(entry.name.clone(), entry);
        Ok(creation)
    }

    pub(super) fn unregister(&mut self, name: &AliveName) {
        self.nodes.remove(name);
    }

    pub(super) fn find(&self, name: &AliveName) -> Option<&NodeEntry> {
        self.nodes.get(name)
    }

    /// By name.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &NodeEntry> {
        self.nodes.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn creation(registry: &mut Registry, name: &str) -> u32 {
        registry.register(NodeEntry::visible(name.parse().unwrap(), 1)).unwrap().as_u32()
    }

    #[test]
    fn creations_start_at_four_and_pass_over_nought_to_three() {
        let mut registry = Registry::starting_at(0);
        assert_eq!((creation(&mut registry, "a"), creation(&mut registry, "b")), (4, 5));
        let mut registry = Registry::starting_at(u32::MAX);
        assert_eq!((creation(&mut registry, "a"), creation(&mut registry, "b")), (u32::MAX, 4));
    }

    #[test]
    fn a_name_that_comes_back_gets_another_creation() {
        let mut registry = Registry::starting_at(4);
        let first = creation(&mut registry, "a");
        assert_eq!(registry.register(NodeEntry::hidden("a".parse().unwrap(), 2)), Err(NameTaken));
        registry.unregister(&"a".parse().unwrap());
        assert_ne!(creation(&mut registry, "a"), first);
    }
}
