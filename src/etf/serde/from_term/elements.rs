//! The elements of lists and tuples.

use super::FromTerm;
use crate::etf::serde::mismatch::Mismatch;
use crate::etf::serde::path::Step;
use crate::etf::serde::shape;
use crate::etf::term::Term;
use ::serde::de::{DeserializeSeed, SeqAccess, Visitor};
use std::borrow::Cow;

/// Elements that are read one after another.
struct Elements<'a, 'de> {
    whole: FromTerm<'a, 'de>,
    rest: std::slice::Iter<'de, Term>,
    index: usize,
    names: &'static [&'static str],
}

impl<'de> FromTerm<'_, 'de> {
    /// By names too, if there is one for each.
    pub(super) fn visit_elements<V: Visitor<'de>>(
        self,
        terms: &'de [Term],
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let names = if names.len() == terms.len() { names } else { &[] };
        let mut elements = Elements { whole: self.inside()?, rest: terms.iter(), index: 0, names };
        let value = self.settle(visitor.visit_seq(&mut elements))?;
        match elements.rest.len() {
            0 => Ok(value),
            _ => Err(self.unexpected(format_args!("{} elements", elements.index))),
        }
    }

    /// A tuple, or as many elements in a list.
    pub(super) fn tuple<V: Visitor<'de>>(self, tag: Option<&'static str>, length: usize, visitor: V) -> Result<V::Value, Mismatch> {
        let elements = match (tag, self.term) {
            (Some(tag), Term::Tuple(terms)) => shape::behind(tag, terms),
            (None, Term::Tuple(terms) | Term::List(terms)) => Some(&**terms),
            _ => None,
        };
        match elements.filter(|elements| elements.len() == length) {
            Some(elements) => self.visit_elements(elements, &[], visitor),
            None => Err(self.unexpected(shape::Pattern { tag, length })),
        }
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mismatch> {
        let Some(term) = self.rest.next() else { return Ok(None) };
        let name = self.names.get(self.index).map(|name| Step::Field(Cow::Borrowed(name)));
        let step = name.unwrap_or(Step::Element(self.index));
        self.index += 1;
        seed.deserialize(self.whole.part(term)).map(Some).map_err(|error| error.within(step))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}
