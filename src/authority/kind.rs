//! The kinds of keys that are made here.

use crate::x509::KeyAlgorithm;
use std::fmt;
use std::str::FromStr;

/// What kind of key to make.
///
/// ```
/// use countersign::authority::KeyKind;
///
/// assert_eq!("rsa4096".parse(), Ok(KeyKind::Rsa4096));
/// assert_eq!(KeyKind::default().to_string(), "p256");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// ECDSA on P-256: small, fast, understood by every peer.
    #[default]
    P256,
    /// ECDSA on P-384.
    P384,
    /// Ed25519.
    Ed25519,
    /// RSA with 2048 bits, for peers that know nothing else.
    Rsa2048,
    /// RSA with 4096 bits. Making one takes seconds.
    Rsa4096,
}

impl KeyKind {
    /// All kinds, the default first.
    pub const ALL: &[Self] = &[Self::P256, Self::P384, Self::Ed25519, Self::Rsa2048, Self::Rsa4096];

    /// The word for it on a command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::Ed25519 => "ed25519",
            Self::Rsa2048 => "rsa2048",
            Self::Rsa4096 => "rsa4096",
        }
    }

    /// The kind to use in place of a key like this one: the same, or the nearest of those made here.
    pub fn in_place_of(algorithm: &KeyAlgorithm) -> Self {
        match algorithm {
            KeyAlgorithm::Rsa(bits) if *bits <= 2048 => Self::Rsa2048,
            KeyAlgorithm::Rsa(_) => Self::Rsa4096,
            KeyAlgorithm::Ec(_, bits) if *bits > 256 => Self::P384,
            KeyAlgorithm::Ed25519 => Self::Ed25519,
            _ => Self::P256,
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The word names no kind of key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a kind of key; choose p256, p384, ed25519, rsa2048 or rsa4096")]
pub struct NotAKeyKind(pub String);

impl FromStr for KeyKind {
    type Err = NotAKeyKind;

    fn from_str(word: &str) -> Result<Self, NotAKeyKind> {
        let kind = Self::ALL.iter().find(|kind| kind.as_str() == word);
        kind.copied().ok_or_else(|| NotAKeyKind(word.to_owned()))
    }
}
