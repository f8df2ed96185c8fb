//! Who has called, and the answers that are promised.

use super::answer::{Answer, Step};
use super::ledger::{Ledger, Owed, failure, not_allowed};
use super::origin::Origin;
use crate::etf::{Pid, Term, atom};
use crate::node::Process;
use std::fmt;
use std::sync::Arc;

/// Who has called, and waits for an answer. To be used up by making an [`Answer`].
#[derive(Debug)]
#[must_use = "it waits for an answer"]
pub struct Caller {
    owed: Owed,
    pub(super) ledger: Arc<Ledger>,
}

impl Caller {
    pub(super) const fn new(owed: Owed, ledger: Arc<Ledger>) -> Self {
        Self { owed, ledger }
    }

    /// The process.
    pub const fn pid(&self) -> &Pid {
        self.owed.to()
    }

    /// Where it is, and who that has shown to be.
    pub fn origin(&self) -> Origin {
        Origin::of(self.owed.0.peer.as_ref())
    }

    /// Answers when the handler returns.
    pub fn answer(self, answer: impl Into<Term>) -> Answer {
        Answer::now(self.owed, answer.into())
    }

    /// Answers later, from this process or another one, or before the handler returns.
    pub fn defer(self) -> (Deferred, Answer) {
        let deferred = Deferred { owed: Some(self.owed), ledger: self.ledger };
        (deferred, Answer::none_yet(Step::Wait))
    }

    /// Answers `{error, {not_allowed, Text}}`.
    pub fn refuse(self, why: impl fmt::Display) -> Answer {
        self.answer(not_allowed(why))
    }

    /// Answers `{error, notsup}`: the server does not know such a request.
    pub fn not_supported(self) -> Answer {
        self.answer(failure(atom("notsup")))
    }

    /// Ends the server without an answer: the caller sees the reason as the server's exit, as with
    /// `{stop, Reason, State}` in OTP.
    pub fn stop(self, reason: impl Into<Term>) -> Answer {
        Answer::none_yet(Step::stop(reason))
    }
}

/// An answer that somebody waits for. It can be kept, and given once, from any process; dropped, it is
/// `{error, unanswered}`. When the server ends before, the caller sees that instead.
#[derive(Debug)]
#[must_use = "somebody waits for it"]
pub struct Deferred {
    owed: Option<Owed>,
    pub(super) ledger: Arc<Ledger>,
}

impl Deferred {
    /// Answers. As in Erlang, nobody need be there to hear it.
    pub async fn answer(mut self, process: &mut Process, answer: impl Into<Term>) {
        if let Some(owed) = &self.owed {
            self.ledger.settle(owed, process, answer.into()).await;
        }
        self.owed = None;
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        if let Some(owed) = self.owed.take() {
            self.ledger.forget(owed);
        }
    }
}
