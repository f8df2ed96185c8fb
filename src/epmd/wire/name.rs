//! The names under which nodes register.

use std::fmt;
use std::str::FromStr;

/// The part of a node's name before the `@`: what epmd knows a node by.
///
/// Lists of names are lines of text, so a name with white space or control characters could pass for
/// several nodes; such names are refused, although OTP's epmd takes them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AliveName(String);

impl AliveName {
    /// The longest name, in bytes.
    pub const LONGEST: usize = 255;

    /// Checks a name.
    ///
    /// # Errors
    /// What it has that no name has.
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        let name = name.into();
        match name.chars().find(|&c| c == '@' || c.is_whitespace() || c.is_control()) {
            _ if name.is_empty() => Err(InvalidName::Empty),
            _ if name.len() > Self::LONGEST => Err(InvalidName::TooLong(name.len())),
            Some(c) => Err(InvalidName::Character(c)),
            None => Ok(Self(name)),
        }
    }

    /// The same for bytes of a stranger.
    pub(super) fn from_wire(bytes: &[u8]) -> Result<Self, InvalidName> {
        if bytes.len() > Self::LONGEST {
            return Err(InvalidName::TooLong(bytes.len()));
        }
        std::str::from_utf8(bytes).map_err(|_| InvalidName::NotText).and_then(Self::new)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AliveName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for AliveName {
    type Err = InvalidName;

    fn from_str(name: &str) -> Result<Self, InvalidName> {
        Self::new(name)
    }
}

/// Why this is not the name of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// Nothing at all.
    #[error("a name must not be empty")]
    Empty,
    /// Longer than [`AliveName::LONGEST`].
    #[error("a name has at most 255 bytes, and this one has {0}")]
    TooLong(usize),
    /// Not UTF-8.
    #[error("a name must be UTF-8")]
    NotText,
    /// `@`, which ends the name and begins the host, or a character that would break a line.
    #[error("a name must not contain {0:?}")]
    Character(char),
}
