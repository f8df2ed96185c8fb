//! A function and its arguments.

use super::arguments::Arguments;
use super::raised::Named;
use crate::etf::serde::{Fault, Mismatch, to_term};
use crate::etf::{Atom, Term, list};
use serde::Serialize;
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

    /// With values of Rust's, in the mapping of [`etf::serde`](crate::etf::serde): a tuple, `()`, or a `Vec`. In another
    /// mapping, [`Apply::new`] takes what [`Mapping::to_term`](crate::etf::serde::Mapping::to_term) makes of each.
    ///
    /// ```
    /// use countersign::node::rpc::Apply;
    ///
    /// let apply = Apply::typed("Elixir.String", "pad_leading", &("7", 3, vec!["0"]))?;
    /// assert_eq!(apply.arguments[2].to_string(), r#"[<<"0">>]"#);
    /// # Ok::<(), countersign::etf::serde::Mismatch>(())
    /// ```
    ///
    /// # Errors
    /// One of them has no term, or a name is too long for an atom.
    pub fn typed<A: Arguments + Serialize>(module: &str, function: &str, arguments: &A) -> Result<Self, Mismatch> {
        let atom = |name| Atom::new(name).map_err(|_| Mismatch::from(Fault::AtomTooLong));
        let arguments = match to_term(arguments)? {
            Term::Tuple(terms) | Term::List(terms) => terms.into_vec(),
            // The only other one is `()`, which says `ok`.
            _ => Vec::new(),
        };
        Ok(Self { module: atom(module)?, function: atom(function)?, arguments })
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
