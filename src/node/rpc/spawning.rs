//! Requests of ours to spawn a process at a peer.
//!
//! A request is a monitor from the start, of a process that nobody knows yet: so the loss of the peer tells of it, and
//! its giving up forgets it. When the peer says who the child is, the monitor is of that one.

use super::error::ErpcError;
use crate::dist::Flags;
use crate::dist::control::{Mfa, Proc, SpawnFlags, SpawnRequest};
use crate::etf::{Atom, Pid, Reference, Term, Terms, atom, tuple};
use crate::node::body::Body;
use crate::node::core::Core;
use crate::node::mail::{Mail, Message, Monitored};
use crate::node::peer::Peer;
use crate::node::process::Process;
use crate::node::registry::number;
use crate::node::ties::{Place, Ties, Watched};
use crate::node::{SendError, reason, wire};
use crate::node_name::NodeName;
use std::sync::Arc;

/// A child that is awaited.
#[derive(Clone, Debug)]
pub(super) struct Awaited {
    pub(super) reference: Reference,
    pub(super) node: NodeName,
}

/// What is heard of it, in this order, and the first two but once.
#[derive(Debug)]
pub(super) enum News {
    Begun(Pid),
    Refused(Atom),
    Ended(Term),
}

impl Awaited {
    pub(super) async fn news(&self, process: &mut Process) -> News {
        loop {
            let mail = process.receive_where(|mail| self.is_news(mail)).await;
            match (mail.down(&self.reference), mail.term().and_then(Term::as_tuple)) {
                (Some(down), _) => return News::Ended(down.reason.clone()),
                (None, Some([_, _, _, Term::Pid(pid)])) => return News::Begun((**pid).clone()),
                (None, Some([_, _, _, Term::Atom(why)])) => return News::Refused(why.clone()),
                _ => {}
            }
        }
    }

    /// Erlang's `{spawn_reply, Reference, ok | error, Result}`, of that peer and of nobody else; or the end.
    fn is_news(&self, mail: &Mail) -> bool {
        let is_reply = |message: &Message| {
            let is_this = |term: &Term| term.as_reference() == Some(&self.reference);
            let Some([kind, reference, _, result]) = message.term.as_tuple() else { return false };
            let Some(peer) = message.peer.as_ref().filter(|peer| *peer.name() == self.node) else { return false };
            // A peer can write such a message itself, and name whom it likes as the child.
            kind.is_atom("spawn_reply") && is_this(reference) && result.as_pid().is_none_or(|child| is_of(child, peer))
        };
        mail.down(&self.reference).is_some() || matches!(mail, Mail::Message(message) if is_reply(message))
    }

    /// Nothing of it counts any more. If the child comes yet, the peer is told so then; if it has come unheard, this is
    /// it.
    pub(super) fn forget(&self, process: &mut Process) -> Option<Pid> {
        // First: from then on the router takes care of it.
        process.demonitor(&self.reference);
        match process.take_where(|mail| self.is_news(mail))?.term()?.as_tuple()? {
            [_, _, _, Term::Pid(pid)] => Some((**pid).clone()),
            _ => None,
        }
    }
}

