//! Looking at the node's own certificates, and saying what is new.

use super::news::{Known, News};
use super::{ExpiryStage, OwnCertificate, ends};
use crate::clock::Timestamp;
use crate::node::core::Core;
use crate::observe::Event;
use crate::rt;
use crate::tls::{CaPool, CertResolver, Certificate};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, select_all};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

/// Who presents a certificate, and whom he trusts.
#[derive(Clone, Debug)]
pub(in crate::node) struct Holder {
    pub(in crate::node) name: String,
    pub(in crate::node) resolver: Arc<CertResolver>,
    pub(in crate::node) root_cas: Option<Arc<CaPool>>,
}

/// What a node knows of its own certificates.
#[derive(Debug, Default)]
pub(in crate::node) struct Expiry {
    /// Those that listen, which never change.
    acceptors: OnceLock<Vec<Holder>>,
    known: Mutex<Known>,
    /// Told when somebody else presents something.
    stirred: rt::Event,
}

impl Expiry {
    /// The node has opened its acceptors.
    pub(in crate::node) fn listens(&self, acceptors: Vec<Holder>) {
        // A node opens them once.
        let _ = self.acceptors.set(acceptors);
    }

    /// A route has come.
    pub(in crate::node) fn stir(&self) {
        self.stirred.notify(usize::MAX);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Replaced in one step.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks whenever something may have begun, for as long as there is the node.
pub(in crate::node) async fn keep_looking(core: Weak<Core>) {
    let Some(expiry) = core.upgrade().map(|core| Arc::clone(&core.expiry)) else { return };
    loop {
        let stirred = expiry.stirred.listen();
        let Some(strong) = core.upgrade() else { return };
        // Asked before the certificates are looked at: what is replaced meanwhile is looked at once more.
        let mut reasons = strong.holders().into_iter().map(replaced).collect::<Vec<_>>();
        let found = strong.look_at_certificates();
        drop(strong);
        reasons.push(stirred.boxed());
        let due = found.iter().map(OwnCertificate::pause).min().unwrap_or(LONGEST);
        // A clock may jump, and a machine may sleep: no pause is long.
        let _ = rt::timeout(due.clamp(SHORTEST, LONGEST), select_all(reasons)).await;
    }
}

fn replaced(Holder { resolver, .. }: Holder) -> BoxFuture<'static, ()> {
    let seen = resolver.current().generation;
    async move { drop(resolver.newer_than(seen).await) }.boxed()
}

impl OwnCertificate {
    fn pause(&self) -> Duration {
        let seconds = self.next.map(|next| next.as_unix().saturating_sub(self.at.as_unix()));
        seconds.and_then(|seconds| u64::try_from(seconds).ok()).map_or(LONGEST, Duration::from_secs)
    }

    fn found(certificate: Certificate, pools: &[Arc<CaPool>], now: Timestamp) -> Self {
        let (leaf, first) = (certificate.leaf(), ends::first(&certificate, pools));
        let (from, until) = (first.not_before, first.not_after);
        let is_early = now < leaf.not_before;
        Self {
            stage: if is_early { ExpiryStage::NotYetValid } else { ExpiryStage::of(from, until, now) },
            next: if is_early { Some(leaf.not_before) } else { ExpiryStage::next(from, until, now) },
            until,
            authority: (first.fingerprint != leaf.fingerprint).then(|| first.subject.clone()),
            at: now,
            holders: Vec::new(),
            certificate,
        }
    }
}

impl Core {
    /// Looks at the node's own certificates, and says what has begun since it looked last.
    pub(in crate::node) fn look_at_certificates(&self) -> Vec<OwnCertificate> {
        let (found, news) = {
            // Two may look at a time: what they find is told in the order in which it was found.
            let mut known = self.expiry.known();
            let found = self.own_certificates();
            let news = known.learn(&found);
            let told = found.iter().zip(&news).filter(|(_, news)| news.tells);
            told.for_each(|(own, _)| self.subscribers.tell_certificate(self, own));
            (found, news)
        };
        found.iter().zip(news).for_each(|(own, news)| say(own, news));
        found
    }

    /// Each certificate once, whoever presents it.
    pub(in crate::node) fn own_certificates(&self) -> Vec<OwnCertificate> {
        let now = self.settings.clock.now();
        let mut all: Vec<OwnCertificate> = Vec::new();
        for holder in self.holders() {
            let certificate = holder.resolver.current().certificate.clone();
            let known = all.iter_mut().find(|own| own.certificate.fingerprint() == certificate.fingerprint());
            match known {
                Some(own) if own.holders.contains(&holder.name) => {}
                Some(own) => own.holders.push(holder.name),
                None => {
                    let pools: Vec<Arc<CaPool>> = self.settings.authorities.iter().cloned().chain(holder.root_cas).collect();
                    let own = OwnCertificate::found(certificate, &pools, now);
                    all.push(OwnCertificate { holders: vec![holder.name], ..own });
                }
            }
        }
        all
    }

    /// Acceptors and routes that present what the node does go without saying.
    fn holders(&self) -> Vec<Holder> {
        let manager = self.settings.manager.as_ref();
        let node = manager.map(|manager| Holder { name: "node".to_owned(), resolver: manager.resolver(), root_cas: None });
        let acceptors = self.expiry.acceptors.get().into_iter().flatten().cloned();
        let others = acceptors.chain(self.settings.routes.holders());
        let is_other = |other: &Holder| node.as_ref().is_none_or(|node| !Arc::ptr_eq(&node.resolver, &other.resolver));
        let others: Vec<Holder> = others.filter(is_other).collect();
        node.into_iter().chain(others).collect()
    }
}

fn say(own: &OwnCertificate, News { recovers, warns, complains, .. }: News) {
    let leaf = own.certificate.leaf();
    let (holder, subject, serial) = (own.holders.join(", "), &leaf.subject, leaf.serial_hex());
    let (stage, until, seconds_left) = (own.stage, own.until, own.seconds_left());
    if recovers {
        log::info!(target: TARGET, event:% = Event::OwnCertificateWell, holder, subject, serial, stage:%, until:%, seconds_left; "own certificate is good again");
    }
    let Some(hint) = own.hint() else { return };
    if warns {
        log::warn!(target: TARGET, event:% = Event::OwnCertificateEnding, holder, subject, serial, stage:%, until:%, seconds_left, reason:% = own, hint:%; "own certificate ends soon");
    }
    if complains {
        log::error!(target: TARGET, event:% = Event::OwnCertificateEnded, holder, subject, serial, stage:%, until:%, seconds_left, reason:% = own, hint:%; "peers refuse own certificate");
    }
}

/// Of its own, so that commands, which are nodes for a moment, can leave these warnings to the node.
const TARGET: &str = "countersign::expiry";
/// Between two looks, unless something happens.
const LONGEST: Duration = Duration::from_secs(60);
/// A clock that stands still just before a stage begins keeps nobody busy.
const SHORTEST: Duration = Duration::from_secs(1);
