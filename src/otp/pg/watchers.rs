//! Who wants to know of every change.

use super::holdings::Movement;
use super::message::pids_of;
use crate::etf::{Pid, Reference, Term, atom, tuple};
use crate::node::{Mail, Process};
use std::collections::HashMap;

/// What a process watches by, and what it knew when it began.
///
/// Changes come as messages in OTP's form, `{Reference, join | leave, Group, Pids}`; [`Watching::change`] reads them.
#[derive(Clone, Debug)]
#[must_use = "without it the changes cannot be told from other messages"]
pub struct Watching {
    pub(super) reference: Reference,
}

/// What has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Processes have joined a group.
    Joined {
        /// Which.
        group: Term,
        /// Who, each as often as it has joined.
        pids: Vec<Pid>,
    },
    /// Processes have left a group, or have ended, or their node is gone.
    Left {
        /// Which.
        group: Term,
        /// Who, each as often as it has left.
        pids: Vec<Pid>,
    },
    /// No more changes come: this process had no room in its mailbox for one, or the scope has ended. What is known
    /// of the groups is out of date. Watch again.
    Lost,
}

impl Watching {
    /// What the messages begin with.
    pub const fn reference(&self) -> &Reference {
        &self.reference
    }

    /// What has changed, if that is what this mail says.
    pub fn change(&self, mail: &Mail) -> Option<Change> {
        // A peer cannot know the reference, and could guess it.
        let Mail::Message(message) = mail else { return None };
        let [reference, what @ ..] = message.term.as_tuple().filter(|_| message.peer.is_none())? else { return None };
        if reference.as_reference() != Some(&self.reference) {
            return None;
        }
        match what {
            [what, group, pids] => {
                let (group, pids) = (group.clone(), pids.as_list()?.iter().filter_map(Term::as_pid).cloned().collect());
                if what.is_atom("join") { Some(Change::Joined { group, pids }) } else { Some(Change::Left { group, pids }) }
            }
            _ => Some(Change::Lost),
        }
    }
}

/// In which direction a process moves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Direction {
    Join,
    Leave,
}

#[derive(Debug, Default)]
pub(super) struct Watchers {
    all: HashMap<Reference, Watcher>,
    /// Who watches one group.
    of: HashMap<Term, Vec<Reference>>,
    /// Who watches every group.
    of_all: Vec<Reference>,
}

#[derive(Debug)]
struct Watcher {
    pid: Pid,
    group: Option<Term>,
}

impl Watchers {
    pub(super) fn add(&mut self, reference: Reference, pid: Pid, group: Option<Term>) {
        self.place(group.as_ref()).push(reference.clone());
        self.all.insert(reference, Watcher { pid, group });
    }

    /// Whether there was such a watcher.
    pub(super) fn remove(&mut self, reference: &Reference) -> bool {
        let Some(Watcher { group, .. }) = self.all.remove(reference) else { return false };
        let place = self.place(group.as_ref());
        place.retain(|other| other != reference);
        if place.is_empty()
            && let Some(group) = group
        {
            self.of.remove(&group);
        }
        true
    }

    fn place(&mut self, group: Option<&Term>) -> &mut Vec<Reference> {
        match group {
            Some(group) => self.of.entry(group.clone()).or_default(),
            None => &mut self.of_all,
        }
    }

    /// Tells everybody concerned. Who has no room for it is told once that there will be no more.
    pub(super) fn tell(&mut self, process: &mut Process, direction: Direction, (group, pids): &Movement) {
        if self.all.is_empty() || pids.is_empty() {
            return;
        }
        let verb = atom(if matches!(direction, Direction::Join) { "join" } else { "leave" });
        let event = |reference: &Reference| tuple([reference.clone().into(), verb.clone(), group.clone(), pids_of(pids)]);
        let concerned = self.of_all.iter().chain(self.of.get(group).into_iter().flatten());
        let is_full =
            |reference: &&Reference| self.all.get(*reference).is_some_and(|watcher| !process.offer(&watcher.pid, event(reference)));
        let full: Vec<Reference> = concerned.filter(is_full).cloned().collect();
        for reference in full {
            self.lose(process, &reference);
            self.remove(&reference);
        }
    }

    /// There are no more changes.
    pub(super) fn lose_all(&mut self, process: &mut Process) {
        let all: Vec<Reference> = self.all.keys().cloned().collect();
        all.iter().for_each(|reference| self.lose(process, reference));
        *self = Self::default();
    }

    fn lose(&self, process: &mut Process, reference: &Reference) {
        if let Some(watcher) = self.all.get(reference) {
            process.insist(&watcher.pid, tuple([reference.clone().into(), atom("lost")]));
            process.watch_no_more(reference);
        }
    }
}
