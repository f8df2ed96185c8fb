//! The children of a supervisor, and the rules of what their ends mean: values, without any process.

use super::child::{ChildInfo, ChildState, Count};
use super::spec::{ChildKind, ChildSpec, Restart, Started};
use super::{AutoShutdown, Strategy};
use crate::etf::{Pid, Term};
use std::ops::Range;

/// One child.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) spec: ChildSpec,
    pub(super) state: ChildState,
}

/// All of them, in the order in which they are started.
#[derive(Debug, Default)]
pub(super) struct Family(pub(super) Vec<Child>);

/// What is to be done about a child that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consequence {
    /// It is started again, and others with it.
    Again,
    /// It rests.
    Rest,
    /// It rests, and the supervisor ends.
    ShutDown,
}

impl Child {
    pub(super) const fn pid(&self) -> Option<&Pid> {
        match &self.state {
            ChildState::Running(pid) => Some(pid),
            ChildState::Restarting | ChildState::Stopped => None,
        }
    }

    fn info(&self) -> ChildInfo {
        ChildInfo { id: self.spec.id().clone(), state: self.state.clone(), kind: self.spec.kind }
    }
}

impl Family {
    pub(super) fn by_pid(&self, pid: &Pid) -> Option<usize> {
        self.0.iter().position(|child| child.pid() == Some(pid))
    }

    pub(super) fn by_id(&self, id: &Term) -> Option<usize> {
        self.0.iter().position(|child| child.spec.id() == id)
    }

    pub(super) fn get(&self, at: usize) -> Option<&Child> {
        self.0.get(at)
    }

    pub(super) fn set(&mut self, at: usize, state: ChildState) {
        if let Some(child) = self.0.get_mut(at) {
            child.state = state;
        }
    }

    pub(super) fn has_started(&mut self, at: usize, started: Started) {
        let state = match started {
            Started::Running(pid) => ChildState::Running(pid),
            Started::Ignored => ChildState::Stopped,
        };
        self.set(at, state);
    }

    /// Notes that a child runs no more, and is not to. A temporary one is forgotten; true if so.
    pub(super) fn rests(&mut self, at: usize) -> bool {
        self.set(at, ChildState::Stopped);
        let is_temporary = self.get(at).is_some_and(|child| child.spec.restart == Restart::Temporary);
        if is_temporary {
            self.0.remove(at);
        }
        is_temporary
    }

    /// A child has ended by itself. If it is to rest, it does already.
    pub(super) fn ended(&mut self, at: usize, reason: &Term, auto_shutdown: AutoShutdown) -> Consequence {
        let Some(child) = self.get(at) else { return Consequence::Rest };
        let (restart, is_significant) = (child.spec.restart, child.spec.is_significant);
        if restart == Restart::Permanent || restart == Restart::Transient && !is_done(reason) {
            return Consequence::Again;
        }
        self.rests(at);
        let others = || self.0.iter().any(|child| child.spec.is_significant && child.state != ChildState::Stopped);
        match auto_shutdown {
            AutoShutdown::AnySignificant if is_significant => Consequence::ShutDown,
            AutoShutdown::AllSignificant if is_significant && !others() => Consequence::ShutDown,
            _ => Consequence::Rest,
        }
    }

    /// Which children are stopped and started with one that is started again.
    pub(super) fn with(&self, at: usize, strategy: Strategy) -> Range<usize> {
        match strategy {
            Strategy::OneForOne => at..at.saturating_add(1),
            Strategy::OneForAll => 0..self.0.len(),
            Strategy::RestForOne => at..self.0.len(),
        }
    }

    pub(super) fn infos(&self) -> impl DoubleEndedIterator<Item = ChildInfo> {
        self.0.iter().map(Child::info)
    }

    pub(super) fn count(&self) -> Count {
        let is = |kind| self.0.iter().filter(|child| child.spec.kind == kind).count();
        Count {
            specs: self.0.len(),
            active: self.0.iter().filter(|child| child.pid().is_some()).count(),
            supervisors: is(ChildKind::Supervisor),
            workers: is(ChildKind::Worker),
        }
    }
}

/// Whether this is the reason of one that has done what it was for: `normal`, `shutdown` or `{shutdown, _}`.
fn is_done(reason: &Term) -> bool {
    let is_shutdown = |reason: &Term| reason.is_atom("shutdown");
    reason.is_atom("normal") || is_shutdown(reason) || matches!(reason.as_tuple(), Some([first, _]) if is_shutdown(first))
}
