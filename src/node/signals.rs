//! Links, monitors and exits: what happens to the two processes of a tie, wherever the other one is.
//!
//! No two processes' locks are ever held at a time. So each step leaves one side tied and the other not yet,
//! or no more; whoever removes a tie is the one who tells its process, and so nobody is told twice.

use super::body::{Body, Exit};
use super::core::Core;
use super::mail::{Down, Mail, Monitored};
use super::peer::{Made, Peer};
use super::reason;
use super::registry::number;
use super::ties::{Bond, Place, Ties, Watched, Watcher};
use super::wire;
use crate::dist::control::Proc;
use crate::etf::{Pid, Reference, Term};
use crate::node_name::NodeName;
use std::sync::Arc;

/// Where a process is that somebody wants to be tied to.
#[derive(Debug)]
pub(super) enum Where {
    Here,
    At(Arc<Peer>),
    /// Its node cannot be reached.
    Nowhere,
}

impl Core {
    /// A process has ended: everybody who is tied to it learns why, and it is forgotten. Once.
    pub(super) fn bury(&self, body: &Arc<Body>, reason: Term) {
        body.mailbox.close();
        let own = number(&body.pid);
        // First: who learns of the end finds the name free.
        self.registry.remove(own);
        self.subscribers.forget(own);
        let mut ties = body.ties();
        if ties.is_over {
            return;
        }
        let reason = ties.doom.take().unwrap_or(reason);
        let left = std::mem::replace(&mut *ties, Ties { is_over: true, ..Ties::default() });
        drop(ties);
        left.end(own);
        left.links.into_iter().for_each(|(other, bond)| self.end_bond(&body.pid, &other, bond, &reason));
        left.monitors.into_iter().for_each(|(reference, watched)| self.call_off(&body.pid, &reference, watched));
        left.watchers.into_iter().for_each(|(reference, watcher)| self.tell_watcher(&body.pid, reference, watcher, &reason));
        self.timers.forget(left.timers);
        self.is_buried();
    }

    fn end_bond(&self, own: &Pid, other: &Pid, bond: Bond, reason: &Term) {
        match bond {
            Bond { peer: None, .. } => self.break_link(other, own, reason, None),
            Bond { peer: Some(peer), unlinking: None, .. } => wire::exit(&peer, own, other, reason),
            // The peer knows already that there is no link.
            Bond { .. } => {}
        }
    }

    /// The other end of a link of `own` has ended, as a peer says or as we know.
    pub(super) fn break_link(&self, own: &Pid, other: &Pid, reason: &Term, peer: Option<&Peer>) {
        let Some(body) = self.body(own) else { return };
        let mut ties = body.ties();
        if ties.links.get(other).is_some_and(|bond| bond.unlinking.is_none()) {
            ties.links.remove(other);
            self.take_exit_under(ties, &body, other, reason, Exit::ByLink, peer);
        }
    }

    /// Links a process of ours to another one. If that does not live, it is as if it ended now.
    pub(super) fn link(&self, body: &Arc<Body>, other: &Pid, place: Where) {
        if *other == body.pid {
            return;
        }
        match place {
            Where::Here => self.link_here(body, other),
            Where::At(peer) if peer.creation() == other.creation => self.link_there(body, other, peer),
            Where::At(_) => self.take_exit(body, other, &reason::noproc(), Exit::ByLink, None),
            Where::Nowhere => self.take_exit(body, other, &reason::noconnection(), Exit::ByLink, None),
        }
    }

    fn link_here(&self, body: &Arc<Body>, other: &Pid) {
        if body.tie(other, None) && !self.body(other).is_some_and(|far| far.tie(&body.pid, None) || !far.ties().is_over) {
            self.break_link(&body.pid, other, &reason::noproc(), None);
        }
    }

    fn link_there(&self, body: &Arc<Body>, other: &Pid, peer: Arc<Peer>) {
        if body.tie(other, Some((&peer, None))) && !wire::link(&peer, &body.pid, other) {
            self.lose_ties_of(body, &peer);
        }
    }

    /// Ends a link, and nobody learns of anything.
    pub(super) fn unlink(&self, body: &Arc<Body>, other: &Pid) {
        let mut ties = body.ties();
        let Some(bond) = ties.links.get_mut(other) else { return };
        match bond.peer.clone() {
            None => {
                ties.links.remove(other);
                drop(ties);
                if let Some(far) = self.body(other) {
                    far.ties().links.remove(&body.pid);
                }
            }
            Some(_) if bond.unlinking.is_some() => {}
            Some(peer) => {
                let number = self.unlink_number();
                bond.unlinking = Some(number);
                drop(ties);
                if !wire::unlink(&peer, number, &body.pid, other) {
                    body.ties().links.remove(other);
                }
            }
        }
    }

    /// Watches a process; its end, or that it is not there, comes as [`Mail::Down`].
    pub(super) fn monitor(&self, body: &Arc<Body>, reference: &Reference, process: Proc, node: &NodeName, place: Where) {
        let object = Monitored { process, node: wire::atom_of(node) };
        match place {
            Where::Here => self.monitor_here(body, reference, object),
            Where::At(peer) => self.monitor_there(body, reference, object, peer),
            Where::Nowhere => put_down_now(body, reference, object, reason::noconnection()),
        }
    }

    fn monitor_here(&self, body: &Arc<Body>, reference: &Reference, object: Monitored) {
        let (found, name) = match &object.process {
            Proc::Pid(pid) => (self.body(pid), None),
            Proc::Name(name) => (self.registry.named(name), Some(name.clone())),
        };
        let Some(far) = found else { return put_down_now(body, reference, object, reason::noproc()) };
        let watched = Watched { object, place: Place::Here(number(&far.pid)) };
        body.ties().monitors.insert(reference.clone(), watched);
        if !far.watch(reference, Watcher { pid: body.pid.clone(), name, peer: None }) {
            self.break_monitor(body, reference, reason::noproc());
        }
    }

