//! What can be seen of the children of a supervisor.

use super::spec::ChildKind;
use crate::etf::{Pid, Term, atom, list, tuple};

/// How a child is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChildState {
    /// It runs.
    Running(Pid),
    /// It has ended, and could not be started again yet.
    Restarting,
    /// It does not run, and is not to: it was stopped, did what it was for, or was not needed.
    Stopped,
}

/// A child, as its supervisor sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildInfo {
    /// By which it is known.
    pub id: Term,
    /// How it is.
    pub state: ChildState,
    /// What it is.
    pub kind: ChildKind,
}

impl ChildInfo {
    /// Which process it is, if it runs.
    pub const fn pid(&self) -> Option<&Pid> {
        match &self.state {
            ChildState::Running(pid) => Some(pid),
            ChildState::Restarting | ChildState::Stopped => None,
        }
    }

    /// `{Id, Child, Type, Modules}`. There are no modules here.
    pub(super) fn to_term(&self) -> Term {
        let child = match &self.state {
            ChildState::Running(pid) => pid.clone().into(),
            ChildState::Restarting => atom("restarting"),
            ChildState::Stopped => atom("undefined"),
        };
        tuple([self.id.clone(), child, self.kind.to_term(), Term::nil()])
    }

    pub(super) fn of(term: &Term) -> Option<Self> {
        let [id, child, kind, _] = term.as_tuple()? else { return None };
        let state = match child {
            Term::Pid(pid) => ChildState::Running(pid.as_ref().clone()),
            word if word.is_atom("restarting") => ChildState::Restarting,
            word if word.is_atom("undefined") => ChildState::Stopped,
            _ => return None,
        };
        Some(Self { id: id.clone(), state, kind: ChildKind::of(kind)? })
    }
}

impl ChildKind {
    fn to_term(self) -> Term {
        match self {
            Self::Worker => atom("worker"),
            Self::Supervisor => atom("supervisor"),
        }
    }

    fn of(term: &Term) -> Option<Self> {
        [Self::Worker, Self::Supervisor].into_iter().find(|kind| kind.to_term() == *term)
    }
}

/// How many children a supervisor has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Specifications.
    pub specs: usize,
    /// Processes that run.
    pub active: usize,
    /// Supervisors among the specifications.
    pub supervisors: usize,
    /// Workers among the specifications.
    pub workers: usize,
}

impl Count {
    pub(super) fn to_term(self) -> Term {
        let counts = [("specs", self.specs), ("active", self.active), ("supervisors", self.supervisors), ("workers", self.workers)];
        list(counts.map(|(what, count)| tuple([atom(what), Term::from(count as u64)])))
    }

    pub(super) fn of(term: &Term) -> Option<Self> {
        let mut count = Self::default();
        for pair in term.as_list()? {
            let [what, number] = pair.as_tuple()? else { return None };
            let number = usize::try_from(number.as_u64()?).ok()?;
            match what.as_atom()?.as_str() {
                "specs" => count.specs = number,
                "active" => count.active = number,
                "supervisors" => count.supervisors = number,
                "workers" => count.workers = number,
                _ => {}
            }
        }
        Some(count)
    }
}
