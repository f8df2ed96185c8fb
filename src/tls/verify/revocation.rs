//! Revocation lists, and what to do where they are silent.

mod error;
mod files;
mod live;
mod sifted;
mod signer;
mod successor;

pub use error::{ListRefused, RevocationError};
pub use files::FileFault;
pub use live::{InForce, RevocationLists};
pub(super) use sifted::Sifted;

use super::Refusal;
use crate::clock::Timestamp;
use crate::observe::Event;
use crate::tls::ca_pool::CaPool;
use crate::x509::cert::CRL_SIGN;
use crate::x509::crl::CrlError;
use crate::x509::pem::{self, Origin};
use crate::x509::{Inspected, RevocationList};
use std::path::Path;
use std::sync::Arc;
use webpki::{
    CertRevocationList, ExpirationPolicy, OwnedCertRevocationList, RevocationCheckDepth, RevocationOptions, RevocationOptionsBuilder,
    UnknownStatusPolicy,
};

/// What to do with a certificate about which no valid list speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CrlPolicy {
    /// Refuse it, and a list past its date proves nothing.
    #[default]
    DenyUnknown,
    /// Accept it, and believe old lists too.
    AllowUnknown,
}

impl CrlPolicy {
    /// The word in configurations.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DenyUnknown => "deny_unknown",
            Self::AllowUnknown => "allow_unknown",
        }
    }
}

/// Revocation lists with a policy: a value, which [`RevocationLists`] exchanges for another. Without any list nothing is checked. With one, the whole chain below
/// the trusted authority is: a chain with an intermediate needs the root's list and the intermediate's.
///
/// ```
/// use countersign::clock::{Clock, SystemClock};
/// use countersign::failure::Code;
/// use countersign::testing::Ca;
/// use countersign::tls::{ChainJudge, CrlPolicy, Revocation, Usage};
/// use countersign::x509::{RevocationList, pem::Origin};
///
/// let ca = Ca::new();
/// let (good, bad) = (ca.agent(&["a"]), ca.agent(&["b"]));
/// let lists = RevocationList::from_pem(&Origin::memory(), ca.revocation_list(&[&bad]).as_bytes())?;
/// let revocation = Revocation::new(lists, CrlPolicy::DenyUnknown)?;
///
/// let judge = ChainJudge::new(ca.pool(), Usage::Client).with_revocation(&revocation);
/// let now = SystemClock.now();
/// assert!(judge.judge(good.leaf_der(), &[], None, now).is_ok());
/// assert_eq!(judge.judge(bad.leaf_der(), &[], None, now).unwrap_err().code(), Code::Revoked);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Revocation {
    lists: Vec<Arc<Listed>>,
    policy: CrlPolicy,
    /// A list was given and left out: silence is then not the same as having none.
    wanted: bool,
}

#[derive(Debug)]
struct Listed {
    facts: RevocationList,
    webpki: CertRevocationList<'static>,
}

impl Revocation {
    /// These lists, under this policy.
    ///
    /// # Errors
    /// The list that is of a kind that cannot be used.
    pub fn new(lists: Vec<RevocationList>, policy: CrlPolicy) -> Result<Self, RevocationError> {
        let lists: Vec<_> = lists.into_iter().map(Listed::new).collect::<Result<_, _>>()?;
        Ok(Self::of(lists, policy))
    }

    /// All lists in these PEM files, under this policy.
    ///
    /// # Errors
    /// The file or block that cannot be used.
    pub fn from_files<P: AsRef<Path>>(paths: &[P], policy: CrlPolicy) -> Result<Self, RevocationError> {
        let mut lists = Vec::new();
        for path in paths {
            let bytes = pem::read_file(path.as_ref()).map_err(CrlError::from)?;
            lists.extend(Listed::all(&Origin::file(path.as_ref()), bytes.expose())?);
        }
        Ok(Self::of(lists, policy))
    }

    /// What each list says.
    pub fn facts(&self) -> impl Iterator<Item = &RevocationList> {
        self.lists.iter().map(|listed| &listed.facts)
    }

