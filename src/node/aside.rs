//! What a process of a floor above says and watches without waiting for anybody, and without connecting to anybody:
//! one slow peer, or one that is gone, must not keep it from all others.

use super::call::{self, Request};
use super::destination::Whom;
use super::handle::Node;
use super::mail::{Mail, Message};
use super::mailbox::Undelivered;
use super::outcome::Outcome;
use super::peer::Peer;
use super::process::Process;
use super::signals::Where;
use super::ties::Bond;
use super::{Destination, wire};
use crate::etf::{Atom, Pid, Reference, Term};
use crate::node_name::NodeName;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

impl Node {
    /// Starts a process that ends by itself or with the node, whatever exits it is sent.
    pub(crate) fn spawn_service<F, Fut>(&self, run: F) -> Pid
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.core().spawn_own(run)
    }
}

impl Process {
    /// All nodes that are peers now.
    pub(crate) fn peers(&self) -> Vec<Arc<Peer>> {
        self.core().peers.all()
    }

    /// The node of this name, if it is a peer now.
    pub(crate) fn peer_at_hand(&self, node: &NodeName) -> Option<Arc<Peer>> {
        self.core().peer(node.as_str())
    }

    /// Sends to a process at the other end of this link. Too much that is not read ends the link.
    pub(crate) fn tell(&self, peer: &Peer, to: &Pid, term: &Term) {
        wire::post(peer, wire::send_to(peer, self.pid(), Whom::Pid(to.clone())), Some(term));
    }

    /// Sends to whoever has a name at the other end of this link.
    pub(crate) fn tell_name(&self, peer: &Peer, to: &Atom, term: &Term) {
        wire::post(peer, wire::send_to(peer, self.pid(), Whom::Name(to.clone())), Some(term));
    }

    /// Answers a request; as with [`Process::tell`], nobody waits for that.
    pub(crate) fn answer(&self, request: &Request, answer: Term) {
        call::answer(self.core(), self.pid(), request, answer);
    }

    /// Puts a term into the mailbox of a process of this node; false if there is no room. One that has ended takes
    /// everything.
    pub(crate) fn offer(&self, to: &Pid, term: Term) -> bool {
        let message = Mail::Message(Message { term, peer: None });
        self.core().body(to).is_none_or(|body| body.mailbox.put(message) != Err(Undelivered::Full))
    }

    /// The same, whether there is room or not: for what comes once.
    pub(crate) fn insist(&self, to: &Pid, term: Term) {
        if let Some(body) = self.core().body(to) {
            body.mailbox.put_signal(Mail::Message(Message { term, peer: None }));
        }
    }

    /// Monitors a process of this node, or of the node at the other end of this link.
    pub(crate) fn monitor_at(&self, pid: &Pid, peer: Option<&Arc<Peer>>) -> Reference {
        let place = peer.map_or(Where::Here, |peer| Where::At(Arc::clone(peer)));
        let (process, node) = Destination::from(pid).named(self.core());
        let reference = self.core().reference();
        self.core().monitor(self.body(), &reference, process, &node, place);
        reference
    }

    /// Watches no more, and does not look for a mail of the end that may have come: whoever does this for a peer
    /// must not go through all that waits each time.
    pub(crate) fn watch_no_more(&self, reference: &Reference) {
        self.core().demonitor(self.body(), reference);
    }

    /// Whom it may have started itself since then, of those that it is linked to: here, those that began since; at a
    /// peer, those that it was not the peer who linked. Anybody can link himself to a process at any time.
    pub(crate) fn began_since(&self, then: Instant) -> Vec<Pid> {
        let is_ours = |other: &Pid| self.body().ties().links.get(other).is_some_and(Bond::is_ours);
        let is_young = |other: &Pid| self.core().body(other).is_none_or(|body| body.since >= then);
        self.links().into_iter().filter(|other| is_ours(other) && is_young(other)).collect()
    }

    /// Gives up a name.
    pub(crate) fn resign(&self, name: &Atom) {
        self.core().registry.unregister(name);
    }
}
