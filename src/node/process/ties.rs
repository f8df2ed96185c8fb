//! What binds a process to others: links, exits, and what it watches.

use super::Process;
use crate::dist::control::Proc;
use crate::etf::{Pid, Reference, Term};
use crate::node::destination::Destination;
use crate::node::error::SendError;
use crate::node::mail::{Mail, NodeEvent};
use crate::node::registry::number;
use crate::node::signals::Where;
use crate::node::wire;
use crate::node_name::NodeName;

/// What is to be watched.
pub(super) struct Found {
    process: Proc,
    node: NodeName,
    place: Where,
}

impl Process {
    /// Links this process to another: when one ends, for another reason than `normal`, the other one does
    /// too, or gets [`Mail::Exit`] if it traps exits. If the other one is not there, it is as if it ended now.
    pub async fn link(&mut self, other: &Pid) {
        let place = self.core.place(&other.node).await;
        self.core.link(&self.body, other, place);
    }

    /// Ends a link. Nothing that the other process does has consequences here from now on.
    pub fn unlink(&mut self, other: &Pid) {
        self.core.unlink(&self.body, other);
        self.discard(|mail| matches!(mail, Mail::Exit(exited) if exited.from == *other));
    }

    /// Watches a process, by pid or name: its end comes as [`Mail::Down`] with this reference; at once with
    /// the reason `noproc` if it is not there, or `noconnection` if its node is not.
    pub async fn monitor(&mut self, what: impl Into<Destination>) -> Reference {
        let reference = self.core.reference();
        self.monitor_as(reference.clone(), what.into()).await;
        reference
    }

    pub(in crate::node) async fn monitor_as(&mut self, reference: Reference, what: Destination) {
        let found = self.find(what).await;
        self.watch(&reference, found);
    }

    /// Where something is that is to be watched: the one part of that which takes time.
    pub(super) async fn find(&mut self, what: Destination) -> Found {
        let (process, node) = what.named(&self.core);
        let place = self.core.place(&wire::atom_of(&node)).await;
        Found { process, node, place }
    }

    pub(super) fn watch(&mut self, reference: &Reference, Found { process, node, place }: Found) {
        self.core.monitor(&self.body, reference, process, &node, place);
    }

    /// Watches no more, and forgets a [`Mail::Down`] that came already. An alias that was to last until the
    /// reply ends, too.
    pub fn demonitor(&mut self, reference: &Reference) {
        self.core.demonitor(&self.body, reference);
        self.discard(|mail| mail.down(reference).is_some());
    }

    /// Watches a node: the end of its link comes as [`Mail::NodeDown`], once; also if it cannot be reached.
    pub async fn monitor_node(&mut self, node: &NodeName) {
        self.core.subscribers.watch(number(&self.body.pid), node.clone());
        // A link that ended meanwhile may have been told already, which used this up.
        if *node != self.core.name
            && self.core.reach(node).await.is_err()
            && self.core.subscribers.watch_no_more(number(&self.body.pid), node)
        {
            let event = NodeEvent { node: node.clone(), is_visible: false, reason: Some("not connected".to_owned()) };
            self.body.mailbox.put_signal(Mail::NodeDown(Box::new(event)));
        }
    }

    /// Calls off one [`Process::monitor_node`].
    pub fn demonitor_node(&mut self, node: &NodeName) {
        self.core.subscribers.watch_no_more(number(&self.body.pid), node);
    }

    /// Whether all nodes that come and go come as [`Mail::NodeUp`] and [`Mail::NodeDown`].
    pub fn monitor_nodes(&mut self, wanted: bool) {
        self.core.subscribers.subscribe(number(&self.body.pid), wanted);
    }

    /// Whether news of the certificates that this node presents comes as [`Mail::OwnCertificate`]. How they are now,
    /// [`Node::certificates`](crate::node::Node::certificates) says.
    pub fn monitor_certificates(&mut self, wanted: bool) {
        self.core.subscribers.subscribe_to_certificates(number(&self.body.pid), wanted);
    }

    /// Asks another process to end. It may trap that, unless the reason is the atom `kill`.
    ///
    /// # Errors
    /// Its node cannot be reached.
    pub async fn exit(&mut self, other: &Pid, reason: impl Into<Term>) -> Result<(), SendError> {
        let reason = reason.into();
        if self.core.is_here(other) {
            self.core.exit_here(&self.body.pid, other, &reason, None);
        } else if other.node != self.core.atom {
            let peer = self.peer(&other.node).await?;
            wire::exit2(&peer, &self.body.pid, other, &reason);
        }
        Ok(())
    }
}
