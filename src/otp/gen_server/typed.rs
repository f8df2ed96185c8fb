//! Requests and answers that are types of Rust's, at the server's end.

use super::answer::Answer;
use super::caller::{Caller, Deferred};
use super::ledger::failure;
use crate::etf::serde::{Mapping, Mismatch, from_term};
use crate::etf::{Term, atom, tuple};
use crate::node::Process;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Any type of serde's as the requests of a [`GenServer`](super::GenServer).
///
/// An enum is what Erlang's programs send: atoms, and tuples that begin with one. What is none of its variants is
/// answered with `{error, {bad_request, Text}}`, and the text says where it differs; the server does not see it.
/// Answers go the same way by [`Caller::answer_typed`] and [`Deferred::answer_typed`].
///
/// ```
/// use countersign::etf::{Atom, atom, tuple, Term};
/// use countersign::node::{Node, Process};
/// use countersign::otp::gen_server::{Answer, Caller, Client, GenServer, Launch, Origin, Step, Typed};
/// use serde::{Deserialize, Serialize};
/// use std::time::Duration;
/// # use countersign::node::{EpmdMode, NodeOptions};
///
/// #[derive(Serialize, Deserialize)]
/// #[serde(rename_all = "snake_case")]
/// enum Request {
///     Add(i64),
///     Get,
/// }
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Count {
///     value: i64,
///     last: Option<i64>,
/// }
///
/// struct Counter(Count);
///
/// impl GenServer for Counter {
///     type Call = Typed<Request>;
///     type Cast = Typed<Request>;
///
///     async fn handle_call(&mut self, Typed(request): Typed<Request>, caller: Caller, _: &mut Process) -> Answer {
///         match request {
///             Request::Add(more) => {
///                 self.0 = Count { value: self.0.value.saturating_add(more), last: Some(more) };
///                 caller.answer_typed(&())
///             }
///             Request::Get => caller.answer_typed(&self.0),
///         }
///     }
/// }
///
/// # countersign::rt::block_on(async {
/// # let options = NodeOptions {
/// #     danger_plaintext: true, cookie: Some(countersign::dist::Cookie::new(b"x".to_vec())),
/// #     acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
/// # };
/// # let node = Node::start("a@localhost", options).await?;
/// const COUNTER: Atom = Atom::fixed("counter");
/// Launch::new(Counter(Count { value: 39, last: None })).named(COUNTER).start(&node).await?;
///
/// // By terms, as Erlang does it: gen_server:call({counter, 'a@localhost'}, {add, 3}).
/// let within = Duration::from_secs(5);
/// let done = node.call(COUNTER, tuple([atom("add"), Term::from(3)]), within).await?;
/// assert!(done.is_atom("ok"));
/// let wrong = node.call(COUNTER, atom("dance"), within).await?;
/// assert_eq!(wrong.to_string(), r#"{error,{bad_request,<<"$: expected add or get, found dance">>}}"#);
///
/// // By types.
/// let count: Count = Client::of(COUNTER).call(&node, &Request::Get).await?;
/// assert_eq!(count, Count { value: 42, last: Some(3) });
/// # node.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typed<T>(
    /// The request.
    pub T,
);

impl<T: DeserializeOwned> TryFrom<Term> for Typed<T> {
    type Error = Mismatch;

    fn try_from(term: Term) -> Result<Self, Mismatch> {
        from_term(&term).map(Self)
    }
}

impl Caller {
    /// Answers with a value of Rust's, in the mapping of [`Launch::mapped`](super::Launch::mapped). One that has no
    /// term (an infinite float, say) is `{error, {bad_answer, Text}}`.
    pub fn answer_typed<T: Serialize + ?Sized>(self, answer: &T) -> Answer {
        let answer = written(&self.ledger.mapping, answer);
        self.answer(answer)
    }
}

impl Deferred {
    /// The same as [`Caller::answer_typed`], later.
    pub async fn answer_typed<T: Serialize + ?Sized>(self, process: &mut Process, answer: &T) {
        let answer = written(&self.ledger.mapping, answer);
        self.answer(process, answer).await;
    }
}

fn written<T: Serialize + ?Sized>(mapping: &Mapping, answer: &T) -> Term {
    mapping.to_term(answer).unwrap_or_else(|mismatch| {
        let answer = std::any::type_name::<T>();
        log::debug!(target: "countersign::otp", answer, path:% = mismatch.path(); "an answer has no term");
        failure(tuple([atom("bad_answer"), Term::from(mismatch.to_string())]))
    })
}
