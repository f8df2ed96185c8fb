//! Where something comes from, and what somebody wants.

use crate::node::rpc::Callers;
use crate::node::{Identity, Message, Peer};
use crate::node_name::NodeName;
use std::fmt;
use std::sync::Arc;

/// Where something comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A process of this node.
    Here,
    /// A process of this peer.
    Peer(Arc<Peer>),
}

impl Origin {
    pub(super) fn of(peer: Option<&Arc<Peer>>) -> Self {
        peer.map_or(Self::Here, |peer| Self::Peer(Arc::clone(peer)))
    }

    /// Whether it is this node.
    pub const fn is_here(&self) -> bool {
        matches!(self, Self::Here)
    }

    /// The peer, if it is one.
    pub const fn peer(&self) -> Option<&Arc<Peer>> {
        match self {
            Self::Here => None,
            Self::Peer(peer) => Some(peer),
        }
    }

    /// Who the peer has shown to be.
    pub fn identity(&self) -> Option<Arc<Identity>> {
        self.peer().map(|peer| peer.identity())
    }

    /// Whether it is this node, or a peer that an authority vouches for.
    pub fn is_verified(&self) -> bool {
        self.identity().is_none_or(|identity| identity.is_verified())
    }

    /// Whether it is this node, or a peer on a list.
    ///
    /// ```
    /// use countersign::node::rpc::Callers;
    /// use countersign::otp::gen_server::Origin;
    ///
    /// let operators = Callers::matching(["dns:*.ops.internal"])?;
    /// assert!(Origin::Here.is_among(&operators));
    /// # Ok::<(), countersign::node::NotAPattern>(())
    /// ```
    pub fn is_among(&self, callers: &Callers) -> bool {
        self.peer().is_none_or(|peer| callers.admit(peer.name(), &peer.identity()))
    }

    /// Whether it is a peer whose certificate names this very node, with the URI `erl:name@host`.
    pub fn is_node(&self, name: &NodeName) -> bool {
        self.identity().is_some_and(|identity| identity.names(name))
    }
}

impl From<&Message> for Origin {
    fn from(message: &Message) -> Self {
        Self::of(message.peer.as_ref())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here => f.write_str("this node"),
            Self::Peer(peer) => write!(f, "{} is {}", peer.name(), peer.identity()),
        }
    }
}

/// What somebody wants of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// An answer.
    Call,
    /// That it hears something.
    Cast,
    /// The same, outside of the protocol of servers.
    Message,
    /// What `sys` is for: to read its state, to suspend it, to end it.
    System,
}

impl Access {
    /// The word, as logs and refusals have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Cast => "cast",
            Self::Message => "message",
            Self::System => "system",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
