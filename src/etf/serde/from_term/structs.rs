//! Structs, in each of the forms that their names ask for.

use super::FromTerm;
use crate::etf::serde::mismatch::Mismatch;
use crate::etf::serde::shape::{self, Pattern, Shape};
use crate::etf::term::Term;
use ::serde::de::Visitor;

impl<'de> FromTerm<'_, 'de> {
    pub(super) fn structure<V: Visitor<'de>>(
        self,
        shape: Shape,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        match (shape, self.term) {
            (Shape::Record(tag), Term::Tuple(terms)) => match shape::behind(tag, terms) {
                Some(elements) => self.visit_elements(elements, fields, visitor),
                None => Err(self.unexpected(format_args!("a record {tag}"))),
            },
            (Shape::Record(tag), _) => Err(self.unexpected(format_args!("a record {tag}"))),
            (Shape::Tuple, Term::Tuple(elements)) => self.visit_elements(elements, fields, visitor),
            (Shape::Tuple, _) => Err(self.unexpected("a tuple")),
            (Shape::Elixir(module), Term::Map(map)) if !names_module(map.field(shape::STRUCT), module) => {
                Err(self.unexpected(format_args!("%{module}{{}}")))
            }
            (Shape::Elixir(_) | Shape::Map, _) => self.visit_entries(fields, visitor),
        }
    }

    pub(super) fn newtype_struct<V: Visitor<'de>>(self, shape: Shape, visitor: V) -> Result<V::Value, Mismatch> {
        let tag = match shape {
            Shape::Record(tag) => Some(tag),
            Shape::Tuple => None,
            Shape::Map | Shape::Elixir(_) => return visitor.visit_newtype_struct(self.inside()?),
        };
        let elements = self.term.as_tuple().and_then(|terms| tag.map_or(Some(terms), |tag| shape::behind(tag, terms)));
        match elements {
            Some([element]) => visitor.visit_newtype_struct(self.inside()?.part(element)),
            _ => Err(self.unexpected(Pattern { tag, length: 1 })),
        }
    }

    pub(super) fn unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Mismatch> {
        let elements = self.term.as_tuple();
        let (is_there, expected) = match Shape::of(name) {
            Shape::Record(tag) => (elements.and_then(|terms| shape::behind(tag, terms)), Pattern { tag: Some(tag), length: 0 }.to_string()),
            Shape::Tuple => (elements, Pattern { tag: None, length: 0 }.to_string()),
            Shape::Map | Shape::Elixir(_) => (self.name().filter(|found| *found == name).map(|_| &[][..]), format!("the atom {name}")),
        };
        if is_there.is_some_and(<[Term]>::is_empty) { self.settle(visitor.visit_unit()) } else { Err(self.unexpected(expected)) }
    }
}

/// A map without a module is taken for any.
fn names_module(found: Option<&Term>, module: &str) -> bool {
    let is_module = |name: &str| name.strip_prefix("Elixir.") == Some(module);
    found.is_none_or(|found| found.as_atom().is_some_and(|atom| is_module(atom.as_str())))
}
