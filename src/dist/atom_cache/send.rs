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
    references: Vec<(usize, Atom)>,
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
        let slot = self.numbers.get_mut(at)?;
        if let Some(number) = *slot {
            let (_, listed) = self.references.get(usize::from(number))?;
            return (listed == atom).then_some(number);
        }
        let number = u8::try_from(self.references.len()).ok().filter(|number| usize::from(*number) < MOST_REFERENCES)?;
        *slot = Some(number);
        self.references.push((at, atom.clone()));
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
        let references = std::mem::take(&mut self.references);
        // The cast is exact: `index` lists 255 at most.
        out.push(references.len() as u8);
        if references.is_empty() {
            return;
        }
        let has_long_atoms = references.iter().any(|(at, atom)| self.is_new(*at, atom) && atom.as_bytes().len() > 255);
        let nibbles = references.iter().map(|(at, atom)| (at / 256) as u8 | if self.is_new(*at, atom) { IS_NEW } else { 0 });
        write_nibbles(nibbles.chain([u8::from(has_long_atoms)]), out);
        for (at, atom) in references {
            self.write_reference(at, atom, has_long_atoms, out);
        }
    }

    /// Forgets the packet in the making.
    pub fn abandon(&mut self) {
        for (at, _) in std::mem::take(&mut self.references) {
            self.unlist(at);
        }
    }

    fn write_reference(&mut self, at: usize, atom: Atom, has_long_atoms: bool, out: &mut Vec<u8>) {
        out.push((at % 256) as u8);
        if self.is_new(at, &atom) {
            let text = atom.as_bytes();
            if has_long_atoms {
                out.extend((text.len() as u16).to_be_bytes())
            } else {
                out.push(text.len() as u8)
            }
            out.extend_from_slice(text);
        }
        self.unlist(at);
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some(atom);
        }
    }

    fn is_new(&self, at: usize, atom: &Atom) -> bool {
        self.slots.get(at).is_none_or(|there| there.as_ref() != Some(atom))
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

/// FNV-1a: spreads short names well, and needs nothing to be secret, since a collision only costs bytes.
fn place(atom: &Atom) -> usize {
    let hash = atom.as_bytes().iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    (hash ^ hash >> 16) as usize % SLOTS
}
