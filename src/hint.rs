//! Advice as data: an error says what happened, its hint says what to do about it.

use std::borrow::Cow;
use std::fmt;

/// One piece of advice, in the imperative, for the person who reads the error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint(Cow<'static, str>);

impl Hint {
    /// Advice that was known when the program was written.
    pub const fn fixed(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// Advice that names what was found.
    pub fn of(text: impl Into<String>) -> Self {
        Self(Cow::Owned(text.into()))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
