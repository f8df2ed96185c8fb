//! A source under watch: who uses it, what was seen there last, and what is wrong with it.

use super::exchange::{Occasion, exchange, presents};
use super::{CertSource, SourceTrouble};
use crate::clock::Timestamp;
use crate::failure::Failure;
use crate::observe::Event;
use crate::tls::credential::Certificate;
use crate::tls::manager::CertAuthManager;
use crate::tls::resolver::CertResolver;
use crate::x509::Fingerprint;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Watch {
    source: Arc<dyn CertSource>,
    users: Vec<User>,
    trouble: Option<SourceTrouble>,
    /// The certificate that lay there when that was said, if it was a whole one.
    about: Option<Fingerprint>,
    restart_required: bool,
    taken_at: Option<Timestamp>,
    /// Somebody is still waiting for it to answer.
    busy: Arc<AtomicBool>,
}

#[derive(Debug)]
struct User {
    manager: Arc<dyn CertAuthManager>,
    resolver: Arc<CertResolver>,
    /// What the source had when this manager last followed it.
    seen: Certificate,
}

/// What lies at a source.
#[derive(Debug)]
pub(crate) struct Found {
    certificate: Result<Certificate, SourceTrouble>,
    /// Whether a restart would bring other authorities.
    authorities: Result<bool, SourceTrouble>,
}

impl Watch {
    pub(crate) fn new(source: Arc<dyn CertSource>) -> Self {
        let (users, busy) = (Vec::new(), Arc::default());
        Self { source, users, trouble: None, about: None, restart_required: false, taken_at: None, busy }
    }

    pub(crate) fn source(&self) -> &Arc<dyn CertSource> {
        &self.source
    }

    pub(crate) const fn trouble(&self) -> Option<&SourceTrouble> {
        self.trouble.as_ref()
    }

    pub(crate) const fn restart_required(&self) -> bool {
        self.restart_required
    }

    pub(crate) const fn taken_at(&self) -> Option<Timestamp> {
        self.taken_at
    }

    pub(crate) fn resolvers(&self) -> impl Iterator<Item = &Arc<CertResolver>> {
        self.users.iter().map(|user| &user.resolver)
    }

    /// What it had when this one last followed it.
    pub(crate) fn followed_by(&self, resolver: &Arc<CertResolver>) -> Option<&Certificate> {
        self.users.iter().find(|user| Arc::ptr_eq(&user.resolver, resolver)).map(|user| &user.seen)
    }

    /// From now on these use it, and no others.
    pub(crate) fn serve(&mut self, managers: Vec<Arc<dyn CertAuthManager>>) {
        let mut before = std::mem::take(&mut self.users);
        for manager in managers {
            let resolver = manager.resolver();
            let known = before.iter().position(|user| Arc::ptr_eq(&user.resolver, &resolver)).map(|index| before.swap_remove(index));
            let seen = known.map_or_else(|| resolver.current().certificate.clone(), |user| user.seen);
            self.users.push(User { manager, resolver, seen });
        }
    }

