//! Whether a certificate's key lies beside it, and fits.

use crate::cli::console::Tone;
use crate::x509::key::KeyError;
use crate::x509::{Inspected, PrivateKey};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What is the matter with the key that belongs to a certificate's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KeyState {
    Fits,
    Missing,
    /// A node refuses a key that others can read.
    Exposed,
    Unreadable,
    Mismatch,
}

impl KeyState {
    /// Where the key of this certificate's file is looked for.
    pub(super) fn file(certificate: &Path) -> PathBuf {
        certificate.with_extension("key")
    }

    pub(super) fn of(certificate: &Path, facts: &Inspected) -> Self {
        let path = Self::file(certificate);
        if !path.exists() {
            return Self::Missing;
        }
        match PrivateKey::from_file(&path) {
            Ok(key) if key.belongs_to(facts) => Self::Fits,
            Ok(_) => Self::Mismatch,
            Err(KeyError::Exposed { .. }) => Self::Exposed,
            Err(_) => Self::Unreadable,
        }
    }

    /// Whether no node could start with it.
    pub(super) const fn is_unwell(self) -> bool {
        !matches!(self, Self::Fits | Self::Missing)
    }

    pub(super) fn cell(self) -> (Tone, String) {
        let (tone, word) = match self {
            Self::Fits => (Tone::Good, "fits"),
            Self::Missing => (Tone::Plain, "missing"),
            Self::Exposed => (Tone::Bad, "exposed"),
            Self::Unreadable => (Tone::Bad, "unreadable"),
            Self::Mismatch => (Tone::Bad, "mismatch"),
        };
        (tone, word.to_owned())
    }
}
