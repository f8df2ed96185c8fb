//! What a listener or dialler needs of its own certificate, so that an update cannot break it.

use super::ca_pool::CaPool;
use super::credential::Certificate;
use super::pins::Pins;
use super::verify::revocation::RevocationLists;
use super::verify::{ChainJudge, ExpectedIdentity, Refusal, Usage};
use crate::clock::Clock;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::x509::Fingerprint;
use rustls_pki_types::ServerName;
use std::cell::Cell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One holder's needs. An update that any holder could not work with is refused.
#[derive(Debug)]
#[non_exhaustive]
pub struct Requirement {
    /// Who asks, for the sentence: `listener 127.0.0.1:15000`.
    pub holder: String,
    /// The roles in which the certificate is presented.
    pub usages: Vec<Usage>,
    /// The pools that peers judge by, as far as this holder knows: its own.
    pub pools: Vec<Arc<CaPool>>,
    /// The names by which peers dial this holder.
    pub names: Vec<ServerName<'static>>,
    /// Names that are not to be lost: a certificate that bears one is followed only by one that bears it, too.
    pub kept_names: Vec<ExpectedIdentity>,
    /// Public keys (SHA-256 of the SubjectPublicKeyInfo) that peers have pinned; empty if none has.
    pub pins: Arc<Pins>,
    /// Revocation lists that this holder knows: no update may present what they name.
    pub revocation: Arc<RevocationLists>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    // The certificate that passed last, if all pools vouch for it: usually the one in force when the next
    // one is judged, and then nobody needs to be asked about it again.
    passed: Mutex<Option<Certificate>>,
}

impl Requirement {
    /// Requires a certificate that is valid now, and nothing more until the fields say so.
    pub fn new(holder: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        let (usages, pools, names, pins) = (Vec::new(), Vec::new(), Vec::new(), Arc::default());
        let kept_names = Vec::new();
        Self { holder: holder.into(), usages, pools, names, kept_names, pins, revocation: Arc::default(), clock, passed: Mutex::default() }
    }

    /// Whether this holder could work with the certificate in place of the one in force. Of the pools only
    /// those are asked that vouch for the one in force: a node whose clients come from another CA than its
    /// own has a pool that never did, and an update cannot break what does not hold.
    ///
    /// # Errors
    /// What would break.
    pub fn judge(&self, cert: &Certificate, in_force: &Certificate) -> Result<(), UpdateRefused> {
        let known = self.passed().as_ref().is_some_and(|passed| passed.is(in_force));
        let all_vouch = Cell::new(true);
        self.verdict(cert, |pool, usage| {
            let vouches = known || vouches_at(pool, usage, in_force, self.clock.as_ref());
            all_vouch.set(all_vouch.get() && vouches);
            vouches
        })?;
        self.lost_name(cert, in_force).map_or(Ok(()), |refusal| Err(self.refused(refusal, false)))?;
        if all_vouch.get() {
            *self.passed() = Some(cert.clone());
        }
        Ok(())
    }

    fn lost_name(&self, cert: &Certificate, in_force: &Certificate) -> Option<Refusal> {
        let is_lost = |name: &&ExpectedIdentity| name.is_borne_by(in_force.leaf()) && !name.is_borne_by(cert.leaf());
        self.kept_names.iter().find(is_lost).map(|name| Refusal::of_lost_name(cert.leaf(), name))
    }

    fn passed(&self) -> MutexGuard<'_, Option<Certificate>> {
        // One value, written at once.
        self.passed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether all that is required holds for the certificate, pools that never vouched included.
    pub(crate) fn judge_alone(&self, cert: &Certificate) -> Result<(), UpdateRefused> {
        self.verdict(cert, |_, _| true)
    }

    fn verdict(&self, cert: &Certificate, counts: impl Fn(&Arc<CaPool>, Usage) -> bool) -> Result<(), UpdateRefused> {
        self.fault(cert, counts).map_err(|(refusal, fixed_pool)| self.refused(refusal, fixed_pool))
    }

