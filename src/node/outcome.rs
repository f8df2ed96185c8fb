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

/// A process that goes on until somebody ends it returns `!`, which stable Rust lets nobody write here, but
/// lets it be named as what a function returns.
#[expect(private_interfaces, reason = "it is `!`, which everybody has")]
impl Outcome for Never {
    fn into_reason(self) -> Term {
        self
    }
}

type Never = <fn() -> ! as Returns>::Value;

trait Returns {
    type Value;
}

impl<T> Returns for fn() -> T {
    type Value = T;
}

pub(super) async fn reason_of<Fut: Future<Output: Outcome>>(running: Fut) -> Term {
    running.await.into_reason()
}
