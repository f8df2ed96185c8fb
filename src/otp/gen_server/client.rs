//! Requests and answers that are types of Rust's, at the caller's end.

use crate::etf::serde::{Mapping, Mismatch};
use crate::etf::{Atom, Term};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node::{CallError, Destination, Node, Process, SendError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::time::Duration;

/// A server, here or at any node and in any language, that takes requests of the type `Q`.
///
/// What it answers is whatever the program asks for: `{ok, Value}` and `{error, Reason}` are a `Result`, `ok` is `()`.
///
/// ```
/// use countersign::etf::Atom;
/// use countersign::node::{Node, Process};
/// use countersign::node_name::NodeName;
/// use countersign::otp::gen_server::{AskError, Client};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// #[serde(rename_all = "snake_case")]
/// enum Request {
///     Withdraw(u64),
///     Balance,
/// }
///
/// async fn withdraw(process: &mut Process, bank: NodeName) -> Result<u64, AskError> {
///     let account = Client::of((Atom::fixed("account"), bank));
///     let withdrawn: Result<(), String> = account.call(&mut *process, &Request::Withdraw(100)).await?;
///     if let Err(why) = withdrawn {
///         log::info!(why; "no money");
///     }
///     account.call(process, &Request::Balance).await
/// }
/// # let _ = withdraw;
/// ```
#[derive(Debug)]
pub struct Client<Q> {
    whom: Destination,
    within: Duration,
    mapping: Mapping,
    requests: PhantomData<fn(&Q)>,
}

/// Who can ask: a process, or a node by a process made for it.
pub trait Asks: Send {
    /// Asks, as [`Process::call`] does.
    ///
    /// # Errors
    /// There is no answer.
    fn ask(self, whom: Destination, request: Term, within: Duration) -> impl Future<Output = Result<Term, CallError>> + Send;

    /// Tells, as [`Process::cast`] does.
    ///
    /// # Errors
    /// It cannot be sent.
    fn tell(self, whom: Destination, request: Term) -> impl Future<Output = Result<(), SendError>> + Send;
}

impl Asks for &mut Process {
    async fn ask(self, whom: Destination, request: Term, within: Duration) -> Result<Term, CallError> {
        self.call(whom, request, within).await
    }

    async fn tell(self, whom: Destination, request: Term) -> Result<(), SendError> {
        self.cast(whom, request).await
    }
}

impl Asks for &Node {
    async fn ask(self, whom: Destination, request: Term, within: Duration) -> Result<Term, CallError> {
        self.call(whom, request, within).await
    }

    async fn tell(self, whom: Destination, request: Term) -> Result<(), SendError> {
        self.cast(whom, request).await
    }
}

impl<Q: Serialize> Client<Q> {
    /// Of this server, which may take five seconds to answer.
    pub fn of(whom: impl Into<Destination>) -> Self {
        // As long as gen_server:call/2 waits.
        Self { whom: whom.into(), within: Duration::from_secs(5), mapping: Mapping::erlang(), requests: PhantomData }
    }

    /// How long it may take to answer.
    #[must_use]
    pub fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    /// With other terms for some values: [`Mapping::elixir`] has `nil` for `None`.
    #[must_use]
    pub fn mapped(self, mapping: Mapping) -> Self {
        Self { mapping, ..self }
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// There is none, or none of this type.
    pub async fn call<A: DeserializeOwned>(&self, by: impl Asks, request: &Q) -> Result<A, AskError> {
        let request = self.mapping.to_term(request).map_err(AskError::Request)?;
        let answer = by.ask(self.whom.clone(), request, self.within).await?;
        self.mapping.from_term(&answer).map_err(|source| match refusal(&answer) {
            Some(reason) => AskError::Refused { object: self.whom.clone(), reason },
            None => AskError::Answer(source),
        })
    }

    /// Says something that is not answered. As in Erlang, nobody need be there to hear it.
    ///
    /// # Errors
    /// It cannot be sent.
    pub async fn cast(&self, by: impl Asks, request: &Q) -> Result<(), AskError> {
        let request = self.mapping.to_term(request).map_err(AskError::Request)?;
        by.tell(self.whom.clone(), request).await.map_err(|error| AskError::Call(error.into()))
    }
}

impl<Q> Clone for Client<Q> {
    fn clone(&self) -> Self {
        Self { whom: self.whom.clone(), within: self.within, mapping: self.mapping.clone(), requests: PhantomData }
    }
}

/// `{error, Reason}`, where the program has not asked for a `Result`.
fn refusal(answer: &Term) -> Option<Term> {
    match answer.as_tuple() {
        Some([error, reason]) if error.is_atom("error") => Some(reason.clone()),
        _ => None,
    }
}

/// Why there is no answer of the type that was asked for.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// The request has no term, and was not sent.
    #[error("the request has no term: {0}")]
    Request(#[source] Mismatch),
    /// There is no answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The server has answered `{error, Reason}`, and that is not of the type that was asked for.
    #[error("{object} refuses: {reason}")]
    Refused {
        /// Who was asked.
        object: Destination,
        /// Its words: `notsup`, `unanswered`, `{bad_request, Text}` and `{not_allowed, Text}` of servers of this library.
        reason: Term,
    },
    /// The answer is of another type.
    #[error("the answer is not what was asked for: {0}")]
    Answer(#[source] Mismatch),
}

impl Failure for AskError {
    fn code(&self) -> Code {
        match self {
            Self::Request(mismatch) | Self::Answer(mismatch) => mismatch.code(),
            Self::Call(error) => error.code(),
            Self::Refused { reason, .. } => match word(reason) {
                Some("not_allowed") => Code::NotAllowed,
                Some("bad_request") => Code::TermMismatch,
                _ => Code::CallFailed,
            },
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Request(mismatch) | Self::Answer(mismatch) => mismatch.hint(),
            Self::Call(error) => error.hint(),
            Self::Refused { .. } => Hint::fixed("the reason is the server's; to have it as a value, ask for a Result"),
        }
    }
}

/// Of `Word` and `{Word, _}`.
fn word(reason: &Term) -> Option<&str> {
    let tag = reason.as_tuple().and_then(<[Term]>::first).unwrap_or(reason);
    tag.as_atom().map(Atom::as_str)
}
