//! What a node presents: a chain and the key that belongs to its first certificate.

use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::x509::cert::CertError;
use crate::x509::key::KeyError;
use crate::x509::pem::{self, Origin, PemError, Place};
use crate::x509::{Fingerprint, Inspected, PrivateKey};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A certificate chain, leaf first, with its private key. Once it exists, key and leaf belong together.
///
/// Cheap to clone. The key may live in hardware: see [`Certificate::with_signing_key`].
///
/// ```
/// use countersign::testing::Ca;
/// use countersign::tls::Certificate;
/// use countersign::x509::pem::Origin;
///
/// let (chain, key) = Ca::new().leaf().dns("localhost").pem();
/// let certificate = Certificate::from_pem(&Origin::memory(), chain.as_bytes(), key.expose())?;
/// assert_eq!(certificate.leaf().names(), "DNS:localhost");
///
/// let (_, another) = Ca::new().leaf().dns("localhost").pem();
/// let mixed = Certificate::from_pem(&Origin::memory(), chain.as_bytes(), another.expose());
/// assert!(mixed.unwrap_err().to_string().contains("does not belong"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    certified: Arc<CertifiedKey>,
    leaf: Inspected,
    intermediates: Vec<Inspected>,
}

impl Certificate {
    /// From two PEM texts; the first holds the leaf and any intermediates, the second the key.
    ///
    /// # Errors
    /// What is wrong, where it stands, and what to do.
    pub fn from_pem(origin: &Origin, chain: &[u8], key: &[u8]) -> Result<Self, CertificateError> {
        Self::from_parts((origin, chain), (origin, key))
    }

    /// The same where the two texts come from two places.
    pub(crate) fn from_parts(chain: (&Origin, &[u8]), key: (&Origin, &[u8])) -> Result<Self, CertificateError> {
        let (origin, chain) = chain;
        let chain = Chain::read(pem::certificates(origin, chain)?)?;
        chain.pair(origin, PrivateKey::from_pem(key.0, key.1)?.signing_key())
    }

    /// From files. Without `key`, the key stands in the certificate's file.
    ///
    /// # Errors
    /// As [`Self::from_pem`], and when anyone but the owner may read the key.
    pub fn from_paths(certificate: impl AsRef<Path>, key: Option<&Path>) -> Result<Self, CertificateError> {
        let certificate = certificate.as_ref();
        let key = key.unwrap_or(certificate);
        let chain_origin = Origin::file(certificate);
        let chain_pem = pem::read_file(certificate)?;
        let chain = Chain::read(pem::certificates(&chain_origin, chain_pem.expose())?)?;
        chain.pair(&chain_origin, PrivateKey::from_file(key)?.signing_key())
    }

    /// A chain whose key never leaves its hardware. If the key does not tell its public half, it
    /// proves itself with one signature.
    ///
    /// # Errors
    /// When a certificate cannot be read, is too weak, or the key does not belong to the leaf.
    pub fn with_signing_key(chain: Vec<CertificateDer<'static>>, key: Arc<dyn SigningKey>) -> Result<Self, CertificateError> {
        let origin = Origin::memory();
        let numbered = (1..).zip(chain).map(|(number, der)| (Place { origin: origin.clone(), number, line: 1 }, der));
        Chain::read(numbered.collect())?.pair(&origin, key)
    }

    /// What the leaf says.
    pub fn leaf(&self) -> &Inspected {
        &self.0.leaf
    }

    /// What the certificates behind the leaf say.
    pub fn intermediates(&self) -> &[Inspected] {
        &self.0.intermediates
    }

    /// The leaf's bytes.
    pub fn leaf_der(&self) -> &CertificateDer<'static> {
        // Never empty: `Chain::read` took the leaf from it.
        self.chain().first().unwrap_or(const { &CertificateDer::from_slice(&[]) })
    }

    /// The whole chain, leaf first.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.0.certified.cert
    }

    /// SHA-256 of the leaf.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.leaf.fingerprint
    }

    /// The last certificate of the chain that was given: whose issuer a peer must know.
    pub(crate) fn top(&self) -> &Inspected {
        self.0.intermediates.last().unwrap_or(&self.0.leaf)
    }

    /// Whether both are clones of one value.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn certified(&self) -> &Arc<CertifiedKey> {
        &self.0.certified
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leaf = self.leaf();
        f.debug_struct("Certificate").field("subject", &leaf.subject).field("sha256", &leaf.fingerprint).finish_non_exhaustive()
    }
}

