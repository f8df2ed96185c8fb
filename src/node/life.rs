//! How a process begins, runs and is buried, whatever happens in it.

use super::body::{Body, Owner};
use super::core::Core;
use super::reason;
use crate::etf::{Pid, Term, atom, tuple};
use crate::rt;
use futures_util::FutureExt;
use futures_util::future::{AbortHandle, AbortRegistration, Abortable};
use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A process that others know already, and that does not run yet.
#[must_use = "nobody buries a process that never ran"]
pub(super) struct Unborn {
    pub(super) body: Arc<Body>,
    end: AbortRegistration,
}

impl Core {
    pub(super) fn conceive(&self, owner: Owner) -> Unborn {
        let (handle, end) = AbortHandle::new_pair();
        let (pid, number) = self.next_pid();
        let body = Arc::new(Body::new(pid, self.settings.limits.mailbox, handle, owner));
        self.is_conceived();
        self.registry.add(number, Arc::clone(&body));
        Unborn { body, end }
    }

    /// Lets a process run. What is given here runs as the process, too: a panic in it is the process's own.
    pub(super) fn bear<F, Fut>(self: &Arc<Self>, unborn: Unborn, start: F) -> Arc<Body>
    where
        F: FnOnce(Arc<Body>) -> Fut + Send + 'static,
        Fut: Future<Output = Term> + Send + 'static,
    {
        let Unborn { body, end } = unborn;
        let (inside, mut burial) = (Arc::clone(&body), Burial { core: Arc::clone(self), body: Arc::clone(&body), reason: None });
        // What is ended from outside is dropped in here as well, where a destructor that panics does no harm.
        let run = async move { Abortable::new(async move { start(inside).await }, end).await };
        let life = async move {
            let reason = match AssertUnwindSafe(run).catch_unwind().await {
                Ok(Ok(reason)) => Some(reason),
                // Whoever ended it has left the reason.
                Ok(Err(_)) => None,
                Err(panic) => Some(panicked(&burial.body.pid, panic.as_ref())),
            };
            burial.because(reason);
        };
        match rt::spawn("process", life) {
            Ok(task) if !self.stopping.load(Ordering::SeqCst) => task.detach(),
            // There are no threads, or no node any more.
            _ => self.bury(&body, reason::shutdown()),
        }
        body
    }
}

/// Buries a process however its task ends.
struct Burial {
    core: Arc<Core>,
    body: Arc<Body>,
    reason: Option<Term>,
}

impl Burial {
    fn because(&mut self, reason: Option<Term>) {
        self.reason = reason;
    }
}

impl Drop for Burial {
    fn drop(&mut self) {
        self.core.bury(&self.body, self.reason.take().unwrap_or_else(reason::killed));
    }
}

fn panicked(pid: &Pid, panic: &(dyn Any + Send)) -> Term {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    let text = text.unwrap_or_else(|| "it says nothing that can be shown".to_owned());
    log::error!(target: "countersign::node", process:% = pid, panic = text.as_str(); "a process panicked");
    tuple([atom("panic"), Term::from(text)])
}
