//! Terms become values.

mod any;
mod elements;
mod entries;
mod numbers;
mod structs;
mod text;
mod variant;

use super::DEEPEST;
use super::excerpt;
use super::mapping::Mapping;
use super::mismatch::{Fault, Mismatch};
use super::passing;
use super::shape::Shape;
use crate::etf::atom::Atom;
use crate::etf::term::Term;
use ::serde::Deserializer;
use ::serde::de::{Expected, Visitor};
use std::fmt::Display;

/// Reads one term, with room for so many levels inside.
#[derive(Clone, Copy)]
pub(super) struct FromTerm<'a, 'de> {
    term: &'de Term,
    mapping: &'a Mapping,
    room: usize,
    is_key: bool,
}

impl<'a, 'de> FromTerm<'a, 'de> {
    pub(super) const fn new(term: &'de Term, mapping: &'a Mapping) -> Self {
        Self { term, mapping, room: DEEPEST, is_key: false }
    }

    /// The same term, one level further inside: types may nest without end where terms do not.
    fn inside(self) -> Result<Self, Mismatch> {
        let room = self.room.checked_sub(1).ok_or(Fault::TooDeep)?;
        Ok(Self { room, ..self })
    }

    /// A part of this term, for which [`Self::inside`] has made room.
    const fn part(self, term: &'de Term) -> Self {
        Self { term, is_key: false, ..self }
    }

    const fn key(self, term: &'de Term) -> Self {
        Self { term, is_key: true, ..self }
    }

    fn unexpected(self, expected: impl Display) -> Mismatch {
        Mismatch::unexpected(expected, excerpt::of(self.term))
    }

    /// As [`Self::unexpected`], in the words of whoever reads.
    fn unwanted(self, visitor: &dyn Expected) -> Mismatch {
        self.unexpected(visitor)
    }

    /// What a visitor did not like is this term.
    fn settle<T>(self, outcome: Result<T, Mismatch>) -> Result<T, Mismatch> {
        outcome.map_err(|error| error.having_found(|| excerpt::of(self.term)))
    }

    /// An atom, or text in a binary.
    fn name(self) -> Option<&'de str> {
        name_of(self.term)
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            match numbers::integer::<$type>(self.term) {
                Some(value) => self.settle(visitor.$visit(value)),
                None => Err(self.unexpected(format_args!("an integer from {} to {}", <$type>::MIN, <$type>::MAX))),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for FromTerm<'_, 'de> {
    type Error = Mismatch;

    integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.visit_any(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.term.as_bool() {
            Some(value) => self.settle(visitor.visit_bool(value)),
            None => Err(self.unexpected("true or false")),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match numbers::float32(self.term) {
            Some(value) => self.settle(visitor.visit_f32(value)),
            None => Err(self.unexpected("a float of 32 bits")),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match numbers::float64(self.term) {
            Some(value) => self.settle(visitor.visit_f64(value)),
            None => Err(self.unexpected("a float")),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match numbers::integer::<u32>(self.term).and_then(char::from_u32) {
            Some(value) => self.settle(visitor.visit_char(value)),
            None => self.visit_text(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.visit_text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.visit_text(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.visit_bytes(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.visit_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.mapping.is_none(self.term) { visitor.visit_none() } else { visitor.visit_some(self.inside()?) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let is_empty = matches!(self.term, Term::Tuple(terms) | Term::List(terms) if terms.is_empty());
        let says_nothing = is_empty || self.term.is_atom("ok") || self.mapping.is_none(self.term);
        if says_nothing { self.settle(visitor.visit_unit()) } else { Err(self.unexpected("ok")) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Mismatch> {
        self.unit_struct(name, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Mismatch> {
        if name == passing::TOKEN {
            return self.settle(passing::hand_over(self.term, visitor));
        }
        self.newtype_struct(Shape::of(name), visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.term {
            Term::List(terms) => self.visit_elements(terms, &[], visitor),
            _ => Err(self.unexpected("a list")),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Mismatch> {
        self.tuple(None, length, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, name: &'static str, length: usize, visitor: V) -> Result<V::Value, Mismatch> {
        let tag = if let Shape::Record(tag) = Shape::of(name) { Some(tag) } else { None };
        self.tuple(tag, length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.visit_entries(&[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.structure(Shape::of(name), fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.visit_variant(name, variants, visitor)
    }

    /// What is no name is no field of any struct: by how it prints, a struct can pass it over or refuse it.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.settle(match self.name() {
            Some(name) => visitor.visit_borrowed_str(name),
            None => visitor.visit_string(excerpt::of(self.term)),
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }
}

/// An atom, or text in a binary.
fn name_of(term: &Term) -> Option<&str> {
    term.as_atom().map(Atom::as_str).or_else(|| term.as_text())
}
