//! Judging a peer's chain: one judge for both directions, for updates and for `cert verify`.

mod demands;
mod diagnose;
pub mod hook;
mod met;
mod peer;
mod refusal;
pub mod revocation;

pub(super) use demands::Demands;
pub use demands::{ExpectedIdentity, NotAnIdentity};
pub(super) use peer::{ClientVerifier, PeerVerifier, ServerVerifier};
pub use refusal::{Brief, Refusal};

use super::algorithms::ALGORITHMS;
use super::ca_pool::CaPool;
use crate::clock::Timestamp;
use crate::x509::{Inspected, cert};
use hook::{Peer, VerifyPeer};
use met::Met;
use revocation::Revocation;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use webpki::VerifiedPath;

/// The role in which a certificate is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Usage {
    /// By the side that was dialled.
    Server,
    /// By the side that dials.
    Client,
}

impl Usage {
    /// The extended key usage that allows it.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Server => "serverAuth",
            Self::Client => "clientAuth",
        }
    }

    /// Absent means any, and `anyExtendedKeyUsage` does not count, as webpki has it.
    const fn eku(self) -> webpki::KeyUsage {
        match self {
            Self::Server => webpki::KeyUsage::server_auth(),
            Self::Client => webpki::KeyUsage::client_auth(),
        }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "server",
            Self::Client => "client",
        })
    }
}

/// Knows intermediates from its own chain, and so can tell that a peer forgot one.
pub trait KnowsIssuers: fmt::Debug + Send + Sync {
    /// If an intermediate of one's own chain has this subject: who issued it and those above it. All as DER.
    fn issuers_above(&self, subject_der: &[u8]) -> Vec<Vec<u8>>;
}

/// Decides whether a chain is accepted: exactly as a node does in a handshake.
///
/// ```
/// use countersign::clock::{Clock, SystemClock};
/// use countersign::failure::Code;
/// use countersign::testing::Ca;
/// use countersign::tls::{ChainJudge, Usage};
///
/// let (ours, theirs) = (Ca::new(), Ca::new());
/// let judge = ChainJudge::new(ours.pool(), Usage::Server);
/// let name = "localhost".try_into()?;
/// let now = SystemClock.now();
/// assert!(judge.judge(ours.agent(&["localhost"]).leaf_der(), &[], Some(&name), now).is_ok());
///
/// let refusal = judge.judge(theirs.agent(&["localhost"]).leaf_der(), &[], Some(&name), now).unwrap_err();
/// assert_eq!(refusal.code(), Code::UnknownCa);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ChainJudge {
    pool: Arc<CaPool>,
    usage: Usage,
    revocation: Arc<Revocation>,
    hook: Option<Arc<dyn VerifyPeer>>,
    demands: Arc<Demands>,
    known: Option<Arc<dyn KnowsIssuers>>,
    met: Arc<Met>,
}

impl ChainJudge {
    /// A judge who trusts this pool, for peers in this role.
    pub fn new(pool: Arc<CaPool>, usage: Usage) -> Self {
        Self { pool, usage, revocation: Arc::default(), hook: None, demands: Arc::default(), known: None, met: Arc::default() }
    }

    /// Asks these revocation lists too. A list of an authority in the pool that may not sign lists is
    /// left out: webpki does not look, and such a list must not vouch.
    #[must_use]
    pub fn with_revocation(mut self, revocation: &Revocation) -> Self {
        self.revocation = Arc::new(revocation.signed_rightly(&self.pool));
        self
    }

    /// Asks the user last.
    #[must_use]
    pub fn with_hook(mut self, hook: Option<Arc<dyn VerifyPeer>>) -> Self {
        self.hook = hook;
        self
    }

    /// Asks for pins and a name of the certificate's own, too.
    #[must_use]
    pub(super) fn demanding(mut self, demands: Arc<Demands>) -> Self {
        self.demands = demands;
        self
    }

    /// Whom it trusts.
    pub fn pool(&self) -> &CaPool {
        &self.pool
    }

    /// Lets the judge see one's own chain: who knows the intermediate that a peer forgot can name it.
    #[must_use]
    pub fn knowing(mut self, own: Arc<dyn KnowsIssuers>) -> Self {
        self.known = Some(own);
        self
    }

