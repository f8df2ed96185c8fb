//! Text and bytes.

use super::FromTerm;
use crate::etf::serde::mismatch::Mismatch;
use crate::etf::term::Term;
use ::serde::de::Visitor;

impl<'de> FromTerm<'_, 'de> {
    /// Text that can be borrowed: of a binary, and of an atom that is a key.
    pub(super) fn text(self) -> Option<&'de str> {
        if self.is_key { self.name() } else { self.term.as_text() }
    }

    pub(super) fn visit_text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let outcome = match self.text() {
            Some(text) => visitor.visit_borrowed_str(text),
            None => match self.term.to_text() {
                Some(text) => visitor.visit_string(text),
                None => return Err(self.unwanted(&visitor)),
            },
        };
        self.settle(outcome)
    }

    pub(super) fn visit_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.term {
            Term::Binary(bytes) => self.settle(visitor.visit_borrowed_bytes(bytes)),
            Term::List(bytes) => self.visit_elements(bytes, &[], visitor),
            _ => Err(self.unexpected("a binary")),
        }
    }
}
