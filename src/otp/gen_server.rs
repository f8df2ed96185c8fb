//! Servers that OTP's `gen_server` calls, written in Rust; and more than one server at a time called from here.
//!
//! A type that implements [`GenServer`] **is** a `gen_server` for whoever calls it, here or from Erlang and
//! Elixir: `gen_server:call`, `cast`, `stop`, `sys:get_state` and their like work on it. One server is called by
//! [`Node::call`](crate::node::Node::call) and [`Process::call`](crate::node::Process::call), wherever it is and
//! whatever it is written in.
//!
//! ```
//! use countersign::etf::{Atom, Term, atom};
//! use countersign::node::{Node, Process};
//! use countersign::otp::gen_server::{Answer, Caller, GenServer, Launch};
//! use std::time::Duration;
//! # use countersign::node::{EpmdMode, NodeOptions};
//!
//! struct Counter(i64);
//!
//! impl GenServer for Counter {
//!     type Call = Term;
//!     type Cast = Term;
//!
//!     async fn handle_call(&mut self, request: Term, caller: Caller, _: &mut Process) -> Answer {
//!         match request.as_atom().map(Atom::as_str) {
//!             Some("increment") => {
//!                 self.0 += 1;
//!                 caller.answer(self.0)
//!             }
//!             _ => caller.not_supported(),
//!         }
//!     }
//! }
//!
//! # countersign::rt::block_on(async {
//! # let options = NodeOptions {
//! #     danger_plaintext: true, cookie: Some(countersign::dist::Cookie::new(b"x".to_vec())),
//! #     acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
//! # };
//! # let node = Node::start("a@localhost", options).await?;
//! const COUNTER: Atom = Atom::fixed("counter");
//! Launch::new(Counter(41)).named(COUNTER).start(&node).await?;
//!
//! // From a shell of Erlang: gen_server:call({counter, 'a@localhost'}, increment).
//! let answer = node.call(COUNTER, atom("increment"), Duration::from_secs(5)).await?;
//! assert_eq!(answer.as_i64(), Some(42));
//! # node.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! With [`Typed`], requests and answers are types of Rust's, and [`Client`] asks by them.
//!
//! # Nobody is left without an answer
//!
//! Whoever handles a call returns an [`Answer`], and there is none to be had but from the [`Caller`]: an answer
//! now, the promise of one ([`Caller::defer`]), or the end of the server. A promise that is dropped is answered
//! with `{error, unanswered}`, a request that cannot be read with `{error, {bad_request, Text}}`, one that the
//! server does not know with `{error, notsup}`, one that it does not admit with `{error, {not_allowed, Text}}`, and one
//! whose answer has no term with `{error, {bad_answer, Text}}`. If a handler panics, the server ends with `{panic, Text}`, which its callers
//! see as its exit.
//!
//! ```
//! use countersign::etf::{Atom, Term, atom};
//! use countersign::node::{Node, Process};
//! use countersign::otp::gen_server::{Answer, Caller, Deferred, GenServer, Launch};
//! use std::time::Duration;
//! # use countersign::node::{EpmdMode, NodeOptions};
//!
//! /// Lets nobody through alone.
//! struct Gate(Option<Deferred>);
//!
//! impl GenServer for Gate {
//!     type Call = Term;
//!     type Cast = Term;
//!
//!     async fn handle_call(&mut self, _: Term, caller: Caller, process: &mut Process) -> Answer {
//!         match self.0.take() {
//!             Some(first) => {
//!                 first.answer(process, atom("open")).await;
//!                 caller.answer(atom("open"))
//!             }
//!             None => {
//!                 let (first, answer) = caller.defer();
//!                 self.0 = Some(first);
//!                 answer
//!             }
//!         }
//!     }
//! }
//!
//! # countersign::rt::block_on(async {
//! # let options = NodeOptions {
//! #     danger_plaintext: true, cookie: Some(countersign::dist::Cookie::new(b"x".to_vec())),
//! #     acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
//! # };
//! # let node = Node::start("a@localhost", options).await?;
//! let gate = Launch::new(Gate(None)).start(&node).await?;
//! let pass = || node.call(&gate, atom("pass"), Duration::from_secs(5));
//! let (one, other) = futures_util::join!(pass(), pass());
//! assert!(one?.is_atom("open") && other?.is_atom("open"));
//! # node.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod answer;
mod caller;
mod client;
mod launch;
mod ledger;
mod many;
mod origin;
mod serving;
mod system;
mod typed;

pub use answer::{Answer, Step};
pub use caller::{Caller, Deferred};
pub use client::{AskError, Asks, Client};
pub use launch::{Launch, StartFailed};
pub use many::{abcast, multi_call};
pub use origin::{Access, Origin};
pub use typed::Typed;

use crate::etf::Term;
use crate::node::{Mail, Process};
use std::fmt;

