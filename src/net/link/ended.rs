//! Why a link has ended.

use crate::dist::Violation;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::net::Connection;
use crate::tls;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Why a link has ended: shared by all who asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct LinkClosed(pub Arc<Ended>);

/// Why a link ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Ended {
    /// This side wanted it so.
    #[error("{0}")]
    Us(Why),
    /// The peer closed it.
    #[error("the peer closed the link")]
    ByPeer,
    /// The peer says why, in TLS's words.
    #[error("{0}")]
    Refused(Box<tls::Refused>),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(io::Error),
    /// The peer broke the protocol.
    #[error("the peer broke the protocol")]
    Violation(#[from] Violation),
    /// The connection that it had just been handed over to is lost.
    #[error("the connection that it was handed over to is lost: {0}")]
    HandedOver(LinkClosed),
    /// Nothing came from the peer for a whole period.
    #[error("nothing came from the peer for {period:?}")]
    Silent {
        /// How long a silent peer is believed to live.
        period: Duration,
    },
    /// The peer takes nothing, and something waits for it.
    #[error("the peer has taken nothing for {within:?}, and something waits for it")]
    NotTaken {
        /// How long it may.
        within: Duration,
    },
    /// The peer asks and does not read the answers.
    #[error("more than {limit} bytes of answers wait for the peer to read them")]
    Unread {
        /// How many may wait.
        limit: usize,
    },
    /// The peer would be refused now: its certificate has ended or was revoked, it is on a list, or on none.
    #[error("the peer would be refused now: {0}")]
    Condemned(Box<dyn Failure + Send + Sync>),
    /// The peer ties more of its processes to ours than it may.
    #[error("the peer has more than {limit} links and monitors on processes of this node")]
    TooManyTies {
        /// How many it may have.
        limit: usize,
    },
}

/// Why this side ended a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Somebody called for it.
    #[error("it was disconnected")]
    Disconnected,
    /// The node stopped.
    #[error("this node stopped")]
    Stopped,
    /// The peer does not know of the link and made another.
    #[error("the peer made a new link in its place")]
    Replaced,
    /// The keys of an AES-GCM link are nearly used up, and the two ends cannot renew them.
    #[error("the keys of this AES-GCM link are nearly used up")]
    KeysWornOut,
    /// Nothing was said over it for so long as such a link may be idle.
    #[error("nothing was said for the idle time-out")]
    Idle,
    /// The certificate was replaced, and the link was to be made anew with the new one.
    #[error("the certificate was replaced")]
    Rotated,
}

impl Ended {
    pub(in crate::net) fn of(error: io::Error) -> Self {
        match Connection::refusal(&error) {
            Some(refused) => Self::Refused(Box::new(refused.clone())),
            // A node that is killed says no goodbye.
            None if matches!(error.kind(), io::ErrorKind::UnexpectedEof) => Self::ByPeer,
            None => Self::Io(error),
        }
    }

    /// Whether it is nobody's fault.
    pub const fn is_orderly(&self) -> bool {
        matches!(self, Self::Us(_) | Self::ByPeer)
    }
}

impl Failure for Ended {
    fn code(&self) -> Code {
        match self {
            Self::Us(_) | Self::ByPeer | Self::Io(_) => Code::PeerClosed,
            Self::Refused(refused) => refused.code(),
            Self::HandedOver(closed) => closed.code(),
            Self::Violation(violation) => violation.code(),
            Self::Condemned(why) => why.code(),
            Self::Silent { .. } | Self::NotTaken { .. } => Code::Timeout,
            Self::Unread { .. } | Self::TooManyTies { .. } => Code::TooMany,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Us(Why::KeysWornOut) => Hint::fixed("let TLS13_CHACHA20_POLY1305_SHA256 be among the suites: its keys do not wear out"),
            Self::Us(_) => Hint::fixed("nothing to do: the next message connects again"),
            Self::Refused(refused) => refused.hint(),
            Self::Violation(violation) => violation.hint(),
            Self::NotTaken { .. } => Hint::fixed("is the peer overloaded? Raise send_timeout if it may take so long"),
            Self::Condemned(why) => why.hint(),
            Self::TooManyTies { .. } => Hint::fixed("raise ties_per_peer if the peer means well"),
            _ => Hint::fixed(self.code().cure()),
        }
    }
}

impl Failure for LinkClosed {
    fn code(&self) -> Code {
        self.0.code()
    }

    fn hint(&self) -> Hint {
        self.0.hint()
    }
}
