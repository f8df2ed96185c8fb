//! The algorithms of public keys, and which are too weak.

use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode, Sequence};
use std::fmt;

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
