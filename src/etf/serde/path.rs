//! The way from a whole value to the part that is meant.

use super::excerpt;
use crate::etf::atom::Atom;
use crate::etf::term::Term;
use std::borrow::Cow;
use std::fmt;

/// The way to a part: `$` is the whole, then each step as in [`Step`].
///
/// ```
/// use countersign::etf::serde::{Step, from_term};
/// use countersign::etf::{Term, list};
///
/// let error = from_term::<Vec<u8>>(&list([1, 300])).unwrap_err();
/// assert_eq!(error.path().to_string(), "$[1]");
/// assert_eq!(error.path().steps().next(), Some(&Step::Element(1)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// The innermost first: an error learns its way on the way out.
    steps: Vec<Step>,
}

/// One step inwards.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// A field of a struct, or what stands under a name in a map: `.owner`
    Field(Cow<'static, str>),
    /// What stands under another key of a map: `#{1}`
    Value(String),
    /// A key of a map itself: `#{key 1}`
    Key(String),
    /// An element of a list or tuple, counted from 0; the tag of a tuple does not count: `[3]`
    Element(usize),
    /// What a tagged tuple holds: `{resize}`
    Variant(Cow<'static, str>),
}

impl Path {
    /// From the outside inwards.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().rev()
    }

    pub(super) const fn is_whole(&self) -> bool {
        self.steps.is_empty()
    }

    pub(super) fn prepend(&mut self, step: Step) {
        self.steps.push(step);
    }
}

impl Step {
    /// To what stands under a key.
    pub(super) fn under(key: &Term) -> Self {
        let name = key.as_atom().map(Atom::as_str).or_else(|| key.as_text());
        name.map_or_else(|| Self::Value(excerpt::of(key)), |name| Self::Field(Cow::Owned(excerpt::of_text(name))))
    }

    /// To a key itself.
    pub(super) fn key(key: &Term) -> Self {
        Self::Key(excerpt::of(key))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.steps().try_for_each(|step| write!(f, "{step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{}", Name(name)),
            Self::Value(key) => write!(f, "#{{{key}}}"),
            Self::Key(key) => write!(f, "#{{key {key}}}"),
            Self::Element(index) => write!(f, "[{index}]"),
            Self::Variant(tag) => write!(f, "{{{}}}", Name(tag)),
        }
    }
}

/// Quoted as an atom would be, so that a name with a dot in it is not taken for two steps.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Atom::new(self.0) {
            Ok(atom) => write!(f, "{atom}"),
            Err(_) => f.write_str(self.0),
        }
    }
}
