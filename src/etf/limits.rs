//! How much a peer may ask of the decoder.

/// Bounds for one term. Counts need no setting: every element takes at least one byte, so a count is
/// checked against the bytes that are left, and all open containers together are.
///
/// ```
/// use bytes::Bytes;
/// use countersign::etf::{DecodeError, Decoder, Limits};
///
/// let nested = Bytes::from_static(&[131, 104, 1, 104, 1, 106]);
/// let strict = Decoder::new().with_limits(Limits { depth: 1, ..Limits::default() });
/// assert_eq!(strict.decode(&nested), Err(DecodeError::TooDeep { at: 3, limit: 1 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many containers may stand inside one another. The decoder and the terms themselves use no
    /// recursion, so this bounds time and memory, not the stack.
    pub depth: usize,
    /// How many bytes a compressed term may become.
    pub decompressed: usize,
    /// How many bytes an integer may have. Up to [`BigInt::DECIMAL`](super::BigInt::DECIMAL) bytes it
    /// prints in decimal, beyond that in hexadecimal: decimal would take quadratic time.
    pub integer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 10_000, decompressed: 16 * 1024 * 1024, integer: 64 * 1024 }
    }
}
