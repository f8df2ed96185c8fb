//! Values become terms.

mod fields;
mod pairs;
mod sequence;

use super::DEEPEST;
use super::charlist::CHARLIST;
use super::mapping::{Keys, Mapping, Strings};
use super::mismatch::{Fault, Mismatch};
use super::passing;
use super::path::Step;
use super::shape::{self, Shape, Variant};
use crate::etf::atom::Atom;
use crate::etf::build;
use crate::etf::term::Term;
use crate::etf::terms::Terms;
use ::serde::{Serialize, Serializer};
use fields::Fields;
use pairs::Pairs;
use sequence::Sequence;
use std::borrow::Cow;

/// Makes one term, with room for so many levels inside.
#[derive(Clone, Copy)]
pub(super) struct ToTerm<'a> {
    mapping: &'a Mapping,
    room: usize,
    strings: Strings,
    is_key: bool,
}

impl<'a> ToTerm<'a> {
    pub(super) const fn new(mapping: &'a Mapping) -> Self {
        Self { mapping, room: DEEPEST, strings: mapping.strings, is_key: false }
    }

    /// For what stands inside.
    fn inside(self) -> Result<Self, Mismatch> {
        let room = self.room.checked_sub(1).ok_or(Fault::TooDeep)?;
        Ok(Self { room, is_key: false, ..self })
    }

    /// For a key of the map whose values `self` is for.
    const fn key(self) -> Self {
        Self { is_key: true, ..self }
    }

    fn string(self, text: &str) -> Result<Term, Mismatch> {
        match (self.mapping.keys, self.strings) {
            (Keys::Atom, _) if self.is_key => Atom::new(text).map(Term::Atom).map_err(|_| Fault::AtomTooLong.into()),
            (_, Strings::Binary) => Ok(Term::from(text)),
            (_, Strings::Charlist) => Ok(build::string(text)),
        }
    }
}

macro_rules! numbers {
    ($($method:ident $type:ty;)*) => {$(
        fn $method(self, value: $type) -> Result<Term, Mismatch> {
            Ok(Term::from(value))
        }
    )*};
}

impl<'a> Serializer for ToTerm<'a> {
    type Ok = Term;
    type Error = Mismatch;
    type SerializeSeq = Sequence<'a>;
    type SerializeTuple = Sequence<'a>;
    type SerializeTupleStruct = Sequence<'a>;
    type SerializeTupleVariant = Sequence<'a>;
    type SerializeMap = Pairs<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    numbers! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
    }

    fn serialize_f32(self, value: f32) -> Result<Term, Mismatch> {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<Term, Mismatch> {
        Term::try_from(value).map_err(|_| Fault::NotFinite.into())
    }

    fn serialize_char(self, value: char) -> Result<Term, Mismatch> {
        Ok(Term::from(u32::from(value)))
    }

    fn serialize_str(self, value: &str) -> Result<Term, Mismatch> {
        self.string(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Term, Mismatch> {
        Ok(Term::from(value))
    }

    fn serialize_none(self) -> Result<Term, Mismatch> {
        Ok(self.mapping.none())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Term, Mismatch> {
        value.serialize(Self { is_key: self.is_key, ..self.inside()? })
    }

    fn serialize_unit(self) -> Result<Term, Mismatch> {
        Ok(OK)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<Term, Mismatch> {
        match Shape::of(name) {
            Shape::Record(tag) => Ok(build::tuple([shape::atom(tag)?])),
            Shape::Tuple => Ok(Term::Tuple(Terms::default())),
            Shape::Map | Shape::Elixir(_) => shape::atom(name).map(Term::Atom),
        }
    }

    fn serialize_unit_variant(self, name: &'static str, _index: u32, variant: &'static str) -> Result<Term, Mismatch> {
        let Variant { tag, is_record } = Variant::of(name, variant);
        let tag = shape::atom(tag)?;
        Ok(if is_record { build::tuple([tag]) } else { Term::Atom(tag) })
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<Term, Mismatch> {
        if name == passing::TOKEN {
            return passing::receive();
        }
        let inside = Self { is_key: self.is_key, ..self.inside()? };
        match Shape::of(name) {
            _ if name == CHARLIST => value.serialize(Self { strings: Strings::Charlist, ..inside }),
            Shape::Record(tag) => Ok(build::tuple([Term::Atom(shape::atom(tag)?), value.serialize(self.inside()?)?])),
            Shape::Tuple => Ok(build::tuple([value.serialize(self.inside()?)?])),
            Shape::Map | Shape::Elixir(_) => value.serialize(inside),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Term, Mismatch> {
        let tag = Variant::of(name, variant).tag;
        let inner = value.serialize(self.inside()?).map_err(|error| error.within(Step::Variant(Cow::Borrowed(tag))))?;
        if inner == OK && shape::is_short_result(name, variant) {
            return Ok(inner);
        }
        Ok(build::tuple([Term::Atom(shape::atom(tag)?), inner]))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Sequence<'a>, Mismatch> {
        Ok(Sequence::list(self.inside()?, length))
    }

    fn serialize_tuple(self, length: usize) -> Result<Sequence<'a>, Mismatch> {
        Sequence::tuple(self.inside()?, None, length)
    }

    fn serialize_tuple_struct(self, name: &'static str, length: usize) -> Result<Sequence<'a>, Mismatch> {
        let tag = if let Shape::Record(tag) = Shape::of(name) { Some(tag) } else { None };
        Sequence::tuple(self.inside()?, tag, length)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Sequence<'a>, Mismatch> {
        Sequence::variant(self.inside()?, Variant::of(name, variant).tag, length)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Pairs<'a>, Mismatch> {
        Ok(Pairs::new(self.inside()?, length))
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Fields<'a>, Mismatch> {
        Fields::new(self.inside()?, Shape::of(name), length)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Fields<'a>, Mismatch> {
        Fields::variant(self.inside()?, Variant::of(name, variant), length)
    }
}

/// A length as a type says it, and types err: so much is taken at its word.
fn modest(length: usize) -> usize {
    length.min(1024)
}

/// What has nothing to say.
const OK: Term = build::atom("ok");
