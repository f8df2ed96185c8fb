//! Fields become a map with their names, or a tuple in their order.

use super::pairs::map;
use super::{ToTerm, modest};
use crate::etf::build;
use crate::etf::serde::mismatch::Mismatch;
use crate::etf::serde::path::Step;
use crate::etf::serde::shape::{self, Shape, Variant};
use crate::etf::term::Term;
use ::serde::Serialize;
use ::serde::ser::{SerializeStruct, SerializeStructVariant};
use std::borrow::Cow;

/// A struct half written.
pub(in crate::etf::serde) struct Fields<'a> {
    inside: ToTerm<'a>,
    layout: Layout,
    variant: Option<&'static str>,
}

enum Layout {
    Named(Vec<(Term, Term)>),
    Placed(Vec<Term>),
}

impl<'a> Fields<'a> {
    pub(super) fn new(inside: ToTerm<'a>, shape: Shape, length: usize) -> Result<Self, Mismatch> {
        let layout = match shape {
            Shape::Map => Layout::Named(Vec::with_capacity(modest(length))),
            Shape::Elixir(module) => Layout::Named(vec![(build::atom(shape::STRUCT), Term::Atom(shape::elixir_module(module)?))]),
            Shape::Record(tag) => Layout::placed(Some(tag), length)?,
            Shape::Tuple => Layout::placed(None, length)?,
        };
        Ok(Self { inside, layout, variant: None })
    }

    pub(super) fn variant(inside: ToTerm<'a>, Variant { tag, is_record }: Variant, length: usize) -> Result<Self, Mismatch> {
        let fields = if is_record {
            Self::new(inside, Shape::Record(tag), length)?
        } else {
            // The tuple is one level, the map inside it another.
            Self::new(inside.inside()?, Shape::Map, length)?
        };
        Ok(Self { variant: Some(tag), ..fields })
    }

    fn put<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Mismatch> {
        let term = value.serialize(self.inside).map_err(|error| self.locate(name, error))?;
        match &mut self.layout {
            Layout::Named(pairs) => pairs.push((Term::Atom(shape::atom(name)?), term)),
            Layout::Placed(terms) => terms.push(term),
        }
        Ok(())
    }

    /// In a tuple the others would move up.
    fn leave_out(&mut self) {
        if let Layout::Placed(terms) = &mut self.layout {
            terms.push(self.inside.mapping.none());
        }
    }

    fn locate(&self, name: &'static str, error: Mismatch) -> Mismatch {
        let error = error.within(Step::Field(Cow::Borrowed(name)));
        match self.variant {
            Some(tag) => error.within(Step::Variant(Cow::Borrowed(tag))),
            None => error,
        }
    }

    fn close(self) -> Result<Term, Mismatch> {
        match (self.layout, self.variant) {
            (Layout::Placed(terms), _) => Ok(Term::Tuple(terms.into())),
            (Layout::Named(pairs), None) => map(pairs),
            (Layout::Named(pairs), Some(tag)) => Ok(build::tuple([Term::Atom(shape::atom(tag)?), map(pairs)?])),
        }
    }
}

impl Layout {
    fn placed(tag: Option<&'static str>, length: usize) -> Result<Self, Mismatch> {
        let mut terms = Vec::with_capacity(modest(length) + 1);
        if let Some(tag) = tag {
            terms.push(Term::Atom(shape::atom(tag)?));
        }
        Ok(Self::Placed(terms))
    }
}

macro_rules! structs {
    ($($trait:ident)*) => {$(
        impl $trait for Fields<'_> {
            type Ok = Term;
            type Error = Mismatch;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Mismatch> {
                self.put(name, value)
            }

            fn skip_field(&mut self, _name: &'static str) -> Result<(), Mismatch> {
                self.leave_out();
                Ok(())
            }

            fn end(self) -> Result<Term, Mismatch> {
                self.close()
            }
        }
    )*};
}

structs!(SerializeStruct SerializeStructVariant);
