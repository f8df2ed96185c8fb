//! Elements in a row become a list or a tuple.

use super::{ToTerm, modest};
use crate::etf::serde::mismatch::Mismatch;
use crate::etf::serde::path::Step;
use crate::etf::serde::shape;
use crate::etf::term::Term;
use ::serde::Serialize;
use ::serde::ser::{SerializeSeq, SerializeTuple, SerializeTupleStruct, SerializeTupleVariant};
use std::borrow::Cow;

/// A list or tuple half made.
pub(in crate::etf::serde) struct Sequence<'a> {
    inside: ToTerm<'a>,
    terms: Vec<Term>,
    /// How many elements have gone before; the tag is none.
    index: usize,
    variant: Option<&'static str>,
    is_list: bool,
}

impl<'a> Sequence<'a> {
    pub(super) fn list(inside: ToTerm<'a>, length: Option<usize>) -> Self {
        let terms = Vec::with_capacity(modest(length.unwrap_or(0)));
        Self { inside, terms, index: 0, variant: None, is_list: true }
    }

    pub(super) fn tuple(inside: ToTerm<'a>, tag: Option<&'static str>, length: usize) -> Result<Self, Mismatch> {
        let mut terms = Vec::with_capacity(modest(length) + 1);
        if let Some(tag) = tag {
            terms.push(Term::Atom(shape::atom(tag)?));
        }
        Ok(Self { inside, terms, index: 0, variant: None, is_list: false })
    }

    pub(super) fn variant(inside: ToTerm<'a>, tag: &'static str, length: usize) -> Result<Self, Mismatch> {
        Ok(Self { variant: Some(tag), ..Self::tuple(inside, Some(tag), length)? })
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        let term = value.serialize(self.inside).map_err(|error| self.locate(error))?;
        self.terms.push(term);
        self.index += 1;
        Ok(())
    }

    fn locate(&self, error: Mismatch) -> Mismatch {
        let error = error.within(Step::Element(self.index));
        match self.variant {
            Some(tag) => error.within(Step::Variant(Cow::Borrowed(tag))),
            None => error,
        }
    }

    fn close(self) -> Term {
        let terms = self.terms.into();
        if self.is_list { Term::List(terms) } else { Term::Tuple(terms) }
    }
}

macro_rules! sequences {
    ($($trait:ident $method:ident;)*) => {$(
        impl $trait for Sequence<'_> {
            type Ok = Term;
            type Error = Mismatch;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
                self.push(value)
            }

            fn end(self) -> Result<Term, Mismatch> {
                Ok(self.close())
            }
        }
    )*};
}

sequences! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}
