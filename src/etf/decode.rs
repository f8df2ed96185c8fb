//! Bytes to terms, for bytes that nobody has vouched for.
//!
//! Three rules keep a peer from spending our memory. A count is believed only if the bytes that are left
//! could hold what *all* open containers still lack, one byte an element, so what is set aside for
//! elements never exceeds the input by more than the size of a [`Term`]. Open containers stand on a stack of our
//! own, bounded by [`Limits::depth`]. And what is compressed says its size before a byte of it is made.

mod container;
mod fields;
mod inflate;
mod leaf;
mod piece;
mod reader;

use super::atom::Atom;
use super::error::DecodeError;
use super::limits::Limits;
use super::tag;
use super::term::Term;
use bytes::{Buf, Bytes};
use container::{Open, Shape};
pub use fields::Fields;
pub(crate) use piece::Piece;
use reader::Reader;
use std::fmt;

/// The atoms that a packet refers to by number; the distribution's packet header fills it.
pub trait AtomTable {
    /// The atom under this number.
    fn atom(&self, index: u8) -> Option<Atom>;
}

impl AtomTable for [Atom] {
    fn atom(&self, index: u8) -> Option<Atom> {
        self.get(usize::from(index)).cloned()
    }
}

impl AtomTable for Vec<Atom> {
    fn atom(&self, index: u8) -> Option<Atom> {
        self.as_slice().atom(index)
    }
}

/// Reads one whole term, from its version byte to its last, within the default [`Limits`].
///
/// # Errors
/// Anything that is not exactly one term.
pub fn decode(bytes: &Bytes) -> Result<Term, DecodeError> {
    Decoder::new().decode(bytes)
}

/// Reads terms within limits, and with a table of atoms if there is one.
///
/// ```
/// use bytes::Bytes;
/// use countersign::etf::{Atom, Decoder};
///
/// // What a packet holds behind its header: {Ref0, 7} and then Ref1.
/// let table = vec![Atom::fixed("send"), Atom::fixed("stop")];
/// let mut packet = Bytes::from_static(&[104, 2, 82, 0, 97, 7, 82, 1]);
/// let decoder = Decoder::new().with_atoms(&table);
/// assert_eq!(decoder.bare(&mut packet)?.to_string(), "{send,7}");
/// assert_eq!(decoder.bare(&mut packet)?.to_string(), "stop");
/// assert!(packet.is_empty());
/// # Ok::<(), countersign::etf::DecodeError>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Decoder<'a> {
    limits: Limits,
    atoms: Option<&'a dyn AtomTable>,
}

impl<'a> Decoder<'a> {
    /// With the default limits, and no table of atoms.
    pub fn new() -> Self {
        Self::default()
    }

    /// With these limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With the atoms that references to the cache stand for.
    #[must_use]
    pub const fn with_atoms(mut self, atoms: &'a dyn AtomTable) -> Self {
        self.atoms = Some(atoms);
        self
    }

    /// Reads one whole term, from its version byte to its last.
    ///
    /// # Errors
    /// Anything that is not exactly one term.
    pub fn decode(&self, bytes: &Bytes) -> Result<Term, DecodeError> {
        let mut rest = bytes.clone();
        let term = self.versioned(&mut rest)?;
        if rest.is_empty() { Ok(term) } else { Err(DecodeError::Trailing { at: bytes.len() - rest.len(), left: rest.len() }) }
    }

    /// Takes a term with its version byte off the front.
    ///
    /// # Errors
    /// The bytes do not begin with a term. They stay as they were.
    pub fn versioned(&self, bytes: &mut Bytes) -> Result<Term, DecodeError> {
        Self::off_the_front(bytes, |piece| self.versioned_in(piece))
    }

    /// Takes a term without version byte off the front, as packets of the distribution hold it.
    ///
    /// # Errors
    /// The bytes do not begin with a term. They stay as they were.
    pub fn bare(&self, bytes: &mut Bytes) -> Result<Term, DecodeError> {
        Self::off_the_front(bytes, |piece| self.bare_in(piece))
    }

    /// As [`Decoder::versioned`], in a buffer that holds more.
    pub(crate) fn versioned_in(&self, piece: &mut Piece<'_>) -> Result<Term, DecodeError> {
        match Reader::new(*piece, 0).byte()? {
            tag::VERSION => self.outermost(piece, 1),
            found => Err(DecodeError::NotVersioned { found }),
        }
    }

    /// As [`Decoder::bare`], in a buffer that holds more.
    pub(crate) fn bare_in(&self, piece: &mut Piece<'_>) -> Result<Term, DecodeError> {
        self.outermost(piece, 0)
    }

