//! Keys and values become a map.

use super::{ToTerm, modest};
use crate::etf::map::Map;
use crate::etf::serde::mismatch::{Fault, Mismatch};
use crate::etf::serde::path::Step;
use crate::etf::term::Term;
use ::serde::Serialize;
use ::serde::ser::{Error, SerializeMap};

/// A map half made.
pub(in crate::etf::serde) struct Pairs<'a> {
    inside: ToTerm<'a>,
    pairs: Vec<(Term, Term)>,
    key: Option<Term>,
}

impl<'a> Pairs<'a> {
    pub(super) fn new(inside: ToTerm<'a>, length: Option<usize>) -> Self {
        Self { inside, pairs: Vec::with_capacity(modest(length.unwrap_or(0))), key: None }
    }
}

impl SerializeMap for Pairs<'_> {
    type Ok = Term;
    type Error = Mismatch;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Mismatch> {
        self.key = Some(key.serialize(self.inside.key())?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        let key = self.key.take().ok_or_else(|| Mismatch::custom("a value of a map comes before its key"))?;
        let value = value.serialize(self.inside).map_err(|error| error.within(Step::under(&key)))?;
        self.pairs.push((key, value));
        Ok(())
    }

    fn end(self) -> Result<Term, Mismatch> {
        map(self.pairs)
    }
}

pub(super) fn map(pairs: Vec<(Term, Term)>) -> Result<Term, Mismatch> {
    Map::new(pairs).map(Term::Map).map_err(|_| Fault::RepeatedKey.into())
}
