//! The sources of a node's certificates: looked at by one task, and whenever somebody wishes it.

mod handle;
mod look;
mod own_name;
mod renewal;
mod status;

pub(super) use look::keep_looking;
pub use renewal::{Renewal, Renewed, Rotate, Rotated};
pub use status::SourceStatus;

use super::core::Core;
use crate::tls::source::{CertSource, Watch};
use crate::tls::{CertAuthManager, CertResolver, Certificate, Changes, Watcher};
use arc_swap::{ArcSwap, ArcSwapOption};
use futures_util::lock::Mutex;
use own_name::OwnName;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Sources {
    every: Duration,
    /// Held by whoever looks: nobody judges by what another is about to change.
    turn: Mutex<Vec<Watch>>,
    /// Told by sources that say themselves when there is something.
    watcher: Arc<Watcher>,
    /// Told of such a source that is new here: what it said before was said to nobody.
    arrivals: Changes,
    own_name: OwnName,
    /// Held once more by each reading of what somebody has named.
    given: Arc<()>,
    /// From where the node itself presents.
    own: Option<Arc<CertResolver>>,
    /// What the source of that had when the node followed it last.
    followed: ArcSwapOption<Certificate>,
    /// As of the last look.
    shown: ArcSwap<Vec<SourceStatus>>,
}

impl Sources {
    pub(super) fn new(every: Duration, managers: &[Arc<dyn CertAuthManager>], own: Option<Arc<CertResolver>>) -> Self {
        let mut watches = Vec::new();
        let watcher = Watcher::new();
        serve(&mut watches, managers, &watcher);
        let arrivals = Changes::default();
        arrivals.watch(&watcher);
        if managers.iter().any(tells) {
            arrivals.tell();
        }
        let (own_name, given, followed, shown) = (OwnName::default(), Arc::default(), ArcSwapOption::empty(), ArcSwap::default());
        let mut sources = Self { every, turn: Mutex::default(), watcher, arrivals, own_name, given, own, followed, shown };
        sources.show(&watches);
        *sources.turn.get_mut() = watches;
        sources
    }

    /// To read what somebody has named, for whoever has the turn: it may lie on a disk that never answers, and each reading
    /// keeps a thread until it does.
    fn permit(&self) -> Option<Arc<()>> {
        (Arc::strong_count(&self.given) <= MOST_GIVEN).then(|| Arc::clone(&self.given))
    }

    fn show(&self, watches: &[Watch]) {
        let followed = self.own.as_ref().and_then(|own| watches.iter().find_map(|watch| watch.followed_by(own)));
        self.followed.store(followed.cloned().map(Arc::new));
        self.shown.store(Arc::new(watches.iter().map(SourceStatus::of).collect()));
    }

    /// How they are, as far as was looked.
    pub(super) fn shown(&self) -> Arc<Vec<SourceStatus>> {
        self.shown.load_full()
    }
}

impl Core {
    /// Whoever presents certificates now: by the node's settings, by routes that were added, and by links of routes that
    /// are gone.
    fn managers(&self) -> Vec<Arc<dyn CertAuthManager>> {
        let peers = self.peers.all();
        let of_links = peers.iter().filter_map(|peer| peer.tenure.terms.effective().cert_manager.clone());
        let mut all: Vec<Arc<dyn CertAuthManager>> = Vec::new();
        for manager in self.settings.managers.iter().cloned().chain(self.settings.routes.managers()).chain(of_links) {
            if !all.iter().any(|known| Arc::ptr_eq(known, &manager)) {
                all.push(manager);
            }
        }
        all
    }

    /// What the node presents, and what its own source has: they differ while one is presented that somebody has given.
    pub(super) fn own(&self) -> impl Iterator<Item = Certificate> {
        let presented = self.settings.manager.as_ref().map(|manager| manager.resolver().current().certificate.clone());
        presented.into_iter().chain(self.sources.followed.load_full().map(|followed| (*followed).clone()))
    }

    /// A route has come, perhaps with a manager of its own.
    pub(super) fn welcome(&self, manager: Option<&Arc<dyn CertAuthManager>>) {
        self.keep_own_name();
        if manager.is_some_and(tells) {
            self.sources.arrivals.tell();
        }
    }

    /// No certificate of the node's loses its name from now on.
    pub(super) fn keep_own_name(&self) {
        self.sources.own_name.stays_on(&self.managers(), self);
    }

    /// The node's own manager, and those that follow the same source.
    fn managers_beside_own(&self) -> Vec<Arc<dyn CertAuthManager>> {
        let Some(own) = &self.settings.manager else { return Vec::new() };
        let source = own.source();
        let follows = |manager: &Arc<dyn CertAuthManager>| {
            Arc::ptr_eq(manager, own) || source.as_ref().zip(manager.source()).is_some_and(|(one, other)| is(one, &other))
        };
        distinct(self.managers().into_iter().filter(follows))
    }
}

/// Whether its source says itself when there is something.
fn tells(manager: &Arc<dyn CertAuthManager>) -> bool {
    manager.source().is_some_and(|source| source.changes().is_some())
}

/// Watches what these name as their sources, and nothing else any more.
fn serve(watches: &mut Vec<Watch>, managers: &[Arc<dyn CertAuthManager>], watcher: &Arc<Watcher>) {
    let with_sources: Vec<_> = managers.iter().filter_map(|manager| Some((manager, manager.source()?))).collect();
    watches.retain(|watch| with_sources.iter().any(|(_, source)| is(source, watch.source())));
    for (_, source) in &with_sources {
        if !watches.iter().any(|watch| is(source, watch.source())) {
            source.changes().into_iter().for_each(|changes| changes.watch(watcher));
            watches.push(Watch::new(Arc::clone(source)));
        }
    }
    for watch in watches {
        let own = with_sources.iter().filter(|(_, source)| is(source, watch.source())).map(|(manager, _)| Arc::clone(manager));
        watch.serve(distinct(own));
    }
}

/// One for each resolver: an acceptor may have the node's manager, or another one around its resolver.
fn distinct(managers: impl Iterator<Item = Arc<dyn CertAuthManager>>) -> Vec<Arc<dyn CertAuthManager>> {
    let mut kept: Vec<(Arc<CertResolver>, Arc<dyn CertAuthManager>)> = Vec::new();
    for manager in managers {
        let resolver = manager.resolver();
        if !kept.iter().any(|(known, _)| Arc::ptr_eq(known, &resolver)) {
            kept.push((resolver, manager));
        }
    }
    kept.into_iter().map(|(_, manager)| manager).collect()
}

fn is(one: &Arc<dyn CertSource>, other: &Arc<dyn CertSource>) -> bool {
    Arc::ptr_eq(one, other)
}

/// Readings of what somebody has named, until the first of them returns.
const MOST_GIVEN: usize = 2;
