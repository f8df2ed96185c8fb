//! More than one server at a time.

use crate::etf::{Atom, Term};
use crate::node::{CallError, Node, SendError};
use crate::node_name::NodeName;
use futures_util::future::join_all;
use std::time::Duration;

/// Asks the servers of one name at many nodes, all at once: OTP's `multi_call`. Each answers or says why not, in
/// the order of the nodes.
///
/// ```
/// use countersign::etf::{Atom, Term, atom};
/// use countersign::node::{Node, Process};
/// use countersign::otp::gen_server::{Answer, Caller, GenServer, Launch, multi_call};
/// use std::time::Duration;
/// # use countersign::node::{EpmdMode, NodeOptions};
///
/// struct Echo;
///
/// impl GenServer for Echo {
///     type Call = Term;
///     type Cast = Term;
///
///     async fn handle_call(&mut self, request: Term, caller: Caller, _: &mut Process) -> Answer {
///         caller.answer(request)
///     }
/// }
///
/// # countersign::rt::block_on(async {
/// # let options = NodeOptions {
/// #     danger_plaintext: true, cookie: Some(countersign::dist::Cookie::new(b"x".to_vec())),
/// #     acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
/// # };
/// # let node = Node::start("a@localhost", options).await?;
/// let echo = Atom::fixed("echo");
/// Launch::new(Echo).named(echo.clone()).start(&node).await?;
/// let nodes = [node.name().clone(), "nowhere@localhost".parse()?];
/// let answers = multi_call(&node, &nodes, echo, atom("hello"), Duration::from_secs(5)).await;
/// assert!(answers[0].as_ref().is_ok_and(|answer| answer.is_atom("hello")));
/// assert!(answers[1].is_err());
/// # node.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub async fn multi_call(
    node: &Node,
    at: &[NodeName],
    name: Atom,
    request: impl Into<Term>,
    within: Duration,
) -> Vec<Result<Term, CallError>> {
    let request = request.into();
    join_all(at.iter().map(|there| node.call((name.clone(), there), request.clone(), within))).await
}

/// Tells the servers of one name at many nodes something that they do not answer: OTP's `abcast`. Whom it
/// could not be sent to stands in the result, in the order of the nodes.
pub async fn abcast(node: &Node, to: &[NodeName], name: Atom, request: impl Into<Term>) -> Vec<Result<(), SendError>> {
    let request = request.into();
    join_all(to.iter().map(|there| node.cast((name.clone(), there), request.clone()))).await
}
