//! Requests and answers as OTP's `gen_server` has them.

use super::alias::{Alias, Lasts};
use super::core::Core;
use super::destination::{Destination, Target};
use super::error::{CallError, SendError};
use super::mail::{Mail, Message};
use super::peer::Peer;
use super::process::Process;
use super::wire;
use crate::etf::{Pid, Reference, Term, atom, improper, tuple};
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
    /// too late finds nobody. It must be one of the caller's own node: by another the caller would have us say to
    /// others, in our name, what it may not say itself.
    fn alias(&self) -> Option<Alias> {
        let first = match &self.tag {
            Term::Improper(outer) => outer.elements().first(),
            Term::List(outer) => outer.first(),
            _ => None,
        };
        let alias = alias_of(&self.tag).or_else(|| first.and_then(alias_of))?;
        (*alias.node() == self.from.node).then(|| Alias::of(alias.clone()))
    }

    fn answer_goes_to(&self) -> Destination {
        self.alias().map_or_else(|| Destination::Pid(self.from.clone()), Destination::Alias)
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
    process.send(request.answer_goes_to(), tuple([request.tag.clone(), answer])).await
}

/// Sends the answer of a process that waits for nobody: a peer that does not read would keep it from all others.
/// Nor does it dial: who asks is a peer.
pub(super) fn answer(core: &Core, own: &Pid, request: &Request, answer: Term) {
    tell(core, own, request.answer_goes_to(), tuple([request.tag.clone(), answer]));
}

/// Sends a term without waiting for anybody.
pub(super) fn tell(core: &Core, own: &Pid, to: impl Into<Destination>, term: Term) {
    // A name that nobody has is nothing that anybody is told of here.
    let Ok(target) = to.into().target(core) else { return };
    let message = Message { term, peer: None };
    match target {
        Target::Here(body) => core.put(&body, message),
        Target::Awaited(body) => body.mailbox.put_signal(Mail::Message(message)),
        Target::Nobody => {}
        Target::There(node, whom) => {
            if let Some(peer) = core.peer(node.as_str()) {
                wire::post(&peer, wire::send_to(&peer, own, whom), Some(&message.term));
            }
        }
    }
}

/// What `gen_server:cast/2` sends.
pub(super) fn cast(request: Term) -> Term {
    tuple([atom("$gen_cast"), request])
}

/// Watches whom it asks, so that nobody waits for an answer that cannot come, and asks for the answer at an alias,
/// so that one that comes too late finds nobody. All of it has one deadline.
pub(super) async fn call(process: &mut Process, whom: Destination, request: Term, within: Duration) -> Result<Term, CallError> {
    let object = whom.clone();
    let asked = rt::timeout(within, ask(process, whom, request)).await;
    match asked.map_err(|_| CallError::Timeout(within))? {
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

async fn ask(process: &mut Process, whom: Destination, request: Term) -> Result<Mail, SendError> {
    // First: why a node cannot be reached is more than that it cannot.
    process.connect_to(&whom).await?;
    let mut asking = Asking::new(process);
    asking.process.monitor_as(asking.alias.clone(), whom.clone()).await;
    let tag = improper([atom("alias")], asking.alias.clone());
    let from = tuple([Term::from(asking.process.pid().clone()), tag]);
    asking.process.send(whom, tuple([atom("$gen_call"), from, request])).await?;
    Ok(asking.answer().await)
}

/// A call under way. However it ends, also if its caller no longer cares to wait, nothing is left of it: neither a
/// monitor nor mail.
struct Asking<'a> {
    process: &'a mut Process,
    alias: Reference,
    /// What came before it asked is no answer, and may be much: whoever is flooded must not go through it for each
    /// of its calls.
    passed: usize,
}

impl<'a> Asking<'a> {
    fn new(process: &'a mut Process) -> Self {
        let passed = process.passed();
        let alias = process.alias(Lasts::UntilReply).into();
        Self { process, alias, passed }
    }

    async fn answer(&mut self) -> Mail {
        let alias = &self.alias;
        self.process.receive_behind(self.passed, |mail| mail.down(alias).is_some() || is_answer(mail, alias)).await
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        // An answer at the alias has ended both it and the monitor. One at the pid, from a server that does not know
        // of aliases, has not, and the end of that server may have come behind it.
        let alias = &self.alias;
        self.process.core().demonitor(self.process.body(), alias);
        self.process.discard_behind(self.passed, |mail| mail.down(alias).is_some() || is_answer(mail, alias));
    }
}

/// Whether a mail answers the call with this alias: whichever way it came.
fn is_answer(mail: &Mail, alias: &Reference) -> bool {
    let is_tagged = |term: &Term| matches!(term.as_tuple(), Some([tag, _]) if alias_of(tag) == Some(alias));
    mail.term().is_some_and(is_tagged)
}

fn answered(mail: Mail) -> Term {
    match mail.into_term() {
        Some(Term::Tuple(parts)) => parts.into_iter().next_back().unwrap_or_else(Term::nil),
        _ => Term::nil(),
    }
}
