//! Private keys in the three forms people have, and the algorithms of public ones.

use super::cert::Inspected;
use super::pem::{self, Block, Label, Origin, PemError, Place};
use crate::failure::{Code, Failure};
use crate::secret::Secret;
use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode, Sequence};
use rustls::sign::SigningKey;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use std::fmt;
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
}

impl Failure for KeyError {
    fn code(&self) -> Code {
        match self {
            Self::Pem(error) => error.code(),
            Self::Unsupported { .. } => Code::InvalidTlsConfiguration,
        }
    }

    fn hint(&self) -> crate::hint::Hint {
        match self {
            Self::Pem(error) => error.hint(),
            Self::Unsupported { .. } => {
                crate::hint::Hint::fixed("make a new pair with countersign cert agent, or check with: openssl pkey -in KEY -noout -text")
            }
        }
    }
}

/// What kind of public key, and how strong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// RSA with this many bits of modulus.
    Rsa(usize),
    /// An elliptic curve, by its usual name and field size.
    Ec(&'static str, usize),
    /// Ed25519.
    Ed25519,
    /// Something else, by its object identifier.
    Other(String),
}

impl KeyAlgorithm {
    pub(crate) fn of(spki: spki::SubjectPublicKeyInfoRef<'_>) -> Self {
        match spki.algorithm.oid {
            RSA => Self::Rsa(rsa_bits(spki.subject_public_key.raw_bytes()).unwrap_or(0)),
            EC => spki.algorithm.parameters_oid().map_or_else(|_| Self::Other("EC with own parameters".to_owned()), curve),
            ED25519 => Self::Ed25519,
            oid => Self::Other(oid.to_string()),
        }
    }

    /// Below what is accepted today.
    pub const fn is_weak(&self) -> bool {
        match self {
            Self::Rsa(bits) => *bits < 2048,
            Self::Ec(_, bits) => *bits < 256,
            Self::Ed25519 | Self::Other(_) => false,
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA {bits}"),
            Self::Ec(name, _) => f.write_str(name),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Other(what) => f.write_str(what),
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

#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    _exponent: UintRef<'a>,
}

fn rsa_bits(public_key: &[u8]) -> Option<usize> {
    let key = RsaPublicKey::from_der(public_key).ok()?;
    let bytes = key.modulus.as_bytes();
    let first = bytes.first()?;
    Some(bytes.len() * 8 - usize::try_from(first.leading_zeros()).ok()?)
}

fn curve(oid: ObjectIdentifier) -> KeyAlgorithm {
    let known = CURVES.iter().find(|(dotted, ..)| *dotted == oid.to_string());
    known.map_or_else(|| KeyAlgorithm::Other(format!("EC {oid}")), |&(_, name, bits)| KeyAlgorithm::Ec(name, bits))
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const CURVES: &[(&str, &str, usize)] = &[
    ("1.2.840.10045.3.1.7", "P-256", 256),
    ("1.3.132.0.34", "P-384", 384),
    ("1.3.132.0.35", "P-521", 521),
    ("1.3.132.0.10", "secp256k1", 256),
    ("1.3.132.0.33", "P-224", 224),
    ("1.2.840.10045.3.1.1", "P-192", 192),
];
