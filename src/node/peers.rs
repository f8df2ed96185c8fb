//! Which nodes are peers, and which are about to become some. One slot for each name: whoever wants to know
//! a node, whether it dials or was dialled, goes through its slot.

mod answer;
mod dial;
mod guests;
mod record;
mod slots;
mod up;

pub(super) use answer::answer;
pub(super) use dial::{Reached, meet};
pub(super) use up::establish;

use super::core::Core;
use super::error::{ConnectError, ConnectReason};
use super::peer::Peer;
use crate::net::link::{Ended, Why};
use crate::node_name::NodeName;
use crate::rt;
use crate::rt::channel::bounded;
use slots::{Outcome, Wish};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub(super) use slots::Peers;

impl Core {
    /// The peer of this name, having dialled it if need be.
    pub(super) async fn reach(self: &Arc<Self>, name: &NodeName) -> Result<Arc<Peer>, Arc<ConnectError>> {
        if let Some(peer) = self.peer(name.as_str()) {
            return Ok(peer);
        }
        // Each attempt has a deadline of its own; this one is for strangers who claim the name again and again.
        let within = self.settings.routes.leads(name).deadline().saturating_add(MARGIN);
        let late = |_| Arc::new(ConnectError::new(name.clone(), ConnectReason::Timeout(within)));
        rt::timeout(within, self.try_to_reach(name)).await.map_err(late)?
    }

    async fn try_to_reach(self: &Arc<Self>, name: &NodeName) -> Result<Arc<Peer>, Arc<ConnectError>> {
        let mut insists = false;
        loop {
            if self.stopping.load(Ordering::SeqCst) {
                return Err(Arc::new(ConnectError::new(name.clone(), ConnectReason::Stopping)));
            }
            let freed = self.peers.freed.listen();
            let (sender, outcome) = bounded(1);
            match self.peers.wish(name, insists, sender) {
                Wish::Granted(peer) => return Ok(peer),
                Wish::Ending => {
                    freed.await;
                    continue;
                }
                Wish::Dial(attempt, registration) => dial::start(Arc::clone(self), attempt, registration),
                Wish::Wait => {}
            }
            match outcome.recv().await {
                Ok(Outcome::Up(peer)) => return Ok(peer),
                Ok(Outcome::Failed(error)) => return Err(error),
                Ok(Outcome::Again) | Err(_) => insists = true,
            }
        }
    }

    /// The peer of this name, if it is one.
    pub(super) fn peer(&self, name: &str) -> Option<Arc<Peer>> {
        self.peers.up(name).filter(|peer| peer.is_up())
    }

    /// Ends the link to a peer, and waits until everybody knows.
    pub(super) async fn disconnect(&self, name: &NodeName, why: Why) -> bool {
        if why == Why::Disconnected {
            self.keeper.rest(name);
        }
        let Some(peer) = self.peers.up(name.as_str()) else { return false };
        peer.link.finish(why);
        self.gone(&peer, why).await;
        true
    }

    /// Waits for the end of a peer; one that does not take what is still to be said has it cut off.
    pub(super) async fn gone(&self, peer: &Arc<Peer>, why: Why) {
        let waiting = async {
            loop {
                let freed = self.peers.freed.listen();
                if !self.peers.is_held_by(peer) {
                    return;
                }
                freed.await;
            }
        };
        let mut waiting = Box::pin(waiting);
        if rt::timeout(PATIENCE, &mut waiting).await.is_err() {
            peer.link.cut(Ended::Us(why));
            waiting.await;
        }
    }
}

/// So that attempts come to their own ends, which tell more.
const MARGIN: Duration = Duration::from_secs(5);
/// For what is still to be said to a peer.
const PATIENCE: Duration = Duration::from_secs(2);
