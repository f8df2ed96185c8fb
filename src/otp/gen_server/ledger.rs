//! The answers that a server owes, and how they are given.

use crate::etf::serde::Mapping;
use crate::etf::{Pid, Term, atom, tuple};
use crate::net::link::NotSent;
use crate::node::{Peer, Process, Request, SendError};
use crate::observe::Event;
use crate::rt;
use crate::rt::channel::{Receiver, Sender, unbounded};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// An answer that is owed.
#[derive(Debug)]
pub(super) struct Owed(pub(super) Request);

impl Owed {
    pub(super) const fn to(&self) -> &Pid {
        self.0.from()
    }
}

/// What a server and those who answer for it share.
#[derive(Debug)]
pub(super) struct Ledger {
    /// How long a caller that does not read may keep others waiting.
    patience: Duration,
    /// How values become answers.
    pub(super) mapping: Mapping,
    forgotten: Sender<Owed>,
    /// Peers that have used it up. They have no more of it until they read again.
    unread: Mutex<Vec<Weak<Peer>>>,
}

impl Ledger {
    /// And where the answers come up whose promise was dropped: no more of them than were promised.
    pub(super) fn new(patience: Duration, mapping: Mapping) -> (Arc<Self>, Receiver<Owed>) {
        let (forgotten, found) = unbounded();
        (Arc::new(Self { patience, mapping, forgotten, unread: Mutex::default() }), found)
    }

    /// A promise was dropped. If the server has ended, its caller learns that.
    pub(super) fn forget(&self, owed: Owed) {
        let _ = self.forgotten.try_send(owed);
    }

    /// Gives an answer.
    pub(super) async fn settle(&self, owed: &Owed, process: &mut Process, answer: Term) {
        let (caller, peer) = (owed.to(), owed.0.peer.as_ref());
        // With its node the caller's wait has ended. To dial that node again would keep all others waiting.
        if peer.is_some_and(|peer| !peer.link().is_up()) {
            return log::debug!(target: "countersign::otp", caller:%; "an answer comes after the end of the link");
        }
        match rt::timeout(self.patience_with(peer), process.reply(&owed.0, answer)).await {
            Ok(Ok(())) => self.reads(peer),
            Ok(Err(SendError::NotSent { source: NotSent::Unsendable(error), .. })) => {
                log::error!(target: "countersign::otp", event:% = Event::TermUnsendable, caller:%, error:%; "an answer cannot be put into bytes");
                drop(rt::timeout(self.patience, process.reply(&owed.0, failure(atom("unsendable")))).await);
            }
            Ok(Err(error)) => log::debug!(target: "countersign::otp", caller:%, error:%; "an answer finds nobody"),
            Err(rt::Elapsed) => self.does_not_read(caller, peer),
        }
    }

    fn patience_with(&self, peer: Option<&Arc<Peer>>) -> Duration {
        let has_used_it_up = peer.is_some_and(|peer| self.unread().iter().any(|other| is(other, peer)));
        if has_used_it_up { Duration::ZERO } else { self.patience }
    }

    fn reads(&self, peer: Option<&Arc<Peer>>) {
        if let Some(peer) = peer {
            self.unread().retain(|other| !is(other, peer));
        }
    }

    fn does_not_read(&self, caller: &Pid, peer: Option<&Arc<Peer>>) {
        let Some(peer) = peer else {
            return log::warn!(target: "countersign::otp", event:% = Event::AnswerDropped, caller:%; "a caller's mailbox is full: its answer is dropped");
        };
        let mut unread = self.unread();
        unread.retain(|other| other.strong_count() > 0);
        if !unread.iter().any(|other| is(other, peer)) {
            unread.push(Arc::downgrade(peer));
            // Once, until it reads again: it must not choose the size of our log.
            log::warn!(target: "countersign::otp", event:% = Event::AnswerDropped, peer:% = peer.name(); "a peer does not read: answers to it are dropped");
        }
    }

    fn unread(&self) -> MutexGuard<'_, Vec<Weak<Peer>>> {
        // Nothing that runs under this lock can panic half way.
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is(other: &Weak<Peer>, peer: &Arc<Peer>) -> bool {
    std::ptr::eq(other.as_ptr(), Arc::as_ptr(peer))
}

/// `{error, Reason}`
pub(super) fn failure(reason: impl Into<Term>) -> Term {
    tuple([atom("error"), reason.into()])
}

/// As the node's own processes say it.
pub(super) fn not_allowed(why: impl fmt::Display) -> Term {
    failure(tuple([atom("not_allowed"), Term::from(why.to_string())]))
}
