//! What one peer makes us keep, and how much that may be.

use super::bag::Bag;
use super::options::ScopeLimits;
use crate::etf::{Pid, Term, decode, encode};
use bytes::Bytes;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The memberships of a peer's processes.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    groups: HashMap<Term, Held>,
    memberships: usize,
    name_bytes: usize,
}

#[derive(Debug)]
struct Held {
    bag: Bag,
    /// What its name takes.
    bytes: usize,
}

/// A group, and who has joined or left it.
pub(super) type Movement = (Term, Vec<Pid>);

/// What a peer's whole list of groups changes.
#[derive(Debug, Default)]
pub(super) struct Difference {
    pub(super) left: Vec<Movement>,
    pub(super) joined: Vec<Movement>,
    /// How many memberships are beyond the limits.
    pub(super) refused: usize,
}

impl Holdings {
    /// Takes in as many as the limits allow: the others stay in the list.
    pub(super) fn join(&mut self, group: &Term, pids: &mut Vec<Pid>, limits: &ScopeLimits) -> Option<Movement> {
        let room = limits.memberships_per_peer.saturating_sub(self.memberships).min(pids.len());
        if room == 0 {
            return None;
        }
        let (name, bytes) = match self.groups.get_key_value(group) {
            Some((name, held)) => (name.clone(), held.bytes),
            None => apart(group).filter(|(_, bytes)| self.name_bytes.saturating_add(*bytes) <= limits.name_bytes_per_peer)?,
        };
        let held = match self.groups.entry(name.clone()) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(free) => {
                self.name_bytes = self.name_bytes.saturating_add(bytes);
                free.insert(Held { bag: Bag::default(), bytes })
            }
        };
        let joined: Vec<Pid> = pids.drain(..room).collect();
        joined.iter().for_each(|pid| held.bag.add(pid.clone()));
        self.memberships = self.memberships.saturating_add(joined.len());
        Some((name, joined))
    }

    /// Who of these was a member, and is so many times less.
    pub(super) fn leave(&mut self, group: &Term, pids: &Bag, times: usize) -> Vec<Pid> {
        let Entry::Occupied(mut held) = self.groups.entry(group.clone()) else { return Vec::new() };
        let left = held.get().bag.shared(pids, times);
        left.iter().for_each(|pid| held.get_mut().bag.remove(pid));
        self.memberships = self.memberships.saturating_sub(left.len());
        if held.get().bag.is_empty() {
            self.name_bytes = self.name_bytes.saturating_sub(held.remove().bytes);
        }
        left
    }

    /// The peer says what it has, whatever we believed before.
    pub(super) fn sync(&mut self, groups: Vec<Movement>, limits: &ScopeLimits) -> Difference {
        let mut wanted: HashMap<Term, Bag> = HashMap::new();
        for (group, pids) in groups {
            let bag = wanted.entry(group).or_default();
            pids.into_iter().for_each(|pid| bag.add(pid));
        }
        let nobody = Bag::default();
        let gone = |(group, held): (&Term, &Held)| (group.clone(), held.bag.without(wanted.get(group).unwrap_or(&nobody)));
        let left: Vec<Movement> = self.groups.iter().map(gone).filter(|(_, pids)| !pids.is_empty()).collect();
        // First: who leaves makes room.
        left.iter().for_each(|(group, pids)| drop(self.leave(group, &pids.iter().cloned().collect(), 1)));
        let mut difference = Difference { left, ..Difference::default() };
        for (group, bag) in wanted {
            let mut new = bag.without(self.groups.get(&group).map_or(&nobody, |held| &held.bag));
            difference.joined.extend(self.join(&group, &mut new, limits));
            difference.refused = difference.refused.saturating_add(new.len());
        }
        difference
    }

    /// All of it.
    pub(super) fn give_up(self) -> impl Iterator<Item = Movement> {
        self.groups.into_iter().map(|(group, held)| (group, held.bag.pids().cloned().collect()))
    }
}

