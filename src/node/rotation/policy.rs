//! The choice that a node, an acceptor or a route makes.

/// What becomes of links when the certificate behind them is replaced. New links have the new one in any case.
///
/// ```
/// use countersign::node::{NodeOptions, Otherwise, Rotation};
///
/// let rotation = Rotation::Handover { otherwise: Otherwise::Close };
/// let options = NodeOptions { rotation, ..NodeOptions::default() };
/// assert_eq!(options.rotation.as_str(), "handover");
/// assert_eq!(NodeOptions::default().rotation, Rotation::Keep);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rotation {
    /// They keep the certificate that they were made with, for as long as they live.
    #[default]
    Keep,
    /// They are closed, which is seen as the end of the peer, and the next message makes a new one.
    Close,
    /// They go on over a new connection, and nobody notices. That takes a node of this kind at the other end, and
    /// TLS 1.3.
    Handover {
        /// For all other links.
        otherwise: Otherwise,
    },
}

/// What becomes of links that cannot be handed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Otherwise {
    /// As [`Rotation::Keep`].
    #[default]
    Keep,
    /// As [`Rotation::Close`].
    Close,
}

impl Otherwise {
    /// The word in configurations.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Close => "close",
        }
    }
}

impl Rotation {
    /// The words in configurations.
    pub const WORDS: [&'static str; 3] = ["keep", "close", "handover"];

    /// The word in configurations.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Close => "close",
            Self::Handover { .. } => "handover",
        }
    }
}
