//! The Erlang distribution protocol as values: what arrived goes in, what is to be sent comes out.
//!
//! No socket, no clock and no randomness: bytes, moments and challenges are handed in. So every race is a
//! unit test, and the same code serves TLS and TCP.

mod atom_cache;
pub mod control;
mod cookie;
mod extension;
mod flags;
mod fragment;
mod frame;
pub mod handover;
mod handshake;
mod packet;
mod take;
mod tick;
mod violation;

pub use atom_cache::{ReceiveCache, SendCache};
pub use control::Control;
pub use cookie::{Challenge, Cookie, Digest, Outstanding};
pub use extension::Extension;
pub use flags::Flags;
pub use fragment::AssemblyLimits;
pub use frame::{Frame, Framing, Splitter};
pub use handshake::{Established, Local, Refused, Status, acceptor, initiator};
pub use packet::{Continuation, Form, Heard, Message, PacketReader, PacketWriter, ReadLimits, Unsendable};
pub use tick::{Beat, Pulse, TickTime};
pub use violation::Violation;
