//! Why a link stays on the connection that it has.

use crate::clock::Timestamp;
use crate::dist::handover::HandoverNumber;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::net::link::LinkClosed;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Why a link can never be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CannotHandOver {
    /// It is plain TCP, and there is no certificate to change.
    #[error("the link is plain TCP")]
    Plain,
    /// Only nodes of our own kind can.
    #[error("the peer is no node of this kind")]
    NotOurs,
    /// Its first connection speaks TLS 1.2, from whose session no secret can be derived that is its own.
    #[error("the link speaks TLS 1.2")]
    OldTls,
}

/// Why a handover did not take place, and the link goes on as it was.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandoverError {
    /// This link never can.
    #[error("{0}")]
    Cannot(CannotHandOver),
    /// What answered the dial speaks TLS, and no handover.
    #[error("what answered there knows no handovers")]
    NotSpoken,
    /// A first frame that is none.
    #[error("{what} is malformed")]
    Malformed {
        /// Which.
        what: &'static str,
    },
    /// The other end closed the new connection instead of taking its step.
    #[error("the new connection was closed instead of {step}")]
    Closed {
        /// What was due.
        step: &'static str,
    },
    /// A step took too long.
    #[error("{step} did not come within {within:?}")]
    Timeout {
        /// What was due.
        step: &'static str,
        /// How long was waited.
        within: Duration,
    },
    /// The new connection broke.
    #[error("the new connection broke: {0}")]
    Io(Arc<io::Error>),
    /// The other end does not agree.
    #[error("the peer refuses: {0}")]
    ByPeer(Code),
    /// The node that was asked has no such link.
    #[error("there is no link of this name")]
    UnknownLink,
    /// Whoever speaks on the new connection does not know the secret of the link.
    #[error("the new connection does not belong to the link")]
    NotProven,
    /// An attempt with this number, or a later one, has been there.
    #[error("{number} is over: {last} has been there")]
    Stale {
        /// What came.
        number: HandoverNumber,
        /// The last that was taken.
        last: HandoverNumber,
    },
    /// The link is just moving.
    #[error("the link is being handed over already")]
    Busy,
    /// The connection came through another acceptor than the link.
    #[error("it came through another acceptor than the link")]
    OtherDoor,
    /// The peer was verified when the link was made, and is not on the new connection.
    #[error("the peer is not verified any more")]
    NotVerified,
    /// The new connection failed before anything was said over it.
    #[error("the new connection failed before the link moved: {0}")]
    Lost(LinkClosed),
    /// A later attempt took its place.
    #[error("a later attempt took its place")]
    Superseded,
    /// The link has ended.
    #[error("the link has ended")]
    Ended,
}

impl CannotHandOver {
    const fn code(self) -> Code {
        match self {
            Self::Plain => Code::PlaintextPeer,
            Self::NotOurs => Code::AlpnMismatch,
            Self::OldTls => Code::VersionMismatch,
        }
    }
}

impl HandoverError {
    /// Whether it was the peer who refused us.
    pub const fn is_by_peer(&self) -> bool {
        matches!(self, Self::ByPeer(_))
    }
}

impl Failure for HandoverError {
    fn code(&self) -> Code {
        match self {
            Self::Cannot(cannot) => cannot.code(),
            Self::ByPeer(code) => *code,
            Self::NotSpoken => Code::AlpnMismatch,
            Self::Malformed { .. } => Code::ProtocolViolation,
            Self::Closed { .. } | Self::Io(_) | Self::Ended => Code::PeerClosed,
            Self::Timeout { .. } => Code::Timeout,
            Self::UnknownLink => Code::WrongNode,
            Self::NotProven | Self::OtherDoor | Self::NotVerified => Code::NotAllowed,
            Self::Stale { .. } | Self::Busy | Self::Superseded => Code::TooMany,
            Self::Lost(closed) => closed.code(),
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Cannot(CannotHandOver::Plain) => Hint::fixed("give both nodes certificates, or leave the policy at keep"),
            Self::Cannot(CannotHandOver::NotOurs) => {
                Hint::fixed("with peers of OTP choose what happens otherwise: keep the link, or close it so that it forms anew")
            }
            Self::Cannot(CannotHandOver::OldTls) => Hint::fixed("speak TLS 1.3 on both sides"),
            Self::ByPeer(_) => Hint::fixed("the peer knows why: look for this code's line in its log"),
            Self::OtherDoor => Hint::fixed("is there something between the two nodes that sends connections to different ports?"),
            Self::Busy | Self::Superseded | Self::Ended => Hint::fixed("nothing to do"),
            Self::Lost(closed) => closed.hint(),
            _ => Hint::fixed(self.code().cure()),
        }
    }
}

/// How the handovers of a link went.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Handovers {
    /// How often it has moved to a new connection.
    pub done: u64,
    /// How often it was tried in vain.
    pub failed: u64,
    /// The last time that it was.
    pub last_failure: Option<HandoverFailure>,
    /// Why it can never be handed over, if so.
    pub cannot: Option<CannotHandOver>,
}

/// A handover that did not take place.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HandoverFailure {
    /// Why, for programs.
    pub code: Code,
    /// Why, for people.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}
