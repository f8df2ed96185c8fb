//! Signals to processes of peers, in the forms that the peer takes. What cannot be sent because the link has
//! ended needs no error here: the end of the link tells everybody concerned.

use super::destination::Whom;
use super::peer::Peer;
use crate::dist::Flags;
use crate::dist::control::{
    AliasSend, Control, DemonitorP, Exit, Exit2, Link, MonitorP, MonitorPExit, PayloadExit, PayloadExit2, PayloadMonitorPExit, Proc,
    RegSend, Send, SendSender, Unlink, UnlinkId, UnlinkIdAck, UnlinkNumber, Unused,
};
use crate::etf::{Atom, Pid, Reference, Term, atom};
use crate::net::link::NotSent;
use crate::node_name::NodeName;
use crate::observe::Event;

/// A name of a node is never longer than an atom may be.
pub(super) fn atom_of(node: &NodeName) -> Atom {
    Atom::new(node.as_str()).unwrap_or(Atom::fixed(""))
}

/// The message that carries a term to a process.
pub(super) fn send_to(peer: &Peer, from: &Pid, whom: Whom) -> Control {
    let from = from.clone();
    match whom {
        Whom::Pid(to) if peer.can(Flags::SEND_SENDER) => SendSender { from, to }.into(),
        Whom::Pid(to) => Send { unused: Unused, to }.into(),
        Whom::Name(to) => RegSend { from, unused: Unused, to }.into(),
        Whom::Alias(alias) => AliasSend { from, alias: alias.into() }.into(),
    }
}

pub(super) fn link(peer: &Peer, from: &Pid, to: &Pid) -> bool {
    post(peer, Link { from: from.clone(), to: to.clone() }, None)
}

/// False if nothing is to be acknowledged: the link is over at once.
pub(super) fn unlink(peer: &Peer, id: UnlinkNumber, from: &Pid, to: &Pid) -> bool {
    let (from, to) = (from.clone(), to.clone());
    if peer.can(Flags::UNLINK_ID) {
        return post(peer, UnlinkId { id, from, to }, None);
    }
    post(peer, Unlink { from, to }, None);
    false
}

pub(super) fn acknowledge_unlink(peer: &Peer, id: UnlinkNumber, from: Pid, to: Pid) {
    post(peer, UnlinkIdAck { id, from, to }, None);
}

/// The end of a link, because a process has ended.
pub(super) fn exit(peer: &Peer, from: &Pid, to: &Pid, reason: &Term) {
    post_reason(peer, None, reason, |reason| {
        let (from, to) = (from.clone(), to.clone());
        if peer.can(Flags::EXIT_PAYLOAD) { PayloadExit { from, to }.into() } else { Exit { from, to, reason: reason.clone() }.into() }
    });
}

/// A wish that a process ends.
pub(super) fn exit2(peer: &Peer, from: &Pid, to: &Pid, reason: &Term) {
    post_reason(peer, None, reason, |reason| {
        let (from, to) = (from.clone(), to.clone());
        if peer.can(Flags::EXIT_PAYLOAD) { PayloadExit2 { from, to }.into() } else { Exit2 { from, to, reason: reason.clone() }.into() }
    });
}

pub(super) fn monitor(peer: &Peer, from: &Pid, to: Proc, reference: &Reference) -> bool {
    post(peer, MonitorP { from: from.clone(), to, reference: reference.clone() }, None)
}

pub(super) fn demonitor(peer: &Peer, from: &Pid, to: Proc, reference: &Reference) {
    post(peer, DemonitorP { from: from.clone(), to, reference: reference.clone() }, None);
}

/// Of nobody, or of a process that has said everything else before.
pub(super) fn monitor_exit(peer: &Peer, ended: Option<&Pid>, from: Proc, to: Pid, reference: &Reference, reason: &Term) {
    post_reason(peer, ended, reason, |reason| {
        let (from, to, reference) = (from.clone(), to.clone(), reference.clone());
        if peer.can(Flags::EXIT_PAYLOAD) {
            PayloadMonitorPExit { from, to, reference }.into()
        } else {
            MonitorPExit { from, to, reference, reason: reason.clone() }.into()
        }
    });
}

/// Whoever is told of an end must be told, even if the reason of one of our own processes has no form in bytes.
fn post_reason(peer: &Peer, ended: Option<&Pid>, reason: &Term, control: impl Fn(&Term) -> Control) {
    let attempt = |reason: &Term| {
        let control = control(reason);
        let payload = control.has_payload().then_some(reason);
        match ended {
            Some(ended) => peer.link.post_behind(ended, control, payload),
            None => peer.link.post(control, payload),
        }
    };
    if let Err(NotSent::Unsendable(error)) = attempt(reason) {
        log::error!(target: "countersign::node", event:% = Event::TermUnsendable, peer:% = peer.name(), error:%; "a reason cannot be sent as it is");
        drop(attempt(&atom("unsendable")));
    }
}

/// Whether the link took it. What cannot be put into bytes is logged, and counts as sent.
pub(super) fn post(peer: &Peer, control: impl Into<Control>, payload: Option<&Term>) -> bool {
    was_taken(peer, peer.link.post(control, payload))
}

fn was_taken(peer: &Peer, posted: Result<(), NotSent>) -> bool {
    match posted {
        Ok(()) => true,
        Err(NotSent::Closed(_)) => false,
        Err(error) => {
            log::error!(target: "countersign::node", event:% = Event::TermUnsendable, peer:% = peer.name(), error:%; "a signal cannot be sent");
            true
        }
    }
}
