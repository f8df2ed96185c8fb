//! Why two nodes that were connected did not meet.

use crate::dist::{self, Violation};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::net::Connection;
use crate::node_name::NodeName;
use crate::tls;
use std::io;
use std::time::Duration;

/// Why a handshake of the distribution ended without a link.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MeetingError {
    /// One of the two does not want the other.
    #[error(transparent)]
    Refused(#[from] dist::Refused),
    /// The peer refused our certificate, and TLS 1.3 says so only now.
    #[error("{0}")]
    Tls(Box<tls::Refused>),
    /// The peer closed the connection instead of taking its step.
    #[error("the peer closed the connection instead of sending {step}")]
    Closed {
        /// What was due.
        step: &'static str,
    },
    /// The peer closed the connection when it had seen our answer to its challenge.
    #[error("{peer} closed the connection on our answer to its challenge: most likely its cookie is another one")]
    CookieRefused {
        /// Who was dialled.
        peer: NodeName,
    },
    /// The peer did not take its step in time.
    #[error("{step} did not come within {within:?}")]
    Timeout {
        /// What was due.
        step: &'static str,
        /// How long was waited.
        within: Duration,
    },
    /// An empty frame, which means something only once the link is up.
    #[error("an empty frame came instead of {step}")]
    Tick {
        /// What was due.
        step: &'static str,
    },
    /// What came is no frame of the handshake.
    #[error("this is no handshake of the distribution")]
    Violation(#[from] Violation),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(io::Error),
}

impl MeetingError {
    /// With the peer's reason, where it gave one.
    pub(super) fn broken(error: io::Error, step: &'static str) -> Self {
        match Connection::refusal(&error) {
            Some(refused) => Self::Tls(Box::new(refused.clone())),
            // Whoever is killed, or leaves with something unread, says no goodbye.
            None if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => Self::Closed { step },
            None => Self::Io(error),
        }
    }

    /// Whether it was the peer who refused us.
    pub fn is_by_peer(&self) -> bool {
        match self {
            Self::Refused(refused) => matches!(refused, dist::Refused::NotAllowed { .. }),
            Self::Tls(refused) => refused.is_by_peer(),
            Self::CookieRefused { .. } => true,
            _ => false,
        }
    }
}

impl Failure for MeetingError {
    fn code(&self) -> Code {
        match self {
            Self::Refused(refused) => refused.code(),
            Self::Tls(refused) => refused.code(),
            Self::CookieRefused { .. } => Code::CookieMismatch,
            Self::Closed { .. } | Self::Io(_) => Code::PeerClosed,
            Self::Timeout { .. } => Code::Timeout,
            Self::Tick { .. } | Self::Violation(_) => Code::ProtocolViolation,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Refused(refused) => refused.hint(),
            Self::Tls(refused) => refused.hint(),
            Self::Closed { .. } => Hint::fixed(
                "a node closes without a word when the cookie is wrong, the name is not one it takes, or an attempt under the same name is under way",
            ),
            Self::Violation(_) => Hint::fixed("is this the port of a node's distribution? Something else answers there"),
            _ => Hint::fixed(self.code().cure()),
        }
    }
}
