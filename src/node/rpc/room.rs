//! How much may run for peers at a time.

use crate::etf::Atom;
use crate::node::options::NodeLimits;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What runs, in all and for each node. By its name, so that a node that breaks its link and makes a new one has no
/// room anew.
#[derive(Debug, Default)]
pub(in crate::node) struct Room(Arc<Mutex<Running>>);

#[derive(Debug, Default)]
struct Running {
    all: usize,
    by_node: HashMap<Atom, usize>,
}

/// A place, for as long as something runs.
#[derive(Debug)]
pub(super) struct Place {
    room: Arc<Mutex<Running>>,
    node: Atom,
}

impl Room {
    /// A place for one more call of a node; `None` if there is none left.
    pub(super) fn enter(&self, node: &Atom, limits: &NodeLimits) -> Option<Place> {
        let mut running = lock(&self.0);
        let own = running.by_node.get(node).copied().unwrap_or_default();
        if running.all >= limits.calls || own >= limits.calls_per_peer {
            return None;
        }
        running.all += 1;
        running.by_node.insert(node.clone(), own + 1);
        Some(Place { room: Arc::clone(&self.0), node: node.clone() })
    }

    /// How much runs.
    pub(in crate::node) fn taken(&self) -> usize {
        lock(&self.0).all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut running = lock(&self.room);
        running.all = running.all.saturating_sub(1);
        match running.by_node.get_mut(&self.node) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(running.by_node.remove(&self.node)),
        }
    }
}

fn lock(running: &Mutex<Running>) -> MutexGuard<'_, Running> {
    // Nothing that runs under this lock can panic half way.
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_has_its_own_bound_and_all_have_one_together() {
        let (room, limits) = (Room::default(), NodeLimits { calls: 3, calls_per_peer: 2, ..NodeLimits::default() });
        let [x, y] = ["x@h", "y@h"].map(Atom::fixed);
        let first = room.enter(&x, &limits);
        let second = room.enter(&x, &limits);
        assert!(first.is_some() && second.is_some() && room.enter(&x, &limits).is_none());
        let other = room.enter(&y, &limits);
        assert!(other.is_some() && room.enter(&y, &limits).is_none());
        drop(first);
        assert_eq!(room.taken(), 2);
        let again = room.enter(&x, &limits);
        assert!(again.is_some());
        drop((second, other, again));
        assert!(room.taken() == 0 && lock(&room.0).by_node.is_empty());
    }
}
