//! Key pairs that sign certificates.

use super::error::AuthorityError;
use crate::secret::Secret;
use crate::x509::pem::{self, Block, Label, Origin, Place};
use crate::x509::{KeyAlgorithm, PrivateKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use aws_lc_rs::{error::Unspecified, rsa};
use der::asn1::{BitString, ObjectIdentifier};
use der::{Any, Document};
use rustls::SignatureScheme;
use rustls::sign::Signer;
use spki::{AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, EncodePublicKey, SignatureBitStringEncoding};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

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

    /// The kind to use in place of a key like this one: the same, or the nearest that is not weaker.
    pub fn in_place_of(algorithm: &KeyAlgorithm) -> Self {
        match algorithm {
            KeyAlgorithm::Rsa(bits) if *bits <= 2048 => Self::Rsa2048,
            KeyAlgorithm::Rsa(_) => Self::Rsa4096,
            KeyAlgorithm::Ec(_, bits) if *bits > 256 => Self::P384,
            KeyAlgorithm::Ed25519 => Self::Ed25519,
            _ => Self::P256,
        }
    }

    /// A new key as PKCS#8. Ed25519 in version 1 of it, the only one that OpenSSL 1.1 and OTP read.
    fn pkcs8(self) -> Result<Secret, Unspecified> {
        let random = SystemRandom::new();
        let bytes = match self {
            Self::P256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random)?.as_ref().to_vec(),
            Self::P384 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, &random)?.as_ref().to_vec(),
            Self::Ed25519 => Ed25519KeyPair::generate_pkcs8v1(&random)?.as_ref().to_vec(),
            Self::Rsa2048 => rsa_pkcs8(rsa::KeySize::Rsa2048)?,
            Self::Rsa4096 => rsa_pkcs8(rsa::KeySize::Rsa4096)?,
        };
        Ok(Secret::new(bytes))
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

/// A private key that signs, with its public half.
///
/// It signs through rustls' own signer, so every key that a node can present can also be a CA's, in
/// each of the three forms that people have.
#[derive(Clone)]
pub struct KeyPair {
    private: PrivateKey,
    public: PublicKey,
    signer: Arc<dyn Signer>,
}

impl KeyPair {
    /// Makes a new pair.
    ///
    /// # Errors
    /// [`AuthorityError::KeyGeneration`] if the system gives no randomness.
    pub fn generate(kind: KeyKind) -> Result<Self, AuthorityError> {
        let der = kind.pkcs8().map_err(|_| AuthorityError::KeyGeneration { kind })?;
        let place = Place { origin: Origin::named("(generated key)"), number: 1, line: 1 };
        Self::of(PrivateKey::from_block(Block { label: Label::Pkcs8Key, der, place })?)
    }

    /// Takes a key that was read from somewhere.
    ///
    /// # Errors
    /// [`AuthorityError::UnusableKey`] if certificates cannot be signed with it.
    pub fn of(private: PrivateKey) -> Result<Self, AuthorityError> {
        let signing = private.signing_key();
        let public = signing.public_key().ok_or(AuthorityError::UnusableKey)?;
        let signer = signing.choose_scheme(SCHEMES).ok_or(AuthorityError::UnusableKey)?;
        Ok(Self { public: PublicKey(public.as_ref().to_vec()), signer: signer.into(), private })
    }

    /// The public key as DER `SubjectPublicKeyInfo`.
    pub fn spki_der(&self) -> &[u8] {
        &self.public.0
    }

    /// The private key as PEM: PKCS#8 if it was made here, otherwise in the form in which it was read.
    pub fn pem(&self) -> Secret {
        let label = match self.private.label() {
            Label::Sec1Key => "EC PRIVATE KEY",
            Label::Pkcs1Key => "RSA PRIVATE KEY",
            _ => "PRIVATE KEY",
        };
        Secret::new(pem::encode(label, self.private.der().expose()).into_bytes())
    }

    /// The key as it was read.
    pub const fn private(&self) -> &PrivateKey {
        &self.private
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<BitString, AuthorityError> {
        let signature = self.signer.sign(message).map_err(|_| AuthorityError::Signing)?;
        Ok(BitString::from_bytes(&signature)?)
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").field("scheme", &self.signer.scheme()).finish_non_exhaustive()
    }
}

/// A key pair behind the traits that the certificate builder asks for.
pub(super) struct BuilderKey<'a>(pub(super) &'a KeyPair);

impl signature::Keypair for BuilderKey<'_> {
    type VerifyingKey = PublicKey;

    fn verifying_key(&self) -> PublicKey {
        self.0.public.clone()
    }
}

impl signature::Signer<SignatureBits> for BuilderKey<'_> {
    fn try_sign(&self, message: &[u8]) -> Result<SignatureBits, signature::Error> {
        self.0.sign(message).map(SignatureBits).map_err(|_| signature::Error::new())
    }
}

impl DynSignatureAlgorithmIdentifier for BuilderKey<'_> {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        let (oid, parameters) = match self.0.signer.scheme() {
            SignatureScheme::ECDSA_NISTP256_SHA256 => ("1.2.840.10045.4.3.2", None),
            SignatureScheme::ECDSA_NISTP384_SHA384 => ("1.2.840.10045.4.3.3", None),
            SignatureScheme::ECDSA_NISTP521_SHA512 => ("1.2.840.10045.4.3.4", None),
            SignatureScheme::ED25519 => ("1.3.101.112", None),
            // RFC 4055, section 5: "the parameters field MUST be present … and NULL".
            _ => ("1.2.840.113549.1.1.11", Some(Any::null())),
        };
        Ok(AlgorithmIdentifierOwned { oid: ObjectIdentifier::new(oid).map_err(der::Error::from)?, parameters })
    }
}

#[derive(Clone)]
pub(super) struct PublicKey(Vec<u8>);

impl EncodePublicKey for PublicKey {
    fn to_public_key_der(&self) -> spki::Result<Document> {
        Ok(Document::try_from(self.0.as_slice())?)
    }
}

pub(super) struct SignatureBits(BitString);

impl SignatureBitStringEncoding for SignatureBits {
    fn to_bitstring(&self) -> der::Result<BitString> {
        Ok(self.0.clone())
    }
}

fn rsa_pkcs8(size: rsa::KeySize) -> Result<Vec<u8>, Unspecified> {
    let der: Pkcs8V1Der<'_> = rsa::KeyPair::generate(size)?.as_der()?;
    Ok(der.as_ref().to_vec())
}

/// One way to sign for every kind of key; `signature_algorithm_identifier` names each of them.
const SCHEMES: &[SignatureScheme] = &[
    SignatureScheme::ECDSA_NISTP256_SHA256,
    SignatureScheme::ECDSA_NISTP384_SHA384,
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::ED25519,
    SignatureScheme::RSA_PKCS1_SHA256,
];
