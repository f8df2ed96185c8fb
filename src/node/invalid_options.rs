//! Options of a node, an acceptor or a route that do not go together.

use crate::dist::Flags;
use crate::failure::{Code, Failure};
use crate::hint::Hint;

/// Why links cannot be as the options of a node, an acceptor or a route say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// There is no certificate, and nobody said to do without.
    #[error("no certificate manager: the node would speak plain TCP")]
    Plaintext,
    /// An acceptor or a route that is to speak plain TCP, and has a certificate.
    #[error("danger_plaintext and a certificate manager exclude each other")]
    PlainWithManager,
    /// Flags are to be withheld that a link cannot do without.
    #[error("these flags cannot be withheld: {0}")]
    Withheld(Flags),
}

impl Failure for InvalidOptions {
    /// That of all wrong settings.
    fn code(&self) -> Code {
        Code::InvalidTlsConfiguration
    }

    fn hint(&self) -> Hint {
        Hint::fixed(match self {
            Self::Plaintext => "set cert_manager (CertAuth::mutual, CertAuth::from_paths), or danger_plaintext if this is meant",
            Self::PlainWithManager => "leave one of the two out",
            Self::Withheld(_) => "Flags::OPTIONAL has those that can",
        })
    }
}
