//! How a process that starts says that it has.

use super::spec::Started;
use crate::etf::{Pid, Term, atom};
use crate::node::{Mail, Process};
use crate::rt::channel::{Receiver, Sender, bounded};

/// A child's word that it is ready, which its supervisor waits for. Dropped, the child must end, and the reason of
/// that is why it did not start.
#[derive(Debug)]
#[must_use = "the supervisor waits for it"]
pub struct Ready(Sender<Result<(), Term>>);

pub(super) type Said = Receiver<Result<(), Term>>;

impl Ready {
    pub(super) fn new() -> (Self, Said) {
        let (sender, said) = bounded(1);
        (Self(sender), said)
    }

    /// It is.
    pub fn ok(self) {
        // Nobody may be waiting any more.
        let _ = self.0.try_send(Ok(()));
    }

    /// It never will be, for this reason; the child is ended.
    pub fn failed(self, reason: impl Into<Term>) {
        let _ = self.0.try_send(Err(reason.into()));
    }
}

/// What came of starting a process that is linked to this one, which traps exits.
pub(super) async fn until_ready(parent: &mut Process, child: Pid, said: Said) -> Result<Started, Term> {
    match said.recv().await {
        Ok(Ok(())) => Ok(Started::Running(child)),
        Ok(Err(reason)) => {
            give_up(parent, &child).await;
            Err(reason)
        }
        // It has ended, or is about to.
        Err(_) => Err(end_of(parent, &child).await),
    }
}

/// Ends a process that this one is linked to, and nothing comes of it.
pub(super) async fn give_up(parent: &mut Process, child: &Pid) {
    parent.unlink(child);
    // One whose node is gone is gone, too.
    let _ = parent.exit(child, atom("kill")).await;
}

async fn end_of(parent: &mut Process, child: &Pid) -> Term {
    let is_end = |mail: &Mail| matches!(mail, Mail::Exit(exited) if exited.from == *child);
    match parent.receive_where(is_end).await {
        Mail::Exit(exited) => exited.reason,
        _ => atom("noproc"),
    }
}
