//! What a server does next.

use super::ledger::Owed;
use crate::etf::Term;
use std::time::Duration;

/// What a server does when it has done something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Waits for whatever comes.
    Wait,
    /// Waits, and calls [`GenServer::handle_timeout`](super::GenServer::handle_timeout) if nothing comes for so
    /// long. What `sys` asks and what is refused does not count: a peer that asks again and
    /// again could otherwise keep it from ever being called.
    WaitFor(Duration),
    /// Calls [`GenServer::handle_continue`](super::GenServer::handle_continue) before anything that waits.
    Continue,
    /// Ends, for this reason.
    Stop(Term),
}

impl Step {
    /// Ends, for this reason: `normal`, `shutdown` and `{shutdown, Term}` mean that all is well.
    pub fn stop(reason: impl Into<Term>) -> Self {
        Self::Stop(reason.into())
    }
}

/// That somebody who has called is answered or will be; made by the [`Caller`](super::Caller) alone.
#[derive(Debug)]
#[must_use = "a handler returns it"]
pub struct Answer {
    pub(super) now: Option<(Owed, Term)>,
    pub(super) then: Step,
}

impl Answer {
    pub(super) const fn none_yet(then: Step) -> Self {
        Self { now: None, then }
    }

    pub(super) const fn now(owed: Owed, answer: Term) -> Self {
        Self { now: Some((owed, answer)), then: Step::Wait }
    }

    /// And what the server does then. An answer before the end is sent when
    /// [`GenServer::terminate`](super::GenServer::terminate) is through, as in OTP.
    pub fn then(self, step: Step) -> Self {
        Self { then: step, ..self }
    }
}
