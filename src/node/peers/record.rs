//! What failed, counted by its code, and kept for whoever asks later.

use crate::failure::Failure;
use crate::net::link::LinkClosed;
use crate::node::core::Core;
use crate::node::error::ConnectReason;
use crate::observe::{LastFailure, Occasion};
use crate::x509::name::on_one_line;

impl Core {
    /// No link came of an attempt. `peer` is a name, or an address where none was said.
    pub(super) fn no_link(&self, occasion: Occasion, peer: &str, reason: &ConnectReason) {
        self.counters.refuse(reason.code(), reason.is_by_peer());
        // The two nodes agree on another attempt: nothing is wrong.
        if matches!(reason, ConnectReason::Superseded) || reason.gives_way() {
            return;
        }
        let failure = LastFailure::now(occasion, peer, reason.code(), on_one_line(&reason.to_string()), reason.hint());
        self.counters.last_failures().note(LastFailure { by_peer: reason.is_by_peer(), ..failure });
    }

    /// A link has ended, and not in order.
    pub(super) fn link_failed(&self, peer: &str, closed: &LinkClosed) {
        let reason = on_one_line(&closed.to_string());
        self.counters.last_failures().note(LastFailure::now(Occasion::Linked, peer, closed.code(), reason, closed.hint()));
    }
}
