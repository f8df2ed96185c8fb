//! How a process that is being started tells its starter that it is ready, in the words of OTP's `proc_lib`.
//!
//! A starter of OTP that has spawned a process waits for `{ack, Pid, Result}`; without it, it waits until its
//! time is over. [`init_ack`] is for processes that are no [`gen_server`](super::gen_server): those do it by
//! themselves.
//!
//! ```
//! use countersign::etf::{Term, atom, tuple};
//! use countersign::node::Node;
//! use countersign::otp::proc_lib;
//! # use countersign::node::{EpmdMode, NodeOptions};
//! # use std::time::Duration;
//!
//! # countersign::rt::block_on(async {
//! # let options = NodeOptions {
//! #     danger_plaintext: true, cookie: Some(countersign::dist::Cookie::new(b"x".to_vec())),
//! #     acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
//! # };
//! # let node = Node::start("a@localhost", options).await?;
//! let acknowledged = node.run(|mut starter| async move {
//!     let own = starter.pid().clone();
//!     let child = starter.spawn(|mut process| async move {
//!         let ready = tuple([atom("ok"), Term::from(process.pid().clone())]);
//!         proc_lib::init_ack(&mut process, &own, ready).await
//!     });
//!     let ready = tuple([atom("ok"), Term::from(child.clone())]);
//!     assert_eq!(proc_lib::await_ack(&mut starter, &child, Duration::from_secs(5)).await, Ok(ready));
//! });
//! assert!(acknowledged.await.is_some());
//! # node.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

use crate::etf::{Pid, Reference, Term, atom, tuple};
use crate::node::{Down, Mail, Process, SendError};
use crate::rt;
use std::time::Duration;

/// Tells a starter, here or at a peer, that this process is ready, or why it is not: `{ack, Pid, Result}`.
///
/// # Errors
/// It cannot be told.
pub async fn init_ack(process: &mut Process, starter: &Pid, result: impl Into<Term>) -> Result<(), StarterIsGone> {
    let ack = tuple([atom("ack"), Term::from(process.pid().clone()), result.into()]);
    process.send(starter, ack).await.map_err(StarterIsGone)
}

/// Nobody waits for this process to be ready.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the starter cannot be told")]
pub struct StarterIsGone(#[source] SendError);

/// As a reason to end: what the starter would have been told is of no use to anybody.
impl From<StarterIsGone> for Term {
    fn from(_: StarterIsGone) -> Self {
        atom("shutdown")
    }
}

/// Waits for what a process says by [`init_ack`].
///
/// # Errors
/// It ended before, or does not say it in time. Then it still runs.
pub async fn await_ack(process: &mut Process, child: &Pid, within: Duration) -> Result<Term, Unacknowledged> {
    let watching = process.monitor(child).await;
    let said = acknowledged(process, child, &watching, within).await;
    process.demonitor(&watching);
    said
}

/// The same of a process that is watched already.
pub(super) async fn acknowledged(
    process: &mut Process,
    child: &Pid,
    watching: &Reference,
    within: Duration,
) -> Result<Term, Unacknowledged> {
    let said = rt::timeout(within, process.receive_where(|mail| ack(mail, child).is_some() || mail.down(watching).is_some())).await;
    match said {
        Ok(Mail::Down(down)) => Err(Unacknowledged::Ended(down)),
        Ok(mail) => Ok(ack(&mail, child).cloned().unwrap_or_else(Term::nil)),
        Err(rt::Elapsed) => Err(Unacknowledged::Timeout(within)),
    }
}

/// Why a process has not said that it is ready.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unacknowledged {
    /// It has ended.
    #[error("it ended before it was ready: {}", .0.reason)]
    Ended(Box<Down>),
    /// It has said nothing so far.
    #[error("it was not ready within {0:?}")]
    Timeout(Duration),
}

/// The result in an acknowledgement by this process. What somebody else says in its name is none.
fn ack<'a>(mail: &'a Mail, child: &Pid) -> Option<&'a Term> {
    let Mail::Message(message) = mail else { return None };
    let is_from_there = message.peer.as_ref().is_none_or(|peer| child.node == peer.facts().peer_atom);
    match message.term.as_tuple()? {
        [kind, Term::Pid(from), result] if kind.is_atom("ack") && **from == *child && is_from_there => Some(result),
        _ => None,
    }
}
