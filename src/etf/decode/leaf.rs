//! Terms with nothing inside but names and numbers.

use super::Walk;
use super::container;
use super::reader::Reader;
use crate::etf::atom::Atom;
use crate::etf::bit_string::BitString;
use crate::etf::error::DecodeError;
use crate::etf::float::Float;
use crate::etf::fun::Export;
use crate::etf::id::{Creation, Pid, Port, Reference};
use crate::etf::tag;
use crate::etf::term::Term;
use bytes::Bytes;

/// Reads what follows a tag, if the tag is that of a leaf.
pub(super) fn read(tag: u8, at: usize, walk: &mut Walk<'_, '_>) -> Result<Option<Term>, DecodeError> {
    let reader = &mut *walk.reader;
    Ok(Some(match tag {
        tag::SMALL_INTEGER => Term::Integer(i64::from(reader.byte()?)),
        tag::INTEGER => Term::Integer(i64::from(reader.array().map(i32::from_be_bytes)?)),
        tag::SMALL_BIG => integer(reader.short_length()?, at, walk)?,
        tag::LARGE_BIG => integer(reader.length()?, at, walk)?,
        tag::NEW_FLOAT => float(Some(f64::from_bits(reader.u64()?)), at)?,
        tag::FLOAT => float(printed_float(reader.take(PRINTED_FLOAT)?), at)?,
        tag::NIL => Term::nil(),
        tag::STRING => Term::List(container::string(reader)?.collect::<Vec<_>>().into()),
        tag::BINARY => {
            let length = reader.length()?;
            Term::Binary(Box::new(reader.slice(length)?))
        }
        tag::BIT_BINARY => bits(reader, at)?,
        tag::PID | tag::NEW_PID => Term::Pid(Box::new(pid(tag, walk)?)),
        tag::PORT | tag::NEW_PORT | tag::V4_PORT => Term::Port(Box::new(port(tag, walk)?)),
        tag::REFERENCE | tag::NEW_REFERENCE | tag::NEWER_REFERENCE => Term::Reference(Box::new(reference(tag, at, walk)?)),
        tag::EXPORT => Term::Export(Box::new(export(walk)?)),
        _ => return Ok(atom(tag, at, walk)?.map(Term::Atom)),
    }))
}

/// An atom where the format allows nothing else.
pub(super) fn read_atom(walk: &mut Walk<'_, '_>) -> Result<Atom, DecodeError> {
    let at = walk.reader.at();
    let tag = walk.reader.byte()?;
    atom(tag, at, walk)?.ok_or(DecodeError::Unexpected { at, wanted: "an atom" })
}

/// An integer where the format allows nothing else.
pub(super) fn read_integer(walk: &mut Walk<'_, '_>) -> Result<i64, DecodeError> {
    let at = walk.reader.at();
    match walk.reader.byte()? {
        tag @ (tag::SMALL_INTEGER | tag::INTEGER | tag::SMALL_BIG) => match read(tag, at, walk)? {
            Some(Term::Integer(value)) => Ok(value),
            _ => Err(DecodeError::Unexpected { at, wanted: "an integer of 64 bits" }),
        },
        _ => Err(DecodeError::Unexpected { at, wanted: "an integer" }),
    }
}

/// A pid where the format allows nothing else.
pub(super) fn read_pid(walk: &mut Walk<'_, '_>) -> Result<Pid, DecodeError> {
    let at = walk.reader.at();
    match walk.reader.byte()? {
        tag @ (tag::PID | tag::NEW_PID) => pid(tag, walk),
        _ => Err(DecodeError::Unexpected { at, wanted: "a pid" }),
    }
}

/// A reference where the format allows nothing else.
pub(super) fn read_reference(walk: &mut Walk<'_, '_>) -> Result<Reference, DecodeError> {
    let at = walk.reader.at();
    match walk.reader.byte()? {
        tag @ (tag::REFERENCE | tag::NEW_REFERENCE | tag::NEWER_REFERENCE) => reference(tag, at, walk),
        _ => Err(DecodeError::Unexpected { at, wanted: "a reference" }),
    }
}

fn atom(tag: u8, at: usize, walk: &mut Walk<'_, '_>) -> Result<Option<Atom>, DecodeError> {
    let reader = &mut *walk.reader;
    Ok(Some(match tag {
        tag::SMALL_ATOM_UTF8 => utf8(reader.short_length()?, at, reader)?,
        tag::ATOM_UTF8 => utf8(reader.middle_length()?, at, reader)?,
        tag::SMALL_ATOM => latin1(reader.short_length()?, at, reader)?,
        tag::ATOM => latin1(reader.middle_length()?, at, reader)?,
        tag::ATOM_CACHE_REF => {
            let index = reader.byte()?;
            let known = walk.decoder.atoms.and_then(|table| table.atom(index));
            known.ok_or(DecodeError::UnknownAtom { at, index })?
        }
        _ => return Ok(None),
    }))
}

fn utf8(length: usize, at: usize, reader: &mut Reader<'_>) -> Result<Atom, DecodeError> {
    let text = std::str::from_utf8(reader.take(length)?).map_err(|_| DecodeError::AtomNotUtf8 { at })?;
    Atom::new(text).map_err(|_| DecodeError::AtomTooLong { at })
}

