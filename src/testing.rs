//! Throwaway certificates in memory, for tests of your own code and of ours: no files, no OpenSSL, and
//! also all the certificates that must be refused.
//!
//! ```
//! use countersign::testing::Ca;
//!
//! let ca = Ca::new();
//! let agent = ca.agent(&["localhost", "127.0.0.1"]);
//! let caller = ca.client("caller");
//! assert_eq!(ca.pool().len(), 1);
//! assert_ne!(agent.fingerprint(), caller.fingerprint());
//! ```
//!
//! Nothing here returns an error: what these functions are given is written down in a test, and a
//! mistake there should stop the test at once.

mod leaf;

pub use leaf::{LeafBuilder, Usage};

use crate::authority::draft::Draft;
use crate::authority::validity::Window;
use crate::authority::{Authority, KeyKind, KeyPair, Revocations, Subject};
use crate::clock::{Clock, DAY, SystemClock, Timestamp};
use crate::tls::{CaPool, Certificate};
use crate::x509::Inspected;
use crate::x509::pem::{self, Origin};
use der::asn1::{AnyRef, BitString, UintRef};
use der::{Decode, Encode, Sequence};
use rustls_pki_types::CertificateDer;
use spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use x509_cert::ext::pkix::{KeyUsage, KeyUsages};
use x509_cert::name::Name;

/// A certificate authority that lives as long as the test, valid ten years to either side of its moment.
#[derive(Clone, Debug)]
pub struct Ca {
    authority: Authority,
    now: Timestamp,
}

impl Ca {
    /// A CA with a name of its own and a P-256 key, on the system's clock.
    pub fn new() -> Self {
        Self::at(SystemClock.now())
    }

    /// The same, for whom it is `now`.
    pub fn at(now: Timestamp) -> Self {
        Self::made(&format!("Test CA {}", next()), now, KeyKind::P256, Draft::ca(None))
    }

    /// A CA of this common name: two of one name have different keys, and do not vouch for each other.
    pub fn named(name: &str) -> Self {
        Self::made(name, SystemClock.now(), KeyKind::P256, Draft::ca(None))
    }

    /// A CA with another kind of key.
    pub fn with_key(kind: KeyKind) -> Self {
        Self::made(&format!("Test CA {} ({kind})", next()), SystemClock.now(), kind, Draft::ca(None))
    }

    /// A CA whose key usage allows certificates, but no revocation lists.
    pub fn without_crl_sign() -> Self {
        Self::made(&format!("Test CA {} without cRLSign", next()), SystemClock.now(), KeyKind::P256, no_crl_sign(None))
    }

    /// A CA whose key usage allows revocation lists, but no certificates.
    pub fn without_cert_sign() -> Self {
        let key_usage = Some(KeyUsage(KeyUsages::CRLSign.into()));
        let draft = Draft { key_usage, ..Draft::ca(None) };
        Self::made(&format!("Test CA {} without keyCertSign", next()), SystemClock.now(), KeyKind::P256, draft)
    }

    /// A CA below which only so many others may stand.
    pub fn with_path_len(path_len: u8) -> Self {
        Self::made(&format!("Test CA {} above {path_len}", next()), SystemClock.now(), KeyKind::P256, Draft::ca(Some(path_len)))
    }

    /// The same CA, renewed with its old key: what either issues, the other vouches for while it is valid.
    #[must_use]
    pub fn renewed(&self, from: Timestamp, until: Timestamp) -> Self {
        let key = self.authority.key().clone();
        let name = surely(Name::from_der(&self.facts().subject_der));
        let certificate = surely(Draft::root(name, Window { from, until }).sign(key.spki_der(), &key));
        Self { authority: surely(Authority::assemble(key, vec![certificate])), now: self.now }
    }

    /// A CA below this one; what it issues carries it along.
    #[must_use]
    pub fn intermediate(&self) -> Self {
        self.below("Intermediate", Draft::ca(Some(0)), decades(self.now))
    }

    /// A CA below this one with its own bounds of validity.
    #[must_use]
    pub fn intermediate_valid(&self, from: Timestamp, until: Timestamp) -> Self {
        self.below("Intermediate", Draft::ca(Some(0)), Window { from, until })
    }

    /// A CA below this one whose key usage allows no revocation lists.
    #[must_use]
    pub fn intermediate_without_crl_sign(&self) -> Self {
        self.below("Intermediate without cRLSign", no_crl_sign(Some(0)), decades(self.now))
    }

    /// Something below this CA that signs certificates although it is none: CA:FALSE.
    #[must_use]
    pub fn false_intermediate(&self) -> Self {
        self.below("False intermediate", Draft::leaf(&[], &[]), decades(self.now))
    }

    /// A node's certificate for an hour or more. A name that is an address becomes an IP name, one with
    /// a colon a URI, any other a DNS name.
    pub fn agent(&self, names: &[&str]) -> Certificate {
        self.leaf().names(names).build()
    }

