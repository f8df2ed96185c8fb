//! The choices that a type leaves open.

use super::from_term::FromTerm;
use super::mismatch::Mismatch;
use super::to_term::ToTerm;
use crate::etf::atom::Atom;
use crate::etf::term::Term;
use ::serde::{Deserialize, Serialize};

/// How values are written. What is read depends on it only in what else counts as `None`.
///
/// ```
/// use countersign::etf::serde::Mapping;
/// use std::collections::BTreeMap;
///
/// let ages = BTreeMap::from([("joe", Some(68)), ("ann", None)]);
/// let shown = |mapping: Mapping| mapping.to_term(&ages).map(|term| term.to_string());
///
/// assert_eq!(shown(Mapping::erlang())?, r#"#{<<"ann">> => undefined,<<"joe">> => 68}"#);
/// assert_eq!(shown(Mapping::elixir())?, r#"#{<<"ann">> => nil,<<"joe">> => 68}"#);
/// assert_eq!(shown(Mapping::erlang().strings_as_charlists())?, r#"#{"ann" => undefined,"joe" => 68}"#);
/// assert_eq!(shown(Mapping::elixir().keys_as_atoms())?, "#{ann => nil,joe => 68}");
/// # Ok::<(), countersign::etf::serde::Mismatch>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    none: Atom,
    pub(super) strings: Strings,
    pub(super) keys: Keys,
}

/// What becomes of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strings {
    Binary,
    Charlist,
}

/// What becomes of a string that is a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    LikeStrings,
    Atom,
}

impl Mapping {
    /// `None` is `undefined`. What [`to_term`](super::to_term) and [`from_term`](super::from_term) do.
    pub const fn erlang() -> Self {
        Self::with(Atom::fixed("undefined"))
    }

    /// `None` is `nil`.
    pub const fn elixir() -> Self {
        Self::with(Atom::fixed("nil"))
    }

    const fn with(none: Atom) -> Self {
        Self { none, strings: Strings::Binary, keys: Keys::LikeStrings }
    }

    /// Writes `None` as this atom. As `None` are read this one, `undefined` and `nil`: callers of one
    /// service are often of both languages.
    #[must_use]
    pub fn none_as(self, none: Atom) -> Self {
        Self { none, ..self }
    }

    /// Writes every string as a list of characters, which nobody can tell from a list of numbers: types that
    /// serde looks at twice (`untagged`) do not read them. Where only some are meant, see
    /// [`charlist`](super::charlist).
    #[must_use]
    pub fn strings_as_charlists(self) -> Self {
        Self { strings: Strings::Charlist, ..self }
    }

    /// Writes the strings among the keys of maps as atoms; `#[serde(flatten)]` makes a map of a struct,
    /// and then its fields are such keys. Erlang never forgets an atom, and dies of too many: not for
    /// keys that a stranger may choose.
    #[must_use]
    pub fn keys_as_atoms(self) -> Self {
        Self { keys: Keys::Atom, ..self }
    }

    /// The term for a value.
    ///
    /// # Errors
    /// The value has none: see [`Fault`](super::Fault).
    pub fn to_term<T: Serialize + ?Sized>(&self, value: &T) -> Result<Term, Mismatch> {
        value.serialize(ToTerm::new(self))
    }

    /// The value that a term stands for; it may borrow text and bytes from the term.
    ///
    /// # Errors
    /// The term is not of this type; the error says where.
    pub fn from_term<'de, T: Deserialize<'de>>(&self, term: &'de Term) -> Result<T, Mismatch> {
        T::deserialize(FromTerm::new(term, self))
    }

    pub(super) fn none(&self) -> Term {
        Term::Atom(self.none.clone())
    }

    pub(super) fn is_none(&self, term: &Term) -> bool {
        term.as_atom().is_some_and(|atom| *atom == self.none || *atom == "undefined" || *atom == "nil")
    }
}

impl Default for Mapping {
    fn default() -> Self {
        Self::erlang()
    }
}
