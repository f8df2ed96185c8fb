//! Why a command ended early.

use super::Exit;
use crate::authority::AuthorityError;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::tls::CaPoolError;
use crate::tls::verify::revocation::RevocationError;
use crate::x509::cert::CertError;
use crate::x509::pem::{PemError, Place};
use std::io;
use std::path::PathBuf;

/// Everything that ends a command before it has an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Pem(#[from] PemError),
    #[error("{place}: not a certificate")]
    Certificate { place: Place, source: CertError },
    #[error(transparent)]
    Pool(#[from] CaPoolError),
    #[error(transparent)]
    Revocation(#[from] RevocationError),
    #[error("{}: the directory cannot be read", .path.display())]
    Directory { path: PathBuf, source: io::Error },
    #[error("no CA was given")]
    NobodyTrusted,
    #[error("the output cannot be written")]
    Output(#[from] io::Error),
}

impl Trouble {
    /// A file that is there and holds no certificate is an answer about it; all else is wrong usage.
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Pem(error) if !error.is_unreadable() => Exit::Unwell,
            Self::Certificate { .. } => Exit::Unwell,
            _ => Exit::Usage,
        }
    }
}

impl Failure for Trouble {
    fn code(&self) -> Code {
        match self {
            Self::Authority(error) => error.code(),
            Self::Pem(error) => error.code(),
            Self::Certificate { source, .. } => source.code(),
            Self::Pool(error) => error.code(),
            Self::Revocation(error) => error.code(),
            Self::Directory { .. } | Self::NobodyTrusted | Self::Output(_) => Code::InvalidTlsConfiguration,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Authority(error) => error.hint(),
            Self::Pem(error) => error.hint(),
            Self::Certificate { .. } => Hint::fixed("the block is damaged; copy the file again, or issue the certificate again"),
            Self::Pool(error) => error.hint(),
            Self::Revocation(error) => error.hint(),
            Self::Directory { .. } => Hint::fixed("give a directory that holds certificates, such as ./certs"),
            Self::NobodyTrusted => Hint::fixed("say whom to trust: --ca FILE"),
            Self::Output(_) => Hint::fixed("is the disk full?"),
        }
    }
}
