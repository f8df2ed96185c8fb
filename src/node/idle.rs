//! Links over which nobody says anything, and that nothing needs.

use super::core::Core;
use super::peer::Peer;
use crate::net::LinkId;
use crate::net::link::Why;
use crate::rt;
use futures_util::future::{Either, select};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a link may be idle: that neither side says anything over it but ticks.
///
/// An idle link is closed in order, with [`Why::Idle`], and the next message dials again. One that something is tied to stays:
/// a link or monitor of a process across it, on whichever side it was made, a process that watches the node, a node that
/// is [kept](super::Node::keep_connected). What a node of OTP has that is never said over the link, its
/// `monitor_node` above all, cannot be seen: it gets its `nodedown`. What the peer says in the very moment in which the
/// link closes is lost, as at every end of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Idle {
    /// For ever.
    #[default]
    Never,
    /// So long; looked at every quarter of it.
    After(Duration),
}

impl Idle {
    pub(super) fn limit(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::After(limit) => Some(limit.max(SHORTEST)),
        }
    }
}

/// Looks after the links of a node, for as long as it runs.
pub(super) async fn run(core: Arc<Core>) {
    let mut seen = HashMap::new();
    loop {
        let more = core.may_idle.listen();
        seen = look(&core, &seen);
        match seen.values().map(|quiet: &Quiet| quiet.limit / LOOKS).min() {
            None => more.await,
            Some(pause) => match select(more, pin!(rt::sleep(pause))).await {
                Either::Left(_) | Either::Right(_) => {}
            },
        }
    }
}

/// What was found when a link was last looked at.
#[derive(Clone, Copy, Debug)]
struct Quiet {
    spoken: u64,
    since: Instant,
    limit: Duration,
}

fn look(core: &Core, seen: &HashMap<LinkId, Quiet>) -> HashMap<LinkId, Quiet> {
    let now = Instant::now();
    let mut found = HashMap::new();
    for peer in core.peers.all() {
        let Some(limit) = peer.idle().limit().filter(|_| peer.is_up()) else { continue };
        let spoken = peer.link().spoken();
        let before = seen.get(&peer.id()).filter(|before| before.spoken == spoken);
        let since = before.map_or(now, |before| before.since);
        if now.duration_since(since) < limit || is_needed(core, &peer) || !peer.link().finish_if_silent_since(spoken, Why::Idle) {
            found.insert(peer.id(), Quiet { spoken, since, limit });
        }
    }
    found
}

/// Whether somebody would learn of its end.
fn is_needed(core: &Core, peer: &Peer) -> bool {
    let has_ties = |process| core.registry.body(process).is_some_and(|body| body.ties().are_over(peer.id()));
    core.keeper.has(peer.name())
        || core.subscribers.is_watched(peer.name())
        || peer.has_made_ties()
        || peer.tied().into_iter().any(has_ties)
}

/// How often within the limit.
const LOOKS: u32 = 4;
/// Nobody means less, and looking costs.
const SHORTEST: Duration = Duration::from_millis(10);
