//! Functions of other nodes, as our processes call them.

use super::answer::refused;
use super::apply::Apply;
use super::asking::{Asking, Tie};
use super::error::ErpcError;
use super::invocation::Caller;
use super::job::NotLetIn;
use super::raised::{Done, Named};
use super::spawning::{self, Awaited};
use crate::dist::control::Mfa;
use crate::etf::{Atom, Pid, Reference, Term, list};
use crate::node::handle::Node;
use crate::node::process::Process;
use crate::node_name::NodeName;
use crate::rt;
use futures_util::future::join_all;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Process {
    /// Calls a function at a node and waits for its value, as `erpc:call/5` does; at this node, one that is exported.
    /// Connecting counts, too.
    ///
    /// # Errors
    /// There is no value, and why.
    pub async fn erpc(&mut self, node: &NodeName, what: Apply, within: Duration) -> Result<Term, ErpcError> {
        let mut asking = Asking::new(self, node, Tie::Monitor);
        rt::timeout(within, asking.call(what)).await.unwrap_or(Err(ErpcError::Timeout(within)))
    }

    /// Has a function called at a node, and waits for nothing but to be connected: `erpc:cast/4`. What becomes of it,
    /// nobody learns.
    ///
    /// # Errors
    /// It was not sent.
    pub async fn erpc_cast(&mut self, node: &NodeName, what: Apply) -> Result<(), ErpcError> {
        if node == self.node() {
            return self.begin_here(what, Tie::None, Done::into_reason, &mut None).map(drop);
        }
        let arguments = list(what.into_terms());
        spawning::request(self, node, (execute("execute_cast", 3), arguments), Tie::None.wishes(), &mut None).await
    }

    /// Starts a process at a node that runs a function of it: `erlang:spawn/4`.
    ///
    /// OTP has a process also for a function that is not there. It ends at once.
    ///
    /// # Errors
    /// It does not run, as far as anybody knows.
    pub async fn spawn_at(&mut self, node: &NodeName, what: Apply, within: Duration) -> Result<Pid, ErpcError> {
        let (pid, reference) = self.begin(node, what, Tie::Monitor, within).await?;
        self.demonitor(&reference);
        Ok(pid)
    }

    /// The same, linked to this one from its first moment: `erlang:spawn_link/4`. A child that comes after this has
    /// given up is ended.
    ///
    /// # Errors
    /// It does not run, as far as anybody knows.
    pub async fn spawn_link_at(&mut self, node: &NodeName, what: Apply, within: Duration) -> Result<Pid, ErpcError> {
        let (pid, reference) = self.begin(node, what, Tie::Link, within).await?;
        self.demonitor(&reference);
        Ok(pid)
    }

    /// The same, monitored: its end comes as [`Mail::Down`](crate::node::Mail::Down) with this reference.
    ///
    /// # Errors
    /// It does not run, as far as anybody knows.
    pub async fn spawn_monitor_at(&mut self, node: &NodeName, what: Apply, within: Duration) -> Result<(Pid, Reference), ErpcError> {
        self.begin(node, what, Tie::Monitor, within).await
    }

    async fn begin(&mut self, node: &NodeName, what: Apply, tie: Tie, within: Duration) -> Result<(Pid, Reference), ErpcError> {
        let mut asking = Asking::new(self, node, tie);
        let begun = rt::timeout(within, asking.begin(what)).await;
        let pid = begun.unwrap_or(Err(ErpcError::Timeout(within)))?;
        asking.settled().map(|reference| (pid, reference))
    }

    /// A function of our own, for which no list is asked.
    pub(super) fn begin_here(
        &mut self,
        what: Apply,
        tie: Tie,
        reason: impl FnOnce(Done) -> Term + Send + 'static,
        awaited: &mut Option<Awaited>,
    ) -> Result<Pid, ErpcError> {
        let core = Arc::clone(self.core());
        let undef = |what: &Named| ErpcError::Undef {
            node: core.name.clone(),
            module: what.module.clone(),
            function: what.function.clone(),
            arity: what.arity,
        };
        let job = core.let_in(Caller::of(&core, Some(self.pid().clone()), None), what).map_err(|why| match why {
            NotLetIn::Undef(what) => undef(&what.name()),
            NotLetIn::NoRoom => refused(&core.name, Atom::fixed("system_limit")),
        })?;
        let unborn = core.conceive();
        let pid = unborn.body.pid.clone();
        if tie == Tie::Link {
            unborn.body.tie(self.pid(), None);
            self.body().tie(&pid, None);
        }
        if tie != Tie::None {
            let reference = core.watch_unborn(self.body(), &unborn.body);
            *awaited = Some(Awaited { reference, node: core.name.clone() });
        }
        let inside = Arc::clone(&core);
        core.bear(unborn, move |body| async move {
            let (done, _place) = job.run(Process::new(inside, body)).await;
            reason(done)
        });
        Ok(pid)
    }
}

impl Node {
    /// Calls a function at a node and waits for its value, as [`Process::erpc`] does.
    ///
    /// # Errors
    /// There is no value, and why.
    pub async fn erpc(&self, node: &NodeName, what: Apply, within: Duration) -> Result<Term, ErpcError> {
        let node = node.clone();
        let called = self.run(move |mut process| async move { process.erpc(&node, what, within).await });
        called.await.unwrap_or_else(|| Err(self.stopped().into()))
    }

    /// Calls a function at many nodes at once: their values, in the order of the nodes. `erpc:multicall/5`.
    pub async fn erpc_multicall(&self, nodes: &[NodeName], what: &Apply, within: Duration) -> Vec<Result<Term, ErpcError>> {
        join_all(nodes.iter().map(|node| self.erpc(node, what.clone(), within))).await
    }

    /// Has a function called at a node, as [`Process::erpc_cast`] does.
    ///
    /// # Errors
    /// It was not sent.
    pub async fn erpc_cast(&self, node: &NodeName, what: Apply) -> Result<(), ErpcError> {
        let node = node.clone();
        let sent = self.run(move |mut process| async move { process.erpc_cast(&node, what).await });
        sent.await.unwrap_or_else(|| Err(self.stopped().into()))
    }

    /// How many calls of peers were refused: of functions that are not there or not for them, and beyond
    /// [`NodeLimits::calls`](crate::node::NodeLimits::calls).
    pub fn refused_calls(&self) -> u64 {
        self.core().refused_calls.load(Ordering::Relaxed)
    }
}

pub(super) fn execute(function: &'static str, arity: u8) -> Mfa {
    Mfa { module: Atom::fixed("erpc"), function: Atom::fixed(function), arity }
}
