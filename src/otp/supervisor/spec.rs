//! Child specifications.

use super::Supervisor;
use super::launch;
use super::ready::{Ready, until_ready};
use crate::etf::{Pid, Term};
use crate::node::{Outcome, Process};
use futures_util::future::BoxFuture;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// When a child that has ended is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// Always.
    #[default]
    Permanent,
    /// If it ended for another reason than `normal`, `shutdown` or `{shutdown, _}`.
    Transient,
    /// Never; its specification goes with it.
    Temporary,
}

/// How a child is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// It is killed.
    Brutal,
    /// It is asked with the reason `shutdown`, and killed if it has not ended in this time.
    Within(Duration),
    /// It is asked, and waited for as long as it takes: for supervisors, whose own children have their times.
    Infinity,
}

/// What a child is, to whoever looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildKind {
    /// One that works.
    Worker,
    /// One that supervises others.
    Supervisor,
}

/// What came of starting a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// It runs, and the supervisor is linked to it.
    Running(Pid),
    /// It is not needed now. A specification that is not temporary is kept.
    Ignored,
}

type Start = dyn for<'a> Fn(&'a mut Process) -> BoxFuture<'a, Result<Started, Term>> + Send + Sync;

/// How a child is started, and what its end means.
///
/// ```
/// # use countersign::node::{EpmdMode, Node, NodeOptions};
/// # use countersign::{dist::Cookie, testing::Ca, tls::CertAuth};
/// # use std::sync::Arc;
/// use countersign::etf::atom;
/// use countersign::otp::supervisor::{ChildSpec, Restart, Shutdown, Strategy, Supervisor};
/// use std::time::Duration;
///
/// # countersign::rt::block_on(async {
/// # let ca = Ca::new();
/// # let options = NodeOptions {
/// #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
/// #     cookie: Some(Cookie::new(b"secret".to_vec())), acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
/// # };
/// # let node = Node::start("a@localhost", options).await?;
/// // One that others need: those behind it start when it is ready.
/// let store = ChildSpec::reporting(atom("store"), |mut process, ready| async move {
///     process.trap_exits(true);
///     ready.ok();
///     process.receive().await; // and then puts everything in order
/// });
/// // One that may not come up, and then nothing of the family does.
/// let feed = ChildSpec::reporting(atom("feed"), |_, ready| async move { ready.failed(atom("no_source")) });
/// // One that runs once.
/// let job = ChildSpec::worker(atom("job"), |_| async {}).restart(Restart::Temporary);
///
/// let pool = Supervisor::new(Strategy::RestForOne).child(store.shutdown(Shutdown::Within(Duration::from_secs(30)))).child(job);
/// let refused = pool.clone().child(feed).start(&node).await.unwrap_err();
/// assert!(refused.to_string().contains("{failed_to_start_child,feed,no_source}"));
/// pool.start(&node).await?.stop(&node).await?;
/// # node.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct ChildSpec {
    id: Term,
    start: Arc<Start>,
    pub(super) restart: Restart,
    pub(super) shutdown: Shutdown,
    pub(super) kind: ChildKind,
    pub(super) is_significant: bool,
    pub(super) within: Option<Duration>,
}

impl ChildSpec {
    /// A worker that is this function, running as a process. It counts as started at once.
    pub fn worker<F, Fut>(id: impl Into<Term>, run: F) -> Self
    where
        F: Fn(Process) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        Self::new(id, move |supervisor| {
            let pid = supervisor.spawn_link(run.clone());
            Box::pin(std::future::ready(Ok(Started::Running(pid))))
        })
    }

    /// A worker that says itself when it is ready, or that it will not be: as `proc_lib:init_ack` does.
    pub fn reporting<F, Fut>(id: impl Into<Term>, run: F) -> Self
    where
        F: Fn(Process, Ready) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        Self::new(id, move |supervisor| {
            let (ready, said) = Ready::new();
            let run = run.clone();
            let pid = supervisor.spawn_link(move |process| run(process, ready));
            Box::pin(until_ready(supervisor, pid, said))
        })
    }

    /// A supervisor. It is waited for when it stops, because its own children have their times.
    pub fn supervisor(id: impl Into<Term>, supervisor: Supervisor) -> Self {
        let spec = Self::new(id, move |parent| Box::pin(launch::child(supervisor.clone(), parent)));
        // Each of its own children has so much time to start.
        Self { kind: ChildKind::Supervisor, shutdown: Shutdown::Infinity, within: None, ..spec }
    }

    /// A worker that is started by this function, in the supervisor's own process. As in OTP, it must start the
    /// child **linked to that process**, and say which it is; an error is a reason.
    pub fn new<F>(id: impl Into<Term>, start: F) -> Self
    where
        F: for<'a> Fn(&'a mut Process) -> BoxFuture<'a, Result<Started, Term>> + Send + Sync + 'static,
    {
        Self {
            id: id.into(),
            start: Arc::new(start),
            restart: Restart::default(),
            shutdown: Shutdown::Within(SHUTDOWN),
            kind: ChildKind::Worker,
            is_significant: false,
            within: Some(START),
        }
    }

    /// When it is started again.
    #[must_use]
    pub const fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// How it is stopped: a worker has five seconds otherwise, and a supervisor all the time that it needs.
    #[must_use]
    pub const fn shutdown(mut self, shutdown: Shutdown) -> Self {
        self.shutdown = shutdown;
        self
    }

    /// Its end counts for [`AutoShutdown`](super::AutoShutdown).
    #[must_use]
    pub const fn significant(mut self) -> Self {
        self.is_significant = true;
        self
    }

    /// How long it may take to start: a minute otherwise. Meanwhile its supervisor does nothing else.
    #[must_use]
    pub const fn started_within(mut self, within: Duration) -> Self {
        self.within = Some(within);
        self
    }

    /// By which it is known.
    pub const fn id(&self) -> &Term {
        &self.id
    }

    /// Runs the function that starts it.
    pub(super) fn start<'a>(&self, supervisor: &'a mut Process) -> BoxFuture<'a, Result<Started, Term>> {
        (self.start)(supervisor)
    }
}

impl fmt::Debug for ChildSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ChildSpec");
        shown.field("id", &self.id).field("restart", &self.restart).field("shutdown", &self.shutdown);
        shown.field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What OTP gives a worker to end.
const SHUTDOWN: Duration = Duration::from_secs(5);
/// OTP waits for ever, and a supervisor that waits does nothing else.
const START: Duration = Duration::from_secs(60);
