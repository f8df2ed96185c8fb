//! The task that sees to the certificate under one link, for as long as there is something to do.

use super::tenure::Due;
use super::{hand_over, jitter};
use crate::net::link::Why;
use crate::node::core::Core;
use crate::node::peer::Peer;
use crate::observe::Event;
use crate::rt;
use crate::tls::CertResolver;
use futures_util::future::select;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Core {
    /// A link is up: whatever its certificate's future brings is seen to.
    pub(in crate::node) fn look_after(self: &Arc<Self>, peer: &Arc<Peer>) {
        let rotation = peer.tenure.terms.effective().rotation;
        if let Some(resolver) = peer.transport().resolver.as_ref().filter(|_| rotation != super::Rotation::Keep) {
            self.rotations.watch(self, resolver);
        }
        // The certificate may have been replaced while the two met, when nobody found this link yet.
        self.see_to(peer, Duration::ZERO);
    }

    /// The certificate behind a resolver was replaced: its links act one after the other, and not all at once.
    pub(super) fn is_rotated(self: &Arc<Self>, resolver: &Arc<CertResolver>) {
        let mut peers = self.peers.all();
        peers.retain(|peer| peer.transport().resolver.as_ref().is_some_and(|own| Arc::ptr_eq(own, resolver)));
        let window = FOR_EACH_LINK.saturating_mul(u32::try_from(peers.len()).unwrap_or(u32::MAX)).min(LONGEST_WINDOW);
        peers.iter().for_each(|peer| self.see_to(peer, jitter::up_to(window)));
    }

    /// The peer asks for a handover.
    pub(in crate::node) fn hand_over_as_asked(self: &Arc<Self>, peer: &Arc<Peer>) {
        peer.tenure.is_asked();
        self.see_to(peer, Duration::ZERO);
    }

    fn see_to(self: &Arc<Self>, peer: &Arc<Peer>, delay: Duration) {
        if peer.due().is_none() {
            return;
        }
        if !peer.tenure.begins_work() {
            // Whoever is at work may rest for long after failures that were those of another certificate.
            peer.tenure.stirred.notify(usize::MAX);
            return;
        }
        let (core, working) = (Arc::clone(self), Arc::clone(peer));
        let work = async move {
            rest(&working, delay).await;
            work(&core, &working).await;
            working.tenure.ends_work();
            // Something may have come up in the last moment.
            core.see_to(&working, PAUSE);
        };
        match rt::spawn("duty", work) {
            Ok(task) => task.detach(),
            Err(error) => {
                peer.tenure.ends_work();
                log::error!(target: "countersign::node", event:% = Event::TaskNotStarted, error:%; "cannot start a task");
            }
        }
    }
}

async fn work(core: &Arc<Core>, peer: &Arc<Peer>) {
    let mut pause = PAUSE;
    while let Some(due) = peer.due()
        && !core.stopping.load(Ordering::SeqCst)
    {
        match due {
            Due::Close => {
                peer.link.finish(Why::Rotated);
                // One that takes nothing would keep its link, and the certificate.
                return core.gone(peer, Why::Rotated).await;
            }
            Due::HandOverAsAsked => {
                peer.tenure.sees_to_it();
                if let Err(reason) = hand_over::hand_over(core, peer).await {
                    peer.link.apologise(reason.code());
                }
                rest(peer, jitter::about(PAUSE)).await;
            }
            Due::HandOver => {
                // Before, so that what comes up meanwhile counts, too.
                let stirred = peer.tenure.stirred.listen();
                let outcome = hand_over::hand_over(core, peer).await;
                pause = if outcome.is_ok() { PAUSE } else { pause.saturating_mul(2).min(LONGEST_PAUSE) };
                if peer.due().is_some() {
                    let long = jitter::about(pause);
                    rest(peer, long.min(PAUSE)).await;
                    if rt::timeout(long.saturating_sub(PAUSE), select(stirred, pin!(peer.link.closed()))).await.is_ok() {
                        pause = PAUSE;
                    }
                }
            }
        }
    }
}

/// But not longer than the link lives.
async fn rest(peer: &Peer, pause: Duration) {
    if !pause.is_zero() {
        rt::timeout(pause, peer.link.closed()).await.map(drop).unwrap_or_default();
    }
}

/// Between two handovers of a link, at least: certificates may be replaced much faster than links can follow, and a
/// peer may ask again and again. After a failure it grows.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A thousand links take ten seconds.
const FOR_EACH_LINK: Duration = Duration::from_millis(10);
const LONGEST_WINDOW: Duration = Duration::from_secs(60);
