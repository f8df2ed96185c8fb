//! Judging a peer's chain: one judge for both directions, for updates and for `cert verify`.

mod demands;
mod diagnose;
pub mod hook;
mod met;
mod peer;
mod refusal;
mod rests;
pub mod revocation;
mod side;

pub(super) use demands::Demands;
pub use demands::{ExpectedIdentity, NotAnIdentity};
pub(super) use peer::{ClientVerifier, PeerVerifier, ServerVerifier};
pub use refusal::{Brief, Refusal};
pub(super) use side::{Presented, SideJudge};

use super::algorithms::ALGORITHMS;
use super::ca_pool::CaPool;
use super::pins::Pins;
use crate::clock::Timestamp;
use crate::x509::{Inspected, cert};
use hook::VerifyPeer;
use met::Met;
use revocation::{Revocation, RevocationLists, Sifted};
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
    revocation: Arc<Sifted>,
    demands: Demands,
    known: Option<Arc<dyn KnowsIssuers>>,
    met: Arc<Met>,
}

impl ChainJudge {
    /// A judge who trusts this pool, for peers in this role.
    pub fn new(pool: Arc<CaPool>, usage: Usage) -> Self {
        Self { pool, usage, revocation: Arc::default(), demands: Demands::default(), known: None, met: Arc::default() }
    }

    /// Asks these revocation lists too. A list of an authority in the pool that may not sign lists is
    /// left out: webpki does not look, and such a list must not vouch.
    #[must_use]
    pub fn with_revocation(self, revocation: &Revocation) -> Self {
        self.with_lists(revocation.clone().into())
    }

    /// The same with lists that may be replaced: each verdict goes by those that are in force at its moment.
    #[must_use]
    pub fn with_lists(mut self, lists: Arc<RevocationLists>) -> Self {
        lists.are_asked_by(&self.pool);
        self.revocation = Arc::new(Sifted::new(lists));
        self
    }

    /// Accepts only leaves with one of these public keys or certificates, if there are any.
    #[must_use]
    pub fn with_pins(mut self, pins: Arc<Pins>) -> Self {
        self.demands.pins = pins;
        self
    }

    /// Asks the user last.
    #[must_use]
    pub fn with_hook(mut self, hook: Option<Arc<dyn VerifyPeer>>) -> Self {
        self.demands.hook = hook;
        self
    }