    fn monitor_there(&self, body: &Arc<Body>, reference: &Reference, object: Monitored, peer: Arc<Peer>) {
        if matches!(&object.process, Proc::Pid(pid) if pid.creation != peer.creation()) {
            return put_down_now(body, reference, object, reason::noproc());
        }
        let process = object.process.clone();
        let mut ties = body.ties();
        ties.go_over(&peer, number(&body.pid));
        ties.monitors.insert(reference.clone(), Watched { object, place: Place::There(Arc::clone(&peer)) });
        drop(ties);
        if !wire::monitor(&peer, &body.pid, process, reference) {
            self.lose_ties_of(body, &peer);
        }
    }

    /// What a process watched is no more.
    pub(super) fn break_monitor(&self, body: &Body, reference: &Reference, reason: Term) {
        let mut ties = body.ties();
        let watched = ties.monitors.remove(reference);
        if let Some(watched) = watched {
            ties.end_waiting_alias(reference);
            // Under the lock: who watches no more finds either the monitor or the mail of its end.
            put_down(body, reference, watched.object, reason);
        }
    }

    /// Watches no more.
    pub(super) fn demonitor(&self, body: &Body, reference: &Reference) {
        let mut ties = body.ties();
        ties.end_waiting_alias(reference);
        let watched = ties.monitors.remove(reference);
        drop(ties);
        if let Some(watched) = watched {
            self.call_off(&body.pid, reference, watched);
        }
    }

    pub(super) fn call_off(&self, own: &Pid, reference: &Reference, watched: Watched) {
        match watched.place {
            Place::There(peer) => wire::demonitor(&peer, own, watched.object.process, reference),
            // When it says who the child is, it is told.
            Place::Awaited(_) => {}
            Place::Here(far) => {
                if let Some(far) = self.registry.body(far) {
                    far.ties().watchers.remove(reference);
                }
            }
        }
    }

    fn tell_watcher(&self, own: &Pid, reference: Reference, watcher: Watcher, reason: &Term) {
        match watcher.peer {
            None => {
                if let Some(body) = self.body(&watcher.pid) {
                    self.break_monitor(&body, &reference, reason.clone());
                }
            }
            Some(peer) => {
                peer.watches_no_more(&reference);
                let process = watcher.name.map_or_else(|| Proc::Pid(own.clone()), Proc::Name);
                wire::monitor_exit(&peer, Some(own), process, watcher.pid, &reference, reason);
            }
        }
    }

    /// A peer is lost, and with it every tie that went over its link.
    pub(super) fn lose_ties(&self, peer: &Arc<Peer>) {
        let tied = peer.lose();
        tied.into_iter().filter_map(|process| self.registry.body(process)).for_each(|body| self.lose_ties_of(&body, peer));
    }

    /// Also called for a tie that was about to be made over a link that has just ended.
    fn lose_ties_of(&self, body: &Body, peer: &Arc<Peer>) {
        let mut ties = body.ties();
        ties.forget_peer(peer.id());
        let losses = ties.losses(peer.id());
        drop(ties);
        losses.links.iter().for_each(|other| self.lose_link(body, other, peer));
        losses.monitors.iter().for_each(|reference| self.break_monitor(body, reference, reason::noconnection()));
    }

    fn lose_link(&self, body: &Body, other: &Pid, peer: &Peer) {
        let mut ties = body.ties();
        if ties.links.remove(other).is_some_and(|bond| bond.unlinking.is_none()) {
            self.take_exit_under(ties, body, other, &reason::noconnection(), Exit::ByLink, Some(peer));
        }
    }
}

impl Body {
    /// Notes a link; false if there was one, or nothing can be tied to this process any more.
    pub(super) fn tie(&self, other: &Pid, over: Option<(&Arc<Peer>, Option<Made>)>) -> bool {
        self.tie_under(&mut self.ties(), other, over)
    }

    /// The same under the lock of its ties.
    pub(super) fn tie_under(&self, ties: &mut Ties, other: &Pid, over: Option<(&Arc<Peer>, Option<Made>)>) -> bool {
        if ties.is_over || ties.links.get(other).is_some_and(|bond| bond.unlinking.is_none()) {
            return false;
        }
        // Also one that is being unlinked: it counts again, and an acknowledgement to come does not end it.
        let (peer, made) = over.map_or((None, None), |(peer, made)| (Some(peer), made));
        peer.iter().for_each(|peer| ties.go_over(peer, number(&self.pid)));
        ties.links.insert(other.clone(), Bond { peer: peer.cloned(), unlinking: None, made });
        true
    }

    /// Notes somebody who watches; false if it is too late.
    pub(super) fn watch(&self, reference: &Reference, watcher: Watcher) -> bool {
        let mut ties = self.ties();
        if !ties.is_over {
            watcher.peer.iter().for_each(|peer| ties.go_over(peer, number(&self.pid)));
            ties.watchers.insert(reference.clone(), watcher);
        }
        !ties.is_over
    }
}

/// At once, for what never was watched.
fn put_down_now(body: &Body, reference: &Reference, object: Monitored, reason: Term) {
    body.ties().end_waiting_alias(reference);
    put_down(body, reference, object, reason);
}

fn put_down(body: &Body, reference: &Reference, object: Monitored, reason: Term) {
    let down = Down { reference: reference.clone(), object, reason };
    body.mailbox.put_signal(Mail::Down(Box::new(down)));
}
