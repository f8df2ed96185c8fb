//! A small certificate authority: roots, intermediates, agents (server and client), clients, renewals
//! and revocation lists, without OpenSSL and without asking anyone.
//!
//! [`Authority`] works in memory; [`Directory`] is one that lives in files. Time comes from the
//! [`Clock`] that is handed in, so what is issued can be tested against any date.
//!
//! ```
//! use countersign::authority::{Authority, Leaf, Names, Plan, Subject};
//! use countersign::clock::SystemClock;
//!
//! let made = Authority::root(&Plan::new(Subject::common_name("Example CA")?), &SystemClock)?;
//! let names = Names::default().dns("db-1.internal")?;
//! let agent = made.authority.issue(&Leaf::agent(Subject::common_name("db-1")?, names), &SystemClock)?;
//! assert_eq!(agent.certified.facts.issuer, "CN=Example CA");
//! # Ok::<(), countersign::authority::AuthorityError>(())
//! ```

mod crl;
mod directory;
pub(crate) mod draft;
mod error;
mod files;
mod key;
mod kind;
mod names;
mod register;
mod request;
mod subject;
pub(crate) mod validity;
mod warning;

pub use crl::Revocations;
pub use directory::{Directory, PublishedList, Renewal, Revocation, Written};
pub use error::AuthorityError;
pub use files::{Existing, FileName};
pub use key::KeyPair;
pub use kind::{KeyKind, NotAKeyKind};
pub use names::{NameFault, NameRefused, Names};
pub use register::{Register, Revoked};
pub use request::{Leaf, Plan, Role};
pub use subject::{Subject, SubjectFault, SubjectRefused};
pub use validity::Lifetime;
pub use warning::Warning;

use crate::clock::Clock;
use crate::secret::Secret;
use crate::x509::pem::{self, Origin};
use crate::x509::{Inspected, PrivateKey};
use der::asn1::{BitStringRef, OctetString};
use der::{AnyRef, Decode, Encode, Sequence};
use draft::Draft;
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use spki::SubjectPublicKeyInfoRef;
use validity::Window;
use webpki::RawPublicKeyEntity;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;

/// A CA in memory: a certificate that may sign others, and its key.
#[derive(Clone, Debug)]
pub struct Authority {
    key: KeyPair,
    facts: Inspected,
    /// Its own certificate, then those above it, the root last.
    chain: Vec<CertificateDer<'static>>,
}

/// A CA that was just made.
#[derive(Clone, Debug)]
pub struct Created {
    /// The CA.
    pub authority: Authority,
    /// What may surprise about it.
    pub warnings: Vec<Warning>,
}

/// A certificate that was just made.
#[derive(Clone, Debug)]
pub struct Certified {
    /// The leaf, and behind it every certificate up to, but not including, the root: the file to present.
    pub chain_pem: String,
    /// What the leaf says.
    pub facts: Inspected,
    /// What may surprise about it.
    pub warnings: Vec<Warning>,
}

/// A certificate and its key that were just made.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate.
    pub certified: Certified,
    /// Its key as PKCS#8 in PEM.
    pub key_pem: Secret,
}

impl Authority {
    /// Makes a CA that signs itself.
    ///
    /// # Errors
    /// [`AuthorityError`] if no key can be made or a date does not fit into a certificate.
    pub fn root(plan: &Plan, clock: &dyn Clock) -> Result<Created, AuthorityError> {
        let now = clock.now();
        let window = Window::new(now, plan.lifetime, None)?;
        let key = KeyPair::generate(plan.key)?;
        let certificate = Draft::root(plan.subject.name().clone(), window).sign(key.spki_der(), &key)?;
        let authority = Self::assemble(key, vec![certificate])?;
        Ok(Created { authority, warnings: window.warnings(now, plan.lifetime, true) })
    }