    /// The verdict on a chain, leaf apart, for a peer dialled as `name` (or one that dialled us): what its
    /// leaf says.
    ///
    /// # Errors
    /// Why the chain is refused.
    pub fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: Option<&ServerName<'_>>,
        now: Timestamp,
    ) -> Result<Arc<Inspected>, Refusal> {
        let facts = self.met.facts(leaf).map_err(|error| Refusal::Malformed { part: error.part })?;
        if let Some(refusal) = Refusal::of_strength(&facts) {
            return Err(refusal);
        }
        self.path(leaf, &facts, intermediates, now)?;
        if let Some(refusal) = Refusal::of_usage(&facts, self.usage) {
            return Err(refusal);
        }
        if let Some(refusal) = self.demands.dialled(name).and_then(|name| Refusal::of_name(leaf, &facts, name)) {
            return Err(refusal);
        }
        self.demands.judge(&facts)?;
        hook::ask(self.hook.as_deref(), &Peer { leaf: &facts, usage: self.usage, verified: true })?;
        self.met.keep(leaf, &facts);
        Ok(facts)
    }

    /// Finds a path to the pool. What webpki does not look at is asked for each path that it finds, so that
    /// it goes on looking: of two roots that differ only in their dates, the right one is found.
    fn path(
        &self,
        leaf: &CertificateDer<'_>,
        facts: &Inspected,
        intermediates: &[CertificateDer<'_>],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let lists = self.revocation.lists(now);
        if self.revocation.is_mute(&lists) {
            let why = "no list that was given counts: its CA may not sign lists, or it is dated in the future";
            return Err(Refusal::RevocationUnknown { certificate: Brief::of(facts), why });
        }
        let ours = Cell::new(None);
        let beyond = |path: &VerifiedPath<'_>| match self.beyond_webpki(path, facts, now) {
            None => Ok(()),
            Some(refusal) => {
                ours.set(Some(refusal));
                Err(webpki::Error::UnknownIssuer)
            }
        };
        let found = webpki::EndEntityCert::try_from(leaf).and_then(|leaf| {
            let revocation = self.revocation.options(&lists);
            leaf.verify_for_usage(
                ALGORITHMS.all,
                self.pool.anchors(),
                intermediates,
                unix_time(now),
                self.usage.eku(),
                revocation,
                Some(&beyond),
            )
            .map(drop)
        });
        found.map_err(|error| ours.take().unwrap_or_else(|| self.diagnose(&error, facts, intermediates, now)))
    }

    /// A trust anchor has neither dates nor path length for webpki, keyUsage of a signer is not looked at,
    /// and of several lists of one issuer only one is asked.
    fn beyond_webpki(&self, path: &VerifiedPath<'_>, leaf: &Inspected, now: Timestamp) -> Option<Refusal> {
        let mut below = 0;
        let mut listed = self.revocation.names(leaf);
        for intermediate in path.intermediate_certificates() {
            let facts = match Inspected::from_der(&intermediate.der()) {
                Ok(facts) => facts,
                Err(error) => return Some(Refusal::Malformed { part: error.part }),
            };
            if !facts.allows(cert::KEY_CERT_SIGN) {
                return Some(Refusal::NotACa { certificate: Brief::of(&facts), lacks: "keyUsage keyCertSign" });
            }
            below += usize::from(!facts.is_self_issued());
            listed = listed.or_else(|| self.revocation.names(&facts));
        }
        let root = self.pool.by_anchor(path.anchor())?;
        let room = root.basic_constraints.and_then(|constraints| constraints.path_len);
        if room.is_some_and(|room| below > usize::from(room)) {
            return Some(Refusal::NotACa { certificate: Brief::of(root), lacks: "room in its path length" });
        }
        listed.or_else(|| Refusal::of_dates(root, now))
    }
}

/// The clock's moment as webpki wants it: before 1970 nothing is valid anyway.
pub(super) fn unix_time(now: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.as_unix()).unwrap_or(0)))
}

pub(super) fn timestamp(time: UnixTime) -> Timestamp {
    Timestamp::from_unix(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}
