//! The Erlang distribution protocol as values: what arrived goes in, what is to be sent comes out.
//!
//! No socket, no clock and no randomness: bytes, moments and challenges are handed in. So every race is a
//! unit test, and the same code serves TLS and TCP.

pub mod control;
mod cookie;
mod flags;
mod frame;
mod handshake;
mod take;
mod violation;

pub use control::Control;
pub use cookie::{Challenge, Cookie, Digest, Outstanding};
pub use flags::Flags;
pub use frame::{Frame, Framing, Splitter};
pub use handshake::{Established, Local, Refused, Status, acceptor, initiator};
pub use violation::Violation;
