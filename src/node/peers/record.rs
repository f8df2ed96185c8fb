//! What failed, counted by its code, and kept for whoever asks later.

use crate::failure::Failure;
use crate::net::link::LinkClosed;
use crate::node::core::Core;
use crate::node::error::{ConnectError, ConnectReason};
use crate::observe::{LastFailure, Occasion};
use crate::x509::name::on_one_line;

impl Core {
    /// No link came of a peer's attempt. `peer` is a name, or an address where none was said.
    pub(super) fn not_received(&self, peer: &str, reason: &ConnectReason) {
        self.counters.refuse(reason.code(), reason.is_by_peer());
        if !is_superseded(reason) {
            self.note(Occasion::Answering, peer, reason, &reason.to_string());
        }
    }

    /// No link came of all attempts to reach a node, each of which was counted when it failed.
    pub(super) fn not_reached(&self, error: &ConnectError) {
        let reason = error.reason();
        if error.attempts().next().is_none() {
            self.counters.refuse(reason.code(), reason.is_by_peer());
        }
        if !is_superseded(reason) && !error.gives_way() {
            self.note(Occasion::Dialling, error.peer().as_str(), reason, &error.told().to_string());
        }
    }

    fn note(&self, occasion: Occasion, peer: &str, reason: &ConnectReason, told: &str) {
        let failure = LastFailure::now(occasion, peer, reason.code(), on_one_line(told), reason.hint());
        self.counters.last_failures().note(LastFailure { by_peer: reason.is_by_peer(), ..failure });
    }

    /// A link has ended, and not in order.
    pub(super) fn link_failed(&self, peer: &str, closed: &LinkClosed) {
        let reason = on_one_line(&closed.to_string());
        self.counters.last_failures().note(LastFailure::now(Occasion::Linked, peer, closed.code(), reason, closed.hint()));
    }
}

/// The two nodes agree on another attempt: nothing is wrong.
const fn is_superseded(reason: &ConnectReason) -> bool {
    matches!(reason, ConnectReason::Superseded) || reason.gives_way()
}