    /// Makes a CA below this one. It signs leaves only: its path length is 0.
    ///
    /// # Errors
    /// [`AuthorityError`] if this CA is itself such a one, or is not valid at the moment.
    pub fn intermediate(&self, plan: &Plan, clock: &dyn Clock) -> Result<Created, AuthorityError> {
        if self.facts.basic_constraints.is_some_and(|constraints| constraints.path_len == Some(0)) {
            return Err(AuthorityError::PathLength { subject: self.facts.subject.clone() });
        }
        let now = clock.now();
        let window = Window::new(now, plan.lifetime, Some(&self.facts))?;
        let authority = self.subordinate(plan.subject.name().clone(), plan.key, Draft { window, ..Draft::ca(Some(0)) })?;
        Ok(Created { authority, warnings: window.warnings(now, plan.lifetime, true) })
    }

    /// Reads a CA: its certificate, with those above it behind it, and its key. It may have been made
    /// elsewhere.
    ///
    /// # Errors
    /// [`AuthorityError`] if either cannot be read, they do not match, or the certificate is no CA's.
    pub fn from_pem(certificate: (&Origin, &[u8]), key: (&Origin, &[u8])) -> Result<Self, AuthorityError> {
        let chain = pem::certificates(certificate.0, certificate.1)?;
        let pair = KeyPair::of(PrivateKey::from_pem(key.0, key.1)?)?;
        let authority = Self::assemble(pair, chain.into_iter().map(|(_, der)| der).collect())?;
        if !authority.key.private().belongs_to(&authority.facts) {
            return Err(AuthorityError::KeyMismatch { certificate: certificate.0.clone(), key: key.0.clone() });
        }
        if !authority.facts.is_ca() || !authority.facts.allows(KEY_CERT_SIGN) {
            return Err(AuthorityError::IssuerIsNoCa { subject: authority.facts.subject });
        }
        Ok(authority)
    }

    /// Makes a key and a certificate for it.
    ///
    /// # Errors
    /// [`AuthorityError::NoNames`] for an agent without names; others if this CA is not valid now.
    pub fn issue(&self, leaf: &Leaf, clock: &dyn Clock) -> Result<Issued, AuthorityError> {
        let key = KeyPair::generate(leaf.key)?;
        Ok(Issued { certified: self.certify(leaf, key.spki_der(), clock)?, key_pem: key.pem() })
    }

    /// Makes a certificate for somebody else's public key, given as DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// As [`Self::issue`], and [`AuthorityError::WeakKey`].
    pub fn certify(&self, leaf: &Leaf, spki_der: &[u8], clock: &dyn Clock) -> Result<Certified, AuthorityError> {
        if leaf.role != Role::Client && leaf.names.is_empty() {
            return Err(AuthorityError::NoNames);
        }
        let now = clock.now();
        let window = Window::new(now, leaf.lifetime, Some(&self.facts))?;
        let draft = Draft { window, subject: leaf.subject.name().clone(), ..Draft::leaf(leaf.role.purposes(), leaf.names.entries()) };
        let certificate = self.sign(draft, spki_der)?;
        let facts = inspect(&certificate)?;
        if facts.key_algorithm.is_weak() {
            return Err(AuthorityError::WeakKey { algorithm: facts.key_algorithm.to_string() });
        }
        let warnings = [leaf.names.warnings(), &window.warnings(now, leaf.lifetime, false)].concat();
        Ok(Certified { chain_pem: encode_all(&self.presented_with(certificate)), facts, warnings })
    }

