//! What a process is started with, and what binds it to who starts it.

use super::body::{Body, Owner};
use super::core::Core;
use super::life::Unborn;
use super::mail::Monitored;
use super::options::Overflow;
use super::outcome::{Outcome, reason_of};
use super::process::Process;
use super::registry::{NameRefused, number};
use super::ties::{Place, Watched, Watcher};
use crate::dist::control::Proc;
use crate::etf::{Atom, Pid, Reference, Term};
use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// What is different about one process. Every field has a default, and `..SpawnOptions::default()` fills the rest.
///
/// ```
/// # use countersign::node::{EpmdMode, Node, NodeOptions};
/// # use countersign::{dist::Cookie, testing::Ca, tls::CertAuth};
/// # use std::sync::Arc;
/// use countersign::etf::Atom;
/// use countersign::node::{Overflow, SpawnOptions};
/// use std::num::NonZeroUsize;
///
/// # countersign::rt::block_on(async {
/// # let ca = Ca::new();
/// # let options = NodeOptions {
/// #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
/// #     cookie: Some(Cookie::new(b"secret".to_vec())), acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
/// # };
/// # let node = Node::start("a@localhost", options).await?;
/// let options = SpawnOptions {
///     name: Some(Atom::fixed("counter")),
///     mailbox: NonZeroUsize::new(1_000),
///     overflow: Some(Overflow::Exit),
///     ..SpawnOptions::default()
/// };
/// let counter = node.spawn_with(options.clone(), |mut process| async move { drop(process.receive().await) })?;
/// assert_eq!(node.whereis("counter"), Some(counter));
/// assert!(node.spawn_with(options, |_| async { unreachable!("the name is taken") }).is_err());
/// # node.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
pub struct SpawnOptions {
    /// The name that it has from its first moment.
    pub name: Option<Atom>,
    /// So many messages wait for it; `None`: as many as the node says.
    pub mailbox: Option<NonZeroUsize>,
    /// What happens to those beyond that come from peers; `None`: what the node says.
    pub overflow: Option<Overflow>,
    /// What it is, for whoever looks at it.
    pub label: Option<Term>,
}

/// What binds a new process to the one that starts it, from its first moment.
///
/// ```
/// # use countersign::node::{EpmdMode, Node, NodeOptions};
/// # use countersign::{dist::Cookie, testing::Ca, tls::CertAuth};
/// # use std::sync::Arc;
/// use countersign::etf::atom;
/// use countersign::node::{Bound, SpawnOptions};
///
/// # countersign::rt::block_on(async {
/// # let ca = Ca::new();
/// # let options = NodeOptions {
/// #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
/// #     cookie: Some(Cookie::new(b"secret".to_vec())), acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
/// # };
/// # let node = Node::start("a@localhost", options).await?;
/// let watching = node.run(|mut process| async move {
///     let options = SpawnOptions { label: Some(atom("helper")), ..SpawnOptions::default() };
///     let spawned = process.spawn_with(Bound::Monitored, options, |_| async { atom("done") }).unwrap();
///     let mail = process.receive().await;
///     mail.down(&spawned.monitor.unwrap()).is_some()
/// });
/// assert_eq!(watching.await, Some(true));
/// # node.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bound {
    /// Nothing.
    #[default]
    Free,
    /// A link.
    Linked,
    /// A monitor that the one who starts it holds.
    Monitored,
    /// Both.
    LinkedAndMonitored,
}

/// A process that has been started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spawned {
    /// Which.
    pub pid: Pid,
    /// By what it is monitored, if it is.
    pub monitor: Option<Reference>,
}

impl Core {
    pub(super) fn spawn_process<F, Fut>(self: &Arc<Self>, run: F) -> Pid
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.bear_running(self.conceive(), run)
    }

    pub(super) fn spawn_process_with<F, Fut>(self: &Arc<Self>, options: SpawnOptions, run: F) -> Result<Pid, NameRefused>
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        Ok(self.bear_running(self.conceive_with(options)?, run))
    }

    /// A process of the node's own.
    pub(super) fn spawn_own<F, Fut>(self: &Arc<Self>, run: F) -> Pid
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.bear_running(self.conceive_for(Owner::Node), run)
    }

    /// Binds a process to its parent before it runs: it cannot end without the parent's knowing.
    pub(super) fn bear_bound<F, Fut>(self: &Arc<Self>, parent: &Body, bound: Bound, child: Unborn, run: F) -> Spawned
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        if matches!(bound, Bound::Linked | Bound::LinkedAndMonitored) {
            child.body.tie(&parent.pid, None);
            parent.tie(&child.body.pid, None);
        }
        let is_watched = matches!(bound, Bound::Monitored | Bound::LinkedAndMonitored);
        let monitor = is_watched.then(|| self.watch_unborn(parent, &child.body));
        Spawned { pid: self.bear_running(child, run), monitor }
    }

    /// Watches a process that does not run yet.
    pub(super) fn watch_unborn(&self, parent: &Body, child: &Body) -> Reference {
        let reference = self.reference();
        let object = Monitored { process: Proc::Pid(child.pid.clone()), node: self.atom.clone() };
        parent.ties().monitors.insert(reference.clone(), Watched { object, place: Place::Here(number(&child.pid)) });
        child.watch(&reference, Watcher { pid: parent.pid.clone(), name: None, peer: None });
        reference
    }

    fn bear_running<F, Fut>(self: &Arc<Self>, unborn: Unborn, run: F) -> Pid
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        let core = Arc::clone(self);
        self.bear(unborn, |body| reason_of(run(Process::new(core, body)))).pid.clone()
    }
}