    fn refused(&self, refusal: Refusal, fixed_pool: bool) -> UpdateRefused {
        UpdateRefused { holder: self.holder.clone(), refusal: Box::new(refusal), fixed_pool }
    }

    fn fault(&self, cert: &Certificate, counts: impl Fn(&Arc<CaPool>, Usage) -> bool) -> Result<(), (Refusal, bool)> {
        let leaf = cert.leaf();
        let now = self.clock.now();
        let plain = |refusal| (refusal, false);
        Refusal::of_dates(leaf, now).map_or(Ok(()), Err).map_err(plain)?;
        for &usage in &self.usages {
            Refusal::of_usage(leaf, usage).map_or(Ok(()), Err).map_err(plain)?;
            for pool in self.pools.iter().filter(|pool| counts(pool, usage)) {
                let judge = ChainJudge::new(Arc::clone(pool), usage);
                let (leaf_der, intermediates) = (cert.leaf_der(), cert.chain().get(1..).unwrap_or_default());
                judge.judge(leaf_der, intermediates, None, now).map_err(|refusal| (refusal, true))?;
            }
        }
        for name in &self.names {
            Refusal::of_name(cert.leaf_der(), leaf, name).map_or(Ok(()), Err).map_err(plain)?;
        }
        let lists = self.revocation.in_force();
        let mut chain = std::iter::once(leaf).chain(cert.intermediates());
        chain.find_map(|facts| lists.revocation().names(facts)).map_or(Ok(()), Err).map_err(plain)?;
        self.pins.refuse(leaf).map_or(Ok(()), Err).map_err(plain)
    }
}

/// Why a certificate was not taken. The one in force stays.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{holder} could not work with this certificate: {refusal}")]
pub struct UpdateRefused {
    holder: String,
    // Boxed: the error travels through results whose other side is a number.
    refusal: Box<Refusal>,
    fixed_pool: bool,
}

impl UpdateRefused {
    /// A refusal by a manager of one's own, for reasons of its own.
    pub fn by_manager(manager: impl Into<String>, reason: impl Into<String>) -> Self {
        let refusal = Refusal::ByHook { hook: "manager", reason: reason.into() };
        Self { holder: manager.into(), refusal: Box::new(refusal), fixed_pool: false }
    }

    /// Who would have broken.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// What would have happened to its handshakes.
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }
}

impl Failure for UpdateRefused {
    fn code(&self) -> Code {
        self.refusal.code()
    }

    fn hint(&self) -> Hint {
        let chain = matches!(self.code(), Code::UnknownCa | Code::SelfSigned | Code::MissingIntermediate);
        if self.fixed_pool && chain {
            return Hint::fixed(
                "the CA pool is fixed until restart: to change CAs, restart the nodes one by one with a pool that holds both, then update",
            );
        }
        self.refusal.hint()
    }
}

fn vouches_at(pool: &Arc<CaPool>, usage: Usage, cert: &Certificate, clock: &dyn Clock) -> bool {
    let judge = ChainJudge::new(Arc::clone(pool), usage);
    let intermediates = cert.chain().get(1..).unwrap_or_default();
    // Asked for a moment within its validity: an expired certificate of this CA says that the CA is ours, too.
    let leaf = cert.leaf();
    let moment = clock.now().clamp(leaf.not_before, leaf.not_after.max(leaf.not_before));
    judge.judge(cert.leaf_der(), intermediates, None, moment).is_ok()
}

/// Whether, of all these authorities, only those with these SHA-256 vouch for a certificate, in whatever role.
pub(crate) fn only_these_vouch(all: &Arc<CaPool>, these: &[Fingerprint], cert: &Certificate, clock: &dyn Clock) -> bool {
    let vouch = |pool: &Arc<CaPool>| [Usage::Server, Usage::Client].into_iter().any(|usage| vouches_at(pool, usage, cert, clock));
    vouch(all) && !all.without(these).is_some_and(|others| vouch(&Arc::new(others)))
}
