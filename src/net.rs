//! Where trust and protocol meet sockets: a listener that never waits for a peer, a dialler whose errors say why,
//! two nodes that meet on a connection, and the link that comes of it.

pub mod connection;
pub mod dialer;
pub mod handover;
pub mod keep_alive;
pub mod limits;
pub mod link;
pub mod listener;
mod lobby;
pub mod meeting;
pub mod networks;
mod report;
pub mod timeout;
pub mod transport;
mod turns;

pub use connection::Connection;
pub use dialer::{DialError, Dialer, DialerOptions};
pub use handover::{CannotHandOver, HandoverError, HandoverFailure, Handovers};
pub use keep_alive::{KeepAlive, NotAKeepAlive};
pub use limits::Limits;
pub use link::{Link, LinkFacts, LinkId, TransportFacts};
pub use listener::{Listener, ListenerError, ListenerOptions};
pub use meeting::{Challenges, MeetingError, Met};
pub use networks::{Network, NotANetwork};
pub use timeout::Timeout;
pub use transport::{Hear, Transport, TransportOptions};
