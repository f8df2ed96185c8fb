//! Supervisors: processes that start others, and start them again when they end.
//!
//! As OTP's `supervisor`: the same strategies, the same meaning of restarts, shutdowns and intensity, and the same
//! answers to `supervisor:which_children({Name, Node})` from an Erlang shell. A child is a process that its
//! supervisor is linked to; everything here is links, exits, monitors and mail.
//!
//! ```
//! # use countersign::node::{EpmdMode, Node, NodeOptions};
//! # use countersign::{dist::Cookie, testing::Ca, tls::CertAuth};
//! # use std::sync::Arc;
//! use countersign::etf::{Atom, atom};
//! use countersign::otp::supervisor::{ChildSpec, Strategy, Supervisor};
//! use std::time::Duration;
//!
//! # countersign::rt::block_on(async {
//! # let ca = Ca::new();
//! # let options = NodeOptions {
//! #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
//! #     cookie: Some(Cookie::new(b"secret".to_vec())), acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
//! # };
//! let node = Node::start("a@localhost", options).await?;
//! let counter = ChildSpec::worker(atom("counter"), |mut process| async move {
//!     process.register(Atom::fixed("counter")).unwrap();
//!     process.receive().await;
//!     panic!("as any program may");
//! });
//! let supervisor = Supervisor::new(Strategy::OneForOne).intensity(3, Duration::from_secs(5)).child(counter).start(&node).await?;
//!
//! let before = supervisor.which_children(&node).await?[0].pid().cloned();
//! node.send(before.as_ref().unwrap(), atom("boo")).await?;
//! while supervisor.which_children(&node).await?[0].pid() == before.as_ref() {}
//! assert_eq!(supervisor.count_children(&node).await?.specs, 1);
//! supervisor.stop(&node).await?;
//! node.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod answers;
mod child;
mod ending;
mod error;
mod family;
mod handle;
mod intensity;
mod launch;
mod ready;
mod run;
mod spec;
mod system;

pub use child::{ChildInfo, ChildState, Count};
pub use error::{ChildError, SpecRefused, SupervisorError};
pub use handle::{Caller, SupervisorRef};
pub use ready::Ready;
pub use spec::{ChildKind, ChildSpec, Restart, Shutdown, Started};

use crate::etf::Atom;
use crate::node::rpc::Callers;
use crate::node::{Node, Peer, Process};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Who else is started again when a child is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Nobody.
    #[default]
    OneForOne,
    /// All others: they are stopped first, and then all are started again in order.
    OneForAll,
    /// Those that were started after it.
    RestForOne,
}

/// Whether a supervisor ends when its significant children have done what they were for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AutoShutdown {
    /// It does not, and takes no significant children.
    #[default]
    Never,
    /// With the first that ends and is not started again.
    AnySignificant,
    /// With the last.
    AllSignificant,
}

/// What a supervisor is made of. It can be started many times, and be a child of another one:
/// [`ChildSpec::supervisor`].
#[derive(Clone)]
pub struct Supervisor {
    strategy: Strategy,
    intensity: usize,
    period: Duration,
    auto_shutdown: AutoShutdown,
    children: Vec<ChildSpec>,
    name: Option<Atom>,
    /// Those peers that may change children.
    changers: Callers,
    now: Arc<dyn Fn() -> Instant + Send + Sync>,
}

impl Supervisor {
    /// Without children yet; it bears one restart within five seconds, as OTP's does.
    pub fn new(strategy: Strategy) -> Self {
        Self {
            strategy,
            intensity: 1,
            period: Duration::from_secs(5),
            auto_shutdown: AutoShutdown::Never,
            children: Vec::new(),
            name: None,
            changers: Callers::nobody(),
            now: Arc::new(Instant::now),
        }
    }

    /// Bears so many restarts within that time. With one more it gives up: it stops all children and ends with
    /// `shutdown`, and its own supervisor decides.
    #[must_use]
    pub const fn intensity(mut self, restarts: usize, period: Duration) -> Self {
        (self.intensity, self.period) = (restarts, period);
        self
    }

    /// Adds a child, to be started after those before it and stopped before them.
    #[must_use]
    pub fn child(mut self, spec: ChildSpec) -> Self {
        self.children.push(spec);
        self
    }

    /// Whether it ends with its significant children.
    #[must_use]
    pub const fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.auto_shutdown = auto_shutdown;
        self
    }

    /// Has this name from its first moment.
    #[must_use]
    pub fn named(mut self, name: Atom) -> Self {
        self.name = Some(name);
        self
    }

    /// Lets peers stop, restart and delete children, as OTP's supervisors do. Without this they may only look; though
    /// a peer that knows the pid of a process may always ask it to exit.
    #[must_use]
    pub fn peers_may_change(self, may: bool) -> Self {
        self.callers_may_change(if may { Callers::verified().danger_unverified() } else { Callers::nobody() })
    }

    /// The same for those peers only that are on a list.
    ///
    /// ```
    /// use countersign::node::rpc::Callers;
    /// use countersign::otp::supervisor::{Strategy, Supervisor};
    ///
    /// let operators = Callers::matching(["uri:spiffe://example.org/ns/ops/sa/*"])?;
    /// let supervisor = Supervisor::new(Strategy::OneForOne).callers_may_change(operators);
    /// # let _ = supervisor;
    /// # Ok::<(), countersign::node::NotAPattern>(())
    /// ```
    #[must_use]
    pub fn callers_may_change(mut self, callers: Callers) -> Self {
        self.changers = callers;
        self
    }

    /// Whether somebody may; `None`: a process of this node.
    fn may_be_changed_by(&self, peer: Option<&Peer>) -> bool {
        peer.is_none_or(|peer| self.changers.admit(peer.name(), &peer.identity()))
    }

    /// Takes the time from this instead of the system's clock, to tell how close restarts are to each other: for
    /// tests that do not want to wait.
    #[must_use]
    pub fn timed_by(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.now = Arc::new(now);
        self
    }

    /// Starts it, and returns when all children have started.
    ///
    /// # Errors
    /// A child does not start, and then none is left; or something is wrong with the specifications.
    pub async fn start(&self, node: &Node) -> Result<SupervisorRef, SupervisorError> {
        launch::on_node(self.clone(), node).await
    }

    /// The same, linked to the process that starts it: its end for any reason ends the supervisor, with all children.
    ///
    /// # Errors
    /// As [`Supervisor::start`].
    pub async fn start_link(&self, process: &mut Process) -> Result<SupervisorRef, SupervisorError> {
        launch::linked(self.clone(), process).await
    }

    /// Whether something about the children cannot be.
    fn check(&self) -> Result<(), SpecRefused> {
        self.children.iter().enumerate().try_for_each(|(at, spec)| {
            self.check_one(spec)?;
            let is_known = self.children.iter().take(at).any(|other| other.id() == spec.id());
            if is_known { Err(SpecRefused::Duplicate(spec.id().clone())) } else { Ok(()) }
        })
    }

    fn check_one(&self, spec: &ChildSpec) -> Result<(), SpecRefused> {
        match spec.is_significant {
            true if self.auto_shutdown == AutoShutdown::Never => Err(SpecRefused::SignificantForNothing(spec.id().clone())),
            true if spec.restart == Restart::Permanent => Err(SpecRefused::SignificantAndPermanent(spec.id().clone())),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Supervisor");
        shown.field("strategy", &self.strategy).field("intensity", &(self.intensity, self.period));
        shown.field("children", &self.children).finish_non_exhaustive()
    }
}
