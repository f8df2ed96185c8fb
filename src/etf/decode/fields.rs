//! A tuple read element by element, where its shape is known: nothing is made that is taken apart at once.

use super::piece::Piece;
use super::reader::Reader;
use super::{Decoder, Walk, leaf};
use crate::etf::atom::Atom;
use crate::etf::error::DecodeError;
use crate::etf::id::{Pid, Reference};
use crate::etf::tag;
use crate::etf::term::Term;

/// The elements of a tuple, in their order. Each is asked for by its kind; one of another kind is `None`, and stays.
///
/// ```
/// use bytes::Bytes;
/// use countersign::etf::{Decoder, encode_bare, tuple, atom, Term};
///
/// let mut bytes = Vec::new();
/// encode_bare(&tuple([Term::from(7), atom("ok")]), &mut bytes)?;
/// let packet = Bytes::from(bytes);
/// let decoder = Decoder::new();
/// let mut fields = decoder.tuple(&packet)?.ok_or("it is one")?;
/// assert_eq!(fields.len(), 2);
/// assert_eq!(fields.atom()?, None);
/// assert_eq!(fields.term()?, Term::from(7));
/// assert!(fields.atom()?.is_some_and(|atom| atom == "ok"));
/// assert_eq!(fields.taken(), packet.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Fields<'a> {
    decoder: &'a Decoder<'a>,
    reader: Reader<'a>,
    count: usize,
}

impl<'a> Fields<'a> {
    /// `None` if the bytes begin with something else than a small tuple, or end within its head.
    pub(super) fn of(decoder: &'a Decoder<'a>, piece: Piece<'a>) -> Result<Option<Self>, DecodeError> {
        let mut reader = Reader::new(piece, 0);
        match reader.peek() {
            Some(tag::SMALL_TUPLE) => reader.byte()?,
            _ => return Ok(None),
        };
        let count = reader.short_length()?;
        reader.owe(count)?;
        Ok(Some(Self { decoder, reader, count }))
    }

    /// How many elements the tuple has.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether it has none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many bytes of the packet have been read.
    pub const fn taken(&self) -> usize {
        self.reader.at()
    }

    /// The next element, whatever it is.
    ///
    /// # Errors
    /// It is no term.
    pub fn term(&mut self) -> Result<Term, DecodeError> {
        self.reader.begun();
        self.decoder.walk(&mut self.reader)
    }

    /// The next element, if it is a process.
    ///
    /// # Errors
    /// It is no term.
    pub fn pid(&mut self) -> Result<Option<Pid>, DecodeError> {
        match self.reader.peek() {
            Some(tag::NEW_PID | tag::PID) => leaf::read_pid(&mut self.begin()).map(Some),
            _ => Ok(None),
        }
    }

    /// The next element, if it is a name.
    ///
    /// # Errors
    /// It is no term.
    pub fn atom(&mut self) -> Result<Option<Atom>, DecodeError> {
        match self.reader.peek() {
            Some(tag::ATOM_CACHE_REF | tag::SMALL_ATOM_UTF8 | tag::ATOM_UTF8 | tag::SMALL_ATOM | tag::ATOM) => {
                leaf::read_atom(&mut self.begin()).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The next element, if it is a reference.
    ///
    /// # Errors
    /// It is no term.
    pub fn reference(&mut self) -> Result<Option<Reference>, DecodeError> {
        match self.reader.peek() {
            Some(tag::NEWER_REFERENCE | tag::NEW_REFERENCE | tag::REFERENCE) => leaf::read_reference(&mut self.begin()).map(Some),
            _ => Ok(None),
        }
    }

    fn begin(&mut self) -> Walk<'_, 'a> {
        self.reader.begun();
        Walk { decoder: self.decoder, reader: &mut self.reader, open: Vec::new() }
    }
}
