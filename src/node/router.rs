//! What a peer says, brought to where it belongs.

use super::alias::{Alias, Lasts};
use super::body::Body;
use super::core::Core;
use super::mail::{Mail, Message};
use super::mailbox::Undelivered;
use super::peer::{Made, Peer};
use super::reason;
use super::registry::number;
use super::rpc;
use super::ties::{Place, Watched, Watcher};
use super::wire;
use crate::dist::control::{self, Control, Proc, UnlinkNumber};
use crate::dist::{self, Heard, Violation};
use crate::etf::{Atom, Pid, Reference, Term};
use crate::net::Hear;
use crate::net::link::Ended;
use std::sync::Arc;

/// Takes the messages of one peer.
pub(super) struct Router {
    core: Arc<Core>,
    peer: Arc<Peer>,
    /// Messages one behind the other for one process: they are handed over together.
    batch: Vec<Mail>,
    whose: Option<Arc<Body>>,
    /// The name by which it was found, if by name: while a batch is brought to its places it stays so.
    name: Option<Atom>,
}

impl Router {
    pub(super) const fn new(core: Arc<Core>, peer: Arc<Peer>) -> Self {
        Self { core, peer, batch: Vec::new(), whose: None, name: None }
    }
}

impl Hear for Router {
    fn hear(&mut self, messages: &mut Vec<Heard>) -> Result<(), Violation> {
        let heard = messages.drain(..).try_for_each(|heard| match heard {
            Heard::Message(message) => self.route(message),
            Heard::Again(term) => {
                self.add(term);
                Ok(())
            }
        });
        // What came before a violation, too.
        self.turn_to(None);
        heard
    }

    fn hear_that_a_handover_is_wanted(&mut self) {
        self.core.hand_over_as_asked(&self.peer);
    }
}

impl Core {
    /// Puts a message into a mailbox for somebody who cannot wait for room.
    pub(super) fn put(&self, body: &Body, message: Message) {
        let peer = message.peer.clone();
        if body.mailbox.put(Mail::Message(message)) == Err(Undelivered::Full) {
            self.overflow(body, peer.as_deref(), 1);
        }
    }

    /// One more tie of a peer's making, unless that is too many.
    pub(super) fn take_on(&self, peer: &Peer) -> Option<Made> {
        let limit = self.settings.limits.ties_per_peer;
        let made = peer.makes_a_tie(limit);
        if made.is_none() {
            peer.link.cut(Ended::TooManyTies { limit });
        }
        made
    }
}

impl Router {
    fn route(&mut self, message: dist::Message) -> Result<(), Violation> {
        message.control.check_origin(self.peer.name())?;
        let payload = message.payload.unwrap_or_else(Term::nil);
        match message.control {
            Control::SendSender(control::SendSender { to, .. })
            | Control::SendSenderTt(control::SendSenderTt { to, .. })
            | Control::Send(control::Send { to, .. })
            | Control::SendTt(control::SendTt { to, .. }) => self.deliver(&to, payload),
            Control::RegSend(control::RegSend { to, .. }) | Control::RegSendTt(control::RegSendTt { to, .. }) => {
                self.deliver_to_name(&to, payload)
            }
            Control::AliasSend(control::AliasSend { alias, .. }) | Control::AliasSendTt(control::AliasSendTt { alias, .. }) => {
                self.deliver_to_alias(Alias::of(alias), payload)
            }
            other => {
                // A signal does not overtake a message.
                self.hand_over();
                self.signal(other, payload);
            }
        }
        Ok(())
    }

    fn deliver(&mut self, to: &Pid, term: Term) {
        if self.whose.as_ref().is_none_or(|body| body.pid != *to) {
            self.turn_to(self.core.body(to));
        }
        self.add(term);
    }

    /// A name that nobody has is nothing that the sender would be told of in Erlang.
    fn deliver_to_name(&mut self, name: &Atom, term: Term) {
        if self.name.as_ref() != Some(name) {
            let found = self.core.registry.named(name);
            if found.is_none() {
                log::debug!(target: "countersign::node", peer:% = self.peer.name(), name:%; "a message for nobody");
            }
            let is_same = matches!((&self.whose, &found), (Some(one), Some(other)) if Arc::ptr_eq(one, other));
            if !is_same {
                self.turn_to(found);
            }
            self.name = Some(name.clone());
        }
        self.add(term);
    }

    /// One that has ended, or never was, is nothing that anybody is told of.
    fn deliver_to_alias(&mut self, alias: Alias, term: Term) {
        match self.core.take_alias(&alias) {
            Some((body, Lasts::UntilUnaliased)) => {
                if self.whose.as_ref().is_none_or(|whose| whose.pid != body.pid) {
                    self.turn_to(Some(body));
                }
                self.add(term);
            }
            // It is what its process waits for, so there is room for it. Behind what came before it, as ever.
            Some((body, Lasts::UntilReply)) => {
                self.hand_over();
                body.mailbox.put_signal(Mail::Message(Message { term, peer: Some(Arc::clone(&self.peer)) }));
            }
            None => {}
        }
    }

    fn turn_to(&mut self, body: Option<Arc<Body>>) {
        self.hand_over();
        (self.whose, self.name) = (body, None);
    }

    fn add(&mut self, term: Term) {
        if self.whose.is_some() {
            self.batch.push(Mail::Message(Message { term, peer: Some(Arc::clone(&self.peer)) }));
        }
    }

    fn hand_over(&mut self) {
        let Some(body) = self.whose.as_ref().filter(|_| !self.batch.is_empty()) else { return };
        if body.mailbox.put_all(&mut self.batch) == Err(Undelivered::Full) {
            self.core.overflow(body, Some(&self.peer), self.batch.len());
        }
        self.batch.clear();
    }

