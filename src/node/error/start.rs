//! Why a node does not start.

use crate::epmd::EpmdError;
use crate::epmd::wire::InvalidName;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::net::ListenerError;
use crate::node::cluster::NoQuorum;
use crate::node::doors::AcceptorError;
use crate::node::invalid_options::InvalidOptions;
use crate::node::routes::{NodePattern, RouteRefused};
use crate::node_name::NotANodeName;
use crate::tls::config::InvalidTls;
use std::io;
use std::path::PathBuf;

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Its name is none.
    #[error("{name:?} is no name of a node: {source}")]
    Name {
        /// What was given.
        name: String,
        /// What is wrong with it.
        source: NotANodeName,
    },
    /// Its name is none for an epmd.
    #[error("this name cannot be registered")]
    AliveName(#[from] InvalidName),
    /// Options that do not go together, of the node or of one of its acceptors.
    #[error(transparent)]
    Options(#[from] InvalidOptions),
    /// An acceptor cannot be opened as it is described.
    #[error(transparent)]
    Acceptor(#[from] AcceptorError),
    /// There is no cookie.
    #[error("no cookie was given, and {} has none: {source}", .path.display())]
    NoCookie {
        /// Where it was looked for.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Settings of TLS that cannot work.
    #[error(transparent)]
    Tls(#[from] InvalidTls),
    /// One of its routes cannot work.
    #[error("the route {matches}: {refused}")]
    Route {
        /// Which one.
        matches: NodePattern,
        /// Why not.
        refused: Box<RouteRefused>,
    },
    /// A port cannot be opened.
    #[error(transparent)]
    Listener(#[from] ListenerError),
    /// The epmd does not take it.
    #[error(transparent)]
    Epmd(#[from] EpmdError),
    /// It shall announce nothing, and be seen by all.
    #[error("a passive node announces nothing, and a visible one is seen by all")]
    PassiveAndVisible,
    /// It shall wait for more seeds than it has.
    #[error("a quorum of {wanted} can never be had of {seeds} seeds, of which the node itself is none")]
    QuorumBeyondSeeds {
        /// For how many.
        wanted: usize,
        /// How many different ones there are besides the node itself.
        seeds: usize,
    },
    /// It has not found enough of its seeds in time.
    #[error(transparent)]
    NoQuorum(Box<NoQuorum>),
    /// The runtime has no threads, or the system no random bytes.
    #[error("the system refuses: {0}")]
    System(#[from] io::Error),
}

impl Failure for StartError {
    fn code(&self) -> Code {
        match self {
            Self::Listener(error) => error.code(),
            Self::Epmd(error) => error.code(),
            Self::Acceptor(error) => error.code(),
            Self::NoQuorum(error) => error.code(),
            Self::NoCookie { .. } => Code::CookieMismatch,
            Self::System(_) => Code::Unreachable,
            Self::Route { refused, .. } => refused.code(),
            Self::Options(error) => error.code(),
            Self::Name { .. } | Self::AliveName(_) | Self::Tls(_) | Self::PassiveAndVisible | Self::QuorumBeyondSeeds { .. } => {
                Code::InvalidTlsConfiguration
            }
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Name { .. } | Self::AliveName(_) => Hint::fixed("a name is like db-1@internal.example or dev@localhost"),
            Self::Options(error) => error.hint(),
            Self::Acceptor(error) => error.hint(),
            Self::NoCookie { .. } => Hint::fixed("set the cookie, or write it to that file, readable by its owner alone"),
            Self::Tls(error) => error.hint(),
            Self::Route { refused, .. } => refused.hint(),
            Self::Listener(error) => error.hint(),
            Self::Epmd(error) => error.hint(),
            Self::PassiveAndVisible => Hint::fixed("leave one of the two out"),
            Self::QuorumBeyondSeeds { .. } => Hint::fixed("name more seeds, or wait for fewer; the node's own name does not count"),
            Self::NoQuorum(error) => error.hint(),
            Self::System(_) => Hint::fixed("are there threads and descriptors left?"),
        }
    }
}
