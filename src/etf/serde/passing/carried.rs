//! Terms that serde keeps for a second look, because a type says `untagged`, `flatten` or `tag`.
//!
//! What serde keeps is of its own kinds only. A pid becomes a newtype around its bytes there, which no
//! other kind is mistaken for, and an atom becomes text. Tuples become lists: so a whole [`Term`] is
//! refused behind such an attribute unless it is of a kind that serde cannot spoil.

use crate::etf::atom::Atom;
use crate::etf::decode::decode;
use crate::etf::encode::encode;
use crate::etf::serde::mismatch::Mismatch;
use crate::etf::term::Term;
use ::serde::de::{Error, Visitor};
use ::serde::{Deserializer, forward_to_deserialize_any};
use bytes::Bytes;
use std::fmt;

/// A term that has no counterpart in serde, for a visitor that takes anything.
pub(in crate::etf::serde) struct Carried(Vec<u8>);

impl Carried {
    pub(in crate::etf::serde) fn new(term: &Term) -> Result<Self, Mismatch> {
        let bytes = encode(term).map_err(Mismatch::custom)?;
        Ok(Self([MARK, &bytes].concat()))
    }
}

impl<'de> Deserializer<'de> for Carried {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_byte_buf(self.0)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Reads what was kept.
pub(super) struct Kept {
    /// As it is kept, an atom is text.
    pub(super) takes_text: bool,
}

impl Visitor<'_> for Kept {
    type Value = Term;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a term of Erlang that serde did not have to keep for a second look")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Term, E> {
        if !self.takes_text {
            return Err(E::custom(super::ONLY_ERLANG));
        }
        Atom::new(text).map(Term::Atom).map_err(E::custom)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Term, E> {
        let bytes = bytes.strip_prefix(MARK).ok_or_else(|| E::custom(super::ONLY_ERLANG))?;
        decode(&Bytes::copy_from_slice(bytes)).map_err(E::custom)
    }
}

/// Before the bytes of a term; other formats do not begin so.
const MARK: &[u8] = b"$countersign::etf::Term\0";
