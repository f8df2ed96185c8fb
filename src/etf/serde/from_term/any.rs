//! Terms for whoever takes anything, serde itself among them: what stands there decides.

use super::{FromTerm, numbers};
use crate::etf::atom::Atom;
use crate::etf::serde::mismatch::Mismatch;
use crate::etf::serde::passing::Carried;
use crate::etf::term::Term;
use ::serde::de::Visitor;

impl<'de> FromTerm<'_, 'de> {
    pub(super) fn visit_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.term {
            Term::Tuple(terms) | Term::List(terms) => return self.visit_elements(terms, &[], visitor),
            Term::Map(map) => return self.visit_map(map, &[], visitor),
            _ => {}
        }
        self.settle(match self.term {
            Term::Integer(value) => visitor.visit_i64(*value),
            Term::BigInt(_) => self.visit_big(visitor),
            Term::Float(value) => visitor.visit_f64(value.value()),
            Term::Atom(atom) => self.visit_atom(atom, visitor),
            Term::Binary(bytes) => match self.text() {
                Some(text) => visitor.visit_borrowed_str(text),
                None => visitor.visit_borrowed_bytes(bytes),
            },
            _ => visitor.visit_newtype_struct(Carried::new(self.term)?),
        })
    }

    fn visit_atom<V: Visitor<'de>>(self, atom: &'de Atom, visitor: V) -> Result<V::Value, Mismatch> {
        match self.term.as_bool() {
            _ if self.is_key => visitor.visit_borrowed_str(atom.as_str()),
            Some(value) => visitor.visit_bool(value),
            None if self.mapping.is_none(self.term) => visitor.visit_unit(),
            None => visitor.visit_borrowed_str(atom.as_str()),
        }
    }

    /// An integer beyond 64 bits.
    fn visit_big<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if let Some(value) = numbers::integer::<u64>(self.term) {
            visitor.visit_u64(value)
        } else if let Some(value) = numbers::integer::<i128>(self.term) {
            visitor.visit_i128(value)
        } else if let Some(value) = numbers::integer::<u128>(self.term) {
            visitor.visit_u128(value)
        } else {
            visitor.visit_newtype_struct(Carried::new(self.term)?)
        }
    }
}
