//! What a side goes by when it judges peers, in handshakes and later.

use super::rests::Rests;
use super::revocation::RevocationLists;
use super::{Accepted, ChainJudge, Demands, Refusal, Usage};
use crate::clock::{Clock, Timestamp};
use crate::tls::ca_pool::CaPool;
use crate::tls::changes::Watcher;
use crate::tls::credential::Certificate;
use crate::tls::policy::TlsPolicy;
use crate::tls::requirement::only_these_vouch;
use crate::tls::resolver::CertResolver;
use crate::x509::{Fingerprint, Inspected};
use rustls_pki_types::{CertificateDer, ServerName};
use std::sync::Arc;

/// Frozen when the side was made, but for what is live in it: lists, pins, and whatever the hook goes by. Without a
/// judge of chains (a mode that judges none, or verification that was switched off) the demands hold all the same.
#[derive(Debug)]
pub(in crate::tls) struct SideJudge {
    usage: Usage,
    chain: Option<ChainJudge>,
    lists: Arc<RevocationLists>,
    demands: Demands,
    clock: Arc<dyn Clock>,
    /// All authorities that this side knows, as far as it knows by whom peers judge it.
    own_pool: Option<Arc<CaPool>>,
    rests: Rests,
}

/// A leaf, and what was sent behind it.
pub(in crate::tls) type Presented<'a> = (&'a CertificateDer<'a>, &'a [CertificateDer<'a>]);

impl SideJudge {
    /// For peers in this role, whose chains must end in this pool if there is one.
    pub(in crate::tls) fn new(usage: Usage, pool: Option<Arc<CaPool>>, policy: &TlsPolicy, resolver: &Arc<CertResolver>) -> Self {
        let chain = pool.map(|pool| {
            let judge = ChainJudge::new(pool, usage).with_lists(Arc::clone(&policy.revocation));
            judge.demanding(policy.demands.clone()).knowing(Arc::<CertResolver>::clone(resolver))
        });
        Self {
            usage,
            chain,
            lists: Arc::clone(&policy.revocation),
            demands: policy.demands.clone(),
            clock: Arc::clone(&policy.clock),
            own_pool: None,
            rests: Rests::default(),
        }
    }

    /// The pools of the side, for the question whom its own certificate depends on.
    pub(in crate::tls) fn with_own_pools(mut self, pools: &[Arc<CaPool>]) -> Self {
        let all = pools.iter().cloned().reduce(|one, other| Arc::new(one.merge(&other)));
        self.own_pool = all;
        self
    }

    pub(in crate::tls) const fn judges_chains(&self) -> bool {
        self.chain.is_some()
    }

    pub(in crate::tls) fn pool(&self) -> Option<&CaPool> {
        self.chain.as_ref().map(ChainJudge::pool)
    }

    pub(in crate::tls) const fn demands(&self) -> &Demands {
        &self.demands
    }

    pub(in crate::tls) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The verdict of a handshake at this moment.
    pub(in crate::tls) fn judge(
        &self,
        (leaf, rest): Presented<'_>,
        name: Option<&ServerName<'_>>,
        now: Timestamp,
    ) -> Result<Accepted, Refusal> {
        match &self.chain {
            Some(judge) => judge.verdict(leaf, rest, name, now),
            None => {
                let leaf = Inspected::from_der(leaf).map_err(|error| Refusal::Malformed { part: error.part })?;
                self.demands.judge(&leaf, self.usage, false)?;
                Ok(Accepted { until: leaf.not_after, leaf: Arc::new(leaf) })
            }
        }
    }

    /// What speaks against a chain whatever the time is.
    pub(in crate::tls) fn besides_dates(&self, leaf: &Inspected, rest: &[CertificateDer<'_>]) -> Result<(), Refusal> {
        self.chain.as_ref().map_or(Ok(()), |judge| judge.besides_dates(leaf, rest))
    }

    /// Whether the verdict on a peer's chain would be another one without these authorities.
    pub(in crate::tls) fn depends_on(&self, ca: &[Fingerprint], (leaf, rest): Presented<'_>, name: Option<&ServerName<'_>>) -> bool {
        self.chain.as_ref().is_some_and(|judge| {
            let verdict = |judge: &ChainJudge| judge.verdict(leaf, rest, name, self.now()).map(drop).map_err(|refusal| refusal.code());
            match judge.pool().without(ca) {
                Some(others) => verdict(judge) != verdict(&judge.trusting(Arc::new(others))),
                None => true,
            }
        })
    }

    /// Whether, of all authorities that this side knows, only these vouch for what it presents.
    pub(in crate::tls) fn presents_by(&self, ca: &[Fingerprint], certificate: &Certificate) -> bool {
        self.own_pool.as_ref().is_some_and(|all| only_these_vouch(all, ca, certificate, self.clock.as_ref()))
    }

    /// What a peer sent behind its leaf, to be kept.
    pub(in crate::tls) fn keep(&self, rest: &[CertificateDer<'_>]) -> Arc<[CertificateDer<'static>]> {
        self.rests.share(rest)
    }

    /// How many changes there were on which a verdict may depend.
    pub(in crate::tls) fn changes(&self) -> u64 {
        self.lists.changes().count().wrapping_add(self.demands.pins.changes().count())
    }

    /// Has this watcher told of any change that a verdict may depend on.
    pub(in crate::tls) fn watch(&self, watcher: &Arc<Watcher>) {
        self.lists.changes().watch(watcher);
        self.demands.pins.changes().watch(watcher);
    }
}
