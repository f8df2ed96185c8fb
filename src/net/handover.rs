//! A link goes on over another connection, and nobody notices: not even the messages that are under way.
//!
//! Whoever dialled the link dials again, and asks on the new connection; whoever was dialled judges the certificate
//! afresh, and agrees. Then each side says on the old connection that it has moved, and writes all further bytes to the
//! new one; and each side reads the old one up to those words, and then the new one. What a link is made of, cache of
//! atoms and open fragments included, does not see it: to them it is one stream of frames.

mod answer;
mod ask;
mod error;
mod frame;

pub use answer::{Petition, hear};
pub use ask::ask;
pub use error::{CannotHandOver, HandoverError, HandoverFailure, Handovers};

use super::connection::Connection;
use crate::dist::handover::{Binding, LinkKeys, LinkName};
use zeroize::Zeroizing;

/// What the two ends of a link will know each other by: only its first connection could tell.
pub(super) fn keys(connection: &Connection) -> Result<LinkKeys, CannotHandOver> {
    let tls = connection.tls().ok_or(CannotHandOver::Plain)?;
    if !tls.is_ours() {
        return Err(CannotHandOver::NotOurs);
    }
    let name = tls.export("EXPORTER-countersign-link-name").map(LinkName);
    let secret = tls.export("EXPORTER-countersign-link-secret").map(Zeroizing::new);
    let (name, secret) = name.zip(secret).ok_or(CannotHandOver::OldTls)?;
    Ok(LinkKeys::new(name, &secret))
}

/// What a proof on this connection is bound to; `None` if it was dialled for anything but a handover.
fn session(connection: &Connection) -> Option<Binding> {
    let tls = connection.tls().filter(|tls| tls.is_for_a_handover())?;
    tls.export("EXPORTER-countersign-handover").map(Binding)
}