    /// What to do where they are silent.
    pub const fn policy(&self) -> CrlPolicy {
        self.policy
    }

    /// The same lists from other places; the policy stays.
    fn of(lists: impl IntoIterator<Item = Arc<Listed>>, policy: CrlPolicy) -> Self {
        let mut lists: Vec<_> = lists.into_iter().collect();
        // webpki asks only the first list of an issuer, and people append to files: the newest must lead.
        lists.sort_by(|one, other| other.facts.age(&one.facts));
        Self { wanted: !lists.is_empty(), lists, policy }
    }

    /// Without those lists whose issuer, as this pool has it, may not sign any.
    pub(super) fn signed_rightly(&self, pool: &CaPool) -> Self {
        let may = |issuer: &[u8]| {
            let mut same = pool.authorities().filter(|authority| authority.subject_der == issuer).peekable();
            same.peek().is_none() || same.any(|authority| authority.allows(CRL_SIGN))
        };
        let (kept, left_out): (Vec<_>, Vec<_>) = self.lists.iter().cloned().partition(|listed| may(&listed.facts.issuer_der));
        for listed in left_out {
            let (place, issuer) = (&listed.facts.place, &listed.facts.issuer);
            log::warn!(target: "countersign::tls", event:% = Event::RevocationListLeftOut, place:%, issuer; "revocation list left out: its CA's certificate does not allow signing lists (keyUsage cRLSign)");
        }
        Self { lists: kept, policy: self.policy, wanted: self.wanted }
    }

    /// The lists that have been made by now: one from the future is a fault of its maker, or of our clock.
    pub(super) fn lists(&self, now: Timestamp) -> Vec<&CertRevocationList<'static>> {
        let made = self.lists.iter().filter(|listed| listed.facts.this_update <= now + SKEW);
        made.map(|listed| &listed.webpki).collect()
    }

    /// Whether any list of the certificate's issuer names it, be it the newest or not: nobody is ever taken
    /// off a list but by its expiry.
    pub(in crate::tls) fn names(&self, certificate: &Inspected) -> Option<Refusal> {
        let mut same_issuer = self.facts().filter(|list| list.issuer_der == certificate.issuer_der);
        let named = same_issuer.any(|list| list.revoked.iter().any(|(serial, _)| *serial == certificate.serial));
        named.then(|| Refusal::of_revoked(certificate))
    }

    pub(super) fn options<'a>(&self, lists: &'a [&'a CertRevocationList<'a>]) -> Option<RevocationOptions<'a>> {
        let (unknown, expired) = match self.policy {
            CrlPolicy::DenyUnknown => (UnknownStatusPolicy::Deny, ExpirationPolicy::Enforce),
            CrlPolicy::AllowUnknown => (UnknownStatusPolicy::Allow, ExpirationPolicy::Ignore),
        };
        let builder = RevocationOptionsBuilder::new(lists).ok()?.with_depth(RevocationCheckDepth::Chain);
        Some(builder.with_status_policy(unknown).with_expiration_policy(expired).build())
    }

    /// Lists were given, none of them counts, and the policy demands one: nobody can be accepted.
    pub(super) fn is_mute(&self, lists: &[&CertRevocationList<'static>]) -> bool {
        self.wanted && lists.is_empty() && self.policy == CrlPolicy::DenyUnknown
    }
}

impl Listed {
    fn all(origin: &Origin, bytes: &[u8]) -> Result<Vec<Arc<Self>>, RevocationError> {
        RevocationList::from_pem(origin, bytes)?.into_iter().map(Self::new).collect()
    }

    fn new(facts: RevocationList) -> Result<Arc<Self>, RevocationError> {
        match OwnedCertRevocationList::from_der(&facts.der) {
            Ok(owned) => Ok(Arc::new(Self { webpki: owned.into(), facts })),
            Err(source) => Err(RevocationError::Unusable { place: facts.place, source }),
        }
    }
}

/// How far an issuer's clock may be ahead of ours, in seconds.
const SKEW: i64 = 300;
