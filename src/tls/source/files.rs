//! Certificates in files.

use super::CertSource;
use crate::failure::Failure;
use crate::tls::credential::{Certificate, CertificateError};
use crate::x509::file::read_public;
use crate::x509::key::read_private;
use crate::x509::pem::Origin;
use std::path::{Path, PathBuf};

/// A certificate with its key in files. What counts is what is in them, and never their dates; they may be written over,
/// renamed over, or deleted and made anew.
///
/// ```
/// use countersign::tls::source::{CertFiles, CertSource};
///
/// let files = CertFiles::pair("a.crt", "a.key");
/// assert_eq!(files.name(), "a.crt, a.key");
/// assert_eq!(files.read().unwrap_err().code().as_str(), "invalid_tls_configuration");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertFiles(Layout);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Layout {
    Pair { certificate: PathBuf, key: PathBuf },
    Combined(PathBuf),
    Mounted(PathBuf),
}

impl CertFiles {
    /// The chain in one file, the key in another.
    pub fn pair(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self(Layout::Pair { certificate: certificate.into(), key: key.into() })
    }

    /// Both in one file.
    pub fn combined(file: impl Into<PathBuf>) -> Self {
        Self(Layout::Combined(file.into()))
    }

    /// `tls.crt` and `tls.key` in a directory as Kubernetes mounts it: where there is a link `..data`, the two are taken
    /// from the directory that it points to at one moment.
    pub fn directory(directory: impl Into<PathBuf>) -> Self {
        Self(Layout::Mounted(directory.into()))
    }

    fn whole(&self) -> Result<Certificate, CertificateError> {
        match &self.0 {
            Layout::Pair { certificate, key } => pair(certificate, key),
            Layout::Combined(file) => {
                let (origin, bytes) = (Origin::file(file), read_private(file)?);
                Certificate::from_pem(&origin, bytes.expose(), bytes.expose())
            }
            Layout::Mounted(directory) => of_one_moment(directory, |there| pair(&there.join("tls.crt"), &there.join("tls.key"))),
        }
    }
}

impl CertSource for CertFiles {
    fn name(&self) -> String {
        match &self.0 {
            Layout::Pair { certificate, key } => format!("{}, {}", Origin::file(certificate), Origin::file(key)),
            Layout::Combined(path) | Layout::Mounted(path) => Origin::file(path).to_string(),
        }
    }

    fn read(&self) -> Result<Certificate, Box<dyn Failure + Send + Sync>> {
        self.whole().map_err(|error| Box::new(error) as _)
    }
}

/// The directory in which the files of a mount lie now.
pub(crate) fn mounted(directory: &Path) -> PathBuf {
    // Kubernetes replaces all files at once by pointing this link elsewhere: followed once, they belong together.
    std::fs::canonicalize(directory.join("..data")).unwrap_or_else(|_| directory.to_owned())
}

/// What the link points to is deleted when it points elsewhere, perhaps while it is read.
pub(super) fn of_one_moment<T, E>(directory: &Path, read: impl Fn(&Path) -> Result<T, E>) -> Result<T, E> {
    let there = mounted(directory);
    read(&there).or_else(|error| match mounted(directory) {
        now if now != there => read(&now),
        _ => Err(error),
    })
}

fn pair(certificate: &Path, key: &Path) -> Result<Certificate, CertificateError> {
    let chain = read_public(certificate)?;
    Certificate::from_parts((&Origin::file(certificate), chain.expose()), (&Origin::file(key), read_private(key)?.expose()))
}
