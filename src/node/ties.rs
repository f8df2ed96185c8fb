//! What binds a process to others: links, monitors that it holds, and monitors that others hold on it.

use super::alias::Lasts;
use super::mail::Monitored;
use super::peer::{Made, Peer};
use super::timers::TimerId;
use crate::dist::control::UnlinkNumber;
use crate::etf::{Atom, Pid, Reference, Term};
use crate::net::LinkId;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The ties of one process. Always under its lock, and never two processes' locks at a time.
#[derive(Debug, Default)]
pub(super) struct Ties {
    /// Whether the ends of others come as mail.
    pub(super) traps_exits: bool,
    /// What it says it is.
    pub(super) label: Option<Term>,
    /// Why it is to end, once that is decided.
    pub(super) doom: Option<Term>,
    /// Whether it has ended: nothing is tied to it any more.
    pub(super) is_over: bool,
    pub(super) links: HashMap<Pid, Bond>,
    /// What this process watches.
    pub(super) monitors: HashMap<Reference, Watched>,
    /// Who watches this process.
    pub(super) watchers: HashMap<Reference, Watcher>,
    /// Its names that end before it does. One that is waiting for a reply ends together with the monitor of the same
    /// reference, and both under this lock: so either the reply comes or the news of the end, and never both.
    pub(super) aliases: HashMap<Reference, Lasts>,
    /// The timers that end with it, because what they say is for it.
    pub(super) timers: HashSet<TimerId>,
    /// Over whom any of these ever went. Each of them knows of this process.
    pub(super) over: HashMap<LinkId, Arc<Peer>>,
}

/// A link to another process.
#[derive(Debug)]
pub(super) struct Bond {
    /// Over which peer; `None` within the node.
    pub(super) peer: Option<Arc<Peer>>,
    /// We have said that it is over, and the peer has not acknowledged it yet. Until then whatever it says
    /// about this link is old news.
    pub(super) unlinking: Option<UnlinkNumber>,
    /// Whether it is of the peer's making.
    pub(super) made: Option<Made>,
}

impl Bond {
    /// Whether it lasts, and no peer has made it.
    pub(super) const fn is_ours(&self) -> bool {
        self.unlinking.is_none() && self.made.is_none()
    }
}

/// What is watched, and how to call that off.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    pub(super) object: Monitored,
    pub(super) place: Place,
}

/// Where something is watched.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// In this node: the process with this number.
    Here(u64),
    /// At a peer.
    There(Arc<Peer>),
    /// At a peer that was asked to spawn it, and has not said yet who it is.
    Awaited(Arc<Peer>),
}

impl Place {
    /// Over which peer.
    pub(super) const fn peer(&self) -> Option<&Arc<Peer>> {
        match self {
            Self::Here(_) => None,
            Self::There(peer) | Self::Awaited(peer) => Some(peer),
        }
    }
}

/// Somebody who wants to know of the end.
#[derive(Debug, Clone)]
pub(super) struct Watcher {
    pub(super) pid: Pid,
    /// By which name it asked, if by name.
    pub(super) name: Option<Atom>,
    /// Over which peer; `None` within the node.
    pub(super) peer: Option<Arc<Peer>>,
}

/// What a process loses with a node.
#[derive(Debug, Default)]
pub(super) struct Losses {
    pub(super) links: Vec<Pid>,
    pub(super) monitors: Vec<Reference>,
}

impl Ties {
    /// Whether anything goes over this link to a peer.
    pub(super) fn are_over(&self, id: LinkId) -> bool {
        let goes_over = |peer: Option<&Arc<Peer>>| peer.is_some_and(|peer| peer.id() == id);
        self.links.values().any(|bond| goes_over(bond.peer.as_ref()))
            || self.monitors.values().any(|watched| goes_over(watched.place.peer()))
    }

    /// What goes over this link to a peer, and so ends with it.
    pub(super) fn losses(&self, id: LinkId) -> Losses {
        let is_lost = |peer: &Option<Arc<Peer>>| peer.as_ref().is_some_and(|peer| peer.id() == id);
        let links = self.links.iter().filter(|(_, bond)| is_lost(&bond.peer)).map(|(pid, _)| pid.clone());
        let is_watched_there = |watched: &Watched| watched.place.peer().is_some_and(|peer| peer.id() == id);
        let monitors = self.monitors.iter().filter(|(_, watched)| is_watched_there(watched)).map(|(reference, _)| reference.clone());
        Losses { links: links.collect(), monitors: monitors.collect() }
    }

    /// Something of this process, with this number, is about to go over that peer.
    pub(super) fn go_over(&mut self, peer: &Arc<Peer>, own: u64) {
        self.over.entry(peer.id()).or_insert_with(|| {
            peer.is_tied_to(own);
            Arc::clone(peer)
        });
    }

    /// A peer is lost.
    pub(super) fn forget_peer(&mut self, id: LinkId) {
        self.over.remove(&id);
        self.forget_watchers(id);
    }

    /// The process with this number has ended.
    pub(super) fn end(&self, own: u64) {
        self.over.values().for_each(|peer| peer.forget(own));
    }

    /// Forgets watchers that were told everything by the end of their node's link.
    fn forget_watchers(&mut self, id: LinkId) {
        self.watchers.retain(|_, watcher| watcher.peer.as_ref().is_none_or(|peer| peer.id() != id));
    }
}
