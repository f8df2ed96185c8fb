//! Where a packet ends: lengths in front of everything, of a width that depends on transport and phase.

use super::violation::Violation;
use crate::etf::Piece;
use bytes::{Buf, Bytes, BytesMut};

/// How many bytes the length has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// In the handshake over plain TCP.
    Two,
    /// Always under TLS, and over TCP once the link is up.
    Four,
}

impl Framing {
    /// Of the handshake.
    pub const fn of_handshake(is_tls: bool) -> Self {
        if is_tls { Self::Four } else { Self::Two }
    }

    /// How many bytes the length has.
    pub const fn width(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// Writes the packet with its length in front.
    ///
    /// # Errors
    /// The length does not fit.
    pub fn write(self, packet: &[u8], out: &mut Vec<u8>) -> Result<(), Violation> {
        self.write_length(packet.len(), out)?;
        out.extend_from_slice(packet);
        Ok(())
    }

    pub(super) fn write_length(self, length: usize, out: &mut Vec<u8>) -> Result<(), Violation> {
        let too_long = Violation::FrameTooLong { length, limit: self.longest() };
        match self {
            Self::Two => out.extend(u16::try_from(length).map_err(|_| too_long)?.to_be_bytes()),
            Self::Four => out.extend(u32::try_from(length).map_err(|_| too_long)?.to_be_bytes()),
        }
        Ok(())
    }

    const fn longest(self) -> usize {
        match self {
            Self::Two => u16::MAX as usize,
            Self::Four => u32::MAX as usize,
        }
    }

    fn read_length(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Two => bytes.first_chunk().map(|length| u16::from_be_bytes(*length).into()),
            Self::Four => bytes.first_chunk().and_then(|length| u32::from_be_bytes(*length).try_into().ok()),
        }
    }
}

/// What stands between two lengths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Nothing: the peer is there. Only a link that is up has ticks.
    Tick,
    /// A packet; a slice of the buffer it was read into.
    Packet(Bytes),
}

/// Cuts what was read into frames. Allocates nothing itself, and refuses a frame that is too long as soon
/// as its length has come: so a buffer never needs room for more than the limit and a length.
///
/// ```
/// use bytes::BytesMut;
/// use countersign::dist::{Frame, Framing, Splitter};
///
/// let splitter = Splitter::new(Framing::Four, 1024);
/// let mut read = BytesMut::from(&[0, 0, 0, 0, 0, 0, 0, 2, 7][..]);
/// assert_eq!(splitter.next(&mut read)?, Some(Frame::Tick));
/// assert_eq!(splitter.next(&mut read)?, None);
/// read.extend([8]);
/// assert_eq!(splitter.next(&mut read)?, Some(Frame::Packet(vec![7, 8].into())));
/// # Ok::<(), countersign::dist::Violation>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Splitter {
    framing: Framing,
    limit: usize,
}

impl Splitter {
    /// With frames of at most `limit` bytes behind their length.
    pub const fn new(framing: Framing, limit: usize) -> Self {
        Self { framing, limit }
    }

    /// For the handshake, whose longest message has a name of 1020 bytes.
    pub const fn of_handshake(is_tls: bool) -> Self {
        Self::new(Framing::of_handshake(is_tls), LONGEST_IN_HANDSHAKE)
    }

    /// How many bytes the first frame has, its length included, once that is known.
    pub fn wanted(&self, read: &[u8]) -> Option<usize> {
        self.framing.read_length(read).map(|length| length.saturating_add(self.framing.width()))
    }

    /// Takes the frames off the buffer that are complete, all in one piece: whoever reads many at a time would
    /// otherwise count the holders of the buffer for each of them.
    pub(crate) fn take_whole(&self, read: &mut BytesMut) -> Frames {
        let mut end = 0;
        while let Some(length) = read.get(end..).and_then(|rest| self.framing.read_length(rest)) {
            let next = end.saturating_add(self.framing.width()).saturating_add(length);
            if length > self.limit || next > read.len() {
                break;
            }
            end = next;
        }
        Frames { framing: self.framing, bytes: read.split_to(end).freeze(), at: 0 }
    }

    /// Takes the first frame off the buffer, if it is complete.
    ///
    /// # Errors
    /// It is longer than the limit.
    pub fn next(&self, read: &mut BytesMut) -> Result<Option<Frame>, Violation> {
        let Some(length) = self.framing.read_length(read) else { return Ok(None) };
        if length > self.limit {
            return Err(Violation::FrameTooLong { length, limit: self.limit });
        }
        if read.len() < self.framing.width() + length {
            return Ok(None);
        }
        read.advance(self.framing.width());
        let packet = read.split_to(length);
        Ok(Some(if packet.is_empty() { Frame::Tick } else { Frame::Packet(packet.freeze()) }))
    }
}

/// Complete frames, one behind the other.
#[derive(Debug)]
pub(crate) struct Frames {
    framing: Framing,
    bytes: Bytes,
    at: usize,
}

impl Frames {
    /// Whether all of them have been taken.
    pub(crate) const fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The next packet; ticks are passed over.
    pub(crate) fn next_packet(&mut self) -> Option<Piece<'_>> {
        loop {
            let length = self.framing.read_length(self.bytes.get(self.at..)?)?;
            let from = self.at.saturating_add(self.framing.width());
            self.at = from.saturating_add(length);
            if length > 0 {
                return Some(Piece::part(&self.bytes, from, self.at));
            }
        }
    }
}

const LONGEST_IN_HANDSHAKE: usize = 2048;
