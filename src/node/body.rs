//! A process as the node sees it: its number, its mailbox, its ties, and the handle that ends it.

use super::mailbox::Mailbox;
use super::options::Overflow;
use super::ties::Ties;
use crate::etf::{Pid, Term};
use futures_util::future::AbortHandle;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

#[derive(Debug)]
pub(super) struct Body {
    pub(super) pid: Pid,
    pub(super) mailbox: Mailbox,
    /// What happens to messages that its mailbox has no room for.
    pub(super) overflow: Overflow,
    pub(super) since: Instant,
    /// How many timers of its making run. Each of them counts down itself.
    pub(super) timers: Arc<AtomicUsize>,
    ties: Mutex<Ties>,
    end: AbortHandle,
    owner: Owner,
}

/// Whose a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The program's, and whoever may reach it may end it.
    Program,
    /// The node's own: it ends with the node, and for nobody else.
    Node,
}

/// How an exit signal came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// A linked process ended.
    ByLink,
    /// Somebody asked for it.
    Asked,
}

impl Body {
    pub(super) fn new(pid: Pid, mailbox: Mailbox, overflow: Overflow, end: AbortHandle, owner: Owner) -> Self {
        Self { pid, mailbox, overflow, since: Instant::now(), timers: Arc::default(), ties: Mutex::default(), end, owner }
    }

    pub(super) fn ties(&self) -> MutexGuard<'_, Ties> {
        // Nothing that runs under this lock can panic half way.
        self.ties.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether others may end it.
    pub(super) fn is_mortal(&self) -> bool {
        self.owner == Owner::Program
    }

    /// Decides that the process ends, and why; it does when it next waits. The first reason counts.
    pub(super) fn doom(&self, reason: Term) {
        self.doom_under(self.ties(), reason);
    }

    /// The same under the lock of its own ties, which it gives back.
    pub(super) fn doom_under(&self, mut ties: MutexGuard<'_, Ties>, reason: Term) {
        if ties.doom.is_none() {
            ties.doom = Some(reason);
        }
        drop(ties);
        self.end.abort();
    }

    /// Whether it neither has ended nor is about to.
    pub(super) fn is_alive(&self) -> bool {
        let ties = self.ties();
        !ties.is_over && ties.doom.is_none()
    }
}
