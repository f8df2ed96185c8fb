//! Where trust and protocol meet sockets: a listener that never waits for a peer, a dialler whose errors say why,
//! two nodes that meet on a connection, and the link that comes of it.

pub mod connection;
pub mod dialer;
pub mod handover;
pub mod limits;
pub mod link;
pub mod listener;
mod lobby;
pub mod meeting;
mod report;
pub mod transport;
mod turns;

pub use connection::Connection;
pub use dialer::{DialError, Dialer, DialerOptions};
pub use handover::{CannotHandOver, HandoverError, HandoverFailure, Handovers};
pub use limits::Limits;
pub use link::{Link, LinkFacts, LinkId, TransportFacts};
pub use listener::{Listener, ListenerError, ListenerOptions};
pub use meeting::{Challenges, MeetingError, Met};
pub use transport::{Hear, Transport, TransportOptions};
