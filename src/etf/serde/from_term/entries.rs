//! The keys and values of maps, and of lists of properties.

use super::{FromTerm, name_of};
use crate::etf::build;
use crate::etf::map::Map;
use crate::etf::serde::mismatch::Mismatch;
use crate::etf::serde::path::Step;
use crate::etf::serde::shape::STRUCT;
use crate::etf::term::Term;
use ::serde::de::{DeserializeSeed, Error, MapAccess, Visitor};

/// Entries that are read one after another.
struct Entries<'a, 'de> {
    whole: FromTerm<'a, 'de>,
    rest: Rest<'de>,
    /// The one whose value is due.
    open: Option<(&'de Term, &'de Term)>,
    /// A struct has no use for Elixir's name of it, and may not have to refuse it.
    skips_struct: bool,
}

enum Rest<'de> {
    /// Keys and values by turns.
    Map(std::slice::Iter<'de, Term>),
    /// `{Key, Value}`, or `Key` for `{Key, true}`.
    Properties(std::slice::Iter<'de, Term>),
}

impl<'de> FromTerm<'_, 'de> {
    /// `fields` are those of a struct; of a map there are none.
    pub(super) fn visit_entries<V: Visitor<'de>>(self, fields: &[&str], visitor: V) -> Result<V::Value, Mismatch> {
        match self.term {
            Term::Map(map) => self.visit_map(map, fields, visitor),
            Term::List(terms) if terms.iter().all(|term| property(term).is_some()) => {
                self.read(Rest::Properties(terms.iter()), fields, visitor)
            }
            _ => Err(self.unexpected("a map")),
        }
    }

    pub(super) fn visit_map<V: Visitor<'de>>(self, map: &'de Map, fields: &[&str], visitor: V) -> Result<V::Value, Mismatch> {
        self.read(Rest::Map(map.flat().iter()), fields, visitor)
    }

    fn read<V: Visitor<'de>>(self, rest: Rest<'de>, fields: &[&str], visitor: V) -> Result<V::Value, Mismatch> {
        let skips_struct = !fields.is_empty() && !fields.contains(&STRUCT);
        let mut entries = Entries { whole: self.inside()?, rest, open: None, skips_struct };
        self.settle(visitor.visit_map(&mut entries))
    }
}

impl<'de> Iterator for Rest<'de> {
    type Item = (&'de Term, &'de Term);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Map(flat) => Some((flat.next()?, flat.next()?)),
            Self::Properties(terms) => property(terms.next()?),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = match self {
            Self::Map(flat) => flat.len() / 2,
            Self::Properties(terms) => terms.len(),
        };
        (length, Some(length))
    }
}

fn property(term: &Term) -> Option<(&Term, &Term)> {
    static TRUE: Term = build::atom("true");
    match term.as_tuple() {
        Some([key, value]) => Some((key, value)),
        Some(_) => None,
        None => term.as_atom().map(|_| (term, &TRUE)),
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        let skips_struct = self.skips_struct;
        self.open = self.rest.find(|(key, _)| !(skips_struct && name_of(key) == Some(STRUCT)));
        let Some((key, _)) = self.open else { return Ok(None) };
        seed.deserialize(self.whole.key(key)).map(Some).map_err(|error| locate(error, key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mismatch> {
        let (key, value) = self.open.take().ok_or_else(|| Mismatch::custom("a value of a map is read before its key"))?;
        seed.deserialize(self.whole.part(value)).map_err(|error| error.within(Step::under(key)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.size_hint().0)
    }
}

/// A field that a struct does not have is the struct's trouble, and has no place within.
fn locate(error: Mismatch, key: &Term) -> Mismatch {
    if error.is_unknown_field() { error } else { error.within(Step::key(key)) }
}
