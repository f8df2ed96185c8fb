//! What is wrong with a list.

use crate::clock::Timestamp;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::x509::crl::CrlError;
use crate::x509::pem::{PemError, Place};
use std::path::PathBuf;

/// Why a revocation list could not be taken into use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationError {
    /// It could not be read.
    #[error(transparent)]
    Crl(#[from] CrlError),
    /// It is of a kind that cannot be checked.
    #[error("{place}: this kind of revocation list is not supported")]
    Unusable {
        /// Where.
        place: Place,
        /// What webpki said.
        source: webpki::Error,
    },
}

impl RevocationError {
    /// Whether the bytes could not even be had, as opposed to being wrong.
    pub const fn is_unreadable(&self) -> bool {
        matches!(self, Self::Crl(CrlError::Pem(PemError::Unreadable { .. })))
    }
}

impl Failure for RevocationError {
    fn code(&self) -> Code {
        Code::InvalidTlsConfiguration
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Crl(error) => error.hint(),
            Self::Unusable { .. } => Hint::fixed("use full, direct lists (no delta, no indirect ones), such as countersign cert crl makes"),
        }
    }
}

/// Why what is in force was not exchanged for this.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListRefused {
    /// It cannot be read or used.
    #[error(transparent)]
    Unusable(#[from] RevocationError),
    /// It is longer than what is read at all.
    #[error("{}: longer than {limit} bytes", .path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// How long it may be.
        limit: u64,
    },
    /// It was not signed by the CA in whose name it speaks.
    #[error("{place}: the revocation list in the name of {issuer} was not signed by that CA")]
    WrongSigner {
        /// Where.
        place: Place,
        /// In whose name.
        issuer: String,
    },
    /// A newer one is in force.
    #[error("{place}: the revocation list of {issuer} ({given}) is older than the one in force ({in_force})")]
    Older {
        /// Where.
        place: Place,
        /// Whose list.
        issuer: String,
        /// Which one this is.
        given: String,
        /// Which one is in force.
        in_force: String,
    },
    /// It proves nothing any more.
    #[error("{place}: the revocation list of {issuer} has expired at {next_update}")]
    Expired {
        /// Where.
        place: Place,
        /// Whose list.
        issuer: String,
        /// When the next one was due.
        next_update: Timestamp,
    },
    /// It proves nothing yet.
    #[error("{place}: the revocation list of {issuer} is dated {this_update}, which is to come")]
    FromTheFuture {
        /// Where.
        place: Place,
        /// Whose list.
        issuer: String,
        /// When it says that it was made.
        this_update: Timestamp,
    },
    /// A CA that has a list in force has none here.
    #[error("the revocation list of {issuer} is gone, which is in force")]
    Gone {
        /// Whose list.
        issuer: String,
    },
    /// These lists are read from files.
    #[error("these revocation lists are read from files, and nothing else replaces them")]
    InFiles,
}

impl ListRefused {
    /// Whether both say the same of a file, although words may differ while it is being written.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let is_missing = |refused: &Self| matches!(refused, Self::Unusable(error) if error.is_unreadable());
        std::mem::discriminant(self) == std::mem::discriminant(other) && is_missing(self) == is_missing(other)
    }
}

impl Failure for ListRefused {
    fn code(&self) -> Code {
        match self {
            Self::Unusable(error) => error.code(),
            Self::TooLong { .. } | Self::InFiles => Code::InvalidTlsConfiguration,
            _ => Code::RevocationUnknown,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Unusable(error) => error.hint(),
            Self::TooLong { .. } => Hint::fixed("is this the right file? Split the CA, or let lists drop what has expired"),
            Self::WrongSigner { .. } => {
                Hint::fixed("take the list from the CA whose certificate is in the pool; compare with openssl crl -CAfile")
            }
            Self::Older { .. } => Hint::fixed("put the newest list back: whoever brings an older one may want to undo a revocation"),
            Self::Expired { .. } => Hint::fixed("make a current list: countersign cert crl --ca DIR"),
            Self::FromTheFuture { .. } => Hint::fixed("check the clocks of this machine and of the CA; the list is looked at again"),
            Self::Gone { .. } => {
                Hint::fixed("put it back; to take a CA out altogether, restart the node with the CA pool and the lists that it shall have")
            }
            Self::InFiles => Hint::fixed("replace the files, and wait or call reload"),
        }
    }
}