    /// The tuple that the bytes begin with, to be read element by element; `None` if they begin with something
    /// else, which [`Decoder::bare`] reads.
    ///
    /// # Errors
    /// The bytes do not begin with a term.
    pub fn tuple<'b>(&'b self, bytes: &'b Bytes) -> Result<Option<Fields<'b>>, DecodeError> {
        Fields::of(self, Piece::all(bytes))
    }

    /// As [`Decoder::tuple`], in a buffer that holds more.
    pub(crate) fn tuple_in<'b>(&'b self, piece: Piece<'b>) -> Result<Option<Fields<'b>>, DecodeError> {
        Fields::of(self, piece)
    }

    fn off_the_front(bytes: &mut Bytes, read: impl FnOnce(&mut Piece<'_>) -> Result<Term, DecodeError>) -> Result<Term, DecodeError> {
        let mut piece = Piece::all(bytes);
        let term = read(&mut piece)?;
        let taken = bytes.len() - piece.len();
        bytes.advance(taken);
        Ok(term)
    }

    fn outermost(&self, piece: &mut Piece<'_>, from: usize) -> Result<Term, DecodeError> {
        let mut reader = Reader::new(*piece, from);
        let term = match reader.peek() {
            Some(tag::COMPRESSED) => self.compressed(&mut reader)?,
            Some(tag::LOCAL) => Term::Local(Box::new(reader.behind_tag())),
            _ => self.walk(&mut reader)?,
        };
        piece.skip(reader.at());
        Ok(term)
    }

    fn compressed(&self, reader: &mut Reader<'_>) -> Result<Term, DecodeError> {
        let plain = Bytes::from(inflate::inflate(reader, self.limits.decompressed)?);
        let mut inner = Reader::new(Piece::all(&plain), 0);
        let term = self.walk(&mut inner)?;
        match inner.left() {
            0 => Ok(term),
            left => Err(DecodeError::Trailing { at: inner.at(), left }),
        }
    }

    fn walk(&self, reader: &mut Reader<'_>) -> Result<Term, DecodeError> {
        Walk { decoder: self, reader, open: Vec::new() }.run()
    }
}

impl fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("limits", &self.limits).field("atoms", &self.atoms.is_some()).finish()
    }
}

/// What a tag begins.
enum Item {
    Leaf(Term),
    Open(Open),
}

/// One term being read, and the containers that are still open around the place where it stands.
struct Walk<'a, 'b> {
    decoder: &'a Decoder<'a>,
    reader: &'a mut Reader<'b>,
    /// All but the innermost: most terms are flat, and need no stack.
    open: Vec<Open>,
}

impl Walk<'_, '_> {
    fn run(mut self) -> Result<Term, DecodeError> {
        self.reader.owe(1)?;
        let mut innermost: Option<Open> = None;
        loop {
            let at = self.reader.at();
            match self.item()? {
                Item::Leaf(term) => match &mut innermost {
                    Some(parent) => parent.put(term),
                    None => return Ok(term),
                },
                Item::Open(open) => self.enter(open, &mut innermost, at)?,
            }
            if let Some(term) = self.close_full(&mut innermost)? {
                return Ok(term);
            }
        }
    }

    fn item(&mut self) -> Result<Item, DecodeError> {
        let at = self.reader.at();
        let tag = self.reader.tag()?;
        match leaf::read(tag, at, self)? {
            Some(term) => Ok(Item::Leaf(term)),
            None => container::open(tag, at, self).map(Item::Open),
        }
    }

    fn enter(&mut self, open: Open, innermost: &mut Option<Open>, at: usize) -> Result<(), DecodeError> {
        let limit = self.decoder.limits.depth;
        if self.open.len() + usize::from(innermost.is_some()) >= limit {
            return Err(DecodeError::TooDeep { at, limit });
        }
        self.open.extend(innermost.replace(open));
        Ok(())
    }

    /// Closes every container that lacks nothing any more, from the innermost on. Returns the outermost.
    fn close_full(&mut self, innermost: &mut Option<Open>) -> Result<Option<Term>, DecodeError> {
        while let Some(top) = innermost.as_mut().filter(|top| top.is_full()) {
            if matches!(top.shape, Shape::List) {
                container::read_tail(top, self.reader)?;
                continue;
            }
            let Some(full) = innermost.take() else { break };
            let term = full.close()?;
            *innermost = self.open.pop();
            match innermost {
                Some(parent) => parent.put(term),
                None => return Ok(Some(term)),
            }
        }
        Ok(None)
    }
}
