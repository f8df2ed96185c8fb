//! Why a scope does not do what it is asked.

use crate::etf::{EncodeError, Pid};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node::NameRefused;

/// Why a scope does not do what it is asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// It cannot have its name. A scope's process is registered under it, as OTP's is.
    #[error("the scope does not start: {0}")]
    Name(#[from] NameRefused),
    /// Only processes of the scope's own node may join and leave through it, or watch it.
    #[error("{0} is no process of this node")]
    NotLocal(Pid),
    /// This cannot be the name of a group: no peer could be told of it.
    #[error("this cannot be the name of a group: {0}")]
    Group(#[from] EncodeError),
    /// It has ended, or its node has.
    #[error("the scope has ended")]
    Ended,
}

impl Failure for ScopeError {
    fn code(&self) -> Code {
        match self {
            Self::Name(_) => Code::NameInUse,
            Self::NotLocal(_) | Self::Group(_) => Code::NotAllowed,
            Self::Ended => Code::Unreachable,
        }
    }

    fn hint(&self) -> Hint {
        Hint::fixed(match self {
            Self::Name(_) => "a node has one scope of a name: start it once, and clone it",
            Self::NotLocal(_) => "let the process join through a scope of its own node",
            Self::Group(_) => "name groups by atoms, numbers, strings, and tuples of these",
            Self::Ended => "start it again; the processes must join again, too",
        })
    }
}
