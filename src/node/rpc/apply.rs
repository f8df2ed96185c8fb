//! A function and its arguments.

use super::raised::Named;
use crate::etf::{Atom, Term, list};
use std::fmt;

/// What is to be called: `Module:Function(Arguments…)`.
///
/// ```
/// use countersign::etf::{Atom, Term};
/// use countersign::node::rpc::Apply;
///
/// let apply = Apply::fixed("lists", "seq", [1, 3]);
/// assert_eq!(apply.to_string(), "lists:seq/2");
/// assert_eq!(Apply::new(Atom::new("lists")?, Atom::new("seq")?, [1, 3]), apply);
/// # Ok::<(), countersign::etf::AtomTooLong>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apply {
    /// The module.
    pub module: Atom,
    /// The function.
    pub function: Atom,
    /// What it is called with.
    pub arguments: Vec<Term>,
}

impl Apply {
    /// With names that are known at run time.
    pub fn new(module: Atom, function: Atom, arguments: impl IntoIterator<Item = impl Into<Term>>) -> Self {
        Self { module, function, arguments: arguments.into_iter().map(Into::into).collect() }
    }

    /// With names from text in the program.
    ///
    /// # Panics
    /// With a name of more than 255 bytes.
    pub fn fixed(module: &'static str, function: &'static str, arguments: impl IntoIterator<Item = impl Into<Term>>) -> Self {
        Self::new(Atom::fixed(module), Atom::fixed(function), arguments)
    }

    /// `[Module, Function, Arguments]`, with something before or behind it.
    pub(super) fn from_terms(module: &Term, function: &Term, arguments: &Term) -> Option<Self> {
        let (module, function) = (module.as_atom()?.clone(), function.as_atom()?.clone());
        Some(Self { module, function, arguments: arguments.as_list()?.to_vec() })
    }

    pub(super) fn into_terms(self) -> [Term; 3] {
        [self.module.into(), self.function.into(), list(self.arguments)]
    }

    pub(super) fn name(&self) -> Named {
        Named { module: self.module.clone(), function: self.function.clone(), arity: self.arguments.len() }
    }
}

impl fmt::Display for Apply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.module, self.function, self.arity)
    }
}
