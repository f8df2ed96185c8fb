//! The one place where handshakes find the certificate, and where it is exchanged.

use super::credential::Certificate;
use super::requirement::{Requirement, UpdateRefused};
use super::verify::KnowsIssuers;
use crate::failure::Failure;
use crate::observe::Event;
use crate::rt;
use arc_swap::ArcSwap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Counts the certificates a resolver has presented: the first is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "generation {}", self.0)
    }
}

/// A certificate and which one in the row it is. Handshakes hold on to the one they began with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Issue {
    /// What is presented.
    pub certificate: Certificate,
    /// Which one it is.
    pub generation: Generation,
}

/// Holds the certificate behind one atomic pointer, for both directions at once.
///
/// Whoever uses it says with [`CertResolver::attach`] what it needs of a certificate; [`CertResolver::update`]
/// asks them all before it swaps. Reading is one atomic load and never waits for an update.
pub struct CertResolver {
    current: ArcSwap<Issue>,
    // Taken by updates and by attaching, never by handshakes: a requirement that is attached while an
    // update is being judged must either be asked or see the new certificate.
    holders: Mutex<Vec<Weak<Requirement>>>,
    /// Told of every swap.
    swapped: rt::Event,
}

impl CertResolver {
    /// A resolver that presents this certificate.
    pub fn new(cert: Certificate) -> Arc<Self> {
        let issue = Issue { certificate: cert, generation: Generation(1) };
        Arc::new(Self { current: ArcSwap::from_pointee(issue), holders: Mutex::default(), swapped: rt::Event::new() })
    }

    /// What is presented now.
    pub fn current(&self) -> Arc<Issue> {
        self.current.load_full()
    }

    /// Waits until another certificate than this one is presented. Of several that follow each other quickly it may
    /// see the last alone.
    pub async fn newer_than(&self, generation: Generation) -> Arc<Issue> {
        loop {
            let swapped = self.swapped.listen();
            let current = self.current();
            if current.generation > generation {
                return current;
            }
            swapped.await;
        }
    }

    /// Presents another certificate from the next handshake on, if everybody who uses this resolver
    /// can work with it.
    ///
    /// # Errors
    /// Who could not, and why. The old certificate stays.
    pub fn update(&self, cert: Certificate) -> Result<Generation, UpdateRefused> {
        let (subject, serial) = (cert.leaf().subject.clone(), cert.leaf().serial_hex());
        let updated = self.judge_and_swap(cert);
        match &updated {
            Ok(Generation(generation)) => {
                log::info!(target: "countersign::tls", event:% = Event::CertificateRotated, subject, serial, generation; "certificate replaced");
            }
            Err(refused) => {
                let (code, holder, reason, hint) = (refused.code(), refused.holder(), refused.refusal(), refused.hint());
                log::warn!(target: "countersign::tls", event:% = Event::UpdateRefused, subject, serial, holder, code:%, reason:%, hint:%; "certificate not replaced");
            }
        }
        updated
    }

    fn judge_and_swap(&self, cert: Certificate) -> Result<Generation, UpdateRefused> {
        let mut holders = self.lock();
        self.ask(&mut holders, &cert)?;
        Ok(self.swap(cert, &holders))
    }

    /// What [`Self::update`] would say, without doing it.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub fn judge(&self, cert: &Certificate) -> Result<(), UpdateRefused> {
        self.ask(&mut self.lock(), cert)
    }

    /// Presents a certificate that nobody was asked about. For the rare case in which the judgement is
    /// wrong and the person is right; peers may refuse every handshake from here on.
    pub fn swap_unchecked(&self, cert: Certificate) -> Generation {
        let holders = self.lock();
        log::warn!(target: "countersign::tls", event:% = Event::CertificateUnjudged, subject = cert.leaf().subject; "certificate swapped without being judged");
        self.swap(cert, &holders)
    }

    /// From now on, no update may break this requirement. It is forgotten when the answer is dropped.
    pub fn attach(&self, requirement: Requirement) -> Attachment {
        let requirement = Arc::new(requirement);
        self.lock().push(Arc::downgrade(&requirement));
        Attachment(requirement)
    }

    fn ask(&self, holders: &mut Vec<Weak<Requirement>>, cert: &Certificate) -> Result<(), UpdateRefused> {
        holders.retain(|holder| holder.strong_count() > 0);
        let in_force = self.current();
        holders.iter().filter_map(Weak::upgrade).try_for_each(|holder| holder.judge(cert, &in_force.certificate))
    }

    // The guard is asked for so that no two swaps hand out one generation.
    fn swap(&self, certificate: Certificate, _held: &MutexGuard<'_, Vec<Weak<Requirement>>>) -> Generation {
        let generation = Generation(self.current.load().generation.0 + 1);
        self.current.store(Arc::new(Issue { certificate, generation }));
        self.swapped.notify(usize::MAX);
        generation
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Requirement>>> {
        // Nothing in the guarded list can be left half done.
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KnowsIssuers for CertResolver {
    fn issuers_above(&self, subject_der: &[u8]) -> Vec<Vec<u8>> {
        let issue = self.current();
        let own = issue.certificate.intermediates();
        let known = own.iter().position(|intermediate| intermediate.subject_der == subject_der);
        let above = known.and_then(|known| own.get(known..)).unwrap_or_default();
        above.iter().map(|intermediate| intermediate.issuer_der.clone()).collect()
    }
}

impl fmt::Debug for CertResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let current = self.current.load();
        f.debug_struct("CertResolver").field("certificate", &current.certificate).field("generation", &current.generation.0).finish()
    }
}

/// Keeps a [`Requirement`] in force as long as it lives.
#[derive(Debug)]
pub struct Attachment(Arc<Requirement>);

impl Attachment {
    /// What is required.
    pub fn requirement(&self) -> &Requirement {
        &self.0
    }
}
