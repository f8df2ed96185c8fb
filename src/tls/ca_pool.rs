//! Whom to trust: certificate authorities, read once and then fixed.

use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::observe::Event;
use crate::x509::cert::{CertError, KEY_CERT_SIGN};
use crate::x509::pem::{self, Origin, PemError, Place};
use crate::x509::{Fingerprint, Inspected};
use rustls::DistinguishedName;
use rustls_pki_types::{CertificateDer, TrustAnchor};
use std::fmt;
use std::path::Path;

/// A set of certificate authorities. It never changes: a node that should trust another set restarts.
///
/// To replace a CA while a cluster works, go node by node, and finish each step everywhere before the next:
///
/// 1. Restart each node with a pool that holds both CAs. It still presents its old certificate.
/// 2. Give each node a certificate of the new CA: [`update`](super::CertManager::update), without a restart.
/// 3. Let links of before be made anew, for they keep what was presented when they were made: rotate with handover, or
///    disconnect them one by one. Then ask each node what still depends on the old CA
///    ([`Node::depends_on`](crate::node::Node::depends_on), or `countersign ca-in-use old-ca.crt NODE`), until nothing
///    does at any of them.
/// 4. Restart each node with a pool that holds the new CA alone.
///
/// Whoever takes the old CA out earlier finds the nodes apart whose certificates it issued.
///
/// ```
/// use countersign::testing::Ca;
///
/// let (old, new) = (Ca::new(), Ca::new());
/// // While a cluster moves from one CA to the next, every node trusts both.
/// let both = old.pool().merge(&new.pool());
/// assert_eq!(both.len(), 2);
/// ```
#[derive(Clone)]
pub struct CaPool {
    authorities: Vec<Authority>,
    anchors: Vec<TrustAnchor<'static>>,
    subjects: Vec<DistinguishedName>,
}

#[derive(Clone)]
struct Authority {
    facts: Inspected,
    der: CertificateDer<'static>,
}

impl CaPool {
    /// All authorities in PEM text.
    ///
    /// # Errors
    /// The first block that is damaged, weak, or not a certificate authority.
    pub fn from_pem(origin: &Origin, bytes: &[u8]) -> Result<Self, CaPoolError> {
        let blocks = pem::certificates(origin, bytes)?;
        let authorities = blocks.into_iter().map(|(place, der)| admit(place, der)).collect::<Result<_, _>>()?;
        Self::of(authorities)
    }

    /// All authorities in a PEM file.
    ///
    /// # Errors
    /// As [`Self::from_pem`], and when the file cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, CaPoolError> {
        let path = path.as_ref();
        Self::from_pem(&Origin::file(path), pem::read_file(path)?.expose())
    }

    /// All authorities in the `.pem`, `.crt` and `.cer` files of a directory, in the order of their names.
    ///
    /// # Errors
    /// As [`Self::from_file`], and when there is no such file.
    pub fn from_directory(path: impl AsRef<Path>) -> Result<Self, CaPoolError> {
        let path = path.as_ref();
        let origin = Origin::file(path);
        let unreadable = |source| PemError::Unreadable { origin: origin.clone(), source };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            let wanted = file.extension().and_then(|extension| extension.to_str()).is_some_and(|it| EXTENSIONS.contains(&it));
            if wanted && file.is_file() {
                files.push(file);
            }
        }
        files.sort();
        let mut authorities = Vec::new();
        for file in &files {
            authorities.extend(Self::from_file(file)?.authorities);
        }
        if authorities.is_empty() {
            return Err(PemError::Nothing { origin, wanted: "CA certificate (.pem, .crt, .cer)", blocks: 0 }.into());
        }
        Self::of(authorities)
    }

    /// The operating system's authorities. Those it holds that we would not accept are passed over,
    /// with a line in the log.
    ///
    /// # Errors
    /// When the system has none.
    pub fn system() -> Result<Self, CaPoolError> {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            log::warn!(target: "countersign::tls", event:% = Event::StoreUnreadable, error:%; "a part of the system's certificate store cannot be read");
        }
        let origin = Origin::named("the system's certificate store");
        let mut authorities = Vec::new();
        for (index, der) in found.certs.into_iter().enumerate() {
            match admit(Place { origin: origin.clone(), number: index + 1, line: 1 }, der) {
                Ok(authority) => authorities.push(authority),
                Err(error) => log::debug!(target: "countersign::tls", error:%; "an authority of the system's store is passed over"),
            }
        }
        if authorities.is_empty() {
            return Err(PemError::Nothing { origin, wanted: "usable CA certificate", blocks: 0 }.into());
        }
        Self::of(authorities)
    }

    /// Both pools' authorities; those in both count once.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let mut all = self.clone();
        let known = all.fingerprints();
        for (authority, anchor) in other.authorities.iter().zip(&other.anchors) {
            if !known.contains(&authority.facts.fingerprint) {
                all.subjects.push(DistinguishedName::from(authority.facts.subject_der.clone()));
                all.authorities.push(authority.clone());
                all.anchors.push(anchor.clone());
            }
        }
        all
    }

    /// This pool without those authorities that have one of these SHA-256; `None` if nobody is left.
    pub fn without(&self, taken_out: &[Fingerprint]) -> Option<Self> {
        let left = self.authorities.iter().filter(|authority| !taken_out.contains(&authority.facts.fingerprint));
        Self::of(left.cloned().collect()).ok().filter(|pool| !pool.is_empty())
    }

    /// How many authorities.
    pub fn len(&self) -> usize {
        self.authorities.len()
    }

    /// Whether there is none. No constructor makes such a pool.
    pub fn is_empty(&self) -> bool {
        self.authorities.is_empty()
    }

    /// What each authority's certificate says.
    pub fn authorities(&self) -> impl Iterator<Item = &Inspected> {
        self.authorities.iter().map(|authority| &authority.facts)
    }

    /// SHA-256 of each authority: what tells two pools apart.
    pub fn fingerprints(&self) -> Vec<Fingerprint> {
        self.authorities().map(|facts| facts.fingerprint).collect()
    }

    /// The authorities' names for a sentence; a system's store is only counted.
    pub(crate) fn in_words(&self) -> String {
        let names: Vec<&str> = self.authorities().take(4).map(|facts| facts.subject.as_str()).collect();
        let more = self.len().saturating_sub(names.len());
        if more == 0 { names.join("; ") } else { format!("{} and {more} more", names.join("; ")) }
    }

    pub(crate) fn anchors(&self) -> &[TrustAnchor<'static>] {
        &self.anchors
    }

    pub(crate) fn subjects(&self) -> &[DistinguishedName] {
        &self.subjects
    }

    /// The authority with this subject, as DER.
    pub(crate) fn by_subject(&self, subject_der: &[u8]) -> Option<&Inspected> {
        self.authorities().find(|facts| facts.subject_der == subject_der)
    }

    /// The authority that webpki calls by this anchor.
    pub(crate) fn by_anchor(&self, anchor: &TrustAnchor<'_>) -> Option<&Inspected> {
        // By place, not by value: a root that was renewed with its old key is an equal anchor with other dates.
        let index = self.anchors.iter().position(|own| std::ptr::eq(own, anchor))?;
        self.authorities.get(index).map(|authority| &authority.facts)
    }

    fn of(authorities: Vec<Authority>) -> Result<Self, CaPoolError> {
        let mut pool = Self { authorities: Vec::new(), anchors: Vec::new(), subjects: Vec::new() };
        for authority in authorities {
            if pool.fingerprints().contains(&authority.facts.fingerprint) {
                continue;
            }
            let anchor = webpki::anchor_from_trusted_cert(&authority.der).map(|anchor| anchor.to_owned());
            let anchor = anchor.map_err(|_| CaPoolError::Unusable { subject: authority.facts.subject.clone() })?;
            pool.subjects.push(DistinguishedName::from(authority.facts.subject_der.clone()));
            pool.anchors.push(anchor);
            pool.authorities.push(authority);
        }
        Ok(pool)
    }
}

