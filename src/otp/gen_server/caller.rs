//! Who has called, and the answers that are owed.

use super::answer::{Answer, Step};
use super::origin::Origin;
use crate::etf::{Pid, Term, atom, tuple};
use crate::net::link::NotSent;
use crate::node::{Process, Request, SendError};
use crate::rt;
use crate::rt::channel::Sender;
use std::fmt;
use std::time::Duration;

/// Who has called, and waits for an answer. To be used up by making an [`Answer`].
#[derive(Debug)]
#[must_use = "it waits for an answer"]
pub struct Caller {
    owed: Owed,
    forgotten: Sender<Owed>,
}

/// An answer that is owed.
#[derive(Debug)]
pub(super) struct Owed(pub(super) Request);

impl Caller {
    pub(super) const fn new(owed: Owed, forgotten: Sender<Owed>) -> Self {
        Self { owed, forgotten }
    }

    /// The process.
    pub const fn pid(&self) -> &Pid {
        self.owed.0.from()
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
        let deferred = Deferred { owed: Some(self.owed), forgotten: self.forgotten };
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
    forgotten: Sender<Owed>,
}

impl Deferred {
    /// The process that waits.
    pub fn pid(&self) -> Option<&Pid> {
        self.owed.as_ref().map(|owed| owed.0.from())
    }

    /// Answers. As in Erlang, nobody need be there to hear it.
    pub async fn answer(mut self, process: &mut Process, answer: impl Into<Term>) {
        if let Some(owed) = &self.owed {
            owed.settle(process, answer.into()).await;
        }
        self.owed = None;
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        if let Some(owed) = self.owed.take() {
            // If it cannot be told, the server has ended, and the caller learns that.
            let _ = self.forgotten.try_send(owed);
        }
    }
}

impl Owed {
    pub(super) async fn settle(&self, process: &mut Process, answer: Term) {
        let caller = self.0.from();
        // With its node the caller's wait has ended. To dial that node again would keep all others waiting.
        if self.0.peer.as_ref().is_some_and(|peer| !peer.link().is_up()) {
            return log::debug!(target: "countersign::otp", caller:%; "an answer comes after the end of the link");
        }
        match rt::timeout(PATIENCE, process.reply(&self.0, answer)).await {
            Ok(Ok(())) => {}
            Ok(Err(SendError::NotSent { source: NotSent::Unsendable(error), .. })) => {
                log::error!(target: "countersign::otp", caller:%, error:%; "an answer cannot be put into bytes");
                let sent = rt::timeout(PATIENCE, process.reply(&self.0, failure(atom("unsendable")))).await;
                drop(sent);
            }
            Ok(Err(error)) => log::debug!(target: "countersign::otp", caller:%, error:%; "an answer finds nobody"),
            Err(rt::Elapsed) => {
                log::warn!(target: "countersign::otp", caller:%, seconds = PATIENCE.as_secs(); "a caller does not read: its answer is dropped");
            }
        }
    }
}

/// `{error, Reason}`
pub(super) fn failure(reason: impl Into<Term>) -> Term {
    tuple([atom("error"), reason.into()])
}

/// As the node's own processes say it.
pub(super) fn not_allowed(why: impl fmt::Display) -> Term {
    failure(tuple([atom("not_allowed"), Term::from(why.to_string())]))
}

/// A caller that does not read its answers must not keep all others waiting for theirs. As long as
/// `gen_server:call/2` waits.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
