//! Making terms.

use super::atom::Atom;
use super::big_int::BigInt;
use super::bit_string::BitString;
use super::float::{Float, NotFinite};
use super::fun::{Export, Fun};
use super::id::{Pid, Port, Reference};
use super::map::{DuplicateKey, Map};
use super::term::Term;
use super::terms::Improper;
use bytes::Bytes;

/// An atom from text in the program; others come from [`Atom::new`].
///
/// # Panics
/// With more than 255 bytes.
pub const fn atom(name: &'static str) -> Term {
    Term::Atom(Atom::fixed(name))
}

/// `{A, B}`
pub fn tuple(elements: impl IntoIterator<Item = impl Into<Term>>) -> Term {
    Term::Tuple(collect(elements).into())
}

/// `[A, B]`
pub fn list(elements: impl IntoIterator<Item = impl Into<Term>>) -> Term {
    Term::List(collect(elements).into())
}

/// `[A, B | Tail]`. With a list as the tail it is that longer list, and without elements the tail alone.
pub fn improper(elements: impl IntoIterator<Item = impl Into<Term>>, tail: impl Into<Term>) -> Term {
    let mut all = collect(elements);
    let is_proper = match tail.into() {
        tail if all.is_empty() => return tail,
        Term::List(mut rest) => {
            all.extend(rest.take());
            true
        }
        Term::Improper(mut rest) => {
            all.extend(rest.take());
            false
        }
        tail => {
            all.push(tail);
            false
        }
    };
    if is_proper { Term::List(all.into()) } else { Term::Improper(Improper::of(all.into())) }
}

/// `#{Key => Value}`
///
/// # Errors
/// A key occurs twice.
pub fn map(pairs: impl IntoIterator<Item = (impl Into<Term>, impl Into<Term>)>) -> Result<Term, DuplicateKey> {
    Map::new(pairs.into_iter().map(|(key, value)| (key.into(), value.into()))).map(Term::Map)
}

/// `"text"`: the list of its characters. What Elixir and JSON call a string is a [`binary`].
pub fn string(text: &str) -> Term {
    list(text.chars().map(u32::from))
}

/// `<<…>>`
pub fn binary(bytes: impl Into<Bytes>) -> Term {
    Term::Binary(Box::new(bytes.into()))
}

/// An integer of any size from its absolute value, little-endian.
pub fn integer(negative: bool, magnitude: &[u8]) -> Term {
    Term::of_integer(negative, magnitude)
}

fn collect(elements: impl IntoIterator<Item = impl Into<Term>>) -> Vec<Term> {
    elements.into_iter().map(Into::into).collect()
}

macro_rules! from {
    ($($type:ty => |$value:ident| $term:expr;)*) => {$(
        impl From<$type> for Term {
            fn from($value: $type) -> Self {
                $term
            }
        }
    )*};
}

from! {
    i8 => |value| Self::Integer(value.into());
    u8 => |value| Self::Integer(value.into());
    i16 => |value| Self::Integer(value.into());
    u16 => |value| Self::Integer(value.into());
    i32 => |value| Self::Integer(value.into());
    u32 => |value| Self::Integer(value.into());
    i64 => |value| Self::Integer(value);
    u64 => |value| Self::of_integer(false, &value.to_le_bytes());
    i128 => |value| Self::of_integer(value < 0, &value.unsigned_abs().to_le_bytes());
    u128 => |value| Self::of_integer(false, &value.to_le_bytes());
    bool => |value| atom(if value { "true" } else { "false" });
    BigInt => |value| Self::BigInt(Box::new(value));
    Float => |value| Self::Float(value);
    Atom => |value| Self::Atom(value);
    Reference => |value| Self::Reference(Box::new(value));
    Fun => |value| Self::Fun(Box::new(value));
    Export => |value| Self::Export(Box::new(value));
    Port => |value| Self::Port(Box::new(value));
    Pid => |value| Self::Pid(Box::new(value));
    Map => |value| Self::Map(value);
    Vec<Term> => |value| Self::List(value.into());
    BitString => |value| Self::BitString(Box::new(value));
    Bytes => |value| Self::Binary(Box::new(value));
    &[u8] => |value| binary(Bytes::copy_from_slice(value));
    &str => |value| binary(Bytes::copy_from_slice(value.as_bytes()));
    String => |value| binary(value);
}

impl TryFrom<f64> for Term {
    type Error = NotFinite;

    fn try_from(value: f64) -> Result<Self, NotFinite> {
        Float::new(value).map(Self::Float)
    }
}
