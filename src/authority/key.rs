//! Key pairs that sign certificates.

use super::error::AuthorityError;
use super::kind::KeyKind;
use crate::secret::Secret;
use crate::x509::PrivateKey;
use crate::x509::pem::{self, Block, Label, Origin, Place};
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
use std::sync::Arc;

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
        let der = pkcs8(kind).map_err(|_| AuthorityError::KeyGeneration { kind })?;
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

/// A new key as PKCS#8. Ed25519 in version 1 of it, the only one that OpenSSL 1.1 and OTP read.
fn pkcs8(kind: KeyKind) -> Result<Secret, Unspecified> {
    let random = SystemRandom::new();
    let bytes = match kind {
        KeyKind::P256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random)?.as_ref().to_vec(),
        KeyKind::P384 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, &random)?.as_ref().to_vec(),
        KeyKind::Ed25519 => Ed25519KeyPair::generate_pkcs8v1(&random)?.as_ref().to_vec(),
        KeyKind::Rsa2048 => rsa_pkcs8(rsa::KeySize::Rsa2048)?,
        KeyKind::Rsa4096 => rsa_pkcs8(rsa::KeySize::Rsa4096)?,
    };
    Ok(Secret::new(bytes))
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
