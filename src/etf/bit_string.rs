//! Strings of bits whose length is no multiple of eight.

use bytes::Bytes;
use std::cmp::Ordering;

/// Bytes of which the last counts only in part. Whole bytes are a [`Term::Binary`](super::Term::Binary).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BitString {
    bytes: Bytes,
    last: u8,
}

impl BitString {
    /// The first `last` bits (1 to 7) of the last byte count; the others are made zero. `None` without
    /// a byte, or with another number of bits.
    pub fn new(bytes: Bytes, last: u8) -> Option<Self> {
        let unused = 0xffu8.checked_shr(u32::from(last)).filter(|_| (1..8).contains(&last))?;
        let end = *bytes.last()?;
        if end & unused == 0 {
            return Some(Self { bytes, last });
        }
        let mut copy = bytes.to_vec();
        *copy.last_mut()? = end & !unused;
        Some(Self { bytes: copy.into(), last })
    }

    /// All bytes, the last one padded with zeros.
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// How many bits of the last byte count: 1 to 7.
    pub const fn last_bits(&self) -> u8 {
        self.last
    }

    /// The whole bytes, and the bits of the last one as a number.
    pub fn split(&self) -> (&[u8], u8) {
        self.bytes.split_last().map_or((&[], 0), |(last, whole)| (whole, last >> (8 - self.last)))
    }
}

/// Bit by bit; a prefix is smaller. Padding with zeros never makes the longer one smaller, so bytes
/// decide, and the number of bits where they are equal. `last` counts the bits of the last byte.
pub(super) fn compare(one: (&[u8], u8), other: (&[u8], u8)) -> Ordering {
    one.0.cmp(other.0).then(one.1.cmp(&other.1))
}
