//! The scope processes of other nodes: who takes part, what each of them has, and what it says.

use super::bag::Bag;
use super::holdings::{Holdings, Movement};
use super::message::{self, Saying, What};
use super::server::Server;
use crate::etf::{Atom, Pid, Reference, Term};
use crate::node::{Message, Peer, Process};
use crate::observe::Event;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// One scope process of each node, at most.
#[derive(Debug, Default)]
pub(super) struct Overlay(HashMap<Atom, Member>);

/// The scope process of a peer.
#[derive(Debug)]
pub(super) struct Member {
    scope: Pid,
    peer: Arc<Peer>,
    /// By which we watch it.
    reference: Reference,
    /// Whether it has been sent all that we have. Before that it is sent no changes: OTP's process ends over one
    /// who leaves a group of which it has not heard.
    knows_us: bool,
    is_over_limit: bool,
    holdings: Holdings,
}

impl Member {
    /// Whether this process speaks, over the link over which we watch it.
    fn is(&self, scope: &Pid, peer: &Peer) -> bool {
        self.scope == *scope && self.peer.link().id() == peer.link().id()
    }
}

impl Overlay {
    /// Takes out the one that is watched by this reference.
    pub(super) fn remove(&mut self, scope: &Pid, reference: &Reference) -> Option<Member> {
        let is_it = self.0.get(&scope.node).is_some_and(|member| member.reference == *reference);
        is_it.then(|| self.0.remove(&scope.node))?
    }

    /// Tells all who know what came before.
    pub(super) fn tell_all(&self, process: &Process, term: &Term) {
        let members = self.0.values().filter(|member| member.knows_us);
        members.for_each(|member| process.tell(&member.peer, &member.scope, term));
    }

    fn find(&mut self, scope: &Pid, peer: &Peer) -> Option<&mut Member> {
        self.0.get_mut(&scope.node).filter(|member| member.is(scope, peer))
    }
}

impl Server {
    /// Asks all peers that take no part, as far as we know, whether they do.
    pub(super) fn look_around(&mut self) {
        let peers = self.process.peers();
        peers.iter().for_each(|peer| self.look_at(peer));
    }

    pub(super) fn look_at(&mut self, peer: &Arc<Peer>) {
        let known = self.overlay.0.get(&peer.facts().peer_atom).filter(|member| member.peer.link().id() == peer.link().id());
        match known.map(|member| (member.scope.clone(), member.knows_us)) {
            None => self.process.tell_name(peer, &self.shared.name, &message::discover(self.process.pid())),
            // It has answered us long ago, and never asked.
            Some((scope, false)) => self.introduce(&scope, peer),
            Some((_, true)) => {}
        }
    }

    /// A message of a scope process, if it is one. A peer speaks for its own processes only.
    pub(super) fn hear(&mut self, message: Message) {
        let saying = Saying::parse(&message.term);
        match (saying, message.peer) {
            (Some(saying), Some(peer)) if saying.pids().all(|pid| is_of(pid, &peer)) => self.obey(saying, &peer),
            (_, peer) => {
                self.shared.ignored.fetch_add(1, Ordering::Relaxed);
                let from = peer.as_ref().map_or("this node", |peer| peer.name().as_str());
                log::debug!(target: "countersign::pg", scope:% = self.shared.name, from; "a message that no scope sends");
            }
        }
    }

    fn obey(&mut self, Saying { from, what }: Saying, peer: &Arc<Peer>) {
        match what {
            What::Discover => {
                if self.meet(&from, peer) {
                    self.introduce(&from, peer);
                    self.process.tell(peer, &from, &message::discover(self.process.pid()));
                } else {
                    self.introduce(&from, peer);
                }
            }
            What::Sync(groups) => {
                self.meet(&from, peer);
                self.sync(&from, peer, groups);
            }
            What::Join(movement) => self.peer_joins(&from, peer, movement),
            What::Leave(pids, groups) => self.peer_leaves(&from, peer, pids, groups),
        }
    }

