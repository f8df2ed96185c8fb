//! Why there is no development directory.

use crate::authority::{AuthorityError, NameRefused, SubjectRefused};
use crate::config::ConfigError;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node_name::NotANodeName;
use crate::tls::CertificateError;
use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub(crate) enum DevelopmentError {
    #[error("neither HOME nor XDG_STATE_HOME says where the development directory could be")]
    Homeless,
    #[error("{}: no development directory is there yet", .path.display())]
    Absent { path: PathBuf },
    #[error("{}: the development directory is open to others (mode {mode:04o})", .path.display())]
    Shared { path: PathBuf, mode: u32 },
    #[error("{}: cannot be {action}", .path.display())]
    Io { path: PathBuf, action: &'static str, source: io::Error },
    #[error("the system gives no randomness")]
    Random,
    #[error(transparent)]
    Name(#[from] NotANodeName),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl From<NameRefused> for DevelopmentError {
    fn from(error: NameRefused) -> Self {
        Self::Authority(error.into())
    }
}

impl From<SubjectRefused> for DevelopmentError {
    fn from(error: SubjectRefused) -> Self {
        Self::Authority(error.into())
    }
}

impl DevelopmentError {
    fn carried(&self) -> Option<&dyn Failure> {
        match self {
            Self::Authority(error) => Some(error),
            Self::Certificate(error) => Some(error),
            Self::Config(error) => Some(error),
            _ => None,
        }
    }
}

impl Failure for DevelopmentError {
    fn code(&self) -> Code {
        self.carried().map_or(Code::InvalidTlsConfiguration, Failure::code)
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Homeless => Hint::fixed("say it: --dev-dir DIR, or COUNTERSIGN_DEV_DIR"),
            Self::Absent { .. } => {
                Hint::fixed("countersign start makes it; for a node with certificates of its own say which: --config FILE or --tls-dir DIR")
            }
            Self::Shared { path, .. } => Hint::of(format!("chmod 700 {}: a key and the cookie lie there", path.display())),
            Self::Io { .. } => Hint::fixed("give a directory in which this user may write: --dev-dir DIR, or COUNTERSIGN_DEV_DIR"),
            Self::Random => Hint::fixed("is /dev/urandom there?"),
            Self::Name(_) => Hint::fixed("write name@host, such as a@localhost"),
            _ => self.carried().map_or_else(|| Hint::fixed(self.code().cure()), Failure::hint),
        }
    }
}