/// Why a certificate and key cannot be presented.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The file or its text is wrong.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// The private key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A block is no certificate.
    #[error("{place}: {source}")]
    Malformed {
        /// Where.
        place: Place,
        /// Which part of it.
        source: CertError,
    },
    /// No certificate was given at all.
    #[error("the chain is empty")]
    Empty,
    /// The key is another certificate's.
    #[error("{origin}: the private key does not belong to the certificate {subject} (its public key is SHA-256 {key})")]
    KeyMismatch {
        /// Where the chain came from.
        origin: Origin,
        /// The leaf's subject.
        subject: String,
        /// The leaf's public key.
        key: Fingerprint,
    },
    /// The key's certificate is in the file, but not first.
    #[error("{origin}: the private key belongs to certificate {position} of the file, and the leaf must come first")]
    LeafNotFirst {
        /// Where the chain came from.
        origin: Origin,
        /// Counted from 1.
        position: usize,
    },
    /// The leaf is too weak to be accepted anywhere.
    #[error("{place}: the certificate {subject} is too weak: {weakness}")]
    Weak {
        /// Where.
        place: Place,
        /// The leaf's subject.
        subject: String,
        /// What is weak.
        weakness: String,
    },
}

impl Failure for CertificateError {
    fn code(&self) -> Code {
        match self {
            Self::Pem(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Malformed { source, .. } => source.code(),
            Self::Empty => Code::InvalidTlsConfiguration,
            Self::KeyMismatch { .. } | Self::LeafNotFirst { .. } => Code::KeyMismatch,
            Self::Weak { .. } => Code::WeakKey,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Pem(error) => error.hint(),
            Self::Key(error) => error.hint(),
            Self::LeafNotFirst { .. } => Hint::fixed("order the file: the node's own certificate, then its issuer, then that one's issuer"),
            _ => Hint::fixed(self.code().cure()),
        }
    }
}

/// Certificates that were read and are strong enough, still without their key.
struct Chain {
    ders: Vec<CertificateDer<'static>>,
    leaf: Inspected,
    intermediates: Vec<Inspected>,
}

impl Chain {
    /// Weakness is judged here, before the key: the crypto library will not even load a weak one, and
    /// could not say why.
    fn read(blocks: Vec<(Place, CertificateDer<'static>)>) -> Result<Self, CertificateError> {
        let mut inspected = Vec::with_capacity(blocks.len());
        let mut ders = Vec::with_capacity(blocks.len());
        for (place, der) in blocks {
            let facts = match Inspected::from_der(&der) {
                Ok(facts) => facts,
                Err(source) => return Err(CertificateError::Malformed { place, source }),
            };
            if let Some(weakness) = facts.weakness() {
                return Err(CertificateError::Weak { place, subject: facts.subject, weakness });
            }
            inspected.push(facts);
            ders.push(der);
        }
        let mut inspected = inspected.into_iter();
        let leaf = inspected.next().ok_or(CertificateError::Empty)?;
        Ok(Self { ders, leaf, intermediates: inspected.collect() })
    }

    fn pair(self, origin: &Origin, key: Arc<dyn SigningKey>) -> Result<Certificate, CertificateError> {
        let all = std::iter::once(&self.leaf).chain(&self.intermediates);
        match all.zip(&self.ders).position(|(certificate, der)| owns(key.as_ref(), certificate, der)) {
            Some(0) => {
                let certified = Arc::new(CertifiedKey::new(self.ders, key));
                Ok(Certificate(Arc::new(Inner { certified, leaf: self.leaf, intermediates: self.intermediates })))
            }
            Some(index) => Err(CertificateError::LeafNotFirst { origin: origin.clone(), position: index + 1 }),
            None => {
                let Inspected { subject, key_fingerprint, .. } = self.leaf;
                Err(CertificateError::KeyMismatch { origin: origin.clone(), subject, key: key_fingerprint })
            }
        }
    }
}

/// Whether the key is the certificate's: by its public half, or by a signature where it hides that.
fn owns(key: &dyn SigningKey, certificate: &Inspected, der: &CertificateDer<'_>) -> bool {
    match key.public_key() {
        Some(spki) => spki.as_ref() == certificate.spki_der,
        None => signs_for(key, der),
    }
}

fn signs_for(key: &dyn SigningKey, der: &CertificateDer<'_>) -> bool {
    let algorithms = &super::algorithms::ALGORITHMS;
    let schemes: Vec<_> = algorithms.mapping.iter().map(|(scheme, _)| *scheme).collect();
    let Some(signer) = key.choose_scheme(&schemes) else { return false };
    let Ok(signature) = signer.sign(PROOF) else { return false };
    let Ok(certificate) = webpki::EndEntityCert::try_from(der) else { return false };
    let scheme = signer.scheme();
    let mut candidates = algorithms.mapping.iter().filter(|(other, _)| *other == scheme).flat_map(|(_, candidates)| candidates.iter());
    candidates.any(|&candidate: &&dyn SignatureVerificationAlgorithm| certificate.verify_signature(candidate, PROOF, &signature).is_ok())
}

const PROOF: &[u8] = b"countersign: this key belongs to this certificate";
