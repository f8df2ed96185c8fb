//! Numbers and pieces off the front of what a peer sent.

use std::ops::Deref;

/// Whatever has a front: a slice, or counted bytes that keep their frame alive.
pub(super) trait Front: Deref<Target = [u8]> {
    fn skip(&mut self, count: usize);
}

impl Front for &[u8] {
    fn skip(&mut self, count: usize) {
        *self = self.get(count..).unwrap_or_default();
    }
}

impl Front for bytes::Bytes {
    fn skip(&mut self, count: usize) {
        bytes::Buf::advance(self, count.min(self.len()));
    }
}

impl Front for crate::etf::Piece<'_> {
    fn skip(&mut self, count: usize) {
        Self::skip(self, count);
    }
}

pub(super) fn chunk<const N: usize>(front: &mut impl Front) -> Option<[u8; N]> {
    let taken = *front.first_chunk()?;
    front.skip(N);
    Some(taken)
}

pub(super) fn byte(front: &mut impl Front) -> Option<u8> {
    chunk(front).map(u8::from_be_bytes)
}

pub(super) fn short(front: &mut impl Front) -> Option<u16> {
    chunk(front).map(u16::from_be_bytes)
}

pub(super) fn word(front: &mut impl Front) -> Option<u32> {
    chunk(front).map(u32::from_be_bytes)
}

pub(super) fn long(front: &mut impl Front) -> Option<u64> {
    chunk(front).map(u64::from_be_bytes)
}

pub(super) fn slice<'a>(front: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = front.split_at_checked(count)?;
    *front = rest;
    Some(taken)
}
