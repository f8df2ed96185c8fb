//! Two nodes meet: the handshake of the distribution on a connection. Each step has a deadline, and the
//! states of [`dist`](crate::dist) say what may come next; here they get their socket.

mod acceptor;
mod challenges;
mod error;
mod frames;
mod initiator;

pub use acceptor::{Agreed, Arrival, Caller, Guest, receive, turn_away};
pub use challenges::Challenges;
pub use error::MeetingError;
pub use initiator::{Introduction, initiate};

use super::connection::Connection;
use crate::dist::Established;
use bytes::BytesMut;

/// Two nodes have met, and can make a link of their connection.
#[derive(Debug)]
pub struct Met {
    /// Who, and what both can do.
    pub established: Established,
    /// Whether this side dialled.
    pub dialled: bool,
    pub(super) connection: Connection,
    /// What the peer said right behind its last word of the handshake.
    pub(super) early: BytesMut,
    /// Our last word. It goes out with the first bytes of the link: by then the node has made room for it.
    pub(super) last_word: Vec<u8>,
}

impl Met {
    /// The connection, for what is known of its other end.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }
}
