//! Why a node does not start, a peer is not reached, or a message is not sent.

mod attempts;
mod start;

pub(super) use attempts::Attempts;
pub use attempts::FailedAttempt;
pub use start::StartError;

use super::admission::NotAdmitted;
use super::destination::Destination;
use super::identity::IdentityMismatch;
use crate::epmd::EpmdError;
use crate::epmd::wire::InvalidName;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::net::link::{LinkClosed, NotSent};
use crate::net::{DialError, HandoverError, MeetingError};
use crate::node_name::{NodeName, NotANodeName};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Why a node is no peer: what was tried, and why each of it failed.
#[derive(Debug)]
pub struct ConnectError {
    peer: NodeName,
    failed: Failed,
}

#[derive(Debug)]
enum Failed {
    /// Nothing was tried.
    Outright(ConnectReason),
    Attempts(Box<Attempts>),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot connect to {}: {}", self.peer, self.failed)
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outright(reason) => reason.fmt(f),
            Self::Attempts(attempts) => attempts.fmt(f),
        }
    }
}

impl std::error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.reason())
    }
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectReason {
    /// Nobody knows its port.
    #[error("{0}")]
    Epmd(EpmdError),
    /// Its name is none that an epmd could know.
    #[error("{0}")]
    AliveName(InvalidName),
    /// The program's own function does not find it.
    #[error("{finder} does not find it: {reason}")]
    Finder {
        /// Which function.
        finder: &'static str,
        /// What it said.
        reason: String,
    },
    /// It cannot be connected to.
    #[error("{0}")]
    Dial(DialError),
    /// The handshake failed.
    #[error("{0}")]
    Meeting(MeetingError),
    /// A link that is up does not go on over a new connection.
    #[error("{0}")]
    Handover(HandoverError),
    /// Its certificate does not bear its name.
    #[error("{0}")]
    Identity(IdentityMismatch),
    /// The lists of this node do not let it in.
    #[error("{0}")]
    NotAdmitted(NotAdmitted),
    /// Its name is held by a peer whose certificate was verified.
    #[error("a verified peer has this name, and this one is not verified")]
    NotVerified,
    /// All attempts together took too long.
    #[error("no link within {0:?}")]
    Timeout(Duration),
    /// Another attempt under the same name is under way, or took its place.
    #[error("another attempt under the same name took its place")]
    Superseded,
    /// This node gives no names.
    #[error("this node gives no names to such peers")]
    NoNames,
    /// This node is stopping.
    #[error("this node is stopping")]
    Stopping,
    /// The own settings do not work.
    #[error("{0}")]
    Start(Box<StartError>),
    /// The system has no random bytes or no threads.
    #[error("the system refuses: {0}")]
    System(io::Error),
}

impl ConnectError {
    pub(super) const fn new(peer: NodeName, reason: ConnectReason) -> Self {
        Self { peer, failed: Failed::Outright(reason) }
    }

    pub(super) fn after(peer: NodeName, attempts: Attempts) -> Self {
        Self { peer, failed: Failed::Attempts(Box::new(attempts)) }
    }

    /// Who is no peer.
    pub const fn peer(&self) -> &NodeName {
        &self.peer
    }

    /// Why: of several attempts, what the first of those says that got furthest.
    pub fn reason(&self) -> &ConnectReason {
        match &self.failed {
            Failed::Outright(reason) => reason,
            Failed::Attempts(attempts) => attempts.telling().reason(),
        }
    }

    /// What was tried, in order.
    pub fn attempts(&self) -> impl Iterator<Item = &FailedAttempt> {
        let attempts = match &self.failed {
            Failed::Outright(_) => None,
            Failed::Attempts(attempts) => Some(attempts),
        };
        attempts.into_iter().flat_map(|attempts| attempts.iter())
    }

    /// Whether the peer's own attempt goes on, in which there is nothing more to be tried.
    pub(super) fn gives_way(&self) -> bool {
        match &self.failed {
            Failed::Outright(reason) => reason.gives_way(),
            Failed::Attempts(attempts) => attempts.last().reason().gives_way(),
        }
    }

    /// What stands behind the peer's name.
    pub(super) const fn told(&self) -> &(impl fmt::Display + fmt::Debug + use<>) {
        &self.failed
    }
}

impl ConnectReason {
    /// Whether it was the peer who refused us.
    pub fn is_by_peer(&self) -> bool {
        match self {
            Self::Dial(error) => error.refused().is_some_and(crate::tls::Refused::is_by_peer),
            Self::Meeting(error) => error.is_by_peer(),
            Self::Handover(error) => error.is_by_peer(),
            _ => false,
        }
    }

