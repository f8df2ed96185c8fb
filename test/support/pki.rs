//! A throwaway CA whose certificates lie in files for OTP, and are at hand as objects for us.

use crate::otp;
use crate::scratch::Scratch;
use countersign::testing::{Ca, LeafBuilder};
use countersign::tls::{CertAuth, Certificate};
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `ca.pem`, and `NAME.pem` with `NAME.key` of everybody who was given a certificate.
#[derive(Debug)]
pub(crate) struct Pki {
    ca: Ca,
    files: Scratch,
}

impl Pki {
    pub(crate) fn new() -> Self {
        Self::of(Ca::new())
    }

    pub(crate) fn of(ca: Ca) -> Self {
        let files = otp::files();
        replace(&files.join("ca.pem"), ca.pem().as_bytes());
        Self { ca, files }
    }

    pub(crate) const fn ca(&self) -> &Ca {
        &self.ca
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.files.join(file)
    }

    /// Issues a certificate for `localhost` and 127.0.0.1 under this name, in place of an earlier one.
    pub(crate) fn issue(&self, name: &str) -> Certificate {
        self.write(name, self.ca.leaf().common_name(name).names(&["localhost", "127.0.0.1"]))
    }

    /// Puts any leaf, of any CA, under this name.
    pub(crate) fn write(&self, name: &str, leaf: LeafBuilder<'_>) -> Certificate {
        let (chain, key) = leaf.pem();
        replace(&self.path(&format!("{name}.key")), key.expose());
        replace(&self.path(&format!("{name}.pem")), chain.as_bytes());
        self.certificate(name)
    }

    /// The one that lies there; issued if there is none.
    pub(crate) fn certificate(&self, name: &str) -> Certificate {
        self.ensure(name);
        Certificate::from_paths(self.path(&format!("{name}.pem")), Some(&self.path(&format!("{name}.key")))).unwrap()
    }

    /// Mutual TLS for a node of ours.
    pub(crate) fn auth(&self, name: &str) -> Arc<CertAuth> {
        Arc::new(CertAuth::mutual(self.certificate(name), self.ca.pool()))
    }

    pub(crate) fn ensure(&self, name: &str) {
        if !self.path(&format!("{name}.pem")).exists() {
            self.issue(name);
        }
    }
}

/// In one step: OTP reads these files when it likes.
fn replace(path: &Path, contents: &[u8]) {
    let new = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new).unwrap();
    std::io::Write::write_all(&mut file, contents).unwrap();
    fs::rename(&new, path).unwrap();
}
