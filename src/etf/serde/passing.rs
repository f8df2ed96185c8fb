//! Terms that pass through serde as they are.
//!
//! serde knows no pids, atoms or tuples of any size. So a term goes by hand: whoever writes or reads one
//! says [`TOKEN`] to the other side, and ours understands and finds the term in this thread's hand.
//! Every other format takes the token for the name of a newtype, looks inside, and is refused there.

mod carried;

use super::mismatch::Mismatch;
use crate::etf::atom::Atom;
use crate::etf::bit_string::BitString;
use crate::etf::float::Float;
use crate::etf::fun::{Export, Fun};
use crate::etf::id::{Pid, Port, Reference};
use crate::etf::map::Map;
use crate::etf::term::Term;
use crate::etf::terms::Improper;
use ::serde::de::{Error, Visitor};
use ::serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use std::cell::Cell;
use std::fmt;

pub(super) use carried::Carried;

/// By this name both sides know what is meant.
pub(super) const TOKEN: &str = "$countersign::etf::Term";

thread_local! {
    /// Full only between a call of this module and the answer of [`receive`] or of a visitor.
    static HAND: Cell<Option<Term>> = const { Cell::new(None) };
}

/// Our serializer's part: takes what was handed over.
pub(super) fn receive() -> Result<Term, Mismatch> {
    take().ok_or_else(|| ser::Error::custom(ONLY_ERLANG))
}

/// Our deserializer's part: hands the term to a visitor that waits for one.
pub(super) fn hand_over<'de, V: Visitor<'de>>(term: &Term, visitor: V) -> Result<V::Value, Mismatch> {
    put(Some(term.clone()));
    let outcome = visitor.visit_unit();
    put(None);
    outcome
}

/// A thread that is ending has no hand any more: then nothing is found in it, which is an error and no panic.
fn put(term: Option<Term>) {
    let _ = HAND.try_with(|hand| hand.set(term));
}

fn take() -> Option<Term> {
    HAND.try_with(Cell::take).ok().flatten()
}

fn pass<S: Serializer>(term: Term, serializer: S) -> Result<S::Ok, S::Error> {
    put(Some(term));
    let outcome = serializer.serialize_newtype_struct(TOKEN, &Closed);
    put(None);
    outcome
}

/// What other formats find in place of the term.
struct Closed;

impl Serialize for Closed {
    fn serialize<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        Err(ser::Error::custom(ONLY_ERLANG))
    }
}

/// Waits for one kind of term.
struct Waiting<T> {
    wanted: &'static str,
    open: fn(Term) -> Option<T>,
}

impl<T> Waiting<T> {
    fn open<E: Error>(self, term: Term) -> Result<T, E> {
        (self.open)(term).ok_or_else(|| E::invalid_type(::serde::de::Unexpected::Other("another term"), &self.wanted))
    }
}

impl<'de, T> Visitor<'de> for Waiting<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wanted)
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        let term = take().ok_or_else(|| E::custom(ONLY_ERLANG))?;
        self.open(term)
    }

    /// Another format, or what serde has kept for a second look.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        // Of text nobody knows whether it was an atom, unless an atom is wanted.
        let takes_text = self.wanted == ATOM;
        let term = deserializer.deserialize_byte_buf(carried::Kept { takes_text })?;
        self.open(term)
    }
}

macro_rules! passing {
    ($($type:ty: $wanted:expr, $term:pat => $value:expr, |$own:ident| $whole:expr;)*) => {$(
        /// Only to terms, where it stays what it is; other formats are refused.
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $own = self.clone();
                pass($whole, serializer)
            }
        }

        /// Only from terms of this kind.
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let open = |term| if let $term = term { Some($value) } else { None };
                deserializer.deserialize_newtype_struct(TOKEN, Waiting { wanted: $wanted, open })
            }
        }
    )*};
}

passing! {
    Atom: ATOM, Term::Atom(atom) => atom, |atom| Term::Atom(atom);
    BitString: "a bit string", Term::BitString(bits) => *bits, |bits| Term::from(bits);
    Export: "a fun of a module", Term::Export(export) => *export, |export| Term::from(export);
    Fun: "a closure", Term::Fun(fun) => *fun, |fun| Term::from(fun);
    Improper: "an improper list", Term::Improper(list) => list, |list| Term::Improper(list);
    Map: "a map", Term::Map(map) => map, |map| Term::Map(map);
    Pid: "a pid", Term::Pid(pid) => *pid, |pid| Term::from(pid);
    Port: "a port", Term::Port(port) => *port, |port| Term::from(port);
    Reference: "a reference", Term::Reference(reference) => *reference, |reference| Term::from(reference);
}

/// Only to terms, where it stays what it is; other formats are refused.
impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        pass(self.clone(), serializer)
    }
}

/// Only from terms, of any kind.
impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(TOKEN, Waiting { wanted: "a term of Erlang", open: Some })
    }
}

/// A number to other formats, too.
impl Serialize for Float {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.value())
    }
}

/// From any number that `f64` is read from, if it is finite.
impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(f64::deserialize(deserializer)?).map_err(Error::custom)
    }
}

const ATOM: &str = "an atom";
const ONLY_ERLANG: &str = "only a term of Erlang can hold this";
