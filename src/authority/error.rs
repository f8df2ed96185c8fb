//! Why the authority refused.

use super::CA;
use super::kind::KeyKind;
use super::names::NameRefused;
use super::subject::SubjectRefused;
use crate::clock::Timestamp;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::x509::cert::CertError;
use crate::x509::key::KeyError;
use crate::x509::pem::{Origin, PemError};
use std::path::PathBuf;

/// Why a certificate or a revocation list was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// A name that cannot stand on a certificate.
    #[error(transparent)]
    Name(#[from] NameRefused),
    /// A subject that is no distinguished name.
    #[error(transparent)]
    Subject(#[from] SubjectRefused),
    /// The text of a file is wrong, or the file cannot be read.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// A private key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A certificate that was to be read is none.
    #[error("{origin}: the certificate cannot be read")]
    Certificate {
        /// The file.
        origin: Origin,
        /// What is wrong with it.
        source: CertError,
    },
    /// An agent is dialled by name, and there is none.
    #[error("an agent certificate needs at least one name, and none was given")]
    NoNames,
    /// A CA is needed, and one of its two files is not there.
    #[error("{}: not there, and a CA is its ca.crt with its ca.key", .missing.display())]
    NoCa {
        /// The file.
        missing: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The certificate that should sign may not.
    #[error("{subject} is no CA: its certificate does not allow it to sign others")]
    IssuerIsNoCa {
        /// The distinguished name.
        subject: String,
    },
    /// The CA that should sign forbids CAs below itself.
    #[error("{subject} allows no further CA below it (path length 0)")]
    PathLength {
        /// The distinguished name of the CA.
        subject: String,
    },
    /// The CA's own validity is over, or has not begun.
    #[error("the CA {subject} is valid from {not_before} to {not_after}, and it is {now}")]
    IssuerNotValid {
        /// The distinguished name of the CA.
        subject: String,
        /// Its first moment.
        not_before: Timestamp,
        /// Its last moment.
        not_after: Timestamp,
        /// The clock's moment.
        now: Timestamp,
    },
    /// The CA's key is not the one on its certificate.
    #[error("{key}: not the key of the certificate in {certificate}")]
    KeyMismatch {
        /// The certificate's file.
        certificate: Origin,
        /// The key's file.
        key: Origin,
    },
    /// The public key to certify is below what is accepted today.
    #[error("a certificate for a weak key ({0}) is not made", .algorithm)]
    WeakKey {
        /// What key it is.
        algorithm: String,
    },
    /// The certificate came from another CA.
    #[error("{origin}: issued by {issuer}, not by this CA ({ours})")]
    NotIssuedHere {
        /// The certificate's file.
        origin: Origin,
        /// Who issued it, as it says.
        issuer: String,
        /// This CA's distinguished name.
        ours: String,
    },
    /// A CA's certificate cannot be renewed like a leaf.
    #[error("{origin}: the certificate of a CA, which cannot be renewed in place")]
    RenewCa {
        /// The certificate's file.
        origin: Origin,
    },
    /// The file of the key does not stand beside the certificate's.
    #[error("{}: its key is not at {}", .certificate.display(), .key.display())]
    NoKeyBeside {
        /// The certificate's file.
        certificate: PathBuf,
        /// Where the key was looked for.
        key: PathBuf,
    },
    /// A file is there already.
    #[error("{}: exists already", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A name that cannot be a file's.
    #[error("{name:?} cannot name a pair of files: {reason}")]
    FileName {
        /// The name.
        name: String,
        /// The rule that it breaks.
        reason: &'static str,
    },
    /// The system refused a file operation.
    #[error("{}: cannot be {action}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried, as a participle.
        action: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The list of revoked certificates is damaged.
    #[error("{}, line {line}: not a line of the revocation register", .path.display())]
    Register {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// A value does not fit into a certificate, such as a date after the year 9999.
    #[error("a value does not fit into a certificate")]
    Encoding(#[source] x509_cert::builder::Error),
    /// No new key could be made.
    #[error("no {kind} key could be made")]
    KeyGeneration {
        /// The kind that was wanted.
        kind: KeyKind,
    },
    /// The system gave no random bytes for a serial number.
    #[error("the system gave no random bytes")]
    Randomness,
    /// Certificates cannot be signed with the key.
    #[error("certificates cannot be signed with a key of this kind")]
    UnusableKey,
    /// The key refused to sign.
    #[error("the key refused to sign")]
    Signing,
}

impl Failure for AuthorityError {
    fn code(&self) -> Code {
        match self {
            Self::Pem(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Certificate { source, .. } => source.code(),
            Self::IssuerIsNoCa { .. } | Self::PathLength { .. } => Code::NotACa,
            Self::IssuerNotValid { not_before, now, .. } if now < not_before => Code::NotYetValid,
            Self::IssuerNotValid { .. } => Code::Expired,
            Self::KeyMismatch { .. } => Code::KeyMismatch,
            Self::WeakKey { .. } => Code::WeakKey,
            _ => Code::InvalidTlsConfiguration,
        }
    }

    fn hint(&self) -> Hint {
        Hint::fixed(match self {
            Self::Pem(error) => return error.hint(),
            Self::Key(error) => return error.hint(),
            Self::Name(error) => return error.hint(),
            Self::Subject(error) => return error.hint(),
            Self::NoNames => "say what peers dial: --dns HOST, --ip ADDRESS, or --uri erl:name@host",
            Self::NoCa { .. } => {
                "make one with countersign cert ca -n NAME -o DIR, or name the directory of yours (the directory, not its ca.crt)"
            }
            Self::PathLength { .. } => "issue from the parent of that CA: --parent DIR of the root",
            Self::IssuerNotValid { .. } => {
                "check this machine's clock; if it is right, make a new CA (countersign cert ca) and roll it out"
            }
            Self::NotIssuedHere { .. } => {
                "point --ca at the directory of the CA that issued it; to move to another CA, issue anew with cert agent or cert client"
            }
            Self::RenewCa { .. } => {
                "make a new CA in another directory (countersign cert ca) and let peers trust both until all have moved"
            }
            Self::NoKeyBeside { .. } => {
                "renew works on a pair NAME.crt and NAME.key in one directory; issue anew where the files lie elsewhere"
            }
            Self::Exists { path } if path.file_stem().is_some_and(|name| name == CA) => {
                "choose another -o, or replace the CA with --force: what the old one issued is then a stranger's"
            }
            Self::Exists { .. } => "choose another -n or -o, or replace it with --force",
            Self::FileName { .. } => "-n is a plain name such as db-1; the directory is given by -o",
            Self::Io { .. } => "check the path, its permissions, and the space that is left",
            Self::Register { .. } => "restore the file from a backup: what it does not list is valid again in the next revocation list",
            Self::Encoding(_) => "choose a shorter lifetime, and plain letters for names",
            _ => return Hint::fixed(self.code().cure()),
        })
    }
}

impl From<der::Error> for AuthorityError {
    fn from(error: der::Error) -> Self {
        Self::Encoding(error.into())
    }
}

impl From<x509_cert::builder::Error> for AuthorityError {
    fn from(error: x509_cert::builder::Error) -> Self {
        Self::Encoding(error)
    }
}
