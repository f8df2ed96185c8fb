//! The protocol of epmd as values: no socket, no clock. A request is a 16-bit length and a body, and a
//! connection carries one request. Answers have no length; most end with the connection.
//!
//! The words are those of the distribution protocol's chapter on epmd: `ALIVE2_REQ`, `PORT_PLEASE2_REQ`,
//! `NAMES_REQ`, `DUMP_REQ`, `KILL_REQ`, `STOP_REQ`.

mod answer;
mod cursor;
mod entry;
mod name;
mod request;

pub use answer::{Alive2Resp, Listed, Names, Port2Resp, dump_text, kill_resp};
pub use entry::{Creation, Extra, NodeEntry, NodeType};
pub use name::{AliveName, InvalidName};
pub use request::Request;

/// Bytes that are not what epmd speaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// A part is missing.
    #[error("it ends before its {0} does")]
    Truncated(&'static str),
    /// More came than belongs there.
    #[error("{0} bytes follow its end")]
    Trailing(usize),
    /// A length beyond what is accepted.
    #[error("its {what} has {length} bytes, and {limit} are the most")]
    TooLong {
        /// Which part.
        what: &'static str,
        /// Its length.
        length: usize,
        /// The most that is accepted.
        limit: usize,
    },
    /// A request with a tag that no epmd knows.
    #[error("{0} is the tag of no request")]
    UnknownRequest(u8),
    /// An answer to something else.
    #[error("the answer begins with {got}, and {expected} was expected")]
    UnexpectedAnswer {
        /// The first byte.
        got: u8,
        /// What it should have been.
        expected: &'static str,
    },
    /// Not a name that a node can have.
    #[error("it bears a name that no node can have")]
    Name(#[from] InvalidName),
    /// Creation 0 stands for any creation: a node that had it could not be told from its predecessors.
    #[error("it assigns creation 0, which no node can have")]
    CreationZero,
}