/// Asks a peer. What is awaited is known before anything can be waited for, so that it can be forgotten whenever
/// that takes too long.
pub(super) async fn request(
    process: &mut Process,
    node: &NodeName,
    (mfa, arguments): (Mfa, Term),
    wishes: &[&'static str],
    awaited: &mut Option<Awaited>,
) -> Result<(), ErpcError> {
    let peer = process.peer(&wire::atom_of(node)).await?;
    if !peer.can(Flags::SPAWN) {
        return Err(ErpcError::NotSupported { node: node.clone() });
    }
    let (core, from) = (Arc::clone(process.core()), process.pid().clone());
    let reference = core.reference();
    // Whoever wants to hear of the child does so through the monitor.
    if wishes.contains(&"monitor") {
        process.body().await_child(&reference, node, &peer);
        *awaited = Some(Awaited { reference: reference.clone(), node: node.clone() });
    }
    // Where it is being started again, nobody takes what the function prints.
    let group_leader = core.registry.named(&Atom::fixed("user")).map_or_else(|| core.own_pid(), |user| user.pid.clone());
    let options = Terms::from(wishes.iter().map(|&wish| atom(wish)).collect::<Vec<_>>());
    let asked = SpawnRequest { request: reference, from, group_leader, mfa, options };
    let sent = peer.link.send(&asked.into(), Some(&arguments)).await;
    sent.map_err(|source| SendError::NotSent { peer: node.clone(), source }.into())
}

impl Body {
    fn await_child(&self, reference: &Reference, node: &NodeName, peer: &Arc<Peer>) {
        let object = Monitored { process: Proc::Name(Atom::fixed("undefined")), node: wire::atom_of(node) };
        let mut ties = self.ties();
        ties.go_over(peer, number(&self.pid));
        ties.monitors.insert(reference.clone(), Watched { object, place: Place::Awaited(Arc::clone(peer)) });
    }

    /// A peer says who a child is; whether this one still waits for that. All of it under one lock: who gives up
    /// meanwhile finds that the child has not come, or everything that came of it.
    fn child_comes(&self, peer: &Arc<Peer>, request: &Reference, child: &Pid, flags: SpawnFlags) -> bool {
        let mut ties = self.ties();
        let Some(watched) = awaited(&mut ties, request, peer) else { return false };
        watched.object.process = Proc::Pid(child.clone());
        watched.place = Place::There(Arc::clone(peer));
        // Now, and not when the parent looks: the child may end with the next message.
        if flags.contains(SpawnFlags::LINK) {
            self.tie_under(&mut ties, child, Some((peer, None)));
        }
        tell(self, peer, request, atom("ok"), child.clone().into());
        true
    }

    /// A peer says why there is none.
    fn no_child_comes(&self, peer: &Arc<Peer>, request: &Reference, why: Atom) {
        let mut ties = self.ties();
        if awaited(&mut ties, request, peer).is_some() {
            ties.monitors.remove(request);
            tell(self, peer, request, atom("error"), why.into());
        }
    }
}

/// Any other monitor is nothing that the peer could say a word about.
fn awaited<'a>(ties: &'a mut Ties, request: &Reference, peer: &Peer) -> Option<&'a mut Watched> {
    let waits = |watched: &&mut Watched| matches!(&watched.place, Place::Awaited(from) if from.id() == peer.id());
    ties.monitors.get_mut(request).filter(waits)
}

impl Core {
    /// A peer's answer to a request of ours.
    pub(in crate::node) fn spawned(&self, peer: &Arc<Peer>, request: Reference, to: &Pid, flags: SpawnFlags, result: Proc) {
        let body = self.body(to);
        match result {
            // Of another node, or of another life of it, the peer knows nothing.
            Proc::Pid(child) if !is_of(&child, peer) => {}
            Proc::Pid(child) => {
                if !body.is_some_and(|body| body.child_comes(peer, &request, &child, flags)) {
                    abandon(peer, &request, to, &child, flags);
                }
            }
            Proc::Name(why) => {
                if let Some(body) = body {
                    body.no_child_comes(peer, &request, why);
                }
            }
        }
    }
}

/// Whether it is a process of this life of the peer.
fn is_of(child: &Pid, peer: &Peer) -> bool {
    child.node == peer.facts().peer_atom && child.creation == peer.creation()
}

/// Nobody waits for it any more, or nobody is there who could.
fn abandon(peer: &Peer, request: &Reference, parent: &Pid, child: &Pid, flags: SpawnFlags) {
    if flags.contains(SpawnFlags::MONITOR) {
        wire::demonitor(peer, parent, Proc::Pid(child.clone()), request);
    }
    if flags.contains(SpawnFlags::LINK) {
        wire::exit(peer, parent, child, &reason::abandoned());
    }
}

fn tell(body: &Body, peer: &Arc<Peer>, request: &Reference, outcome: Term, result: Term) {
    let term = tuple([atom("spawn_reply"), request.clone().into(), outcome, result]);
    body.mailbox.put_signal(Mail::Message(Message { term, peer: Some(Arc::clone(peer)) }));
}