impl fmt::Debug for CaPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CaPool({})", self.in_words())
    }
}

/// Why a set of certificates cannot be a pool.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaPoolError {
    /// The file or its text is wrong.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// A block is no certificate.
    #[error("{place}: {source}")]
    Malformed {
        /// Where.
        place: Place,
        /// Which part of it.
        source: CertError,
    },
    /// A certificate that may not sign others: often a node's own, put here by mistake.
    #[error("{place}: {subject} is not a certificate authority: it lacks {lacks}")]
    NotACa {
        /// Where.
        place: Place,
        /// Its subject.
        subject: String,
        /// What it would need.
        lacks: &'static str,
    },
    /// An authority too weak to vouch for anyone.
    #[error("{place}: the authority {subject} is too weak: {weakness}")]
    Weak {
        /// Where.
        place: Place,
        /// Its subject.
        subject: String,
        /// What is weak.
        weakness: String,
    },
    /// The path builder cannot use it.
    #[error("the authority {subject} cannot be used as a trust anchor")]
    Unusable {
        /// Its subject.
        subject: String,
    },
}

impl Failure for CaPoolError {
    fn code(&self) -> Code {
        match self {
            Self::Pem(error) => error.code(),
            Self::Malformed { source, .. } => source.code(),
            Self::NotACa { .. } => Code::NotACa,
            Self::Weak { .. } => Code::WeakKey,
            Self::Unusable { .. } => Code::MalformedCertificate,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Pem(error) => error.hint(),
            Self::NotACa { .. } => Hint::fixed("give the CA's certificate here; are the certificate and the CA file swapped?"),
            _ => Hint::fixed(self.code().cure()),
        }
    }
}

/// Only a root of X.509 version 1 may be silent about being a CA. A node's own self-signed certificate is
/// no authority, even if somebody puts it here to say "trust this one".
fn admit(place: Place, der: CertificateDer<'static>) -> Result<Authority, CaPoolError> {
    let facts = match Inspected::from_der(&der) {
        Ok(facts) => facts,
        Err(source) => return Err(CaPoolError::Malformed { place, source }),
    };
    let old_root = facts.version == 1 && facts.is_self_issued();
    if !facts.is_ca() && !old_root {
        return Err(CaPoolError::NotACa { place, subject: facts.subject, lacks: "basicConstraints CA:TRUE" });
    }
    if !facts.allows(KEY_CERT_SIGN) {
        return Err(CaPoolError::NotACa { place, subject: facts.subject, lacks: "keyUsage keyCertSign" });
    }
    match facts.weakness() {
        Some(weakness) => Err(CaPoolError::Weak { place, subject: facts.subject, weakness }),
        None => Ok(Authority { facts, der }),
    }
}

const EXTENSIONS: &[&str] = &["pem", "crt", "cer"];
