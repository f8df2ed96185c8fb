//! Processes that a process starts.

use super::Process;
use crate::etf::{Pid, Reference};
use crate::node::outcome::Outcome;
use crate::node::registry::NameRefused;
use crate::node::spawn::{Bound, SpawnOptions, Spawned};
use std::future::Future;

impl Process {
    /// Starts a process of this node.
    pub fn spawn<F, Fut>(&self, run: F) -> Pid
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.core.spawn_process(run)
    }

    /// Starts a process that is linked to this one from its first moment.
    pub fn spawn_link<F, Fut>(&self, run: F) -> Pid
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.spawn_bound(Bound::Linked, run).pid
    }

    /// Starts a process that this one watches from its first moment: its pid, and the reference of the
    /// [`Mail::Down`](crate::node::Mail::Down) to come.
    ///
    /// ```
    /// # use countersign::node::{EpmdMode, Node, NodeOptions};
    /// # use countersign::{dist::Cookie, testing::Ca, tls::CertAuth};
    /// # use std::sync::Arc;
    /// use countersign::etf::atom;
    ///
    /// # countersign::rt::block_on(async {
    /// # let ca = Ca::new();
    /// # let options = NodeOptions {
    /// #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
    /// #     cookie: Some(Cookie::new(b"secret".to_vec())), acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
    /// # };
    /// # let node = Node::start("a@localhost", options).await?;
    /// let watching = node.run(|mut process| async move {
    ///     let (pid, watched) = process.spawn_monitor(|_| async { atom("worn_out") });
    ///     let mail = process.receive().await;
    ///     mail.down(&watched).map(|down| down.reason.clone())
    /// });
    /// assert_eq!(watching.await, Some(Some(atom("worn_out"))));
    /// # node.stop().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn spawn_monitor<F, Fut>(&mut self, run: F) -> (Pid, Reference)
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        let Spawned { pid, monitor } = self.spawn_bound(Bound::Monitored, run);
        // It was asked for; without it the reference is one that nothing comes by.
        (pid, monitor.unwrap_or_else(|| self.core.reference()))
    }

    /// Starts a process with settings of its own, bound to this one from its first moment as is wanted.
    ///
    /// # Errors
    /// The name is taken, and the process did not begin.
    pub fn spawn_with<F, Fut>(&mut self, bound: Bound, options: SpawnOptions, run: F) -> Result<Spawned, NameRefused>
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        let child = self.core.conceive_with(options)?;
        Ok(self.core.bear_bound(&self.body, bound, child, run))
    }

    fn spawn_bound<F, Fut>(&self, bound: Bound, run: F) -> Spawned
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        let child = self.core.conceive();
        self.core.bear_bound(&self.body, bound, child, run)
    }
}
