//! What the peer has put where.

use super::{IS_NEW, SEGMENT, SLOTS};
use crate::dist::take;
use crate::dist::violation::Violation;
use crate::etf::Atom;
use bytes::Bytes;

/// The cache of one direction, as the receiver keeps it. It has at most 2,048 atoms, and memory for none
/// before the first.
#[derive(Debug, Default)]
pub struct ReceiveCache {
    slots: Vec<Option<Atom>>,
}

impl ReceiveCache {
    /// An empty cache, for a new transport.
    pub const fn new() -> Self {
        Self { slots: Vec::new() }
    }

    /// Takes the list of references off the front of a packet: the atoms that the packet means by number.
    ///
    /// # Errors
    /// The list is malformed, or refers to what was never sent.
    pub fn read_references(&mut self, packet: &mut Bytes) -> Result<Vec<Atom>, Violation> {
        let mut atoms = Vec::new();
        self.read_references_into(packet, &mut atoms).map(|()| atoms)
    }

    /// The same, into the room of an earlier packet's list.
    pub(in crate::dist) fn read_references_into(&mut self, packet: &mut Bytes, atoms: &mut Vec<Atom>) -> Result<(), Violation> {
        atoms.clear();
        let count = usize::from(take::byte(packet).ok_or(TRUNCATED)?);
        if count == 0 {
            return Ok(());
        }
        let flags = Flags::take(packet, count).ok_or(TRUNCATED)?;
        for at in 0..count {
            atoms.push(self.read_reference(packet, flags.of(at), flags.has_long_atoms)?);
        }
        Ok(())
    }

    fn read_reference(&mut self, packet: &mut Bytes, flags: u8, has_long_atoms: bool) -> Result<Atom, Violation> {
        let (segment, index) = (flags & SEGMENT, take::byte(packet).ok_or(TRUNCATED)?);
        let at = usize::from(segment) * 256 + usize::from(index);
        if flags & IS_NEW == 0 {
            let known = self.slots.get(at).and_then(Clone::clone);
            return known.ok_or(Violation::EmptySlot { segment, index });
        }
        let atom = read_atom(packet, has_long_atoms)?;
        self.slots.resize(SLOTS, None);
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some(atom.clone());
        }
        Ok(atom)
    }
}

fn read_atom(packet: &mut Bytes, is_long: bool) -> Result<Atom, Violation> {
    let length = if is_long { take::short(packet).map(usize::from) } else { take::byte(packet).map(usize::from) };
    let length = length.filter(|length| *length <= packet.len()).ok_or(TRUNCATED)?;
    let text = packet.split_to(length);
    let text = std::str::from_utf8(&text).map_err(|_| Violation::BadHeader { what: "an atom is not UTF-8" })?;
    Atom::new(text).map_err(|_| Violation::BadHeader { what: "an atom is longer than 255 characters" })
}

/// Four bits for each reference, the even ones low, and behind the last the bit for long atoms.
struct Flags {
    bytes: Bytes,
    has_long_atoms: bool,
}

impl Flags {
    fn take(packet: &mut Bytes, count: usize) -> Option<Self> {
        let length = count / 2 + 1;
        let bytes = (length <= packet.len()).then(|| packet.split_to(length))?;
        let mut flags = Self { bytes, has_long_atoms: false };
        flags.has_long_atoms = flags.of(count) & 1 != 0;
        Some(flags)
    }

    fn of(&self, at: usize) -> u8 {
        let pair = self.bytes.get(at / 2).copied().unwrap_or_default();
        if at.is_multiple_of(2) { pair & 0b1111 } else { pair >> 4 }
    }
}

const TRUNCATED: Violation = Violation::BadHeader { what: "it ends too early" };
