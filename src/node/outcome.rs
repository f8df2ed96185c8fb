//! How a process ends by itself.

use super::reason;
use crate::etf::Term;
use std::future::Future;

/// What the function of a process may return: nothing, which is the reason `normal`; or a reason.
pub trait Outcome {
    /// The reason, as others see it.
    fn into_reason(self) -> Term;
}

impl Outcome for () {
    fn into_reason(self) -> Term {
        reason::normal()
    }
}

impl Outcome for Term {
    fn into_reason(self) -> Term {
        self
    }
}

impl<E: Into<Term>> Outcome for Result<(), E> {
    fn into_reason(self) -> Term {
        self.map_or_else(Into::into, |()| reason::normal())
    }
}

pub(super) async fn reason_of<Fut: Future<Output: Outcome>>(running: Fut) -> Term {
    running.await.into_reason()
}
