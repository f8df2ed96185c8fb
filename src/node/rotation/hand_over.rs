//! One handover of one link, from this side: whoever dialled the link dials again; whoever was dialled asks for it.

use super::error::HandOverError;
use super::tenure::Terms;
use crate::net::{Connection, HandoverError, handover};
use crate::node::core::Core;
use crate::node::error::ConnectReason;
use crate::node::identity::Identity;
use crate::node::peer::Peer;
use crate::node::routes::Way;
use crate::node_name::NodeName;
use crate::observe::Event;
use crate::rt;
use crate::rt::channel::bounded;
use crate::x509::name::printable;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Somebody wants it now. A task of its own does it: who does not wait for the end does not stop it half way.
pub(in crate::node) async fn by_hand(core: &Arc<Core>, node: &NodeName) -> Result<(), HandOverError> {
    let failed = |reason| HandOverError::new(node.clone(), reason);
    let peer = core.peer(node.as_str()).ok_or_else(|| failed(ConnectReason::Handover(HandoverError::UnknownLink)))?;
    let (sender, outcome) = bounded(1);
    let core = Arc::clone(core);
    let handing = async move {
        // Nobody may be waiting any more.
        let _ = sender.try_send(until_newest(&core, &peer).await);
    };
    rt::spawn("handover", handing).map_err(|error| failed(ConnectReason::System(error)))?.detach();
    outcome.recv().await.unwrap_or(Err(ConnectReason::Stopping)).map_err(failed)
}

/// A handover that was under way already may have begun with the certificate before.
async fn until_newest(core: &Arc<Core>, peer: &Arc<Peer>) -> Result<(), ConnectReason> {
    hand_over(core, peer).await?;
    for _ in 1..ATTEMPTS {
        if !peer.tenure.is_outdated(&peer.link) {
            break;
        }
        hand_over(core, peer).await?;
    }
    Ok(())
}

/// One handover, when it is its turn.
pub(super) async fn hand_over(core: &Arc<Core>, peer: &Arc<Peer>) -> Result<(), ConnectReason> {
    let _turn = peer.tenure.turn.lock().await;
    let outcome = match &peer.tenure.terms {
        _ if core.stopping.load(Ordering::SeqCst) => Err(ConnectReason::Stopping),
        Terms::Dialled { way, host } => {
            let _slot = core.rotations.dialling.take().await;
            dial(core, peer, way, host).await
        }
        Terms::Named(_) | Terms::Guest(_) => {
            let _slot = core.rotations.asking.take().await;
            let within = peer.tenure.terms.effective().setup_time.saturating_mul(STEPS);
            peer.link.ask_for_a_handover(within).await.map_err(ConnectReason::Handover)
        }
    };
    if let Err(reason) = &outcome {
        report(core, peer, reason);
    }
    outcome
}

async fn dial(core: &Core, peer: &Peer, way: &Way, host: &str) -> Result<(), ConnectReason> {
    if let Some(cannot) = peer.link.handovers().cannot {
        return Err(ConnectReason::Handover(HandoverError::Cannot(cannot)));
    }
    let address = peer.transport().ends.peer.ok_or(ConnectReason::Handover(HandoverError::Ended))?;
    let connection = way.dialer.dial_again(host, address).await.map_err(ConnectReason::Dial)?;
    let identity = judge(peer, &connection)?;
    handover::ask(&peer.link, connection, way.effective.setup_time).await.map_err(ConnectReason::Handover)?;
    peer.identify(identity);
    core.rotations.has_dialled();
    has_moved(core, peer);
    Ok(())
}

/// Whether the other end of a new connection is the peer, by the rule that held when the link was made.
pub(super) fn judge(peer: &Peer, connection: &Connection) -> Result<Identity, ConnectReason> {
    let identity = peer.tenure.terms.judge(connection, peer.name())?;
    if peer.identity().is_verified() && !identity.is_verified() {
        return Err(ConnectReason::Handover(HandoverError::NotVerified));
    }
    Ok(identity)
}

pub(super) fn has_moved(core: &Core, peer: &Peer) {
    // What it was judged by may have changed while it moved, and the new certificate ends at another time.
    core.judge_newcomer(peer);
    let transport = peer.transport();
    let generation = transport.presented.as_ref().map(|issue| issue.generation.0);
    let address = transport.ends.peer.map_or_else(String::new, |address| address.to_string());
    let handovers = peer.link.handovers().done;
    log::info!(target: "countersign::node", event:% = Event::LinkHandedOver, peer:% = peer.name(), address, generation, handovers; "link handed over");
}

fn report(core: &Core, peer: &Peer, reason: &ConnectReason) {
    if matches!(reason, ConnectReason::Stopping) {
        return;
    }
    let (code, hint, by) = (reason.code(), reason.hint(), if reason.is_by_peer() { "peer" } else { "us" });
    let reason = printable(&reason.to_string());
    core.rotations.has_failed();
    core.counters.refuse(code, by == "peer");
    // One that has begun to move does not survive the loss of either connection.
    let fate = if peer.is_up() { "goes on as it was" } else { "has ended" };
    log::warn!(target: "countersign::node", event:% = Event::HandoverFailed, peer:% = peer.name(), code:%, by, reason, hint:%; "link not handed over, and {fate}");
    peer.link.note_failed_handover(code, reason);
}

/// More often the certificate is not replaced while somebody waits.
const ATTEMPTS: usize = 3;
/// The peer connects, shakes hands, asks and moves.
const STEPS: u32 = 4;
