//! What we have put where, and what the packet in the making refers to.

use super::{IS_NEW, MOST_REFERENCES, SEGMENT, SLOTS};
use crate::etf::{Atom, AtomIndex};

/// The cache of one direction, as the sender keeps it. An atom has one place, which its name decides;
/// who comes later takes the place over.
///
/// While a packet is encoded it collects the references. Nothing counts as sent before
/// [`SendCache::write_references`]: a packet that cannot be encoded leaves no trace.
#[derive(Debug)]
pub struct SendCache {
    slots: Vec<Option<Atom>>,
    /// By place: under which number this packet lists what is there, counted from 1; 0 if it does not.
    numbers: Vec<u8>,
    /// The places that this packet's header lists, with a mark on those that it fills.
    references: Vec<u16>,
    /// What stood in the places that this packet fills.
    replaced: Vec<Option<Atom>>,
}

impl Default for SendCache {
    fn default() -> Self {
        Self { slots: vec![None; SLOTS], numbers: vec![0; SLOTS], references: Vec::new(), replaced: Vec::new() }
    }
}

impl AtomIndex for SendCache {
    /// Written out are atoms beyond the 255th, and those whose place another atom of the same packet has.
    fn index(&mut self, atom: &Atom) -> Option<u8> {
        let at = place(atom);
        let (slot, listed) = (self.slots.get_mut(usize::from(at))?, self.numbers.get_mut(usize::from(at))?);
        let is_there = slot.as_ref() == Some(atom);
        if let Some(number) = listed.checked_sub(1) {
            return is_there.then_some(number);
        }
        let number = u8::try_from(self.references.len()).ok().filter(|number| usize::from(*number) < MOST_REFERENCES)?;
        *listed = number + 1;
        if is_there {
            self.references.push(at);
        } else {
            self.references.push(at | FILLS);
            self.replaced.push(slot.replace(atom.clone()));
        }
        Some(number)
    }
}

impl SendCache {
    /// An empty cache, for a new transport.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes the list of what the packet refers to, and begins with the next packet.
    pub fn write_references(&mut self, out: &mut Vec<u8>) {
        // The cast is exact: `index` lists 255 at most.
        out.push(self.references.len() as u8);
        if self.references.is_empty() {
            return;
        }
        // Hardly any packet brings new atoms, and none else has a length to write.
        let has_long_atoms = !self.replaced.is_empty() && self.new_atoms().any(|atom| atom.as_bytes().len() > 255);
        let nibbles = self.references.iter().map(|listed| (listed >> 8) as u8 & SEGMENT | if listed & FILLS != 0 { IS_NEW } else { 0 });
        write_nibbles(nibbles.chain([u8::from(has_long_atoms)]), out);
        for listed in &self.references {
            out.push(*listed as u8);
            if listed & FILLS != 0
                && let Some(atom) = self.there(*listed)
            {
                write_text(atom.as_bytes(), has_long_atoms, out);
            }
        }
        self.begin();
    }

    /// Forgets the packet in the making.
    pub fn abandon(&mut self) {
        let mut replaced = std::mem::take(&mut self.replaced).into_iter();
        for listed in self.references.iter().filter(|listed| *listed & FILLS != 0) {
            if let (Some(slot), Some(before)) = (self.slots.get_mut(usize::from(listed & !FILLS)), replaced.next()) {
                *slot = before;
            }
        }
        self.begin();
    }

    /// The next packet lists nothing yet.
    fn begin(&mut self) {
        for listed in self.references.drain(..) {
            if let Some(number) = self.numbers.get_mut(usize::from(listed & !FILLS)) {
                *number = 0;
            }
        }
        self.replaced.clear();
    }

    fn new_atoms(&self) -> impl Iterator<Item = &Atom> {
        self.references.iter().filter(|listed| *listed & FILLS != 0).filter_map(|listed| self.there(*listed))
    }

    fn there(&self, listed: u16) -> Option<&Atom> {
        self.slots.get(usize::from(listed & !FILLS))?.as_ref()
    }
}

fn write_text(text: &[u8], has_long_atoms: bool, out: &mut Vec<u8>) {
    if has_long_atoms {
        out.extend((text.len() as u16).to_be_bytes())
    } else {
        out.push(text.len() as u8)
    }
    out.extend_from_slice(text);
}

/// Two to a byte, the first low.
fn write_nibbles(mut nibbles: impl Iterator<Item = u8>, out: &mut Vec<u8>) {
    while let Some(low) = nibbles.next() {
        out.push(low | nibbles.next().unwrap_or_default() << 4);
    }
}

/// Spreads short names well, eight bytes at a time. Nothing about it need be secret: a collision costs bytes.
fn place(atom: &Atom) -> u16 {
    let (words, rest) = atom.as_bytes().as_chunks::<8>();
    let last = rest.iter().fold(rest.len() as u64, |last, byte| last << 8 | u64::from(*byte));
    let words = words.iter().map(|word| u64::from_le_bytes(*word)).chain([last]);
    let hash = words.fold(0, |hash: u64, word| (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29));
    ((hash ^ hash >> 32) % SLOTS as u64) as u16
}

/// Marks a place that the packet fills. Places have eleven bits.
const FILLS: u16 = 1 << 15;
