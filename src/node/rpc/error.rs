//! Why a call of a function at another node has no value.

use crate::etf::{Atom, Term};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node::error::SendError;
use crate::node_name::NodeName;
use std::time::Duration;

/// Why a function at a node has returned nothing, or a process there does not run. The first four mean that it was
/// not run; after [`ErpcError::NoConnection`] and [`ErpcError::Timeout`] nobody knows; otherwise it was.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErpcError {
    /// The node was not asked.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The node runs nothing for others: Erlang's `{erpc, notsup}`.
    #[error("{node} runs no functions for others")]
    NotSupported {
        /// Which node.
        node: NodeName,
    },
    /// The node does not run it now, such as for `system_limit`.
    #[error("{node} does not run it: {reason}")]
    Refused {
        /// Which node.
        node: NodeName,
        /// Why not.
        reason: Atom,
    },
    /// There is no such function, or none for us.
    #[error("{node} has no function {module}:{function}/{arity}, or none for this node")]
    Undef {
        /// Which node.
        node: NodeName,
        /// The module.
        module: Atom,
        /// The function.
        function: Atom,
        /// With how many arguments.
        arity: usize,
    },
    /// The link has ended meanwhile.
    #[error("the link to {node} ended before there was an answer")]
    NoConnection {
        /// To which node.
        node: NodeName,
    },
    /// No answer in time. It may still run; what comes of it is dropped.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The function raised an error.
    #[error("it failed: {reason}")]
    Error {
        /// Why.
        reason: Term,
        /// Where, as Erlang shows it: a list of `{Module, Function, Arity, Location}`.
        stack: Term,
    },
    /// The function threw this.
    #[error("it threw {0}")]
    Throw(Term),
    /// The function exited for this reason.
    #[error("it exited: {0}")]
    Exit(Term),
    /// Somebody ended the process in which it ran.
    #[error("the process in which it ran was ended: {0}")]
    Signal(Term),
}

impl Failure for ErpcError {
    fn code(&self) -> Code {
        match self {
            Self::Send(error) => error.code(),
            Self::NotSupported { .. } | Self::Undef { .. } => Code::NoSuchFunction,
            Self::Refused { reason, .. } if *reason == "system_limit" => Code::TooMany,
            Self::NoConnection { .. } => Code::PeerClosed,
            Self::Timeout(_) => Code::Timeout,
            Self::Refused { .. } | Self::Error { .. } | Self::Throw(_) | Self::Exit(_) | Self::Signal(_) => Code::CallFailed,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Send(error) => error.hint(),
            Self::NoConnection { .. } => Hint::fixed("why the link ended stands in the log, at node down"),
            Self::NotSupported { .. } => Hint::fixed("a countersign node runs what its program has put into NodeOptions::functions"),
            other => Hint::fixed(other.code().cure()),
        }
    }
}
