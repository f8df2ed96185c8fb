//! What an Erlang program can hold in a variable.

use super::atom::Atom;
use super::big_int::{self, BigInt};
use super::bit_string::BitString;
use super::float::Float;
use super::fun::{Export, Fun};
use super::id::{Pid, Port, Reference};
use super::map::Map;
use super::terms::{Improper, Terms};
use bytes::Bytes;

/// Any Erlang term.
///
/// Every value has exactly one form: an integer that fits is an `Integer`, `[]` is an empty `List`,
/// whole bytes are a `Binary`. So `==` is Erlang's `=:=`. `Ord` is Erlang's order of terms; where that
/// calls two different terms equal (`1` and `1.0`) the integer comes first.
#[derive(Clone)]
pub enum Term {
    /// An integer of up to 64 bits.
    Integer(i64),
    /// An integer beyond.
    BigInt(Box<BigInt>),
    /// A finite float.
    Float(Float),
    /// A name.
    Atom(Atom),
    /// A reference.
    Reference(Box<Reference>),
    /// A closure.
    Fun(Box<Fun>),
    /// `fun module:function/arity`.
    Export(Box<Export>),
    /// A port.
    Port(Box<Port>),
    /// A process.
    Pid(Box<Pid>),
    /// `{A, B}`
    Tuple(Terms),
    /// `#{K => V}`
    Map(Map),
    /// A proper list. Strings are lists of code points.
    List(Terms),
    /// `[A, B | Tail]`, the tail being no list.
    Improper(Improper),
    /// Bytes: of a received term, a slice of the frame.
    Binary(Box<Bytes>),
    /// Bits.
    BitString(Box<BitString>),
    /// A term in the private form of the node that made it (OTP 26, `term_to_binary(T, [local])`). Only
    /// that node can read it, it never travels between nodes, and it is always a whole encoding.
    Local(Box<Bytes>),
}

/// A term of 24 bytes is what keeps memory below 24 bytes for each byte received: `[]` takes one.
const _: () = assert!(size_of::<Term>() <= 24);

impl Term {
    /// The empty list.
    pub fn nil() -> Self {
        Self::List(Terms::default())
    }

    pub(super) fn of_integer(negative: bool, magnitude: &[u8]) -> Self {
        match big_int::canonical(negative, magnitude) {
            Ok(small) => Self::Integer(small),
            Err(big) => Self::BigInt(Box::new(big)),
        }
    }

    /// Whatever stands inside, in the order of the encoding: for a map keys and values by turns.
    pub(super) fn children(&self) -> &[Self] {
        match self {
            Self::Tuple(terms) | Self::List(terms) => terms,
            Self::Improper(improper) => improper.all(),
            Self::Map(map) => map.flat(),
            Self::Fun(fun) => &fun.free,
            _ => &[],
        }
    }

    /// Leaves an empty shell, fit for nothing but to be dropped.
    pub(super) fn take_children(&mut self) -> Box<[Self]> {
        match self {
            Self::Tuple(terms) | Self::List(terms) => terms.take(),
            Self::Improper(improper) => improper.take(),
            Self::Map(map) => map.take(),
            Self::Fun(fun) => fun.free.take(),
            _ => Box::default(),
        }
    }

    /// The same kind of container around other children.
    pub(super) fn with_children(&self, children: Vec<Self>) -> Self {
        let terms = Terms::from(children);
        match self {
            Self::Tuple(_) => Self::Tuple(terms),
            Self::List(_) => Self::List(terms),
            Self::Improper(_) => Self::Improper(Improper::of(terms)),
            Self::Map(_) => Self::Map(Map::of(terms)),
            Self::Fun(fun) => Self::Fun(Box::new(fun.with_free(terms))),
            leaf => leaf.clone(),
        }
    }
}
