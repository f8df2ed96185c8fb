//! What is sent.

use crate::etf::Term;

/// A term to be sent: one that is given away, or one that its sender keeps, to send it again or to others. To another
/// node it is written from where it is; only a process of this node needs a copy of its own.
#[derive(Clone, Debug)]
pub enum Payload<'a> {
    /// Given away: whatever can be made a term.
    Given(Term),
    /// Kept by its sender.
    Kept(&'a Term),
}

impl<T: Into<Term>> From<T> for Payload<'_> {
    fn from(value: T) -> Self {
        Self::Given(value.into())
    }
}

impl<'a> From<&'a Term> for Payload<'a> {
    fn from(term: &'a Term) -> Self {
        Self::Kept(term)
    }
}

impl Payload<'_> {
    pub(super) const fn term(&self) -> &Term {
        match self {
            Self::Given(term) => term,
            Self::Kept(term) => term,
        }
    }

    pub(super) fn into_term(self) -> Term {
        match self {
            Self::Given(term) => term,
            Self::Kept(term) => term.clone(),
        }
    }
}