/// A server: a value, and what it does about requests, one at a time.
///
/// Everything has a default but the types of its requests. These are whatever can be made of a term: [`Term`]
/// itself, any type of serde's as [`Typed`], or a type of the program with a `TryFrom<Term>`.
///
/// ```
/// use countersign::etf::{Atom, Term};
/// use countersign::node::Process;
/// use countersign::otp::gen_server::{Answer, Caller, GenServer};
///
/// enum Request {
///     Deposit(u64),
///     Balance,
/// }
///
/// #[derive(Debug)]
/// struct NotARequest;
/// # impl std::fmt::Display for NotARequest {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("no such request") }
/// # }
///
/// impl TryFrom<Term> for Request {
///     type Error = NotARequest;
///
///     fn try_from(term: Term) -> Result<Self, NotARequest> {
///         match (term.as_atom().map(Atom::as_str), term.as_tuple()) {
///             (Some("balance"), _) => Ok(Self::Balance),
///             (_, Some([what, amount])) if what.is_atom("deposit") => amount.as_u64().map(Self::Deposit).ok_or(NotARequest),
///             _ => Err(NotARequest),
///         }
///     }
/// }
///
/// struct Account(u64);
///
/// impl GenServer for Account {
///     type Call = Request;
///     type Cast = Term;
///
///     async fn handle_call(&mut self, request: Request, caller: Caller, _: &mut Process) -> Answer {
///         if let Request::Deposit(amount) = request {
///             self.0 = self.0.saturating_add(amount);
///         }
///         caller.answer(self.0)
///     }
/// }
/// # let _ = Account(0);
/// ```
///
/// The value itself is dropped when the server ends, however it ends.
#[expect(unused_variables, reason = "the names are for whoever implements it")]
pub trait GenServer: Send + Sized + 'static {
    /// What is asked by `gen_server:call`.
    type Call: TryFrom<Term, Error: fmt::Display> + Send;
    /// What is said by `gen_server:cast`.
    type Cast: TryFrom<Term, Error: fmt::Display> + Send;

    /// Begins, as the process that will serve, before anybody is told that it is there. An error is a reason why it
    /// does not: the starter gets it as [`StartFailed::Refused`], and the process ends with it.
    fn init(&mut self, process: &mut Process) -> impl Future<Output = Result<Step, Term>> + Send {
        async { Ok(Step::Wait) }
    }

    /// Whether whoever says something may. What is not admitted is refused, and counted: a call with an answer, all else
    /// in silence. Asked for everything that others send; not for links, monitors and exits, which are the node's.
    ///
    /// `sys` can read the state, suspend and end the server: the default lets all peers do it, as OTP does.
    ///
    /// ```
    /// use countersign::etf::Term;
    /// use countersign::node_name::NodeName;
    /// use countersign::otp::gen_server::{Access, GenServer, Origin};
    ///
    /// struct Vault {
    ///     operators: NodeName,
    /// }
    ///
    /// impl GenServer for Vault {
    ///     type Call = Term;
    ///     type Cast = Term;
    ///
    ///     fn admits(&self, origin: &Origin, access: Access) -> bool {
    ///         match access {
    ///             // Whom an authority of ours vouches for.
    ///             Access::Call => origin.is_verified(),
    ///             // One node, by the URI on its certificate.
    ///             Access::System => origin.is_here() || origin.is_node(&self.operators),
    ///             _ => origin.is_here(),
    ///         }
    ///     }
    /// }
    /// # let vault = Vault { operators: "ops@db.example".parse().unwrap() };
    /// # assert!(vault.admits(&Origin::Here, Access::System));
    /// ```
    fn admits(&self, origin: &Origin, access: Access) -> bool {
        true
    }

    /// Answers a call, or sees to it that somebody does.
    fn handle_call(&mut self, request: Self::Call, caller: Caller, process: &mut Process) -> impl Future<Output = Answer> + Send {
        async { caller.not_supported() }
    }

    /// Does something about what was said by a cast.
    fn handle_cast(&mut self, request: Self::Cast, origin: Origin, process: &mut Process) -> impl Future<Output = Step> + Send {
        async {
            log::debug!(target: "countersign::otp", server = std::any::type_name::<Self>(); "a cast that the server does not know");
            Step::Wait
        }
    }

    /// Does something about all other mail: plain messages, ends of monitors and links, nodes that come and go.
    fn handle_info(&mut self, mail: Mail, process: &mut Process) -> impl Future<Output = Step> + Send {
        async {
            log::debug!(target: "countersign::otp", server = std::any::type_name::<Self>(); "mail that the server does not expect");
            Step::Wait
        }
    }

    /// Goes on with what [`Step::Continue`] has left to do, before the next mail.
    fn handle_continue(&mut self, process: &mut Process) -> impl Future<Output = Step> + Send {
        async { Step::Wait }
    }

    /// Does something about the silence that [`Step::WaitFor`] has waited for.
    fn handle_timeout(&mut self, process: &mut Process) -> impl Future<Output = Step> + Send {
        async { Step::Wait }
    }

    /// Says goodbye: the server ends by a [`Step::Stop`], by `gen_server:stop`, or with its parent if it traps exits.
    /// As in OTP, not if an exit ends it that it does not trap. Nor if it panics: what it was about to do is half
    /// done, and only its destructors know how to clean up.
    fn terminate(&mut self, reason: &Term, process: &mut Process) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// What `sys:get_state` and `sys:get_status` show. By default the name of the type, and nothing that is in it.
    fn state(&self) -> Term {
        Term::from(std::any::type_name::<Self>())
    }
}
