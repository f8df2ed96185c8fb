//! Why a route is not taken.

use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node::invalid_options::InvalidOptions;
use crate::tls::config::InvalidTls;

/// Why a route is not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteRefused {
    /// What it says does not go together, or not with what the node says.
    #[error(transparent)]
    Options(#[from] InvalidOptions),
    /// Settings of TLS that cannot work.
    #[error(transparent)]
    Tls(#[from] InvalidTls),
    /// A setting that would protect nothing.
    #[error("{setting} means nothing beside {beside}")]
    Idle {
        /// Which setting of the route.
        setting: &'static str,
        /// What keeps it from meaning anything.
        beside: &'static str,
    },
}

impl Failure for RouteRefused {
    fn code(&self) -> Code {
        match self {
            Self::Options(error) => error.code(),
            // That of all wrong settings.
            Self::Tls(_) | Self::Idle { .. } => Code::InvalidTlsConfiguration,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Options(error) => error.hint(),
            Self::Tls(error) => error.hint(),
            Self::Idle { .. } => Hint::fixed("take one of the two out: a setting that looks as if it protected is worse than none"),
        }
    }
}