    /// Watches a scope process; whether it is new. Another one of the same node is no more.
    fn meet(&mut self, scope: &Pid, peer: &Arc<Peer>) -> bool {
        if self.overlay.find(scope, peer).is_some() {
            return false;
        }
        if let Some(earlier) = self.overlay.0.remove(&scope.node) {
            self.process.watch_no_more(&earlier.reference);
            self.lost(earlier);
        }
        let member = Member {
            scope: scope.clone(),
            peer: Arc::clone(peer),
            reference: self.process.monitor_at(scope, Some(peer)),
            knows_us: false,
            is_over_limit: false,
            holdings: Holdings::default(),
        };
        self.overlay.0.insert(scope.node.clone(), member);
        true
    }

    /// Sends all that we have.
    fn introduce(&mut self, scope: &Pid, peer: &Peer) {
        let Some(member) = self.overlay.find(scope, peer) else { return };
        member.knows_us = true;
        let all = message::sync(self.process.pid(), &self.shared.roster.local());
        self.process.tell(peer, scope, &all);
    }

    fn sync(&mut self, scope: &Pid, peer: &Peer, groups: Vec<Movement>) {
        let Some(member) = self.overlay.find(scope, peer) else { return };
        let difference = member.holdings.sync(groups, &self.options.limits);
        self.refuse(scope, peer, difference.refused);
        difference.left.iter().for_each(|movement| self.left(movement));
        difference.joined.iter().for_each(|movement| self.joined(movement));
    }

    /// Of a scope process that we have not met this is late news, or none.
    fn peer_joins(&mut self, scope: &Pid, peer: &Peer, (group, mut pids): Movement) {
        let Some(member) = self.overlay.find(scope, peer) else { return };
        let joined = member.holdings.join(&group, &mut pids, &self.options.limits);
        self.refuse(scope, peer, pids.len());
        joined.iter().for_each(|movement| self.joined(movement));
    }

    fn peer_leaves(&mut self, scope: &Pid, peer: &Peer, pids: Vec<Pid>, groups: Vec<Term>) {
        let Some(member) = self.overlay.find(scope, peer) else { return };
        let pids: Bag = pids.into_iter().collect();
        let mut times: HashMap<Term, usize> = HashMap::new();
        for group in groups {
            let named = times.entry(group).or_default();
            *named = named.saturating_add(1);
        }
        let leaves = |(group, times): (Term, usize)| {
            let left = member.holdings.leave(&group, &pids, times);
            (group, left)
        };
        let left: Vec<Movement> = times.into_iter().map(leaves).collect();
        left.iter().for_each(|movement| self.left(movement));
    }

    fn refuse(&mut self, scope: &Pid, peer: &Peer, refused: usize) {
        let Some(member) = self.overlay.find(scope, peer).filter(|_| refused > 0) else { return };
        self.shared.refused.fetch_add(refused as u64, Ordering::Relaxed);
        // Once: a peer must not choose the size of our log.
        if !std::mem::replace(&mut member.is_over_limit, true) {
            let (scope, limits) = (self.shared.name.as_str(), self.options.limits);
            log::warn!(
                target: "countersign::pg", event:% = Event::GroupsFull, scope, peer:% = peer.name(),
                memberships = limits.memberships_per_peer, name_bytes = limits.name_bytes_per_peer;
                "a peer has more in groups than this node keeps: what is beyond is refused"
            );
        }
    }

    /// A scope process is gone, and with it all that it has told us.
    pub(super) fn lost(&mut self, member: Member) {
        member.holdings.give_up().for_each(|movement| self.left(&movement));
    }
}

/// Whether a process is of this life of a peer.
fn is_of(pid: &Pid, peer: &Peer) -> bool {
    let facts = peer.facts();
    pid.creation == facts.creation && pid.node == facts.peer_atom
}
