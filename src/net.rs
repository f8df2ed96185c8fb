//! Where trust meets sockets: a listener that never waits for a peer, and a dialler whose errors say why.

pub mod connection;
pub mod dialer;
pub mod limits;
pub mod listener;
mod lobby;
mod report;
mod turns;

pub use connection::Connection;
pub use dialer::{DialError, Dialer, DialerOptions};
pub use limits::Limits;
pub use listener::{Listener, ListenerError, ListenerOptions};