    /// A certificate of this common name that may only dial.
    pub fn client(&self, name: &str) -> Certificate {
        self.leaf().common_name(name).usage(Usage::Client).build()
    }

    /// A leaf to be built as the test needs it: good unless told otherwise.
    pub fn leaf(&self) -> LeafBuilder<'_> {
        LeafBuilder::new(self)
    }

    /// A pool that trusts this CA and no other.
    pub fn pool(&self) -> Arc<CaPool> {
        Arc::new(surely(CaPool::from_pem(&Origin::named("a test's CA"), self.pem().as_bytes())))
    }

    /// This CA's own certificate.
    pub fn pem(&self) -> String {
        pem::encode("CERTIFICATE", self.der())
    }

    /// This CA's own certificate.
    pub fn der(&self) -> &CertificateDer<'static> {
        self.authority.certificate()
    }

    /// What this CA's own certificate says.
    pub const fn facts(&self) -> &Inspected {
        self.authority.facts()
    }

    /// The CA behind it all, for what this module does not offer.
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// A revocation list of these certificates as PEM, current for a day.
    pub fn revocation_list(&self, revoked: &[&Certificate]) -> String {
        self.list(revoked, self.now + DAY)
    }

    /// The same, out of date since a minute.
    pub fn expired_revocation_list(&self, revoked: &[&Certificate]) -> String {
        self.list(revoked, self.now + -60)
    }

    /// A revocation list of anything, with any dates.
    pub fn revocation_list_of(&self, serials: &[&[u8]], this_update: Timestamp, next_update: Timestamp) -> String {
        let entries = serials.iter().map(|serial| (serial.to_vec(), this_update)).collect();
        surely(self.authority.revocation_list(&Revocations { number: next(), this_update, next_update, entries }))
    }

    fn list(&self, revoked: &[&Certificate], next_update: Timestamp) -> String {
        let serials: Vec<&[u8]> = revoked.iter().map(|certificate| certificate.leaf().serial.as_slice()).collect();
        self.revocation_list_of(&serials, self.now + -HOUR, next_update)
    }

    fn made(name: &str, now: Timestamp, kind: KeyKind, draft: Draft) -> Self {
        let subject = surely(Subject::common_name(name)).name().clone();
        let key = surely(KeyPair::generate(kind));
        let draft = Draft { issuer: subject.clone(), subject, window: decades(now), ..draft };
        let certificate = surely(draft.sign(key.spki_der(), &key));
        Self { authority: surely(Authority::assemble(key, vec![certificate])), now }
    }

    fn below(&self, kind: &str, draft: Draft, window: Window) -> Self {
        let subject = surely(Subject::common_name(&format!("{kind} {}", next()))).name().clone();
        let authority = surely(self.authority.subordinate(subject, KeyKind::P256, Draft { window, ..draft }));
        Self { authority, now: self.now }
    }
}

impl Default for Ca {
    fn default() -> Self {
        Self::new()
    }
}

/// A public key of RSA with 1,024 bits as DER `SubjectPublicKeyInfo`: too weak for anyone. Nobody has
/// its private half; see [`LeafBuilder::certificate_for`].
pub fn rsa_1024_public_key() -> Vec<u8> {
    #[derive(Sequence)]
    struct RsaPublicKey<'a> {
        modulus: UintRef<'a>,
        exponent: UintRef<'a>,
    }
    let modulus = [0xc5; 128];
    let key = RsaPublicKey { modulus: surely(UintRef::new(&modulus)), exponent: surely(UintRef::new(&[1, 0, 1])) };
    let algorithm = AlgorithmIdentifier { oid: RSA_ENCRYPTION, parameters: Some(AnyRef::NULL) };
    let subject_public_key = surely(BitString::from_bytes(&surely(key.to_der())));
    surely(SubjectPublicKeyInfo { algorithm, subject_public_key }.to_der())
}

fn no_crl_sign(path_len: Option<u8>) -> Draft {
    Draft { key_usage: Some(KeyUsage(KeyUsages::KeyCertSign.into())), ..Draft::ca(path_len) }
}

/// Ten years to either side, but not before the first moment that a certificate can name.
fn decades(now: Timestamp) -> Window {
    Window { from: (now + -3_653 * DAY).max(Timestamp::from_unix(0)), until: now + 3_653 * DAY }
}

/// The pair as a node would read it from its files.
fn paired(chain: &[CertificateDer<'_>], key: &KeyPair) -> Certificate {
    let chain: String = chain.iter().map(|der| pem::encode("CERTIFICATE", der)).collect();
    surely(Certificate::from_pem(&Origin::memory(), chain.as_bytes(), key.pem().expose()))
}

/// A number that no other certificate of this process has in its name.
fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[expect(clippy::expect_used, reason = "the one place where a test's own mistake, or a machine without randomness, ends the test")]
#[track_caller]
fn surely<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.expect("a certificate for a test can be made")
}

const HOUR: i64 = 3_600;
const RSA_ENCRYPTION: der::asn1::ObjectIdentifier = der::asn1::ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
