//! Exit signals: what they do to whom they reach, and what they may cost.

use super::body::{Body, Exit};
use super::core::Core;
use super::mail::{Exited, Mail};
use super::mailbox::Undelivered;
use super::options::Overflow;
use super::peer::Peer;
use super::reason;
use super::ties::Ties;
use crate::etf::{Pid, Term};
use crate::observe::Event;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering;

impl Core {
    /// Asks a process of ours to end; a peer does, or one of our own.
    pub(super) fn exit_here(&self, from: &Pid, to: &Pid, reason: &Term, peer: Option<&Peer>) {
        if let Some(body) = self.body(to) {
            self.take_exit(&body, from, reason, Exit::Asked, peer);
        }
    }

    /// An exit signal, with Erlang's meaning: `kill` that somebody asks for cannot be trapped; whoever traps
    /// exits gets mail; `normal` ends nobody else; anything else ends the process. What the node itself needs
    /// to be a node ends for nobody.
    pub(super) fn take_exit(&self, body: &Body, from: &Pid, reason: &Term, exit: Exit, peer: Option<&Peer>) {
        self.take_exit_under(body.ties(), body, from, reason, exit, peer);
    }

    /// The same under the lock of the ties of whom it reaches, which it gives back: who ends a link finds either the
    /// link, or everything that came of its end.
    pub(super) fn take_exit_under(
        &self,
        ties: MutexGuard<'_, Ties>,
        body: &Body,
        from: &Pid,
        reason: &Term,
        exit: Exit,
        peer: Option<&Peer>,
    ) {
        if !body.is_mortal() {
            return;
        }
        if exit == Exit::Asked && reason.is_atom("kill") {
            return body.doom_under(ties, reason::killed());
        }
        if ties.traps_exits {
            let exited = Exited { from: from.clone(), reason: reason.clone() };
            return self.put_exit(ties, body, Mail::Exit(Box::new(exited)), exit, peer);
        }
        if !reason.is_atom("normal") || exit == Exit::Asked && *from == body.pid {
            body.doom_under(ties, reason.clone());
        }
    }

    /// A peer may say as many exits as it likes, so there must be room for them. But nobody may go on in the
    /// belief that somebody lives to whom it is linked: who has no room for that news ends.
    fn put_exit(&self, ties: MutexGuard<'_, Ties>, body: &Body, mail: Mail, exit: Exit, peer: Option<&Peer>) {
        let Some(peer) = peer else { return body.mailbox.put_signal(mail) };
        let put = body.mailbox.put(mail);
        drop(ties);
        if put == Err(Undelivered::Full) {
            self.overflow(body, Some(peer), 1);
            if exit == Exit::ByLink {
                body.doom(reason::mailbox_overflow());
            }
        }
    }

    /// Counts and reports what a mailbox had no room for.
    pub(super) fn overflow(&self, body: &Body, peer: Option<&Peer>, lost: usize) {
        let before = self.dropped.fetch_add(lost as u64, Ordering::Relaxed);
        let dropped = before.saturating_add(lost as u64);
        if deserves_a_line(before, dropped) {
            let (process, limit, peer) = (&body.pid, body.mailbox.limit(), peer.map_or(&self.name, Peer::name));
            log::warn!(target: "countersign::node", event:% = Event::MailboxFull, peer:%, process:%, limit, dropped; "a mailbox is full: messages are dropped");
        }
        if body.overflow == Overflow::Exit && body.is_mortal() {
            body.doom(reason::mailbox_overflow());
        }
    }
}

/// The first, and then ever fewer: a peer must not choose the size of our log.
pub(crate) const fn deserves_a_line(before: u64, now: u64) -> bool {
    match (before.checked_ilog2(), now.checked_ilog2()) {
        (Some(before), Some(now)) => before != now,
        (None, Some(_)) => true,
        (_, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::deserves_a_line;

    #[test]
    fn a_thousand_of_a_kind_are_ten_lines() {
        assert_eq!((0..1_000).filter(|&before| deserves_a_line(before, before + 1)).count(), 10);
        assert!(deserves_a_line(0, 1) && !deserves_a_line(0, 0) && deserves_a_line(3, 100) && !deserves_a_line(64, 127));
    }
}
