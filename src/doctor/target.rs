//! Whom to meet: a node by its name, or whoever is at an address.

use crate::node::Address;
use crate::node_name::NodeName;
use std::fmt;
use std::str::FromStr;

/// A peer.
///
/// ```
/// use countersign::doctor::Target;
///
/// assert!(matches!("b@localhost".parse()?, Target::Node(_)));
/// assert!(matches!("[::1]:15000".parse()?, Target::Address(_)));
/// assert!("localhost".parse::<Target>().is_err());
/// # Ok::<(), countersign::doctor::NotATarget>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A node, wherever routes or epmd say that it is.
    Node(NodeName),
    /// Whoever answers there.
    Address(Address),
}

impl FromStr for Target {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Self, NotATarget> {
        let refuse = || NotATarget(text.to_owned());
        if text.contains('@') {
            return text.parse().map(Self::Node).map_err(|_| refuse());
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(refuse)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        match port.parse() {
            Ok(port @ 1..) if !host.is_empty() => Ok(Self::Address(Address::new(host, port))),
            _ => Err(refuse()),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(name) => name.fmt(f),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// The text names no peer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither the name of a node, name@host, nor an address, host:port")]
pub struct NotATarget(pub String);
