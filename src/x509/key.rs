//! Private keys in the three forms people have, and the algorithms of public ones.

use super::cert::Inspected;
use super::file::read_plain;
use super::pem::{self, Block, Label, Origin, PemError, Place};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::secret::{self, Secret};
use rustls::sign::SigningKey;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A private key that was read and understood. It never prints itself.
#[derive(Clone)]
pub struct PrivateKey {
    label: Label,
    der: Secret,
    signing: Arc<dyn SigningKey>,
}

impl PrivateKey {
    /// The one private key in PEM text: PKCS#8, SEC1 or PKCS#1, with or without certificates around it.
    ///
    /// # Errors
    /// What is wrong with the text, or a key that is of no supported kind.
    pub fn from_pem(origin: &Origin, bytes: &[u8]) -> Result<Self, KeyError> {
        Self::from_block(pem::private_key(origin, bytes)?)
    }

    /// The one private key of a file that only its owner may read.
    ///
    /// # Errors
    /// As [`Self::from_pem`], and [`KeyError::Exposed`] when others may read it.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        Self::from_pem(&Origin::file(path), read_private(path)?.expose())
    }

    /// The key in one PEM block.
    ///
    /// # Errors
    /// [`KeyError::Unsupported`] if no algorithm here can use it.
    pub fn from_block(block: Block) -> Result<Self, KeyError> {
        let der = key_der(block.label, &block.der);
        let loaded = rustls::crypto::aws_lc_rs::sign::any_supported_type(&der);
        let signing = loaded.map_err(|_| KeyError::Unsupported { place: block.place })?;
        Ok(Self { label: block.label, der: block.der, signing })
    }

    /// The form it was written in.
    pub const fn label(&self) -> Label {
        self.label
    }

    /// Its bytes, in the form that [`Self::label`] says.
    pub const fn der(&self) -> &Secret {
        &self.der
    }

    /// The key as rustls signs with it.
    pub fn signing_key(&self) -> Arc<dyn SigningKey> {
        Arc::clone(&self.signing)
    }

    /// Whether this is the key that the certificate speaks of.
    pub fn belongs_to(&self, certificate: &Inspected) -> bool {
        self.signing.public_key().is_some_and(|spki| spki.as_ref() == certificate.spki_der)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("form", &self.label).finish_non_exhaustive()
    }
}

/// Why a private key could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text around it is wrong.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// No algorithm here can use it.
    #[error("{place}: the private key is damaged or of an unsupported kind (RSA, P-256, P-384, P-521 and Ed25519 work)")]
    Unsupported {
        /// Where.
        place: Place,
    },
    /// Others than the owner may read it.
    #[error("{path}: the private key can be read by others (mode {mode:04o})")]
    Exposed {
        /// The key's file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
}

impl Failure for KeyError {
    fn code(&self) -> Code {
        match self {
            Self::Pem(error) => error.code(),
            Self::Unsupported { .. } | Self::Exposed { .. } => Code::InvalidTlsConfiguration,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Pem(error) => error.hint(),
            Self::Exposed { path, .. } => {
                Hint::of(format!("chmod 600 {path} (in Kubernetes: set defaultMode: 0400 on the secret's volume)"))
            }
            Self::Unsupported { .. } => {
                Hint::fixed("make a new pair with countersign cert agent, or check with: openssl pkey -in KEY -noout -text")
            }
        }
    }
}

fn key_der(label: Label, der: &Secret) -> PrivateKeyDer<'_> {
    match label {
        Label::Sec1Key => PrivateKeyDer::Sec1(PrivateSec1KeyDer::from(der.expose())),
        Label::Pkcs1Key => PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(der.expose())),
        _ => PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der.expose())),
    }
}

/// The bytes of a file that only its owner may read, or whom root lets read his.
pub(crate) fn read_private(path: &Path) -> Result<Secret, KeyError> {
    read_plain(path, |metadata| match secret::exposed(metadata) {
        Some(mode) => Err(KeyError::Exposed { path: path.display().to_string(), mode }),
        None => Ok(()),
    })
}
