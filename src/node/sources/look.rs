//! Looking at sources: what lies there is read where it may wait, and then judged and taken in one go.

use super::renewal::{Renewal, Renewed, Rotate, Rotated};
use super::serve;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node::core::Core;
use crate::node::rotation::fates;
use crate::observe::Event;
use crate::rt;
use crate::tls::Certificate;
use crate::tls::source::{CertSource, Found, Occasion, SourceTrouble, Watch};
use futures_util::future::{join_all, select};
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Looks at all sources of a node now and then, and when one of them says so, for as long as there is the node.
pub(in crate::node) async fn keep_looking(core: Weak<Core>) {
    let Some((every, watcher)) = core.upgrade().map(|core| (core.sources.every, Arc::clone(&core.sources.watcher))) else { return };
    // What sources said before this task had its first turn counts, too.
    let mut seen = 0;
    loop {
        select(pin!(rt::sleep(every)), pin!(watcher.after(seen))).await;
        // One that says so again and again is not looked at more often than this.
        rt::sleep(MOMENT).await;
        seen = watcher.count();
        let Some(core) = core.upgrade() else { return };
        core.look(Occasion::Time).await;
    }
}

impl Core {
    /// Does what somebody wants, and says what came of it.
    pub(in crate::node) async fn rotate(&self, wanted: Rotate) -> Rotated {
        match (wanted.given, wanted.is_dry_run) {
            (Some(given), is_dry_run) => self.take_from(given, is_dry_run).await,
            (None, true) => self.look(Occasion::DryRun).await,
            (None, false) => self.look(Occasion::Wish).await,
        }
    }

    async fn look(&self, occasion: Occasion) -> Rotated {
        let mut watches = self.sources.turn.lock().await;
        self.attend(&mut watches);
        let found = join_all(watches.iter().map(|watch| find(watch, ()))).await;
        let (now, peers) = (self.settings.clock.now(), self.peers.all());
        let mut rotated = Rotated::default();
        for (watch, found) in watches.iter_mut().zip(found) {
            let before = presented(watch);
            let outcome = Renewed::of(watch.take(found, occasion, now), occasion == Occasion::DryRun);
            if outcome.is_news() {
                rotated.links.extend(fates(&peers, watch.resolvers()));
            }
            rotated.renewals.push(Renewal { source: watch.source().name(), before, outcome, restart_required: watch.restart_required() });
        }
        rotated.links.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.sources.show(&watches);
        rotated
    }

    /// From now on each serves whoever uses it now.
    fn attend(&self, watches: &mut Vec<Watch>) {
        let managers = self.managers();
        self.sources.own_name.stays_on(&managers, self);
        serve(watches, &managers, &self.sources.watcher);
    }

    /// Once, and for the node itself and whoever follows it.
    async fn take_from(&self, given: Arc<dyn CertSource>, is_dry_run: bool) -> Rotated {
        // Nobody looks at a source meanwhile, and puts its certificate in the place of this one unseen.
        let mut watches = self.sources.turn.lock().await;
        // Whoever has come since the last look has what he had before this one, too.
        self.attend(&mut watches);
        let mut watch = Watch::new(given);
        watch.serve(self.managers_beside_own());
        let found = match self.sources.permit() {
            Some(permit) => find(&watch, permit).await,
            None => Found::crowded(),
        };
        let peers = self.peers.all();
        let before = presented(&watch);
        let occasion = if is_dry_run { Occasion::DryRun } else { Occasion::Wish };
        let outcome = match before {
            Some(_) => Renewed::of(watch.try_once(found, occasion), is_dry_run),
            None => Renewed::Refused(nobody()),
        };
        let renewal = Renewal { source: watch.source().name(), before, outcome, restart_required: watch.restart_required() };
        if !is_dry_run {
            report(&renewal);
            self.sources.show(&watches);
        }
        let links = if renewal.outcome.is_news() { fates(&peers, watch.resolvers()) } else { Vec::new() };
        Rotated { renewals: vec![renewal], links }
    }
}

/// Nobody is kept waiting by a disk that does not answer, and no thread is lost to it but one.
async fn find<P: Send + 'static>(watch: &Watch, permit: P) -> Found {
    let Some(reading) = watch.reading() else { return Found::silence(PATIENCE) };
    let reading = move || {
        let _permit = permit;
        reading()
    };
    rt::timeout(PATIENCE, rt::unblock(reading)).await.unwrap_or_else(|_| Found::silence(PATIENCE))
}

/// Whoever asked is told, and so is who reads the log. What is taken says so itself.
fn report(renewal: &Renewal) {
    if let Renewed::Refused(trouble) = &renewal.outcome {
        let (source, code, hint) = (&renewal.source, trouble.code(), trouble.hint());
        let holder = trouble.holder.as_deref().unwrap_or("none");
        log::warn!(target: "countersign::node", event:% = Event::UpdateRefused, source, code:%, holder, reason:% = trouble, hint:%; "certificate not replaced");
    }
}

fn presented(watch: &Watch) -> Option<Certificate> {
    watch.resolvers().next().map(|resolver| resolver.current().certificate.clone())
}

fn nobody() -> SourceTrouble {
    let hint = Hint::fixed("name a certificate in the section tls of its configuration, and start it again");
    let reason = "the node speaks plain TCP, and presents no certificate".to_owned();
    SourceTrouble { code: Code::InvalidTlsConfiguration, holder: None, reason, hint }
}

/// Also of a source that waits for a disk. Whoever asks a node over the network waits for five seconds.
const PATIENCE: Duration = Duration::from_secs(2);
/// For what tells of changes in a row.
const MOMENT: Duration = Duration::from_millis(50);
