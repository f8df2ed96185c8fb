//! A part of a buffer that holds more than it.

use bytes::Bytes;
use std::ops::Deref;

/// Bytes that somebody else holds together with others. They are read without counting one more holder; only a
/// term that keeps some of them does that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    whole: &'a Bytes,
    rest: &'a [u8],
}

impl<'a> Piece<'a> {
    /// All of a buffer.
    pub(crate) fn all(whole: &'a Bytes) -> Self {
        Self { whole, rest: whole }
    }

    /// A part of a buffer; nothing if it is none.
    pub(crate) fn part(whole: &'a Bytes, from: usize, to: usize) -> Self {
        Self { whole, rest: whole.get(from..to).unwrap_or_default() }
    }

    /// Drops what stands in front.
    pub(crate) fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    /// The bytes, for as long as the buffer is held.
    pub(crate) const fn bytes(&self) -> &'a [u8] {
        self.rest
    }

    /// Some of these bytes, held for as long as anybody wants them.
    pub(super) fn keep(&self, part: &[u8]) -> Bytes {
        self.whole.slice_ref(part)
    }
}

impl Deref for Piece<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.rest
    }
}
