//! A place in a frame. Nothing is read that is not there, and nothing is promised that cannot be there.

use super::piece::Piece;
use crate::etf::error::DecodeError;
use bytes::Bytes;

pub(super) struct Reader<'a> {
    piece: Piece<'a>,
    at: usize,
    /// Terms that have been announced and not yet begun; each takes at least one byte.
    owed: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(piece: Piece<'a>, at: usize) -> Self {
        Self { piece, at, owed: 0 }
    }

    #[inline]
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    #[inline]
    pub(super) fn left(&self) -> usize {
        self.piece.bytes().len().saturating_sub(self.at)
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.piece.bytes().get(self.at).copied()
    }

    /// Announces terms. All that are announced together must fit the bytes that are left.
    #[inline]
    pub(super) fn owe(&mut self, terms: usize) -> Result<(), DecodeError> {
        let owed = self.owed.saturating_add(terms);
        if owed > self.left() {
            return Err(self.truncated(owed));
        }
        self.owed = owed;
        Ok(())
    }

    /// Begins one of the announced terms.
    #[inline]
    pub(super) fn tag(&mut self) -> Result<u8, DecodeError> {
        self.begun();
        self.byte()
    }

    /// One of the announced terms is begun.
    #[inline]
    pub(super) const fn begun(&mut self) {
        self.owed = self.owed.saturating_sub(1);
    }

    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let end = self.at.saturating_add(count);
        let taken = self.piece.bytes().get(self.at..end).ok_or_else(|| self.truncated(count))?;
        self.at = end;
        Ok(taken)
    }

    /// A part of the frame itself, not a copy.
    pub(super) fn slice(&mut self, count: usize) -> Result<Bytes, DecodeError> {
        let taken = self.take(count)?;
        Ok(self.piece.keep(taken))
    }

    /// All that is left, without taking it.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.piece.bytes().get(self.at..).unwrap_or_default()
    }

    /// All that follows the tag.
    pub(super) fn behind_tag(&mut self) -> Bytes {
        let behind = self.piece.bytes().get(self.at + 1..).unwrap_or_default();
        self.at = self.piece.bytes().len();
        self.piece.keep(behind)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let taken = self.rest().first_chunk().ok_or_else(|| self.truncated(N))?;
        self.at += N;
        Ok(*taken)
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    /// A length or count of one, two or four bytes.
    pub(super) fn short_length(&mut self) -> Result<usize, DecodeError> {
        self.byte().map(usize::from)
    }

    pub(super) fn middle_length(&mut self) -> Result<usize, DecodeError> {
        self.u16().map(usize::from)
    }

    pub(super) fn length(&mut self) -> Result<usize, DecodeError> {
        // Where a usize is shorter the bytes cannot be there either.
        self.u32().map(|length| usize::try_from(length).unwrap_or(usize::MAX))
    }

    fn truncated(&self, needed: usize) -> DecodeError {
        DecodeError::Truncated { at: self.at, needed, left: self.left() }
    }
}
