//! Maps, sorted by key: equal maps are equal slices, and a look-up is a binary search.

use super::atom::Atom;
use super::order::{self, Mode};
use super::term::Term;
use super::terms::Terms;
use std::fmt;

/// `#{Key => Value}`; no key occurs twice. `1` and `1.0` are two keys, as in Erlang.
///
/// ```
/// use countersign::etf::{Map, Term, atom};
///
/// let map = Map::new([(atom("port"), Term::from(4369)), (atom("host"), Term::from("localhost"))])?;
/// assert_eq!(map.field("port").and_then(Term::as_i64), Some(4369));
/// assert_eq!(Term::from(map).to_string(), r#"#{host => <<"localhost">>,port => 4369}"#);
/// # Ok::<(), countersign::etf::DuplicateKey>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Map(Terms);

impl Map {
    /// Keys and values in any order.
    ///
    /// # Errors
    /// A key occurs twice.
    pub fn new(pairs: impl IntoIterator<Item = (Term, Term)>) -> Result<Self, DuplicateKey> {
        Self::sorted(pairs.into_iter().flat_map(|(key, value)| [key, value]).collect())
    }

    /// Keys and values by turns, in any order.
    pub(super) fn sorted(mut flat: Vec<Term>) -> Result<Self, DuplicateKey> {
        let (pairs, _) = flat.as_chunks_mut::<2>();
        // Sorting in place takes no memory beside what a peer has paid for in bytes.
        pairs.sort_unstable_by(|[one, _], [other, _]| order::compare(one, other, Mode::Key));
        let repeats = pairs.windows(2).any(|two| matches!(two, [[one, _], [other, _]] if one == other));
        if repeats { Err(DuplicateKey) } else { Ok(Self(flat.into())) }
    }

    /// Keys and values by turns, in the order of a map that was there before.
    pub(super) const fn of(flat: Terms) -> Self {
        Self(flat)
    }

    /// The value under a key.
    pub fn value(&self, key: &Term) -> Option<&Term> {
        let at = self.pairs().binary_search_by(|[other, _]| order::compare(other, key, Mode::Key)).ok()?;
        self.pairs().get(at).map(|[_, value]| value)
    }

    /// The value under an atom.
    pub fn field(&self, name: &str) -> Option<&Term> {
        self.value(&Term::Atom(Atom::new(name).ok()?))
    }

    /// Keys and values, by key: integers, floats, atoms and so on, each kind in its own order.
    pub fn iter(&self) -> impl Iterator<Item = (&Term, &Term)> {
        self.pairs().iter().map(|[key, value]| (key, value))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.pairs().len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn flat(&self) -> &[Term] {
        &self.0
    }

    pub(super) fn take(&mut self) -> Box<[Term]> {
        self.0.take()
    }

    fn pairs(&self) -> &[[Term; 2]] {
        self.0.as_chunks().0
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// A map has each key once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key occurs twice in a map")]
pub struct DuplicateKey;
