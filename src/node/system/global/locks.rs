//! The locks that processes of peers hold here.

use crate::etf::{Atom, Pid, Reference, Term, decode, encode};
use bytes::Bytes;
use std::collections::HashMap;

/// As `global` has them: a lock is of a requester, for whom several processes may hold it, and lasts until the last of them
/// gives it back or ends.
#[derive(Debug, Default)]
pub(super) struct Locks {
    by_resource: HashMap<Term, Lock>,
    watched: HashMap<Reference, (Term, Pid)>,
    /// How many processes of each node hold one, each of them counted for each lock.
    held_by: HashMap<Atom, usize>,
}

#[derive(Debug)]
struct Lock {
    requester: Term,
    holders: HashMap<Pid, Reference>,
}

impl Locks {
    /// Whether this process holds the lock now. One that is not granted is asked for again, so what is too long or too much
    /// is merely never granted.
    pub(super) fn set(&mut self, resource: &Term, requester: &Term, holder: &Pid, watch: impl FnOnce() -> Reference) -> bool {
        match self.by_resource.get(resource) {
            Some(lock) if lock.requester != *requester => return false,
            Some(lock) if lock.holders.contains_key(holder) => return true,
            _ => {}
        }
        let held = self.held_by.get(&holder.node).copied().unwrap_or_default();
        let (Some(resource), Some(requester), 0..MOST_HELD) = (apart(resource), apart(requester), held) else { return false };
        let reference = watch();
        self.held_by.insert(holder.node.clone(), held.saturating_add(1));
        self.watched.insert(reference.clone(), (resource.clone(), holder.clone()));
        let lock = self.by_resource.entry(resource).or_insert_with(|| Lock { requester, holders: HashMap::new() });
        lock.holders.insert(holder.clone(), reference);
        true
    }

    /// This process gives it back; by which reference it was watched, if it held it.
    pub(super) fn delete(&mut self, resource: &Term, requester: &Term, holder: &Pid) -> Option<Reference> {
        let lock = self.by_resource.get(resource).filter(|lock| lock.requester == *requester)?;
        let reference = lock.holders.get(holder)?.clone();
        self.lose(&reference);
        Some(reference)
    }

    /// Whoever was watched by this holds nothing any more.
    pub(super) fn lose(&mut self, reference: &Reference) {
        let Some((resource, holder)) = self.watched.remove(reference) else { return };
        if let Some(lock) = self.by_resource.get_mut(&resource) {
            lock.holders.remove(&holder);
            if lock.holders.is_empty() {
                self.by_resource.remove(&resource);
            }
        }
        match self.held_by.get_mut(&holder.node) {
            Some(held) if *held > 1 => *held -= 1,
            _ => drop(self.held_by.remove(&holder.node)),
        }
    }
}

/// A copy of its own: a part of a message keeps all of it. `None` if it is too long to be kept.
fn apart(term: &Term) -> Option<Term> {
    let bytes = Bytes::from(encode(term).ok()?);
    (bytes.len() <= MOST_BYTES).then(|| decode(&bytes).ok())?
}

/// Of one node.
const MOST_HELD: usize = 10_000;
/// Of the name of a lock, and of whoever wants it.
const MOST_BYTES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::etf::{Creation, atom, binary};

    fn pid(node: &'static str, id: u32) -> Pid {
        Pid { node: Atom::fixed(node), id, serial: 0, creation: Creation(1) }
    }

    fn reference(number: usize) -> Reference {
        Reference::new(Atom::fixed("a@localhost"), Creation(1), &[number as u32]).unwrap()
    }

    fn set(locks: &mut Locks, resource: &'static str, requester: &'static str, holder: &Pid) -> bool {
        let number = locks.watched.len();
        locks.set(&atom(resource), &atom(requester), holder, || reference(number))
    }

    #[test]
    fn a_lock_is_of_one_requester_until_its_last_holder_gives_it_back() {
        let mut locks = Locks::default();
        let (one, other) = (pid("x@localhost", 1), pid("y@localhost", 2));
        assert!(set(&mut locks, "disk", "job", &one) && set(&mut locks, "disk", "job", &one) && set(&mut locks, "disk", "job", &other));
        assert!(!set(&mut locks, "disk", "another", &other) && set(&mut locks, "tape", "another", &other));
        assert_eq!(locks.delete(&atom("disk"), &atom("another"), &one), None);
        assert_eq!(locks.delete(&atom("disk"), &atom("job"), &one), Some(reference(0)));
        assert!(!set(&mut locks, "disk", "another", &one));
        locks.lose(&reference(1));
        assert!(set(&mut locks, "disk", "another", &one));
    }

    #[test]
    fn what_a_node_may_hold_is_bounded_and_no_other_node_feels_that() {
        let mut locks = Locks::default();
        let (greedy, modest) = (pid("x@localhost", 1), pid("y@localhost", 1));
        let lock = |locks: &mut Locks, number: usize, holder: &Pid| {
            locks.set(&Term::from(number as u64), &atom("job"), holder, || reference(number))
        };
        assert!((0..MOST_HELD).all(|number| lock(&mut locks, number, &greedy)));
        assert!(!lock(&mut locks, MOST_HELD, &greedy) && lock(&mut locks, MOST_HELD + 1, &modest));
        locks.lose(&reference(0));
        assert!(lock(&mut locks, MOST_HELD, &greedy));
        let long = binary(vec![0; MOST_BYTES]);
        assert!(!locks.set(&long, &atom("job"), &modest, || reference(MOST_HELD + 2)));
        assert!(!locks.set(&atom("disk"), &long, &modest, || reference(MOST_HELD + 2)));
    }

    #[test]
    fn nothing_is_left_of_locks_that_are_over() {
        let mut locks = Locks::default();
        let holder = pid("x@localhost", 1);
        assert!(set(&mut locks, "disk", "job", &holder));
        locks.lose(&reference(0));
        locks.lose(&reference(0));
        assert!(locks.by_resource.is_empty() && locks.watched.is_empty() && locks.held_by.is_empty());
    }
}