    /// Whether both dialled, and the peer's attempt is the one that goes on.
    pub(super) const fn gives_way(&self) -> bool {
        matches!(self, Self::Meeting(MeetingError::Refused(crate::dist::Refused::Simultaneous { .. })))
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::Epmd(error) => error.code(),
            Self::Dial(error) => error.code(),
            Self::Meeting(error) => error.code(),
            Self::Handover(error) => error.code(),
            Self::Identity(error) => error.code(),
            Self::NotAdmitted(error) => error.code(),
            Self::Start(error) => error.code(),
            Self::AliveName(_) | Self::Finder { .. } | Self::Stopping | Self::System(_) => Code::Unreachable,
            Self::NotVerified | Self::NoNames => Code::NotAllowed,
            Self::Superseded => Code::NameInUse,
            Self::Timeout(_) => Code::Timeout,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Hint {
        match self {
            Self::Epmd(error) => error.hint(),
            Self::Dial(error) => error.hint(),
            Self::Meeting(error) => error.hint(),
            Self::Handover(error) => error.hint(),
            Self::Identity(error) => error.hint(),
            Self::NotAdmitted(error) => error.hint(),
            Self::Start(error) => error.hint(),
            Self::Finder { .. } => {
                Hint::fixed("ask the function's own source of knowledge, or give another route, or let this one fall back to discovery")
            }
            Self::NotVerified => Hint::fixed("give the peer a certificate of this node's CA"),
            Self::Superseded => Hint::fixed("nothing to do: the two nodes agree on one of their attempts"),
            other => Hint::fixed(other.code().cure()),
        }
    }
}

impl Failure for ConnectError {
    fn code(&self) -> Code {
        self.reason().code()
    }

    fn hint(&self) -> Hint {
        self.reason().hint()
    }
}

/// Why something was not sent.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The node is no peer and could not be made one.
    #[error(transparent)]
    Unreachable(Arc<ConnectError>),
    /// The link has ended meanwhile, or the term cannot travel.
    #[error("not sent to {peer}")]
    NotSent {
        /// To whom.
        peer: NodeName,
        /// Why not.
        source: NotSent,
    },
    /// Nobody of this node has this name.
    #[error("no process of this node has the name {0}")]
    NoSuchName(crate::etf::Atom),
    /// The pid names no node.
    #[error("this is no name of a node: {0}")]
    NotANode(NotANodeName),
}

impl Failure for SendError {
    fn code(&self) -> Code {
        match self {
            Self::Unreachable(error) => error.code(),
            Self::NotSent { source, .. } => source.code(),
            Self::NoSuchName(_) | Self::NotANode(_) => Code::Unreachable,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Unreachable(error) => error.hint(),
            Self::NotSent { source, .. } => source.hint(),
            Self::NoSuchName(_) => Hint::fixed("register the process first; registered() lists the names there are"),
            Self::NotANode(_) => Hint::fixed("where does this pid come from?"),
        }
    }
}

/// Why a call has no answer.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The request was not sent.
    #[error(transparent)]
    Send(#[from] SendError),
    /// Nobody is there.
    #[error("there is no process {object}")]
    NoProcess {
        /// Who was asked.
        object: Destination,
    },
    /// The node of whoever was asked was lost before the answer came.
    #[error("the node of {object} was lost before it answered")]
    NodeDown {
        /// Who was asked.
        object: Destination,
        /// Why the link to it has ended, where that is known.
        #[source]
        reason: Option<LinkClosed>,
    },
    /// Whoever was asked ended before it answered; perhaps because of the question.
    #[error("{object} ended before it answered: {reason}")]
    Exited {
        /// Who was asked.
        object: Destination,
        /// Why it ended, as it says.
        reason: crate::etf::Term,
    },
    /// No answer in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
}

impl Failure for CallError {
    fn code(&self) -> Code {
        match self {
            Self::Send(error) => error.code(),
            Self::NodeDown { reason, .. } => reason.as_ref().map_or(Code::PeerClosed, Failure::code),
            Self::NoProcess { .. } | Self::Exited { .. } => Code::Unreachable,
            Self::Timeout(_) => Code::Timeout,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Send(error) => error.hint(),
            Self::NodeDown { reason: Some(reason), .. } => reason.hint(),
            Self::NoProcess { .. } => Hint::fixed("is this the name of a registered process of that node?"),
            Self::Exited { .. } => Hint::fixed("look for its crash in the log of its node"),
            _ => Hint::fixed(self.code().cure()),
        }
    }
}
