//! Why a link that was up has to end.

use crate::etf::{Atom, DecodeError};
use crate::failure::{Code, Failure};
use crate::hint::Hint;

/// What a peer did that the protocol does not allow. All of them are fatal for the link: after one of
/// them nobody knows what the peer means, and its atom cache and ours may differ.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// A frame longer than allowed, or than its length can say.
    #[error("a frame of {length} bytes, and {limit} are allowed")]
    FrameTooLong {
        /// What its length says.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// A packet begins with what was not agreed.
    #[error("a packet begins with {found:?}")]
    UnknownPacket {
        /// Its first bytes, at most two.
        found: Vec<u8>,
    },
    /// A frame that only nodes of our own kind send, and never one like this.
    #[error("an extension frame is not allowed: {what}")]
    BadExtension {
        /// What is wrong.
        what: &'static str,
    },
    /// The header of a packet ends too early or has what is no atom.
    #[error("the header of a packet is malformed: {what}")]
    BadHeader {
        /// What is wrong.
        what: &'static str,
    },
    /// The header points to a place of the atom cache that was never filled.
    #[error("the atom cache has nothing at {segment}:{index}")]
    EmptySlot {
        /// Of 8.
        segment: u8,
        /// Of 256.
        index: u8,
    },
    /// The control message or its payload is no term.
    #[error("the {part} of a packet is no term")]
    NotATerm {
        /// Which of the two.
        part: &'static str,
        /// What is wrong with it.
        #[source]
        source: DecodeError,
    },
    /// A control message that is none.
    #[error("no control message has the operation {op}")]
    UnknownControl {
        /// The number.
        op: i64,
    },
    /// A control message is no tuple that begins with a number.
    #[error("a control message is no tuple that begins with a number")]
    NotAControl,
    /// A control message has another number of elements.
    #[error("{name} has {found} elements, and {wanted} belong there")]
    Arity {
        /// Which message.
        name: &'static str,
        /// How many it has.
        found: usize,
        /// How many it should have.
        wanted: usize,
    },
    /// An element of a control message is of the wrong kind.
    #[error("{name}: {field} should be {wanted}")]
    Field {
        /// Which message.
        name: &'static str,
        /// Which element.
        field: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// A payload where none belongs, or none where one does.
    #[error("{name} {}", if *.wanted { "comes without payload" } else { "comes with bytes behind it" })]
    Payload {
        /// Which message.
        name: &'static str,
        /// Whether one belongs there.
        wanted: bool,
    },
    /// A signal names a sender that does not live on the peer.
    #[error("{name} comes from a process of {node}")]
    ForeignSender {
        /// Which message.
        name: &'static str,
        /// The sender's node.
        node: Atom,
    },
    /// A fragment that belongs to nothing.
    #[error("a fragment of the sequence {sequence}, which is not open")]
    UnknownSequence {
        /// Its number.
        sequence: u64,
    },
    /// A sequence begins that is open already.
    #[error("the sequence {sequence} begins twice")]
    DuplicateSequence {
        /// Its number.
        sequence: u64,
    },
    /// Fragments count down by one.
    #[error("the sequence {sequence} goes on with fragment {found}, and {wanted} is due")]
    FragmentOrder {
        /// Its number.
        sequence: u64,
        /// What came.
        found: u64,
        /// What was due.
        wanted: u64,
    },
    /// More sequences open at a time than allowed.
    #[error("more than {limit} messages in fragments at a time")]
    TooManySequences {
        /// The limit.
        limit: usize,
    },
    /// More bytes in unfinished messages than allowed.
    #[error("more than {limit} bytes in unfinished messages")]
    TooManyBytes {
        /// The limit.
        limit: usize,
    },
}

impl Failure for Violation {
    fn code(&self) -> Code {
        match self {
            Self::TooManySequences { .. } | Self::TooManyBytes { .. } | Self::FrameTooLong { .. } => Code::TooMany,
            _ => Code::ProtocolViolation,
        }
    }

    fn hint(&self) -> Hint {
        Hint::fixed(match self {
            Self::FrameTooLong { .. } => "raise frame_bytes if the peer means well; something else than a node also looks like this",
            Self::TooManySequences { .. } | Self::TooManyBytes { .. } => "raise the limits of assembly if the peer means well",
            _ => self.code().cure(),
        })
    }
}
