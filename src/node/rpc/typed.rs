//! Functions that take and return types of Rust's.

use super::arguments::Arguments;
use super::functions::{Arity, Function};
use super::invocation::Call;
use super::raised::Raised;
use crate::etf::serde::{Mapping, Mismatch};
use crate::etf::{Term, Terms, atom, tuple};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::Future;

/// A function from types of Rust's to one of Rust's, as [`typed`] and [`typed_with_call`] make it.
///
/// Arguments that are not of these types are an error of whoever calls, `{badarg, Text}`, and the function does not
/// run. The text says which one and why; arguments count from 0. What it returns and has no term (an infinite float,
/// say) is an error of the function, `{bad_return_value, Text}`.
pub struct TypedFunction {
    run: Box<Run>,
    takes: Arity,
    mapping: Mapping,
}

type Run = dyn Fn(Call, &Mapping) -> BoxFuture<'static, Result<Term, Raised>> + Send + Sync;

/// Makes a function of the program's one that can be exported: its arguments are [`Arguments`], its value whatever
/// serde can write.
///
/// ```
/// use countersign::etf::atom;
/// use countersign::node::rpc::{Apply, Callers, ErpcError, Functions, Raised, typed};
/// use countersign::node::{EpmdMode, Node, NodeOptions};
/// use std::time::Duration;
///
/// async fn divide((one, other): (i64, i64)) -> Result<i64, Raised> {
///     one.checked_div(other).ok_or_else(|| Raised::error(atom("badarith")))
/// }
///
/// # countersign::rt::block_on(async {
/// let functions = Functions::new()
///     .export("math", "divide", 2, Callers::verified(), typed(divide))?
///     .export("math", "add", 2, Callers::verified(), typed(|(one, other): (i64, i64)| async move { Ok::<_, Raised>(one + other) }))?;
/// # let options = NodeOptions {
/// #     danger_plaintext: true, cookie: Some(countersign::dist::Cookie::new(b"x".to_vec())),
/// #     acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
/// # };
/// let node = Node::start("a@localhost", NodeOptions { functions, ..options }).await?;
///
/// // From an Erlang shell: erpc:call('a@localhost', math, add, [20, 22]).
/// let sum = node.erpc(node.name(), Apply::typed("math", "add", &(20, 22))?, Duration::from_secs(5)).await?;
/// assert_eq!(sum.as_i64(), Some(42));
///
/// // error:{exception, {badarg, <<"$[1]: …">>}, …}
/// let wrong = node.erpc(node.name(), Apply::typed("math", "add", &(20, "a"))?, Duration::from_secs(5)).await;
/// let Err(ErpcError::Error { reason, .. }) = wrong else { panic!("a text is no number") };
/// assert!(reason.to_string().starts_with("{badarg,<<\"$[1]: expected an integer"));
/// # node.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub fn typed<F, A, Fut, T>(run: F) -> TypedFunction
where
    F: Fn(A) -> Fut + Send + Sync + 'static,
    A: Arguments + DeserializeOwned,
    Fut: Future<Output = Result<T, Raised>> + Send + 'static,
    T: Serialize,
{
    typed_with_call(move |_, arguments| run(arguments))
}

/// The same for a function that wants to know who calls, or to do something as the process that it is. The arguments
/// are no longer in the [`Call`].
///
/// ```
/// use countersign::etf::atom;
/// use countersign::node::rpc::{Call, Callers, Functions, Raised, typed_with_call};
///
/// async fn greet(mut call: Call, (name,): (String,)) -> Result<String, Raised> {
///     if let Some(pid) = call.caller.pid.clone() {
///         call.process.send(&pid, atom("seen")).await.map_err(|_| Raised::exit(atom("gone")))?;
///     }
///     Ok(format!("hello {name} at {}", call.caller))
/// }
///
/// let functions = Functions::new().export("desk", "greet", 1, Callers::verified(), typed_with_call(greet))?;
/// # Ok::<(), countersign::node::rpc::ExportRefused>(())
/// ```
pub fn typed_with_call<F, A, Fut, T>(run: F) -> TypedFunction
where
    F: Fn(Call, A) -> Fut + Send + Sync + 'static,
    A: Arguments + DeserializeOwned,
    Fut: Future<Output = Result<T, Raised>> + Send + 'static,
    T: Serialize,
{
    let run = move |mut call: Call, mapping: &Mapping| {
        let arguments = Term::List(Terms::from(std::mem::take(&mut call.arguments)));
        let arguments = match mapping.from_term::<A>(&arguments) {
            Ok(arguments) => arguments,
            Err(mismatch) => return ready(Err(fault("badarg", &mismatch))).boxed(),
        };
        let mapping = mapping.clone();
        run(call, arguments).map(move |outcome| outcome.and_then(|value| written(&mapping, &value))).boxed()
    };
    TypedFunction { run: Box::new(run), takes: A::ARITY, mapping: Mapping::erlang() }
}

impl TypedFunction {
    /// With other terms for some values: [`Mapping::elixir`] has `nil` for `None`.
    #[must_use]
    pub fn mapped(self, mapping: Mapping) -> Self {
        Self { mapping, ..self }
    }
}

impl Function for TypedFunction {
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Term, Raised>> {
        (self.run)(call, &self.mapping)
    }

    fn takes(&self) -> Arity {
        self.takes
    }
}

impl fmt::Debug for TypedFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedFunction").field("takes", &self.takes).field("mapping", &self.mapping).finish_non_exhaustive()
    }
}

fn written<T: Serialize>(mapping: &Mapping, value: &T) -> Result<Term, Raised> {
    mapping.to_term(value).map_err(|mismatch| {
        let value = std::any::type_name::<T>();
        log::debug!(target: "countersign::node", value, path:% = mismatch.path(); "what a function returns has no term");
        fault("bad_return_value", &mismatch)
    })
}

/// `{Whose, Text}`
fn fault(whose: &'static str, mismatch: &Mismatch) -> Raised {
    Raised::error(tuple([atom(whose), Term::from(mismatch.to_string())]))
}
