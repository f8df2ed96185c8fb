//! Long messages that come in pieces, of several senders by turns.

use super::control::Control;
use super::violation::Violation;
use crate::etf::Atom;
use bytes::{Bytes, BytesMut};
use std::collections::HashMap;

/// How much of unfinished messages a link may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssemblyLimits {
    /// Messages at a time. Each sending process of the peer has one at most.
    pub sequences: usize,
    /// Bytes of all of them together.
    pub bytes: usize,
}

impl Default for AssemblyLimits {
    fn default() -> Self {
        Self { sequences: 1024, bytes: 256 * 1024 * 1024 }
    }
}

/// A message whose fragments are not all there.
#[derive(Debug)]
pub(super) struct Opening<'a> {
    pub(super) control: Control,
    pub(super) atoms: Vec<Atom>,
    pub(super) payload: &'a [u8],
    /// What the first fragment takes in memory besides the payload.
    pub(super) overhead: usize,
}

/// A message whose fragments are all there.
#[derive(Debug)]
pub(super) struct Assembled {
    pub(super) control: Control,
    pub(super) atoms: Vec<Atom>,
    pub(super) payload: Bytes,
}

#[derive(Debug)]
struct Open {
    control: Control,
    atoms: Vec<Atom>,
    /// A copy and no chain of slices: each slice would keep the whole buffer alive that it was read into.
    payload: BytesMut,
    overhead: usize,
    /// The count is the peer's, 64 bits of it. It is compared and never allocated by.
    due: u64,
}

impl Open {
    fn size(&self) -> usize {
        self.payload.len().saturating_add(self.overhead)
    }
}

/// The unfinished messages of one transport.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    limits: AssemblyLimits,
    open: HashMap<u64, Open>,
    bytes: usize,
}

impl Assembly {
    pub(super) fn new(limits: AssemblyLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// The first fragment of several. `count` includes it, and is 2 at least.
    pub(super) fn open(&mut self, sequence: u64, count: u64, opening: Opening<'_>) -> Result<(), Violation> {
        if self.open.len() >= self.limits.sequences {
            return Err(Violation::TooManySequences { limit: self.limits.sequences });
        }
        self.claim(opening.payload.len().saturating_add(opening.overhead))?;
        let Opening { control, atoms, payload, overhead } = opening;
        let open = Open { control, atoms, payload: payload.into(), overhead, due: count.saturating_sub(1) };
        self.open.insert(sequence, open);
        Ok(())
    }

    pub(super) fn is_open(&self, sequence: u64) -> bool {
        self.open.contains_key(&sequence)
    }

    /// A continuation; the last one completes the message.
    pub(super) fn go_on(&mut self, sequence: u64, found: u64, piece: &[u8]) -> Result<Option<Assembled>, Violation> {
        self.claim(piece.len())?;
        let open = self.open.get_mut(&sequence).ok_or(Violation::UnknownSequence { sequence })?;
        if found != open.due {
            return Err(Violation::FragmentOrder { sequence, found, wanted: open.due });
        }
        open.payload.extend_from_slice(piece);
        open.due = open.due.saturating_sub(1);
        Ok(if open.due == 0 { self.close(sequence) } else { None })
    }

    fn close(&mut self, sequence: u64) -> Option<Assembled> {
        let done = self.open.remove(&sequence)?;
        self.bytes = self.bytes.saturating_sub(done.size());
        Some(Assembled { control: done.control, atoms: done.atoms, payload: done.payload.freeze() })
    }

    fn claim(&mut self, more: usize) -> Result<(), Violation> {
        let bytes = self.bytes.saturating_add(more);
        if bytes > self.limits.bytes {
            return Err(Violation::TooManyBytes { limit: self.limits.bytes });
        }
        self.bytes = bytes;
        Ok(())
    }
}
