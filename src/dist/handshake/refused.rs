//! Why two nodes did not become peers.

use crate::dist::flags::Flags;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node_name::{NodeName, NotANodeName};

/// Why a handshake ended without a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The peer's answer to our challenge shows another cookie.
    #[error("the cookie of {peer} is not ours")]
    CookieMismatch {
        /// Who answered.
        peer: NodeName,
    },
    /// The peer hands us a challenge of our own, to have us answer it.
    #[error("{peer} sends back a challenge of ours")]
    Reflected {
        /// Who did.
        peer: NodeName,
    },
    /// The acceptor does not want us.
    #[error("{peer} answers not_allowed")]
    NotAllowed {
        /// Who was dialled.
        peer: NodeName,
    },
    /// We do not want the initiator.
    #[error("{peer} is not allowed here")]
    PeerNotAllowed {
        /// Who dialled.
        peer: NodeName,
    },
    /// Another node answers than the one that was dialled.
    #[error("{dialled} was dialled, and {answered:?} answers")]
    WrongNode {
        /// Who was dialled.
        dialled: NodeName,
        /// Who answers.
        answered: String,
    },
    /// The peer has our own name.
    #[error("the peer has our own name, {name}")]
    OwnName {
        /// The name.
        name: NodeName,
    },
    /// The link that there is lives, so there will be no second.
    #[error("the link with {peer} that there is lives")]
    StillConnected {
        /// The other end.
        peer: NodeName,
    },
    /// Both dialled, and the other's attempt is the one that goes on.
    #[error("{peer} dials us at the same time, and its attempt goes on")]
    Simultaneous {
        /// The other end.
        peer: NodeName,
    },
    /// The peer lacks what is mandatory.
    #[error("{peer:?} lacks {missing}")]
    MissingFlags {
        /// Who.
        peer: String,
        /// What.
        missing: Flags,
    },
    /// The peer begins as nodes before OTP 23 did.
    #[error("the peer begins with the handshake of OTP 22 and older")]
    OldHandshake,
    /// The peer's name is none.
    #[error("{name:?} is no name of a node")]
    BadName {
        /// What it says.
        name: String,
        /// What is wrong with it.
        #[source]
        source: NotANodeName,
    },
    /// The acceptor grants a name that is not on our host.
    #[error("the host {host:?} was named {name}")]
    WrongHost {
        /// Our host.
        host: String,
        /// The name that was granted.
        name: NodeName,
    },
    /// A message that does not belong here.
    #[error("{wanted} was due, and something else came")]
    Unexpected {
        /// What was due.
        wanted: &'static str,
    },
}

impl Failure for Refused {
    fn code(&self) -> Code {
        match self {
            Self::CookieMismatch { .. } => Code::CookieMismatch,
            Self::NotAllowed { .. } | Self::PeerNotAllowed { .. } => Code::NotAllowed,
            Self::WrongNode { .. } | Self::WrongHost { .. } => Code::WrongNode,
            Self::OwnName { .. } | Self::StillConnected { .. } | Self::Simultaneous { .. } => Code::NameInUse,
            Self::MissingFlags { .. } | Self::OldHandshake => Code::MissingFlags,
            Self::Reflected { .. } | Self::BadName { .. } | Self::Unexpected { .. } => Code::ProtocolViolation,
        }
    }

    fn hint(&self) -> Hint {
        Hint::fixed(match self {
            Self::NotAllowed { .. } => "the peer's log has the reason: the list of allowed nodes, its cookie settings, or missing features",
            Self::Simultaneous { .. } => "nothing to do: the two nodes have the link that the other one dialled",
            Self::StillConnected { .. } => "nothing to do: the link is there; a restarted node gets in once the old link is found dead",
            Self::Reflected { .. } => "the peer may not know the cookie and try to have us answer for it: find out who it is",
            _ => self.code().cure(),
        })
    }
}
