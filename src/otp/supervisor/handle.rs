//! A supervisor, as others call it.

use super::child::{ChildInfo, Count};
use super::error::ChildError;
use super::spec::{ChildSpec, Started};
use crate::etf::{Term, atom, tuple};
use crate::node::{CallError, Destination, Node, Process};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Whoever calls a supervisor: a node, or one of its processes.
pub trait Caller: sealed::Sealed + Send {
    /// As [`Process::call`] does.
    fn ask(self, whom: Destination, request: Term, within: Duration) -> impl Future<Output = Result<Term, CallError>> + Send;
}

mod sealed {
    #[expect(unnameable_types, reason = "so that nobody else implements it")]
    pub trait Sealed {}
    impl Sealed for &crate::node::Node {}
    impl Sealed for &mut crate::node::Process {}
}

impl Caller for &Node {
    async fn ask(self, whom: Destination, request: Term, within: Duration) -> Result<Term, CallError> {
        self.call(whom, request, within).await
    }
}

impl Caller for &mut Process {
    async fn ask(self, whom: Destination, request: Term, within: Duration) -> Result<Term, CallError> {
        self.call(whom, request, within).await
    }
}

/// A supervisor of this node; or one of OTP or of ours elsewhere, which can be asked everything but to start a
/// child that it does not know.
///
/// ```
/// use countersign::etf::Atom;
/// use countersign::node_name::NodeName;
/// use countersign::otp::supervisor::SupervisorRef;
///
/// // Of the node that asks; and OTP's own, at another one.
/// let here = SupervisorRef::of(Atom::fixed("workers"));
/// let there = SupervisorRef::of((Atom::fixed("kernel_sup"), "x@localhost".parse::<NodeName>()?));
/// assert_eq!(there.whom().to_string(), "kernel_sup at x@localhost");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SupervisorRef {
    whom: Destination,
    within: Duration,
}

impl SupervisorRef {
    /// Whoever this is, as a supervisor.
    pub fn of(whom: impl Into<Destination>) -> Self {
        Self { whom: whom.into(), within: PATIENCE }
    }

    /// Waits so long for answers, instead of two minutes.
    #[must_use]
    pub const fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// Who it is.
    pub const fn whom(&self) -> &Destination {
        &self.whom
    }

    /// The children, in the order in which they are started.
    ///
    /// # Errors
    /// There is no answer, or none that makes sense.
    pub async fn which_children(&self, caller: impl Caller) -> Result<Vec<ChildInfo>, ChildError> {
        let answer = self.ask(caller, atom("which_children")).await?;
        let children = answer.as_list().and_then(|children| children.iter().rev().map(ChildInfo::of).collect());
        children.ok_or(ChildError::Strange { answer })
    }

    /// How many there are.
    ///
    /// # Errors
    /// There is no answer, or none that makes sense.
    pub async fn count_children(&self, caller: impl Caller) -> Result<Count, ChildError> {
        let answer = self.ask(caller, atom("count_children")).await?;
        Count::of(&answer).ok_or(ChildError::Strange { answer })
    }

    /// Starts another child, behind all others.
    ///
    /// # Errors
    /// It does not start, there is one of this id, or the supervisor is at another node.
    pub async fn start_child(&self, caller: impl Caller, spec: ChildSpec) -> Result<Started, ChildError> {
        let (id, placed) = (spec.id().clone(), Placed::new(spec));
        let answer = self.ask(caller, tuple([atom("start_child"), Term::from(placed.0)])).await?;
        match answer.as_tuple() {
            Some([_, reason]) if reason.is_atom("notsup") => Err(ChildError::Elsewhere),
            _ => started(answer, &id),
        }
    }

    /// Stops a child, which stays known unless it is temporary.
    ///
    /// # Errors
    /// There is none of this id.
    pub async fn terminate_child(&self, caller: impl Caller, id: impl Into<Term>) -> Result<(), ChildError> {
        self.order(caller, "terminate_child", id.into()).await
    }

    /// Starts a child that was stopped.
    ///
    /// # Errors
    /// There is none of this id, it runs, or it does not start.
    pub async fn restart_child(&self, caller: impl Caller, id: impl Into<Term>) -> Result<Started, ChildError> {
        let id = id.into();
        started(self.ask(caller, tuple([atom("restart_child"), id.clone()])).await?, &id)
    }

    /// Forgets a child that was stopped.
    ///
    /// # Errors
    /// There is none of this id, or it runs.
    pub async fn delete_child(&self, caller: impl Caller, id: impl Into<Term>) -> Result<(), ChildError> {
        self.order(caller, "delete_child", id.into()).await
    }

    /// Stops all children, the last one first, and then the supervisor, with the reason `shutdown`. Returns when
    /// all have ended. Only for supervisors of this node.
    ///
    /// # Errors
    /// It takes too long.
    pub async fn stop(&self, caller: impl Caller) -> Result<(), ChildError> {
        match caller.ask(self.whom.clone(), atom("stop"), self.within).await {
            Err(CallError::Exited { .. } | CallError::NoProcess { .. }) => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => Err(ChildError::Elsewhere),
        }
    }

    async fn order(&self, caller: impl Caller, verb: &'static str, id: Term) -> Result<(), ChildError> {
        let answer = self.ask(caller, tuple([atom(verb), id.clone()])).await?;
        if answer.is_atom("ok") { Ok(()) } else { Err(ChildError::of(answer, &id)) }
    }

    async fn ask(&self, caller: impl Caller, request: Term) -> Result<Term, ChildError> {
        Ok(caller.ask(self.whom.clone(), request, self.within).await?)
    }
}

/// `{ok, Pid}`, `{ok, Pid, Info}`, `{ok, undefined}`, or an error.
fn started(answer: Term, id: &Term) -> Result<Started, ChildError> {
    match answer.as_tuple() {
        Some([ok, Term::Pid(pid), ..]) if ok.is_atom("ok") => Ok(Started::Running(pid.as_ref().clone())),
        Some([ok, none, ..]) if ok.is_atom("ok") && none.is_atom("undefined") => Ok(Started::Ignored),
        _ => Err(ChildError::of(answer, id)),
    }
}

/// A specification on its way to a supervisor: it holds a function, which no term can, so the term holds its number.
/// Here for as long as somebody waits for what comes of it.
struct Placed(u64);

impl Placed {
    fn new(spec: ChildSpec) -> Self {
        let mut shelf = shelf();
        let (last, specs) = &mut *shelf;
        *last += 1;
        specs.insert(*last, spec);
        Self(*last)
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        drop(take_placed(self.0));
    }
}

/// What waits for its supervisor under this number.
pub(super) fn take_placed(number: u64) -> Option<ChildSpec> {
    shelf().1.remove(&number)
}

fn shelf() -> MutexGuard<'static, (u64, BTreeMap<u64, ChildSpec>)> {
    // Nothing that runs under this lock can panic half way.
    SHELF.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The last number, and all that waits. One for all nodes of this program: who knows a supervisor by its name alone
/// can give it a child, too.
static SHELF: Mutex<(u64, BTreeMap<u64, ChildSpec>)> = Mutex::new((0, BTreeMap::new()));
/// For an answer: longer than a child may take to start.
const PATIENCE: Duration = Duration::from_secs(120);
