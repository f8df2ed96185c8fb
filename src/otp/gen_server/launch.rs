//! How a server is started, by whom, and how that can fail.

use super::GenServer;
use super::serving::Serving;
use crate::etf::serde::Mapping;
use crate::etf::{Atom, Pid, Reference, Term, atom, tuple};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node::{Mail, Node, Process};
use crate::otp::proc_lib::{self, Unacknowledged};
use crate::rt;
use crate::rt::channel::{Receiver, Sender, bounded};
use std::time::Duration;

/// A server that is about to start.
///
/// ```
/// use countersign::etf::{Atom, Term, atom};
/// use countersign::node::{Mail, Node, Process};
/// use countersign::otp::gen_server::{GenServer, Launch, StartFailed, Step};
/// # use countersign::node::{EpmdMode, NodeOptions};
///
/// /// Needs a file that may not be there.
/// struct Reader(&'static str);
///
/// impl GenServer for Reader {
///     type Call = Term;
///     type Cast = Term;
///
///     async fn init(&mut self, _: &mut Process) -> Result<Step, Term> {
///         std::fs::metadata(self.0).map(|_| Step::Wait).map_err(|_| atom("enoent"))
///     }
/// }
///
/// # countersign::rt::block_on(async {
/// # let options = NodeOptions {
/// #     danger_plaintext: true, cookie: Some(countersign::dist::Cookie::new(b"x".to_vec())),
/// #     acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
/// # };
/// # let node = Node::start("a@localhost", options).await?;
/// let refused = Launch::new(Reader("/nowhere")).start(&node).await;
/// assert!(matches!(refused, Err(StartFailed::Refused { reason }) if reason.is_atom("enoent")));
///
/// const READER: Atom = Atom::fixed("reader");
/// let reader = Launch::new(Reader("/")).named(READER).start(&node).await?;
/// let again = Launch::new(Reader("/")).named(READER).start(&node).await;
/// assert!(matches!(again, Err(StartFailed::NameTaken { holder: Some(holder), .. }) if holder == reader));
/// # node.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "it does not run yet"]
pub struct Launch<S> {
    server: S,
    settings: Settings,
}

/// What a server is started under.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) name: Option<Atom>,
    /// How long it may take to begin.
    pub(super) within: Duration,
    /// How long a caller that does not read may keep others waiting.
    pub(super) patience: Duration,
    /// How values become answers.
    pub(super) mapping: Mapping,
}

impl<S: GenServer> Launch<S> {
    /// A server without a name, which may take five seconds to begin.
    pub const fn new(server: S) -> Self {
        // As long as gen_server:call/2 waits.
        let patient = Duration::from_secs(5);
        Self { server, settings: Settings { name: None, within: patient, patience: patient, mapping: Mapping::erlang() } }
    }

    /// Under this name at its node.
    pub fn named(self, name: Atom) -> Self {
        Self { settings: Settings { name: Some(name), ..self.settings }, ..self }
    }

    /// How long [`GenServer::init`] may take.
    pub fn within(self, within: Duration) -> Self {
        Self { settings: Settings { within, ..self.settings }, ..self }
    }

    /// How long a caller that does not read its answers may keep others waiting for theirs: five seconds unless said
    /// otherwise. Then its answer is dropped, and so are the next ones until it reads again.
    pub fn patience(self, patience: Duration) -> Self {
        Self { settings: Settings { patience, ..self.settings }, ..self }
    }

    /// How values become the answers that [`Caller::answer_typed`](super::Caller::answer_typed) gives: for callers of
    /// Elixir, [`Mapping::elixir`] has `nil` for `None`. Requests are read in either form.
    pub fn mapped(self, mapping: Mapping) -> Self {
        Self { settings: Settings { mapping, ..self.settings }, ..self }
    }

    /// Starts it, and returns when it is ready.
    ///
    /// # Errors
    /// It is not, and has ended.
    pub async fn start(self, node: &Node) -> Result<Pid, StartFailed> {
        let started = node.run(|mut process| async move { self.start_monitor(&mut process).await });
        started.await.map_or_else(|| Err(StartFailed::Ended { reason: atom("shutdown") }), |started| started.map(|(pid, _)| pid))
    }

    /// Starts it as a child of this process: they are linked, and if it traps exits, it says goodbye when its
    /// parent ends. That it could not begin comes as an error, and not over the link.
    ///
    /// # Errors
    /// It is not ready, and has ended.
    pub async fn start_link(self, parent: &mut Process) -> Result<Pid, StartFailed> {
        let (start, gate) = Start::of(&self);
        let own = parent.pid().clone();
        let child = parent.spawn_link(|process| behind(gate, process, |process| self.run(process, own)));
        let (child, watching) = start.finish(parent, child).await?;
        parent.demonitor(&watching);
        Ok(child)
    }

    /// Starts it, and watches it from its first moment.
    ///
    /// # Errors
    /// It is not ready, and has ended.
    pub async fn start_monitor(self, process: &mut Process) -> Result<(Pid, Reference), StartFailed> {
        let (start, gate) = Start::of(&self);
        let own = process.pid().clone();
        let child = process.spawn(|process| behind(gate, process, |process| self.begin(process, own, None)));
        start.finish(process, child).await
    }

