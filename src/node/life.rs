//! How a process begins, runs and is buried, whatever happens in it.

use super::body::{Body, Owner};
use super::core::Core;
use super::mailbox::Mailbox;
use super::reason;
use super::registry::NameRefused;
use super::spawn::SpawnOptions;
use crate::etf::{Pid, Term, atom, tuple};
use crate::observe::Event;
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
    pub(super) fn conceive(&self) -> Unborn {
        self.conceive_for(Owner::Program)
    }

    pub(super) fn conceive_for(&self, owner: Owner) -> Unborn {
        let (unborn, number) = self.unlisted(owner, &SpawnOptions::default());
        self.is_conceived();
        self.registry.add(number, Arc::clone(&unborn.body));
        unborn
    }

    /// One that has settings of its own; `Err` if it was to have a name that is taken.
    pub(super) fn conceive_with(&self, options: SpawnOptions) -> Result<Unborn, NameRefused> {
        let (unborn, number) = self.unlisted(Owner::Program, &options);
        let body = Arc::clone(&unborn.body);
        body.ties().label = options.label;
        match options.name {
            Some(name) => self.registry.add_named(number, body, name)?,
            None => self.registry.add(number, body),
        }
        self.is_conceived();
        Ok(unborn)
    }

    fn unlisted(&self, owner: Owner, options: &SpawnOptions) -> (Unborn, u64) {
        let (handle, end) = AbortHandle::new_pair();
        let (pid, number) = self.next_pid();
        let limits = &self.settings.limits;
        let mailbox = Mailbox::new(options.mailbox.map_or(limits.mailbox, usize::from));
        let overflow = options.overflow.unwrap_or(limits.overflow);
        (Unborn { body: Arc::new(Body::new(pid, mailbox, overflow, handle, owner)), end }, number)
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
                Err(panic) => Some(panicked(&burial.body.pid, panic)),
            };
            burial.because(reason);
        };
        let is_stopping = || self.stopping.load(Ordering::SeqCst);
        if is_stopping() {
            self.bury(&body, reason::shutdown());
            return body;
        }
        match rt::spawn("process", life) {
            Ok(task) if !is_stopping() => task.detach(),
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

/// The reason that a panic of a process is, having said so in the log.
pub(crate) fn panicked(pid: &Pid, panic: Box<dyn Any + Send>) -> Term {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    let text = text.unwrap_or_else(|| "it says nothing that can be shown".to_owned());
    log::error!(target: "countersign::node", event:% = Event::ProcessPanicked, process:% = pid, panic = text.as_str(); "a process panicked");
    // What a panic carries may be of any type, and so may panic when it is dropped, with another such thing.
    if let Err(again) = std::panic::catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(again);
    }
    tuple([atom("panic"), Term::from(text)])
}
