//! Why bytes are no term, and why a term has no bytes.

use crate::failure::{Code, Failure};
use crate::hint::Hint;

/// Why bytes could not be read as a term. `at` counts bytes from where decoding began; inside a
/// compressed term, from the start of what it decompressed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The first byte is not the version of the format.
    #[error("the term begins with {found} and not with the version 131")]
    NotVersioned {
        /// What stands there.
        found: u8,
    },
    /// The bytes end before the term does. A count that cannot be true, because every element takes at
    /// least a byte, is found here before anything is allocated for it.
    #[error("at byte {at} {needed} more bytes are needed, and {left} are left")]
    Truncated {
        /// Where.
        at: usize,
        /// At least so many.
        needed: usize,
        /// So many.
        left: usize,
    },
    /// Bytes behind the term.
    #[error("{left} bytes follow behind the term, which ends at byte {at}")]
    Trailing {
        /// Where the term ends.
        at: usize,
        /// How many bytes follow.
        left: usize,
    },
    /// No kind of term has this tag.
    #[error("the tag {tag} at byte {at} is not known")]
    UnknownTag {
        /// Where.
        at: usize,
        /// What stands there.
        tag: u8,
    },
    /// A compressed or local term stands inside another; only a whole one can be either.
    #[error("a term with the tag {tag} stands inside another, at byte {at}")]
    NotOutermost {
        /// Where.
        at: usize,
        /// The tag.
        tag: u8,
    },
    /// Another kind of term is needed here, such as an atom for the name of a node.
    #[error("at byte {at} there should be {wanted}")]
    Unexpected {
        /// Where.
        at: usize,
        /// What should be there.
        wanted: &'static str,
    },
    /// A number that no peer sends: a creation above 3 in an old form, an arity above 255.
    #[error("at byte {at} the {what} {found} is out of range")]
    OutOfRange {
        /// Where.
        at: usize,
        /// Which number.
        what: &'static str,
        /// Its value.
        found: u64,
    },
    /// An atom of more than 255 characters.
    #[error("the atom at byte {at} is longer than 255 characters")]
    AtomTooLong {
        /// Where.
        at: usize,
    },
    /// An atom that is not UTF-8 though its tag says so.
    #[error("the atom at byte {at} is not UTF-8")]
    AtomNotUtf8 {
        /// Where.
        at: usize,
    },
    /// The atom cache has nothing under this index, or there is no cache.
    #[error("at byte {at} the atom cache is asked for {index}, which it does not have")]
    UnknownAtom {
        /// Where.
        at: usize,
        /// What was asked for.
        index: u8,
    },
    /// A float that is infinite, not a number, or not written as C's `%.20e`.
    #[error("the float at byte {at} is no finite number")]
    NotFinite {
        /// Where.
        at: usize,
    },
    /// A key occurs twice in a map.
    #[error("the map at byte {at} has a key twice")]
    DuplicateKey {
        /// Where the map begins.
        at: usize,
    },
    /// More containers inside one another than [`Limits::depth`](super::Limits::depth).
    #[error("the term at byte {at} is nested deeper than {limit}")]
    TooDeep {
        /// Where.
        at: usize,
        /// The limit.
        limit: usize,
    },
    /// An integer longer than [`Limits::integer`](super::Limits::integer).
    #[error("the integer at byte {at} has {length} bytes, and {limit} are allowed")]
    IntegerTooLong {
        /// Where.
        at: usize,
        /// Its length.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// A compressed term says it is longer than [`Limits::decompressed`](super::Limits::decompressed).
    #[error("the compressed term says it has {declared} bytes, and {limit} are allowed")]
    DecompressedTooLong {
        /// What it says.
        declared: usize,
        /// The limit.
        limit: usize,
    },
    /// Compressed bytes that are damaged, or do not become what the term says they do.
    #[error("the compressed term does not decompress to the {declared} bytes it says it has")]
    NotDecompressed {
        /// What it says.
        declared: usize,
    },
}

impl Failure for DecodeError {
    fn code(&self) -> Code {
        Code::ProtocolViolation
    }

    fn hint(&self) -> Hint {
        Hint::fixed(match self {
            Self::TooDeep { .. } => "if the peer means well, raise Limits::depth",
            Self::IntegerTooLong { .. } => "if the peer means well, raise Limits::integer",
            Self::DecompressedTooLong { .. } => "if the peer means well, raise Limits::decompressed",
            _ => self.code().cure(),
        })
    }
}

/// Why a term could not be written. What it has written by then stays in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A length does not fit the 32 bits that the format has for it.
    #[error("{length} elements or bytes in one term do not fit the format")]
    TooLong {
        /// The length.
        length: usize,
    },
    /// A local term stands inside another: only a whole one can be read again.
    #[error("a local term stands inside another")]
    LocalInside,
}