    /// Asks for all of this, in place of pins and hook.
    #[must_use]
    pub(super) fn demanding(mut self, demands: Demands) -> Self {
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

    /// The same judge with another pool: what if this were all that is trusted?
    #[must_use]
    pub(super) fn trusting(&self, pool: Arc<CaPool>) -> Self {
        // What counts of the lists depends on the pool; nobody's lists are held against one that only is imagined.
        let revocation = Arc::new(Sifted::new(Arc::clone(self.revocation.lists())));
        Self { pool, revocation, ..self.clone() }
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
        self.verdict(leaf, intermediates, name, now).map(|accepted| accepted.leaf)
    }

    pub(super) fn verdict(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: Option<&ServerName<'_>>,
        now: Timestamp,
    ) -> Result<Accepted, Refusal> {
        let facts = self.met.facts(leaf).map_err(|error| Refusal::Malformed { part: error.part })?;
        if let Some(refusal) = Refusal::of_strength(&facts) {
            return Err(refusal);
        }
        // One answer for the whole verdict, whatever is replaced meanwhile.
        let revocation = self.revocation.now(&self.pool);
        let until = self.path(&revocation, leaf, &facts, intermediates, now)?;
        if let Some(refusal) = Refusal::of_usage(&facts, self.usage) {
            return Err(refusal);
        }
        if let Some(refusal) = self.demands.dialled(name).and_then(|name| Refusal::of_name(leaf, &facts, name)) {
            return Err(refusal);
        }
        self.demands.judge(&facts, self.usage, true)?;
        self.met.keep(leaf, &facts);
        Ok(Accepted { leaf: facts, until })
    }

    /// What speaks against a chain whatever the time is: a list that names one of it, or what is demanded of its leaf.
    pub(super) fn besides_dates(&self, leaf: &Inspected, intermediates: &[CertificateDer<'_>]) -> Result<(), Refusal> {
        let revocation = self.revocation.now(&self.pool);
        let others = intermediates.iter().filter_map(|der| Inspected::from_der(der).ok());
        let named = revocation.names(leaf).or_else(|| others.into_iter().find_map(|facts| revocation.names(&facts)));
        named.map_or(Ok(()), Err)?;
        self.demands.judge(leaf, self.usage, true)
    }

    /// Finds a path to the pool. What webpki does not look at is asked for each path that it finds, so that
    /// it goes on looking: of two roots that differ only in their dates, the right one is found. The answer is how
    /// long all of the path is valid.
    fn path(
        &self,
        revocation: &Revocation,
        leaf: &CertificateDer<'_>,
        facts: &Inspected,
        intermediates: &[CertificateDer<'_>],
        now: Timestamp,
    ) -> Result<Timestamp, Refusal> {
        let lists = revocation.lists(now);
        if revocation.is_mute(&lists) {
            let why = "no list that was given counts: its CA may not sign lists, or it is dated in the future";
            return Err(Refusal::RevocationUnknown { certificate: Brief::of(facts), why });
        }
        let (ours, until) = (Cell::new(None), Cell::new(facts.not_after));
        let beyond = |path: &VerifiedPath<'_>| match self.beyond_webpki(revocation, path, facts, now) {
            Ok(end) => {
                until.set(end);
                Ok(())
            }
            Err(refusal) => {
                ours.set(Some(refusal));
                Err(webpki::Error::UnknownIssuer)
            }
        };
        let found = webpki::EndEntityCert::try_from(leaf).and_then(|leaf| {
            let options = revocation.options(&lists);
            leaf.verify_for_usage(
                ALGORITHMS.all,
                self.pool.anchors(),
                intermediates,
                unix_time(now),
                self.usage.eku(),
                options,
                Some(&beyond),
            )
            .map(drop)
        });
        let why = |error| ours.take().unwrap_or_else(|| self.diagnose(revocation, &error, facts, intermediates, now));
        found.map(|()| until.get()).map_err(why)
    }

    /// A trust anchor has neither dates nor path length for webpki, keyUsage of a signer is not looked at,
    /// and of several lists of one issuer only one is asked.
    fn beyond_webpki(
        &self,
        revocation: &Revocation,
        path: &VerifiedPath<'_>,
        leaf: &Inspected,
        now: Timestamp,
    ) -> Result<Timestamp, Refusal> {
        let mut below = 0;
        let mut listed = revocation.names(leaf);
        let mut until = leaf.not_after;
        for intermediate in path.intermediate_certificates() {
            let facts = Inspected::from_der(&intermediate.der()).map_err(|error| Refusal::Malformed { part: error.part })?;
            if !facts.allows(cert::KEY_CERT_SIGN) {
                return Err(Refusal::NotACa { certificate: Brief::of(&facts), lacks: "keyUsage keyCertSign" });
            }
            below += usize::from(!facts.is_self_issued());
            until = until.min(facts.not_after);
            listed = listed.or_else(|| revocation.names(&facts));
        }
        let Some(root) = self.pool.by_anchor(path.anchor()) else { return listed.map_or(Ok(until), Err) };
        let room = root.basic_constraints.and_then(|constraints| constraints.path_len);
        if room.is_some_and(|room| below > usize::from(room)) {
            return Err(Refusal::NotACa { certificate: Brief::of(root), lacks: "room in its path length" });
        }
        listed.or_else(|| Refusal::of_dates(root, now)).map_or(Ok(until.min(root.not_after)), Err)
    }
}

/// What a chain is accepted as.
#[derive(Clone, Debug)]
pub(super) struct Accepted {
    /// What the leaf says.
    pub(super) leaf: Arc<Inspected>,
    /// The last moment at which all of the path that was found is valid.
    pub(super) until: Timestamp,
}

/// The clock's moment as webpki wants it: before 1970 nothing is valid anyway.
pub(super) fn unix_time(now: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.as_unix()).unwrap_or(0)))
}

pub(super) fn timestamp(time: UnixTime) -> Timestamp {
    Timestamp::from_unix(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}
