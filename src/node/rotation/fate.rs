//! What a new certificate means for each link, before it is done.

use super::policy::{Otherwise, Rotation};
use crate::net::CannotHandOver;
use crate::node::peer::Peer;
use crate::node_name::NodeName;
use crate::tls::CertResolver;
use std::fmt;
use std::sync::Arc;

/// What becomes of a link when the certificate is replaced that it shows.
///
/// ```
/// use countersign::net::CannotHandOver;
/// use countersign::node::{LinkFate, Otherwise};
///
/// let fate = LinkFate::Cannot { why: CannotHandOver::NotOurs, otherwise: Otherwise::Keep };
/// assert_eq!(fate.to_string(), "cannot be handed over (the peer is no node of this kind): keep");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkFate {
    /// It keeps what it shows.
    Keep,
    /// It is closed, and made anew by the next message.
    Close,
    /// It goes on over a new connection.
    HandOver,
    /// It would be handed over, and cannot be.
    Cannot {
        /// Why.
        why: CannotHandOver,
        /// What becomes of it instead.
        otherwise: Otherwise,
    },
}

impl LinkFate {
    /// In one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Close => "close",
            Self::HandOver => "handover",
            Self::Cannot { .. } => "cannot",
        }
    }

    /// What becomes of a link that cannot be handed over.
    pub const fn otherwise(self) -> Option<Otherwise> {
        match self {
            Self::Cannot { otherwise, .. } => Some(otherwise),
            _ => None,
        }
    }

    fn of(peer: &Peer) -> Self {
        match (peer.tenure.terms.effective().rotation, peer.link.handovers().cannot) {
            (Rotation::Keep, _) => Self::Keep,
            (Rotation::Close, _) => Self::Close,
            (Rotation::Handover { .. }, None) => Self::HandOver,
            (Rotation::Handover { otherwise }, Some(why)) => Self::Cannot { why, otherwise },
        }
    }
}

/// The word, and why a link cannot be handed over.
impl fmt::Display for LinkFate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cannot { why, otherwise } => write!(f, "cannot be handed over ({why}): {}", otherwise.as_str()),
            _ => f.write_str(self.as_str()),
        }
    }
}

/// Of those links that show a certificate from one of these.
pub(in crate::node) fn fates<'a>(peers: &[Arc<Peer>], resolvers: impl Iterator<Item = &'a Arc<CertResolver>>) -> Vec<(NodeName, LinkFate)> {
    let resolvers: Vec<_> = resolvers.collect();
    let shows = |peer: &&Arc<Peer>| {
        let transport = peer.transport();
        let own = transport.resolver.as_ref().filter(|_| transport.presented.is_some());
        own.is_some_and(|own| resolvers.iter().any(|resolver| Arc::ptr_eq(own, resolver)))
    };
    let mut fates: Vec<_> = peers.iter().filter(shows).map(|peer| (peer.name().clone(), LinkFate::of(peer))).collect();
    fates.sort_by(|(one, _), (other, _)| one.cmp(other));
    fates
}
