//! Requests and answers as OTP's `gen_server` has them.

use super::core::Core;
use super::destination::Destination;
use super::error::{CallError, SendError};
use super::mail::{Mail, Message};
use super::peer::Peer;
use super::process::Process;
use super::wire;
use crate::etf::{Pid, Reference, Term, atom, tuple};
use crate::rt;
use std::sync::Arc;
use std::time::Duration;

/// A request that waits for an answer: `{'$gen_call', {Pid, Tag}, Request}`.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked.
    pub request: Term,
    /// Which peer asks; `None`: a process of this node.
    pub peer: Option<Arc<Peer>>,
    from: Pid,
    tag: Term,
}

impl Request {
    /// The request that a message is.
    ///
    /// # Errors
    /// The message, if it is none; also if a peer asks for an answer to a process that is not its own.
    pub fn parse(message: Message) -> Result<Self, Message> {
        Self::labelled("$gen_call", message)
    }

    /// The same of `{system, {Pid, Tag}, Request}`, which OTP's `sys` sends.
    ///
    /// # Errors
    /// As of [`Request::parse`].
    pub fn parse_system(message: Message) -> Result<Self, Message> {
        Self::labelled("system", message)
    }

    fn labelled(label: &str, message: Message) -> Result<Self, Message> {
        let parts = || {
            let [kind, from, request] = message.term.as_tuple()? else { return None };
            let [pid, tag] = from.as_tuple()? else { return None };
            kind.is_atom(label).then(|| Some((pid.as_pid()?.clone(), tag.clone(), request.clone())))?
        };
        match parts() {
            Some((from, tag, request)) if message.may_be_answered_to(&from) => Ok(Self { request, peer: message.peer, from, tag }),
            _ => Err(message),
        }
    }

    /// Who asks.
    pub const fn from(&self) -> &Pid {
        &self.from
    }

    /// `[alias|Ref]` and `[[alias|Ref]|_]`: the caller wants the answer at the alias, so that one that comes
    /// too late finds nobody.
    fn alias(&self) -> Option<&Reference> {
        let first = match &self.tag {
            Term::Improper(outer) => outer.elements().first(),
            Term::List(outer) => outer.first(),
            _ => None,
        };
        alias_of(&self.tag).or_else(|| first.and_then(alias_of))
    }
}

/// Of `[alias|Ref]`.
fn alias_of(tag: &Term) -> Option<&Reference> {
    let Term::Improper(pair) = tag else { return None };
    match (pair.elements(), pair.tail()) {
        ([word], Term::Reference(alias)) if word.is_atom("alias") => Some(alias),
        _ => None,
    }
}

/// Sends the answer to whoever asked.
pub(super) async fn reply(process: &mut Process, request: &Request, answer: Term) -> Result<(), SendError> {
    let term = tuple([request.tag.clone(), answer]);
    match request.alias() {
        Some(alias) if !process.core().is_here(&request.from) => process.send_to_alias(&request.from.node, alias.clone(), &term).await,
        _ => process.send(&request.from, term).await,
    }
}

/// Sends the answer of a process that the node itself has. It waits for nobody: a peer that does not read would
/// keep it from all others. Nor does it dial: who asks is a peer.
pub(super) fn answer(core: &Core, own: &Pid, request: &Request, answer: Term) {
    let term = tuple([request.tag.clone(), answer]);
    match request.alias() {
        Some(alias) if !core.is_here(&request.from) => {
            if let Some(peer) = core.peer(request.from.node.as_str()) {
                wire::post(&peer, wire::send_to_alias(own.clone(), alias.clone()), Some(&term));
            }
        }
        _ => tell(core, own, &request.from, term),
    }
}

/// Sends a term without waiting for anybody.
pub(super) fn tell(core: &Core, own: &Pid, to: &Pid, term: Term) {
    if let Some(body) = core.body(to) {
        core.put(&body, Message { term, peer: None });
    } else if let Some(peer) = core.peer(to.node.as_str()) {
        wire::post(&peer, wire::send(&peer, own.clone(), to.clone()), Some(&term));
    }
}

/// What `gen_server:cast/2` sends.
pub(super) fn cast(request: Term) -> Term {
    tuple([atom("$gen_cast"), request])
}

/// Watches whom it asks, so that nobody waits for an answer that cannot come. All of it has one deadline; an
/// answer that comes later finds nobody.
pub(super) async fn call(process: &mut Process, whom: Destination, request: Term, within: Duration) -> Result<Term, CallError> {
    let object = whom.clone();
    let mut watching = None;
    let outcome = rt::timeout(within, ask(process, whom, request, &mut watching)).await;
    if let Some(reference) = watching {
        process.demonitor(&reference);
        if !matches!(outcome, Ok(Ok(Mail::Message(_)))) {
            process.expect_no_more(reference);
        }
    }
    match outcome.map_err(|_| CallError::Timeout(within))? {
        Ok(Mail::Down(down)) => Err(unanswered(process, object, down.reason)),
        Ok(mail) => Ok(answered(mail)),
        Err(SendError::NoSuchName(_)) => Err(CallError::NoProcess { object }),
        Err(error) => Err(error.into()),
    }
}

/// Why there is no answer, by the reason with which whoever was asked has ended.
fn unanswered(process: &Process, object: Destination, reason: Term) -> CallError {
    match &reason {
        reason if reason.is_atom("noproc") => CallError::NoProcess { object },
        reason if reason.is_atom("noconnection") => CallError::NodeDown { object, reason: process.why_lost() },
        _ => CallError::Exited { object, reason },
    }
}

async fn ask(process: &mut Process, whom: Destination, request: Term, watching: &mut Option<Reference>) -> Result<Mail, SendError> {
    // First: why a node cannot be reached is more than that it cannot.
    process.connect_to(&whom).await?;
    let reference = process.monitor(whom.clone()).await;
    *watching = Some(reference.clone());
    let from = tuple([Term::from(process.pid().clone()), Term::from(reference.clone())]);
    process.send(whom, tuple([atom("$gen_call"), from, request])).await?;
    Ok(process.receive_where(|mail| mail.down(&reference).is_some() || is_answer(mail, &reference)).await)
}

/// Whether a mail answers the call with this reference.
pub(super) fn is_answer(mail: &Mail, reference: &Reference) -> bool {
    let is_tagged = |term: &Term| matches!(term.as_tuple(), Some([tag, _]) if tag.as_reference() == Some(reference));
    mail.term().is_some_and(is_tagged)
}

fn answered(mail: Mail) -> Term {
    match mail.into_term() {
        Some(Term::Tuple(parts)) => parts.into_iter().next_back().unwrap_or_else(Term::nil),
        _ => Term::nil(),
    }
}
