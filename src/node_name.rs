//! The name of a node, checked once.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// `name@host`: both parts present, no blanks, at most 255 characters. Ordered as OTP orders the atoms,
/// which decides between two nodes that dial each other at the same time.
///
/// ```
/// use countersign::node_name::NodeName;
///
/// let name: NodeName = "db-1@internal.example".parse()?;
/// assert_eq!((name.name(), name.host()), ("db-1", "internal.example"));
/// assert!("db-1".parse::<NodeName>().is_err());
/// # Ok::<(), countersign::node_name::NotANodeName>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(Arc<str>);

impl NodeName {
    /// A checked name.
    ///
    /// # Errors
    /// The text is not `name@host`.
    pub fn new(text: &str) -> Result<Self, NotANodeName> {
        let (name, host) = text.split_once('@').ok_or(NotANodeName::NoHost)?;
        if name.is_empty() || host.is_empty() {
            return Err(NotANodeName::EmptyPart);
        }
        if host.contains('@') || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(NotANodeName::Character);
        }
        if text.chars().count() > LONGEST { Err(NotANodeName::TooLong) } else { Ok(Self(text.into())) }
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    pub fn name(&self) -> &str {
        self.0.split_once('@').map_or("", |(name, _)| name)
    }

    /// What stands behind the `@`.
    pub fn host(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, host)| host)
    }
}

/// A map of names can be asked with text.
impl Borrow<str> for NodeName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for NodeName {
    type Err = NotANodeName;

    fn from_str(text: &str) -> Result<Self, NotANodeName> {
        Self::new(text)
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why text is no name of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotANodeName {
    /// No `@`.
    #[error("the name of a node is name@host, and there is no @")]
    NoHost,
    /// Nothing before or behind the `@`.
    #[error("the name of a node is name@host, and one part is empty")]
    EmptyPart,
    /// A second `@`, a blank or a control character.
    #[error("the name of a node has one @, no blanks and no control characters")]
    Character,
    /// More than an atom may have.
    #[error("the name of a node has at most 255 characters")]
    TooLong,
}

const LONGEST: usize = 255;
