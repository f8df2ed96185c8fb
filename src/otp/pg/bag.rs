//! Pids, each as often as it has joined.

use crate::etf::Pid;
use std::collections::BTreeMap;

/// Joining and leaving cost the same however many are in it: whoever is a peer may do both as often as it likes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bag {
    counts: BTreeMap<Pid, usize>,
}

impl Bag {
    pub(super) fn add(&mut self, pid: Pid) {
        let count = self.counts.entry(pid).or_default();
        *count = count.saturating_add(1);
    }

    /// Takes one out, if there is one.
    pub(super) fn remove(&mut self, pid: &Pid) {
        let Some(count) = self.counts.get_mut(pid) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.counts.remove(pid);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Each as often as it is in it.
    pub(super) fn pids(&self) -> impl Iterator<Item = &Pid> {
        self.counts.iter().flat_map(|(pid, &count)| std::iter::repeat_n(pid, count))
    }

    /// What is here more often than there.
    pub(super) fn without(&self, other: &Self) -> Vec<Pid> {
        let more = |(pid, &count): (&Pid, &usize)| (pid.clone(), count.saturating_sub(other.count(pid)));
        repeated(self.counts.iter().map(more))
    }

    /// What is here and, so many times over, there as well. It costs what the smaller of the two has in it.
    pub(super) fn shared(&self, other: &Self, times: usize) -> Vec<Pid> {
        let smaller = if self.counts.len() < other.counts.len() { self } else { other };
        let both = |pid: &Pid| (pid.clone(), self.count(pid).min(other.count(pid).saturating_mul(times)));
        repeated(smaller.counts.keys().map(both))
    }

    fn count(&self, pid: &Pid) -> usize {
        self.counts.get(pid).copied().unwrap_or(0)
    }
}

fn repeated(counts: impl Iterator<Item = (Pid, usize)>) -> Vec<Pid> {
    counts.flat_map(|(pid, count)| std::iter::repeat_n(pid, count)).collect()
}

impl FromIterator<Pid> for Bag {
    fn from_iter<I: IntoIterator<Item = Pid>>(pids: I) -> Self {
        let mut bag = Self::default();
        pids.into_iter().for_each(|pid| bag.add(pid));
        bag
    }
}
