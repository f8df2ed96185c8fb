//! Why a route is not taken.

use crate::dist::Flags;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::tls::config::InvalidTls;

/// Why a route is not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteRefused {
    /// Neither the route nor the node has a certificate, and neither was told to do without.
    #[error("no certificate manager: the route would speak plain TCP")]
    Plaintext,
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
    /// No peer takes a node without these.
    #[error("no link can do without {0}")]
    Mandatory(Flags),
}

impl Failure for RouteRefused {
    /// That of all wrong settings.
    fn code(&self) -> Code {
        Code::InvalidTlsConfiguration
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Plaintext => Hint::fixed("set cert_manager, or danger_plaintext if this is meant"),
            Self::Tls(error) => error.hint(),
            Self::Idle { .. } => Hint::fixed("take one of the two out: a setting that looks as if it protected is worse than none"),
            Self::Mandatory(_) => Hint::fixed("withhold only what links can do without, such as FRAGMENTS or SPAWN"),
        }
    }
}
