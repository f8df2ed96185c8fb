//! A process as the node sees it: its number, its mailbox, its ties, and the handle that ends it.

use super::mail::{Exited, Mail};
use super::mailbox::Mailbox;
use super::ties::Ties;
use crate::etf::{Pid, Term};
use futures_util::future::AbortHandle;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub(super) struct Body {
    pub(super) pid: Pid,
    pub(super) mailbox: Mailbox,
    ties: Mutex<Ties>,
    end: AbortHandle,
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
    pub(super) fn new(pid: Pid, mailbox: usize, end: AbortHandle) -> Self {
        Self { pid, mailbox: Mailbox::new(mailbox), ties: Mutex::default(), end }
    }

    pub(super) fn ties(&self) -> MutexGuard<'_, Ties> {
        // Nothing that runs under this lock can panic half way.
        self.ties.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An exit signal, with Erlang's meaning: `kill` that somebody asks for cannot be trapped; whoever traps
    /// exits gets mail; `normal` ends nobody else; anything else ends the process.
    pub(super) fn take_exit(&self, from: &Pid, reason: &Term, exit: Exit) {
        if exit == Exit::Asked && reason.is_atom("kill") {
            return self.doom(super::reason::killed());
        }
        let traps = self.ties().traps_exits;
        if traps {
            let exited = Exited { from: from.clone(), reason: reason.clone() };
            return self.mailbox.put_signal(Mail::Exit(Box::new(exited)));
        }
        if !reason.is_atom("normal") || exit == Exit::Asked && *from == self.pid {
            self.doom(reason.clone());
        }
    }

    /// Decides that the process ends, and why; it does when it next waits. The first reason counts.
    pub(super) fn doom(&self, reason: Term) {
        let mut ties = self.ties();
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