    /// Serves as a process that exists already: of a supervisor, or spawned by a peer. Its parent is told by
    /// `{ack, Pid, {ok, Pid}}` or `{ack, Pid, {error, Reason}}`, and ends it by ending, if it is linked to it.
    /// Returns the reason to end with.
    pub async fn run(self, process: Process, parent: Pid) -> Term {
        self.begin(process, parent.clone(), Some(parent)).await
    }

    async fn begin(self, process: Process, starter: Pid, parent: Option<Pid>) -> Term {
        Serving::new(self.server, process, parent, self.settings).begin(&starter).await
    }
}

/// Lets a process begin when whoever starts it watches it, so that it cannot end unseen.
async fn behind<Fut: Future<Output = Term>>(gate: Receiver<()>, process: Process, run: impl FnOnce(Process) -> Fut) -> Term {
    match gate.recv().await {
        Ok(()) => run(process).await,
        // Whoever wanted it has ended.
        Err(_) => atom("shutdown"),
    }
}

/// A start, from the starter's side.
struct Start {
    settings: Settings,
    open: Sender<()>,
}

impl Start {
    fn of<S>(launch: &Launch<S>) -> (Self, Receiver<()>) {
        let (open, gate) = bounded(1);
        (Self { settings: launch.settings.clone(), open }, gate)
    }

    /// The child, once it is ready, and the monitor that watches it.
    async fn finish(self, starter: &mut Process, child: Pid) -> Result<(Pid, Reference), StartFailed> {
        let watching = starter.monitor(&child).await;
        // There is room for one.
        let _ = self.open.try_send(());
        match proc_lib::acknowledged(starter, &child, &watching, self.settings.within).await {
            Ok(result) if is_ok(&result) => Ok((child, watching)),
            Ok(result) => {
                let reason = self.end(starter, &watching).await;
                Err(StartFailed::of(&result, reason, self.settings.name))
            }
            Err(Unacknowledged::Ended(down)) => Err(StartFailed::Ended { reason: down.reason }),
            Err(Unacknowledged::Timeout(within)) => {
                starter.unlink(&child);
                // A process of this node can always be told.
                let _ = starter.exit(&child, atom("kill")).await;
                self.end(starter, &watching).await;
                Err(StartFailed::Timeout(within))
            }
        }
    }

    /// Waits until it has ended, and its name is free. One that never waits cannot be ended.
    async fn end(&self, starter: &mut Process, watching: &Reference) -> Option<Term> {
        let ended = rt::timeout(self.settings.within, starter.receive_where(|mail| mail.down(watching).is_some())).await;
        starter.demonitor(watching);
        match ended {
            Ok(Mail::Down(down)) => Some(down.reason),
            _ => None,
        }
    }
}

/// `{ok, Pid}`
fn is_ok(result: &Term) -> bool {
    matches!(result.as_tuple(), Some([ok, _]) if ok.is_atom("ok"))
}

/// Why a server has not started. It has ended, and its name is free.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartFailed {
    /// Another process has the name.
    #[error("the name {name} is taken")]
    NameTaken {
        /// Which.
        name: Atom,
        /// Who has it, unless that has just ended.
        holder: Option<Pid>,
    },
    /// [`GenServer::init`] returned an error.
    #[error("the server refuses to start: {reason}")]
    Refused {
        /// As the server says.
        reason: Term,
    },
    /// It ended while it began: it panicked, or somebody ended it.
    #[error("the server ended while it began: {reason}")]
    Ended {
        /// Its exit's.
        reason: Term,
    },
    /// [`GenServer::init`] took too long.
    #[error("the server was not ready within {0:?}")]
    Timeout(Duration),
}

impl StartFailed {
    /// By what it said, `{error, Reason}`, and by the reason of its end.
    fn of(result: &Term, end: Option<Term>, name: Option<Atom>) -> Self {
        let reason = match result.as_tuple() {
            Some([_, reason]) => reason.clone(),
            _ => result.clone(),
        };
        match (reason.as_tuple(), name) {
            (Some([what, holder]), Some(name)) if what.is_atom("already_started") => {
                Self::NameTaken { name, holder: holder.as_pid().cloned() }
            }
            _ if reason.is_atom("panic") => Self::Ended { reason: end.unwrap_or(reason) },
            _ => Self::Refused { reason },
        }
    }
}

/// `{already_started, Pid}`, as a supervisor of OTP understands it.
pub(super) fn already_started(holder: Option<Pid>) -> Term {
    tuple([atom("already_started"), holder.map_or(atom("undefined"), Term::from)])
}

impl Failure for StartFailed {
    fn code(&self) -> Code {
        match self {
            Self::NameTaken { .. } => Code::NameInUse,
            Self::Refused { .. } | Self::Ended { .. } => Code::Unreachable,
            Self::Timeout(_) => Code::Timeout,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::NameTaken { .. } => Hint::fixed("call the server that has the name, or end it first"),
            Self::Refused { .. } => Hint::fixed("the reason is what init returned"),
            Self::Ended { .. } => Hint::fixed("look for a panic in the log"),
            Self::Timeout(_) => Hint::fixed("leave long work to handle_continue, or allow more with Launch::within"),
        }
    }
}
