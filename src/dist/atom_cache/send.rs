//! What we have put where, and what the packet in the making refers to.

use super::{IS_NEW, MOST_REFERENCES, SLOTS};
use crate::etf::{Atom, AtomIndex};

/// The cache of one direction, as the sender keeps it. An atom has one place, which its name decides;
/// who comes later takes the place over.
///
/// While a packet is encoded it collects the references. Nothing counts as sent before
/// [`SendCache::write_references`]: a packet that cannot be encoded leaves no trace.
#[derive(Debug)]
pub struct SendCache {
    slots: Vec<Option<Atom>>,
    /// By place: under which number this packet lists what is there.
    numbers: Vec<Option<u8>>,
    references: Vec<Listed>,
}

/// What a packet's header lists.
#[derive(Debug)]
struct Listed {
    at: usize,
    /// The atom, if the peer does not have it at this place yet.
    new: Option<Atom>,
}

impl Default for SendCache {
    fn default() -> Self {
        Self { slots: vec![None; SLOTS], numbers: vec![None; SLOTS], references: Vec::new() }
    }
}

impl AtomIndex for SendCache {
    /// Written out are atoms beyond the 255th, and those whose place another atom of the same packet has.
    fn index(&mut self, atom: &Atom) -> Option<u8> {
        let at = place(atom);
        let there = self.slots.get(at)?.as_ref();
        let slot = self.numbers.get_mut(at)?;
        if let Some(number) = *slot {
            let listed = self.references.get(usize::from(number))?.new.as_ref().or(there);
            return (listed == Some(atom)).then_some(number);
        }
        let number = u8::try_from(self.references.len()).ok().filter(|number| usize::from(*number) < MOST_REFERENCES)?;
        *slot = Some(number);
        let new = (there != Some(atom)).then(|| atom.clone());
        self.references.push(Listed { at, new });
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
        let is_long = |listed: &Listed| listed.new.as_ref().is_some_and(|atom| atom.as_bytes().len() > 255);
        let has_long_atoms = self.references.iter().any(is_long);
        let nibbles = self.references.iter().map(|listed| (listed.at / 256) as u8 | if listed.new.is_some() { IS_NEW } else { 0 });
        write_nibbles(nibbles.chain([u8::from(has_long_atoms)]), out);
        let mut references = std::mem::take(&mut self.references);
        references.drain(..).for_each(|listed| self.write_reference(listed, has_long_atoms, out));
        // For its room.
        self.references = references;
    }

    /// Forgets the packet in the making.
    pub fn abandon(&mut self) {
        for Listed { at, .. } in std::mem::take(&mut self.references) {
            self.unlist(at);
        }
    }

    fn write_reference(&mut self, listed: Listed, has_long_atoms: bool, out: &mut Vec<u8>) {
        let Listed { at, new } = listed;
        self.unlist(at);
        out.push((at % 256) as u8);
        let Some(atom) = new else { return };
        let text = atom.as_bytes();
        if has_long_atoms {
            out.extend((text.len() as u16).to_be_bytes())
        } else {
            out.push(text.len() as u8)
        }
        out.extend_from_slice(text);
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some(atom);
        }
    }

    fn unlist(&mut self, at: usize) {
        if let Some(number) = self.numbers.get_mut(at) {
            *number = None;
        }
    }
}

/// Two to a byte, the first low.
fn write_nibbles(mut nibbles: impl Iterator<Item = u8>, out: &mut Vec<u8>) {
    while let Some(low) = nibbles.next() {
        out.push(low | nibbles.next().unwrap_or_default() << 4);
    }
}

/// Spreads short names well, eight bytes at a time. Nothing about it need be secret: a collision costs bytes.
fn place(atom: &Atom) -> usize {
    let (words, rest) = atom.as_bytes().as_chunks::<8>();
    let last = rest.iter().fold(rest.len() as u64, |last, byte| last << 8 | u64::from(*byte));
    let words = words.iter().map(|word| u64::from_le_bytes(*word)).chain([last]);
    let hash = words.fold(0, |hash: u64, word| (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29));
    (hash ^ hash >> 32) as usize % SLOTS
}
