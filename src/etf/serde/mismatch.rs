//! What is wrong between a value and a term, and where.

use super::DEEPEST;
use super::excerpt;
use super::path::{Path, Step};
use super::shape::RECORD;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use std::fmt::{self, Display};

/// A term is not of the type that was asked for, or a value has no term.
///
/// The sentence holds a short piece of what was found. Where terms may hold secrets, log
/// [`Mismatch::path`] alone.
///
/// ```
/// use countersign::etf::serde::{Fault, from_term};
/// use countersign::etf::{Term, list};
/// use countersign::failure::{Code, Failure};
///
/// let error = from_term::<Vec<u8>>(&list([1, 300])).unwrap_err();
/// assert_eq!(error.to_string(), "$[1]: expected an integer from 0 to 255, found 300");
/// assert!(matches!(error.fault(), Fault::Unexpected { found, .. } if found == "300"));
/// assert_eq!(error.code(), Code::TermMismatch);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    path: Path,
    fault: Box<Fault>,
}

/// What is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Another kind of term, or another value.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What the type needs.
        expected: String,
        /// The beginning of what stands there.
        found: String,
    },
    /// None of the names that an enum has.
    #[error("expected {}, found {found}", OneOf(known))]
    UnknownVariant {
        /// The tag that stands there.
        found: String,
        /// The names that the enum has.
        known: &'static [&'static str],
    },
    /// A struct that allows no other fields has no such field.
    #[error("there is no field {field}; known: {}", OneOf(known))]
    UnknownField {
        /// Its name.
        field: String,
        /// The fields that the struct has.
        known: &'static [&'static str],
    },
    /// A field without a default is missing.
    #[error("the field {field} is missing")]
    MissingField {
        /// Its name.
        field: &'static str,
    },
    /// A field is there as an atom and as text, or twice in a list of properties.
    #[error("the field {field} occurs twice")]
    RepeatedField {
        /// Its name.
        field: &'static str,
    },
    /// Two keys of the value are one term.
    #[error("a key occurs twice in a map")]
    RepeatedKey,
    /// More than [`DEEPEST`] levels.
    #[error("more than {DEEPEST} levels stand inside one another")]
    TooDeep,
    /// An infinite float, or none.
    #[error("Erlang has only finite floats")]
    NotFinite,
    /// The name of a field, a variant or a key is too long for an atom.
    #[error("an atom has at most 255 characters")]
    AtomTooLong,
    /// What the type's own implementation says.
    #[error("{reason}")]
    Refused {
        /// Its words.
        reason: String,
    },
}

impl Mismatch {
    /// Where.
    pub const fn path(&self) -> &Path {
        &self.path
    }

    /// What.
    pub const fn fault(&self) -> &Fault {
        &self.fault
    }

    /// One step further out.
    pub(super) fn within(mut self, step: Step) -> Self {
        self.path.prepend(step);
        self
    }

    pub(super) fn unexpected(expected: impl Display, found: impl Display) -> Self {
        Fault::Unexpected { expected: excerpt::of_reason(expected), found: excerpt::of_reason(found) }.into()
    }

    pub(super) fn is_unknown_field(&self) -> bool {
        matches!(*self.fault, Fault::UnknownField { .. })
    }

    /// serde's own words for what was found know nothing of terms; ours replace them.
    pub(super) fn having_found(mut self, term: impl FnOnce() -> String) -> Self {
        if let (true, Fault::Unexpected { found, .. }) = (self.path.is_whole(), &mut *self.fault) {
            *found = term();
        }
        self
    }
}

impl From<Fault> for Mismatch {
    fn from(fault: Fault) -> Self {
        Self { path: Path::default(), fault: Box::new(fault) }
    }
}

impl Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.fault)
    }
}

impl std::error::Error for Mismatch {}

impl Failure for Mismatch {
    fn code(&self) -> Code {
        match *self.fault {
            Fault::TooDeep => Code::TooMany,
            _ => Code::TermMismatch,
        }
    }

    fn hint(&self) -> Hint {
        Hint::fixed(match *self.fault {
            Fault::TooDeep => "keep the inner part as a Term, which may be as deep as it likes",
            Fault::UnknownField { .. } => "correct the name, or take deny_unknown_fields from the type",
            Fault::MissingField { .. } => "send the field, or give it #[serde(default)] or the type Option",
            Fault::RepeatedField { .. } | Fault::RepeatedKey => "write each key once, as an atom or as text",
            Fault::NotFinite => "say what is no number with an Option",
            Fault::AtomTooLong => "shorten the name, or leave keys as binaries",
            _ => self.code().cure(),
        })
    }
}

impl ::serde::ser::Error for Mismatch {
    fn custom<T: Display>(reason: T) -> Self {
        Fault::Refused { reason: excerpt::of_reason(reason) }.into()
    }
}

impl ::serde::de::Error for Mismatch {
    fn custom<T: Display>(reason: T) -> Self {
        Fault::Refused { reason: excerpt::of_reason(reason) }.into()
    }

    fn invalid_type(found: ::serde::de::Unexpected<'_>, expected: &dyn ::serde::de::Expected) -> Self {
        Self::unexpected(expected, found)
    }

    fn invalid_value(found: ::serde::de::Unexpected<'_>, expected: &dyn ::serde::de::Expected) -> Self {
        Self::unexpected(expected, found)
    }

    fn invalid_length(found: usize, expected: &dyn ::serde::de::Expected) -> Self {
        Self::unexpected(expected, format_args!("{found}"))
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Fault::UnknownVariant { found: excerpt::of_text(found), known }.into()
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Fault::UnknownField { field: excerpt::of_text(field), known }.into()
    }

    fn missing_field(field: &'static str) -> Self {
        Fault::MissingField { field }.into()
    }

    fn duplicate_field(field: &'static str) -> Self {
        Fault::RepeatedField { field }.into()
    }
}

/// `a, b or c`, as they stand in terms.
struct OneOf<'a>(&'a [&'a str]);

impl Display for OneOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.0.len().saturating_sub(1);
        for (index, name) in self.0.iter().enumerate() {
            f.write_str(match index {
                0 => "",
                _ if index == last => " or ",
                _ => ", ",
            })?;
            f.write_str(name.trim_start_matches(RECORD))?;
        }
        if self.0.is_empty() { f.write_str("none") } else { Ok(()) }
    }
}