/// A name apart from the frame that it came in, which its binaries are slices of and would keep; and what it takes.
fn apart(group: &Term) -> Option<(Term, usize)> {
    let bytes = Bytes::from(encode(group).ok()?);
    Some((decode(&bytes).ok()?, bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::etf::{Atom, Creation, atom, binary, tuple};

    fn pid(id: u32) -> Pid {
        Pid { node: Atom::fixed("b@localhost"), id, serial: 0, creation: Creation(1) }
    }

    fn limits(memberships_per_peer: usize, name_bytes_per_peer: usize) -> ScopeLimits {
        ScopeLimits { memberships_per_peer, name_bytes_per_peer }
    }

    #[test]
    fn who_leaves_makes_room_for_others() {
        let (mut held, limits) = (Holdings::default(), limits(2, 100));
        let mut three = vec![pid(1), pid(2), pid(3)];
        assert_eq!(held.join(&atom("g"), &mut three, &limits), Some((atom("g"), vec![pid(1), pid(2)])));
        assert_eq!(held.join(&atom("g"), &mut three, &limits), None);
        assert_eq!(held.leave(&atom("g"), &[pid(9), pid(1), pid(1)].into_iter().collect(), 1), [pid(1)]);
        assert_eq!(held.join(&atom("h"), &mut three, &limits), Some((atom("h"), vec![pid(3)])));
        assert!(three.is_empty());
    }

    #[test]
    fn names_of_groups_count_in_bytes_while_somebody_is_in_them() {
        let (mut held, limits) = (Holdings::default(), limits(9, 60));
        let long = |letter: u8| binary(vec![letter; 40]);
        assert!(held.join(&long(b'a'), &mut vec![pid(1)], &limits).is_some());
        assert!(held.join(&long(b'a'), &mut vec![pid(2)], &limits).is_some());
        assert!(held.join(&long(b'b'), &mut vec![pid(1)], &limits).is_none());
        held.leave(&long(b'a'), &[pid(1), pid(2)].into_iter().collect(), 1);
        assert!(held.join(&long(b'b'), &mut vec![pid(1)], &limits).is_some());
    }

    #[test]
    fn a_name_keeps_nothing_of_the_frame_it_came_in() {
        let frame = Bytes::from(encode(&tuple([binary("group"), binary(vec![0; 10_000])])).unwrap());
        let term = decode(&frame).unwrap();
        let [group, _] = term.as_tuple().unwrap() else { panic!("two were sent") };
        let (name, joined) = Holdings::default().join(group, &mut vec![pid(1)], &limits(1, 100)).unwrap();
        assert_eq!((&name, joined), (group, vec![pid(1)]));
        let within = frame.as_ptr_range();
        assert!(!within.contains(&name.as_binary().unwrap().as_ptr()));
    }

    #[test]
    fn a_whole_list_says_who_is_new_and_who_is_gone() {
        let (mut held, limits) = (Holdings::default(), limits(4, 100));
        held.join(&atom("g"), &mut vec![pid(1), pid(1), pid(2)], &limits);
        held.join(&atom("h"), &mut vec![pid(1)], &limits);
        let difference = held.sync(vec![(atom("g"), vec![pid(1), pid(3)]), (atom("g"), vec![pid(3), pid(4), pid(5)])], &limits);
        let mut left = difference.left;
        left.sort();
        assert_eq!(left, [(atom("g"), vec![pid(1), pid(2)]), (atom("h"), vec![pid(1)])]);
        assert_eq!(difference.joined, [(atom("g"), vec![pid(3), pid(3), pid(4)])]);
        assert_eq!(difference.refused, 1);
        let all: Vec<Movement> = held.give_up().collect();
        assert_eq!(all, [(atom("g"), vec![pid(1), pid(3), pid(3), pid(4)])]);
    }
}