    /// Reads it, wherever that may wait. `None` while it owes the answer to somebody before.
    pub(crate) fn reading(&self) -> Option<impl FnOnce() -> Found + Send + 'static> {
        if self.busy.swap(true, Ordering::SeqCst) {
            return None;
        }
        let (source, busy) = (Arc::clone(&self.source), Arc::clone(&self.busy));
        let managers: Vec<_> = self.users.iter().map(|user| Arc::clone(&user.manager)).collect();
        Some(move || {
            let found = catch_unwind(AssertUnwindSafe(|| Found::at(source.as_ref(), &managers)));
            busy.store(false, Ordering::SeqCst);
            found.unwrap_or_else(|_| Found::nothing(SourceTrouble::panicked("source")))
        })
    }

    /// Lets count what was found, for all who use it or for nobody; the certificate, if it is news to anybody.
    pub(crate) fn take(&mut self, found: Found, occasion: Occasion, now: Timestamp) -> Result<Option<Certificate>, SourceTrouble> {
        let about = found.certificate.as_ref().ok().map(Certificate::fingerprint);
        let taken = found.certificate.and_then(|cert| self.follow(cert, occasion));
        if occasion != Occasion::DryRun {
            if matches!(taken, Ok(Some(_))) {
                self.taken_at = Some(now);
            }
            let trouble = taken.as_ref().err().or(found.authorities.as_ref().err());
            self.note(trouble.cloned(), about);
            self.note_authorities(found.authorities.unwrap_or(self.restart_required));
        }
        taken
    }

    /// The same for a source that is looked at once.
    pub(crate) fn try_once(&mut self, found: Found, occasion: Occasion) -> Result<Option<Certificate>, SourceTrouble> {
        found.certificate.and_then(|cert| self.follow(cert, occasion))
    }

    fn follow(&mut self, cert: Certificate, occasion: Occasion) -> Result<Option<Certificate>, SourceTrouble> {
        let is_due = |user: &&mut User| match occasion {
            Occasion::Time => user.seen.chain() != cert.chain() && !presents(&user.resolver, &cert),
            Occasion::Wish | Occasion::DryRun => !presents(&user.resolver, &cert),
        };
        let due: Vec<_> = self.users.iter_mut().filter(is_due).map(|user| Arc::clone(&user.manager)).collect();
        exchange(&due, &cert, occasion)?;
        if occasion != Occasion::DryRun {
            self.users.iter_mut().for_each(|user| user.seen = cert.clone());
        }
        Ok((!due.is_empty()).then_some(cert))
    }

    /// Once, and again only if it is wrong in another way: a source is looked at every few seconds.
    fn note(&mut self, trouble: Option<SourceTrouble>, about: Option<Fingerprint>) {
        let source = self.source.name();
        match &trouble {
            Some(trouble) if !self.has_said(trouble, about) => {
                let (code, hint) = (trouble.code(), trouble.hint());
                let holder = trouble.holder.as_deref().unwrap_or("none");
                log::warn!(target: "countersign::tls", event:% = Event::SourceBad, source, code:%, holder, reason:% = trouble, hint:%; "what lies at a source is of no use: what is in force stays, and it is looked at again");
            }
            None if self.trouble.is_some() => {
                log::info!(target: "countersign::tls", event:% = Event::SourceGood, source; "what lies at a source is good again");
            }
            _ => {}
        }
        (self.trouble, self.about) = (trouble, about);
    }

    /// What is refused for its dates is refused in another sentence each second, which says what time it is.
    fn has_said(&self, trouble: &SourceTrouble, about: Option<Fingerprint>) -> bool {
        let is_alike = |known: &SourceTrouble| {
            trouble.holder.is_some() && self.about == about && known.code == trouble.code && known.holder == trouble.holder
        };
        self.trouble.as_ref().is_some_and(|known| known == trouble || is_alike(known))
    }

    fn note_authorities(&mut self, required: bool) {
        if required && !self.restart_required {
            let hint = "CA pools are fixed until a restart: restart the nodes one by one, first with a pool that holds both CAs";
            log::warn!(target: "countersign::tls", event:% = Event::RestartRequired, source = self.source.name(), hint; "the CA file differs from the pool in force");
        }
        self.restart_required = required;
    }
}

impl Found {
    fn at(source: &dyn CertSource, managers: &[Arc<dyn CertAuthManager>]) -> Self {
        let certificate = source.read().map_err(|error| SourceTrouble::of(error.as_ref()));
        let differ = |manager: &Arc<dyn CertAuthManager>| manager.awaits_restart().map_err(|error| SourceTrouble::of(&error));
        let authorities = managers.iter().map(differ).try_fold(false, |any, differ| Ok(any | differ?));
        Self { certificate, authorities }
    }

    fn nothing(trouble: SourceTrouble) -> Self {
        Self { certificate: Err(trouble.clone()), authorities: Err(trouble) }
    }

    /// Too many others that were given have not answered yet.
    pub(crate) fn crowded() -> Self {
        Self::nothing(SourceTrouble::crowded())
    }

    /// It has not answered in time.
    pub(crate) fn silence(within: Duration) -> Self {
        Self::nothing(SourceTrouble::silent(within))
    }
}
