//! What the peer has put where.

use super::{IS_NEW, SEGMENT, SLOTS};
use crate::dist::take::{self, Front};
use crate::dist::violation::Violation;
use crate::etf::{Atom, AtomTable};
use bytes::Bytes;

/// The cache of one direction, as the receiver keeps it. It has at most 2,048 atoms, and memory for none
/// before the first.
#[derive(Debug, Default)]
pub struct ReceiveCache {
    slots: Vec<Option<Atom>>,
}

/// The atoms that a packet means by number, where they are kept: a packet that nobody waits to complete copies none.
#[derive(Clone, Copy, Debug)]
pub(in crate::dist) struct PacketAtoms<'a> {
    slots: &'a [Option<Atom>],
    places: &'a [u16],
}

impl AtomTable for PacketAtoms<'_> {
    fn atom(&self, index: u8) -> Option<Atom> {
        let place = self.places.get(usize::from(index))?;
        self.slots.get(usize::from(*place))?.clone()
    }
}

impl PacketAtoms<'_> {
    /// Copies, for a packet whose message goes on in others.
    pub(in crate::dist) fn to_vec(self) -> Vec<Atom> {
        self.places.iter().filter_map(|place| self.slots.get(usize::from(*place))?.clone()).collect()
    }
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
        let mut places = Vec::new();
        self.read_places(packet, &mut places)?;
        Ok(self.at(&places).to_vec())
    }

    /// The same as the places of the cache, into the room of an earlier packet's list.
    pub(in crate::dist) fn read_places(&mut self, packet: &mut impl Front, places: &mut Vec<u16>) -> Result<(), Violation> {
        places.clear();
        let count = usize::from(take::byte(packet).ok_or(TRUNCATED)?);
        if count == 0 {
            return Ok(());
        }
        let flags = Flags::take(packet, count).ok_or(TRUNCATED)?;
        for at in 0..count {
            let flags_of_this = flags.of(at);
            let place = u16::from(flags_of_this & SEGMENT) << 8 | u16::from(take::byte(packet).ok_or(TRUNCATED)?);
            if flags_of_this & IS_NEW != 0 {
                // Of two atoms of one packet in one place the first would not be what the packet means by it.
                if places.contains(&place) {
                    return Err(Violation::BadHeader { what: "it fills one place twice" });
                }
                self.fill(place, read_atom(packet, flags.has_long_atoms)?);
            } else if !self.holds(place) {
                return Err(Violation::EmptySlot { segment: flags_of_this & SEGMENT, index: place as u8 });
            }
            places.push(place);
        }
        Ok(())
    }

    /// What stands at these places.
    pub(in crate::dist) fn at<'a>(&'a self, places: &'a [u16]) -> PacketAtoms<'a> {
        PacketAtoms { slots: &self.slots, places }
    }

    fn holds(&self, place: u16) -> bool {
        self.slots.get(usize::from(place)).is_some_and(Option::is_some)
    }

    fn fill(&mut self, place: u16, atom: Atom) {
        self.slots.resize(SLOTS, None);
        if let Some(slot) = self.slots.get_mut(usize::from(place)) {
            *slot = Some(atom);
        }
    }
}

fn read_atom(packet: &mut impl Front, is_long: bool) -> Result<Atom, Violation> {
    let length = if is_long { take::short(packet).map(usize::from) } else { take::byte(packet).map(usize::from) };
    let text = length.and_then(|length| packet.get(..length)).ok_or(TRUNCATED)?;
    let length = text.len();
    let text = std::str::from_utf8(text).map_err(|_| Violation::BadHeader { what: "an atom is not UTF-8" })?;
    let atom = Atom::new(text).map_err(|_| Violation::BadHeader { what: "an atom is longer than 255 characters" })?;
    packet.skip(length);
    Ok(atom)
}

/// Four bits for each reference, the even ones low, and behind the last the bit for long atoms.
struct Flags {
    bytes: [u8; LONGEST_FLAGS],
    has_long_atoms: bool,
}

impl Flags {
    fn take(packet: &mut impl Front, count: usize) -> Option<Self> {
        let length = count / 2 + 1;
        let mut flags = Self { bytes: [0; LONGEST_FLAGS], has_long_atoms: false };
        flags.bytes.get_mut(..length)?.copy_from_slice(packet.get(..length)?);
        packet.skip(length);
        flags.has_long_atoms = flags.of(count) & 1 != 0;
        Some(flags)
    }

    fn of(&self, at: usize) -> u8 {
        let pair = self.bytes.get(at / 2).copied().unwrap_or_default();
        if at.is_multiple_of(2) { pair & 0b1111 } else { pair >> 4 }
    }
}

/// Of 255 references.
const LONGEST_FLAGS: usize = 128;
const TRUNCATED: Violation = Violation::BadHeader { what: "it ends too early" };
