//! The variants of enums.

use super::{FromTerm, name_of};
use crate::etf::serde::excerpt;
use crate::etf::serde::mismatch::Mismatch;
use crate::etf::serde::path::Step;
use crate::etf::serde::shape::{self, Pattern};
use crate::etf::term::Term;
use ::serde::de::value::BorrowedStrDeserializer;
use ::serde::de::{DeserializeSeed, EnumAccess, VariantAccess, Visitor};
use std::borrow::Cow;

/// A term as a variant: the tag, and what is tagged.
struct Tagged<'a, 'de> {
    whole: FromTerm<'a, 'de>,
    /// As the type calls it, or as the term does where the type has no such variant.
    name: &'de str,
    tag: &'de str,
    elements: &'de [Term],
    is_record: bool,
}

impl<'de> FromTerm<'_, 'de> {
    pub(super) fn visit_variant<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let Some((tag, elements)) = tagged(self.term) else {
            return Err(self.unexpected("an atom or a tagged tuple"));
        };
        let known = shape::Variant::find(name, variants, tag)?;
        let is_record = known.is_some_and(|(_, variant)| variant.is_record);
        let (name, elements) = match known {
            // `ok` alone is short for `{ok, ok}`.
            Some((known, _)) if self.term.is_atom("ok") && shape::is_short_result(name, known) => (known, std::slice::from_ref(self.term)),
            Some((known, _)) => (known, elements),
            None => (tag, elements),
        };
        self.settle(visitor.visit_enum(Tagged { whole: self, name, tag, elements, is_record }))
    }
}

fn tagged(term: &Term) -> Option<(&str, &[Term])> {
    match term {
        Term::Tuple(terms) => terms.split_first().and_then(|(tag, elements)| Some((name_of(tag)?, elements))),
        _ => name_of(term).map(|tag| (tag, &[][..])),
    }
}

impl<'a, 'de> Tagged<'a, 'de> {
    fn unless_fitting(self, length: usize) -> Mismatch {
        self.whole.unexpected(Pattern { tag: Some(self.tag), length })
    }

    fn step(&self) -> Step {
        Step::Variant(Cow::Owned(excerpt::of_text(self.tag)))
    }

    /// What is tagged, if it is one.
    fn only(&self) -> Result<Option<FromTerm<'a, 'de>>, Mismatch> {
        match self.elements {
            [element] => Ok(Some(self.whole.inside()?.part(element))),
            _ => Ok(None),
        }
    }
}

impl<'de> EnumAccess<'de> for Tagged<'_, 'de> {
    type Error = Mismatch;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Mismatch> {
        seed.deserialize(BorrowedStrDeserializer::new(self.name)).map(|value| (value, self))
    }
}

impl<'de> VariantAccess<'de> for Tagged<'_, 'de> {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        match self.elements {
            [] => Ok(()),
            _ => Err(self.whole.unexpected(format_args!("the atom {}", self.tag))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Mismatch> {
        match self.only()? {
            Some(inner) => seed.deserialize(inner).map_err(|error| error.within(self.step())),
            None => Err(self.unless_fitting(1)),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Mismatch> {
        if self.elements.len() == length {
            self.whole.visit_elements(self.elements, &[], visitor).map_err(|error| error.within(self.step()))
        } else {
            Err(self.unless_fitting(length))
        }
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Mismatch> {
        if self.is_record {
            return self.whole.visit_elements(self.elements, fields, visitor).map_err(|error| error.within(self.step()));
        }
        match self.only()? {
            Some(inner) => inner.visit_entries(fields, visitor).map_err(|error| error.within(self.step())),
            None => Err(self.unless_fitting(1)),
        }
    }
}
