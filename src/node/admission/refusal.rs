//! Why somebody is not let in.

use super::oddity::Oddity;
use super::pattern::Pattern;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node_name::NodeName;
use std::fmt;

/// A peer that the lists do not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAdmitted {
    /// An entry of a deny list means it.
    #[error("{who} is denied by {entry}{}", .oddity.map_or_else(String::new, |oddity| format!(": a name of it is ambiguous, {oddity}")))]
    Denied {
        /// Whom.
        who: Box<Applicant>,
        /// Which.
        entry: Pattern,
        /// Why it applies, if not because it means one of its names.
        oddity: Option<Oddity>,
    },
    /// It satisfies no entry of the allow list.
    #[error("{who} is none of those who are allowed ({entries} {})", if *.entries == 1 { "entry" } else { "entries" })]
    NotAmongAllowed {
        /// Who.
        who: Box<Applicant>,
        /// How many entries there are.
        entries: usize,
    },
}

/// Who wanted to be a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applicant {
    /// The name it says, if it had said one by then.
    pub node: Option<NodeName>,
    /// The names on its certificate, if it has shown one.
    pub names: Option<String>,
    /// Whether an allow list could have let it in: it is verified, or the connection is plain TCP.
    pub may_be_allowed: bool,
}

impl fmt::Display for Applicant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = self.node.as_ref().map_or("a node that has not said its name", NodeName::as_str);
        match (&self.names, self.may_be_allowed) {
            (Some(names), true) => write!(f, "{node} ({names})"),
            (Some(names), false) => write!(f, "{node} ({names}, not verified)"),
            (None, true) => f.write_str(node),
            (None, false) => write!(f, "{node} (not verified)"),
        }
    }
}

impl Failure for NotAdmitted {
    fn code(&self) -> Code {
        Code::NotAllowed
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Denied { oddity: Some(_), .. } => Hint::fixed("issue its certificate with names that can be read in one way only"),
            Self::Denied { entry, .. } => Hint::of(format!("take {entry} off the deny list if this peer may come in")),
            Self::NotAmongAllowed { who, .. } if !who.may_be_allowed => {
                Hint::fixed("over TLS only a verified peer is let in by an allow list: give it a certificate of this node's CA")
            }
            Self::NotAmongAllowed { who, .. } => match &who.node {
                Some(node) => {
                    Hint::of(format!("add node:{node} to the allow list, or a name on its certificate, if this peer may come in"))
                }
                None => Hint::fixed("add a name on its certificate to the allow list if this peer may come in"),
            },
        }
    }
}