    /// This CA's certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        // Never empty: `assemble` read the first one.
        self.chain.first().unwrap_or(const { &CertificateDer::from_slice(&[]) })
    }

    /// What this CA's certificate says.
    pub const fn facts(&self) -> &Inspected {
        &self.facts
    }

    /// Its certificate as PEM, with those above it behind it: what peers trust.
    pub fn ca_pem(&self) -> String {
        encode_all(&self.chain)
    }

    /// Its key.
    pub const fn key(&self) -> &KeyPair {
        &self.key
    }

    /// Whether this CA signed the certificate: it bears this CA's name, and the signature is by its key.
    pub fn has_issued(&self, certificate: &CertificateDer<'_>) -> bool {
        let names_us = Inspected::from_der(certificate).is_ok_and(|facts| facts.issuer_der == self.facts.subject_der);
        names_us && signed_by(certificate, self.key.spki_der()).unwrap_or(false)
    }

    /// Signs a draft, after filling in who signs.
    pub(crate) fn sign(&self, draft: Draft, spki_der: &[u8]) -> Result<CertificateDer<'static>, AuthorityError> {
        let (issuer, authority) = (self.name()?, Some(self.authority_key_identifier()?));
        Draft { issuer, authority, ..draft }.sign(spki_der, &self.key)
    }

    /// A CA below this one, exactly as drafted.
    pub(crate) fn subordinate(&self, subject: Name, key: KeyKind, draft: Draft) -> Result<Self, AuthorityError> {
        let key = KeyPair::generate(key)?;
        let certificate = self.sign(Draft { subject, ..draft }, key.spki_der())?;
        let above = self.chain.iter().cloned();
        Self::assemble(key, std::iter::once(certificate).chain(above).collect())
    }

    pub(crate) fn assemble(key: KeyPair, chain: Vec<CertificateDer<'static>>) -> Result<Self, AuthorityError> {
        let own = chain.first().map(|own| own.as_ref()).unwrap_or_default();
        Ok(Self { facts: inspect(own)?, key, chain })
    }

    /// The certificate, and behind it all that a peer who trusts the root only needs to see.
    pub(crate) fn presented_with(&self, leaf: CertificateDer<'static>) -> Vec<CertificateDer<'static>> {
        let is_root = |der: &CertificateDer<'_>| Inspected::from_der(der).is_ok_and(|facts| facts.is_self_issued());
        let between = self.chain.iter().filter(|der| !is_root(der)).cloned();
        std::iter::once(leaf).chain(between).collect()
    }

    fn name(&self) -> der::Result<Name> {
        Name::from_der(&self.facts.subject_der)
    }

    fn key_identifier(&self) -> der::Result<OctetString> {
        match &self.facts.subject_key_id {
            Some(id) => OctetString::new(id.as_slice()),
            None => draft::key_identifier(SubjectPublicKeyInfoRef::from_der(self.key.spki_der())?.subject_public_key.raw_bytes()),
        }
    }

    /// Below an intermediate it names the intermediate's own issuer and serial number too: a verifier
    /// that was not sent the intermediate can then say *missing* instead of *unknown*.
    fn authority_key_identifier(&self) -> der::Result<AuthorityKeyIdentifier> {
        let key_identifier = Some(self.key_identifier()?);
        if self.facts.is_self_issued() {
            return Ok(AuthorityKeyIdentifier { key_identifier, ..Default::default() });
        }
        Ok(AuthorityKeyIdentifier {
            key_identifier,
            authority_cert_issuer: Some(vec![GeneralName::DirectoryName(Name::from_der(&self.facts.issuer_der)?)]),
            authority_cert_serial_number: Some(SerialNumber::new(&self.facts.serial)?),
        })
    }
}

/// The outermost layer of a certificate, with the signed part left as it is.
#[derive(Sequence)]
struct Signed<'a> {
    tbs: AnyRef<'a>,
    algorithm: AnyRef<'a>,
    signature: BitStringRef<'a>,
}

fn signed_by(certificate: &[u8], spki_der: &[u8]) -> der::Result<bool> {
    let signed = Signed::from_der(certificate)?;
    let (tbs, signature) = (signed.tbs.to_der()?, signed.signature.raw_bytes());
    let spki = SubjectPublicKeyInfoDer::from(spki_der);
    let Ok(key) = RawPublicKeyEntity::try_from(&spki) else { return Ok(false) };
    let named = webpki::ALL_VERIFICATION_ALGS.iter().filter(|known| known.signature_alg_id().as_ref() == signed.algorithm.value());
    Ok(named.into_iter().any(|algorithm| key.verify_signature(*algorithm, &tbs, signature).is_ok()))
}

fn inspect(der: &[u8]) -> Result<Inspected, AuthorityError> {
    Inspected::from_der(der).map_err(|source| AuthorityError::Certificate { origin: Origin::memory(), source })
}

fn encode_all(chain: &[CertificateDer<'_>]) -> String {
    chain.iter().map(|der| pem::encode("CERTIFICATE", der)).collect()
}

const KEY_CERT_SIGN: &str = "keyCertSign";
/// The name of a CA's own pair of files.
const CA: &str = "ca";