fn latin1(length: usize, at: usize, reader: &mut Reader<'_>) -> Result<Atom, DecodeError> {
    let bytes = reader.take(length)?;
    let atom = match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Atom::new(text),
        // The length is checked before the bytes become twice as many.
        _ if length > usize::from(u8::MAX) => return Err(DecodeError::AtomTooLong { at }),
        _ => Atom::new(&bytes.iter().map(|&byte| char::from(byte)).collect::<String>()),
    };
    atom.map_err(|_| DecodeError::AtomTooLong { at })
}

fn integer(length: usize, at: usize, walk: &mut Walk<'_, '_>) -> Result<Term, DecodeError> {
    let limit = walk.decoder.limits.integer;
    if length > limit {
        return Err(DecodeError::IntegerTooLong { at, length, limit });
    }
    let negative = walk.reader.byte()? != 0;
    Ok(Term::of_integer(negative, walk.reader.take(length)?))
}

fn float(value: Option<f64>, at: usize) -> Result<Term, DecodeError> {
    let float = value.and_then(|value| Float::new(value).ok());
    float.map(Term::Float).ok_or(DecodeError::NotFinite { at })
}

/// The form before OTP R11: C's `%.20e`, filled up with zeros. Rust would also read `1`, `inf` or `+1.5`.
fn printed_float(field: &[u8]) -> Option<f64> {
    let text = field.split(|&byte| byte == 0).next()?;
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let looks_right = digits.first()?.is_ascii_digit() && digits.contains(&b'.');
    std::str::from_utf8(text).ok().filter(|_| looks_right)?.parse().ok()
}

fn bits(reader: &mut Reader<'_>, at: usize) -> Result<Term, DecodeError> {
    let length = reader.length()?;
    let last = reader.byte()?;
    let bytes = reader.slice(length)?;
    match last {
        0 if length == 0 => Ok(Term::Binary(Box::new(bytes))),
        8 if length > 0 => Ok(Term::Binary(Box::new(bytes))),
        _ => bit_string(bytes, last, at),
    }
}

fn bit_string(bytes: Bytes, last: u8, at: usize) -> Result<Term, DecodeError> {
    let bits = BitString::new(bytes, last);
    let wrong = DecodeError::OutOfRange { at, what: "number of bits in the last byte", found: u64::from(last) };
    bits.map(|bits| Term::BitString(Box::new(bits))).ok_or(wrong)
}

fn pid(tag: u8, walk: &mut Walk<'_, '_>) -> Result<Pid, DecodeError> {
    let node = read_atom(walk)?;
    let (id, serial) = (walk.reader.u32()?, walk.reader.u32()?);
    Ok(Pid { node, id, serial, creation: creation(tag == tag::PID, walk.reader)? })
}

fn port(tag: u8, walk: &mut Walk<'_, '_>) -> Result<Port, DecodeError> {
    let node = read_atom(walk)?;
    let id = if tag == tag::V4_PORT { walk.reader.u64()? } else { u64::from(walk.reader.u32()?) };
    Ok(Port { node, id, creation: creation(tag == tag::PORT, walk.reader)? })
}

fn reference(tag: u8, at: usize, walk: &mut Walk<'_, '_>) -> Result<Reference, DecodeError> {
    if tag == tag::REFERENCE {
        let (node, word) = (read_atom(walk)?, walk.reader.u32()?);
        return words(node, creation(true, walk.reader)?, &[word], at);
    }
    let count = walk.reader.middle_length()?;
    let node = read_atom(walk)?;
    let creation = creation(tag == tag::NEW_REFERENCE, walk.reader)?;
    let mut all = [0; 5];
    let found = DecodeError::OutOfRange { at, what: "number of words in a reference", found: count as u64 };
    let room = all.get_mut(..count).ok_or(found)?;
    for word in room.iter_mut() {
        *word = walk.reader.u32()?;
    }
    words(node, creation, room, at)
}

fn words(node: Atom, creation: Creation, words: &[u32], at: usize) -> Result<Reference, DecodeError> {
    let none = DecodeError::OutOfRange { at, what: "number of words in a reference", found: words.len() as u64 };
    Reference::new(node, creation, words).map_err(|_| none)
}

/// Old forms have one byte for it, of which OTP accepts 0 to 3.
fn creation(is_old: bool, reader: &mut Reader<'_>) -> Result<Creation, DecodeError> {
    let at = reader.at();
    match if is_old { u32::from(reader.byte()?) } else { reader.u32()? } {
        found @ 4.. if is_old => Err(DecodeError::OutOfRange { at, what: "creation", found: u64::from(found) }),
        creation => Ok(Creation(creation)),
    }
}

fn export(walk: &mut Walk<'_, '_>) -> Result<Export, DecodeError> {
    let (module, function) = (read_atom(walk)?, read_atom(walk)?);
    let at = walk.reader.at();
    let arity = read_integer(walk)?;
    let wrong = DecodeError::OutOfRange { at, what: "arity", found: arity.unsigned_abs() };
    Ok(Export { module, function, arity: u8::try_from(arity).map_err(|_| wrong)? })
}

const PRINTED_FLOAT: usize = 31;