    fn signal(&self, control: Control, payload: Term) {
        match control {
            Control::Link(control::Link { from, to }) => self.link(from, to),
            Control::Unlink(control::Unlink { from, to }) => self.unlink(&from, &to),
            Control::UnlinkId(control::UnlinkId { id, from, to }) => {
                self.unlink(&from, &to);
                // Always, and before anything else to that process.
                wire::acknowledge_unlink(&self.peer, id, to, from);
            }
            Control::UnlinkIdAck(control::UnlinkIdAck { id, from, to }) => self.unlinked(id, &from, &to),
            Control::Exit(control::Exit { from, to, reason }) | Control::ExitTt(control::ExitTt { from, to, reason, .. }) => {
                self.core.break_link(&to, &from, &reason, Some(&self.peer))
            }
            Control::PayloadExit(control::PayloadExit { from, to }) | Control::PayloadExitTt(control::PayloadExitTt { from, to, .. }) => {
                self.core.break_link(&to, &from, &payload, Some(&self.peer))
            }
            Control::Exit2(control::Exit2 { from, to, reason }) | Control::Exit2Tt(control::Exit2Tt { from, to, reason, .. }) => {
                self.core.exit_here(&from, &to, &reason, Some(&self.peer))
            }
            Control::PayloadExit2(control::PayloadExit2 { from, to })
            | Control::PayloadExit2Tt(control::PayloadExit2Tt { from, to, .. }) => {
                self.core.exit_here(&from, &to, &payload, Some(&self.peer))
            }
            Control::MonitorP(control::MonitorP { from, to, reference }) => self.monitor(from, to, &reference),
            Control::DemonitorP(control::DemonitorP { reference, .. }) => self.demonitor(&reference),
            Control::MonitorPExit(control::MonitorPExit { to, reference, reason, .. }) => self.down(&to, &reference, reason),
            Control::PayloadMonitorPExit(control::PayloadMonitorPExit { to, reference, .. }) => self.down(&to, &reference, payload),
            Control::SpawnRequest(asked) => rpc::serve::spawn(&self.core, &self.peer, asked, payload),
            Control::SpawnRequestTt(control::SpawnRequestTt { request, from, group_leader, mfa, options, .. }) => {
                let asked = control::SpawnRequest { request, from, group_leader, mfa, options };
                rpc::serve::spawn(&self.core, &self.peer, asked, payload)
            }
            Control::SpawnReply(control::SpawnReply { request, to, flags, result })
            | Control::SpawnReplyTt(control::SpawnReplyTt { request, to, flags, result, .. }) => {
                self.core.spawned(&self.peer, request, &to, flags, result)
            }
            // Group leaders and linked nodes mean nothing here.
            _ => {}
        }
    }

    fn link(&self, from: Pid, to: Pid) {
        match self.core.body(&to) {
            Some(body) if self.is_tied(&body, &from) => {}
            _ => wire::exit(&self.peer, &to, &from, &reason::noproc()),
        }
    }

    /// A link that we are just ending stays as it is: what the peer said came before it heard of that.
    fn is_tied(&self, body: &Body, from: &Pid) -> bool {
        if body.ties().links.contains_key(from) {
            return true;
        }
        let Some(made) = self.core.take_on(&self.peer) else { return true };
        body.tie(from, Some((&self.peer, Some(made)))) || !body.ties().is_over
    }

    fn unlink(&self, from: &Pid, to: &Pid) {
        let Some(body) = self.core.body(to) else { return };
        let mut ties = body.ties();
        if ties.links.get(from).is_some_and(|bond| bond.unlinking.is_none()) {
            ties.links.remove(from);
        }
    }

    fn unlinked(&self, id: UnlinkNumber, from: &Pid, to: &Pid) {
        let Some(body) = self.core.body(to) else { return };
        let mut ties = body.ties();
        if ties.links.get(from).is_some_and(|bond| bond.unlinking == Some(id)) {
            ties.links.remove(from);
        }
    }

    fn monitor(&self, from: Pid, to: Proc, reference: &Reference) {
        let (found, name) = match &to {
            Proc::Pid(pid) => (self.core.body(pid), None),
            Proc::Name(name) => (self.core.registry.named(name), Some(name.clone())),
        };
        let watcher = Watcher { pid: from.clone(), name, peer: Some(Arc::clone(&self.peer)) };
        // A reference of another node might be one that somebody else watches by.
        if let Some(body) = found.filter(|_| *reference.node() == self.peer.facts().peer_atom) {
            let Some(made) = self.core.take_on(&self.peer) else { return };
            // One that it watches by already goes on meaning what it meant.
            if self.peer.watches(reference, number(&body.pid), made) {
                if body.watch(reference, watcher) {
                    return;
                }
                self.peer.watches_no_more(reference);
            }
        }
        wire::monitor_exit(&self.peer, None, to, from, reference, &reason::noproc());
    }

    fn demonitor(&self, reference: &Reference) {
        let watched = self.peer.watches_no_more(reference).and_then(|process| self.core.registry.body(process));
        if let Some(body) = watched {
            body.ties().watchers.remove(reference);
        }
    }

    fn down(&self, to: &Pid, reference: &Reference, reason: Term) {
        let Some(body) = self.core.body(to) else { return };
        let is_there = |watched: &Watched| matches!(&watched.place, Place::There(peer) if peer.id() == self.peer.id());
        let is_watched_there = body.ties().monitors.get(reference).is_some_and(is_there);
        if is_watched_there {
            self.core.break_monitor(&body, reference, reason);
        }
    }
}
