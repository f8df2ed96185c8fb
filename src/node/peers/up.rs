//! From two nodes that have met to peers, and to the end of it.

use super::slots::{Attempt, Outcome, tell};
use crate::failure::Failure;
use crate::net::link::{Ended, LinkClosed, Why};
use crate::net::{Met, Transport};
use crate::node::core::Core;
use crate::node::error::ConnectReason;
use crate::node::identity::Identity;
use crate::node::mail::NodeEvent;
use crate::node::peer::Peer;
use crate::node::rotation::Terms;
use crate::node::router::Router;
use crate::node_name::NodeName;
use crate::observe::Event;
use crate::rt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Makes a peer of whom we have met. Nodes that come and go are told in this order: it is up, what it says,
/// what is lost with it, it is down, and only then may it come again.
pub(in crate::node) fn establish(
    core: &Arc<Core>,
    attempt: &Attempt,
    met: Met,
    identity: Identity,
    terms: Terms,
) -> Result<(), ConnectReason> {
    let transport = Transport::new(met, core.settings.transport(terms.effective()));
    let peer = Peer::new(transport.link(), identity, terms);
    let waiting = core.peers.succeed(attempt, &peer)?;
    core.judge_newcomer(&peer);
    core.rotations.enter(&peer);
    node_up(core, &peer);
    let (inside, router) = (Arc::clone(&peer), Router::new(Arc::clone(core), Arc::clone(&peer)));
    let living = Arc::clone(core);
    let life = async move {
        let closed = transport.drive(router).await;
        node_down(&living, &inside, &closed);
    };
    match rt::spawn("link", life) {
        Ok(task) => task.detach(),
        Err(error) => {
            node_down(core, &peer, &LinkClosed(Arc::new(Ended::Io(io_copy(&error)))));
            return Err(ConnectReason::System(error));
        }
    }
    // Who stops a node looks for its peers once; one that comes after that look sees here that it was taken.
    if core.stopping.load(Ordering::SeqCst) {
        peer.link.finish(Why::Stopped);
    }
    core.look_after(&peer);
    tell(waiting, &Outcome::Up(peer));
    Ok(())
}

fn io_copy(error: &std::io::Error) -> std::io::Error {
    std::io::Error::new(error.kind(), error.to_string())
}

fn event(peer: &Peer, reason: Option<String>) -> NodeEvent {
    NodeEvent { node: peer.name().clone(), is_visible: peer.facts().is_visible(), reason }
}

fn node_up(core: &Core, peer: &Peer) {
    core.counters.accept();
    let (dialled, facts) = (peer.facts().dialled, peer.transport());
    let generation = facts.presented.as_ref().map(|issue| issue.generation.0);
    let tls = facts.tls.map_or("none", |tls| tls.version);
    let address = facts.ends.peer.map_or_else(String::new, |address| address.to_string());
    log::info!(
        target: "countersign::node", event:% = Event::NodeUp,
        peer:% = peer.name(), address, dialled, tls, identity:% = peer.identity(), generation; "node up"
    );
    if facts.tls.is_some_and(|tls| tls.keys_wear_out()) {
        log::warn!(
            target: "countersign::node", event:% = Event::KeysWearOut, peer:% = peer.name(), hint = "let TLS13_CHACHA20_POLY1305_SHA256 be among the suites";
            "AES-GCM with a peer of OTP: the link will be closed and made anew before its keys wear out"
        );
    }
    core.subscribers.tell_up(core, &event(peer, None));
    core.keeper.gain(peer.name());
    if peer.idle().limit().is_some() {
        core.may_idle.notify(usize::MAX);
    }
}

fn node_down(core: &Arc<Core>, peer: &Arc<Peer>, closed: &LinkClosed) {
    core.rotations.leave(peer);
    core.lose_ties(peer);
    let (code, hint, reason) = (closed.code(), closed.hint(), closed.to_string());
    if closed.0.is_orderly() {
        log::info!(target: "countersign::node", event:% = Event::NodeDown, peer:% = peer.name(), reason = reason.as_str(); "node down");
    } else {
        core.link_failed(peer.name().as_str(), closed);
        log::warn!(target: "countersign::node", event:% = Event::NodeDown, peer:% = peer.name(), code:%, reason = reason.as_str(), hint:%; "node down");
    }
    // Who watches nodes wants to know for what, and programs compare the word; the sentence is in the log.
    let reason = if matches!(*closed.0, Ended::Condemned(_)) { code.as_str().to_owned() } else { reason };
    core.subscribers.tell_down(core, &event(peer, Some(reason)));
    core.keeper.lose(core.settings.reconnect, peer, &closed.0);
    core.peers.free(peer);
    core.keeper.tell();
    if matches!(*closed.0, Ended::Us(Why::KeysWornOut)) {
        renew(core, peer.name().clone());
    }
}

/// A link that only its keys have ended is wanted as much as before.
fn renew(core: &Arc<Core>, name: NodeName) {
    let core = Arc::clone(core);
    // Why it fails, if it does, is logged by whoever dials.
    let renewing = async move { drop(core.reach(&name).await) };
    match rt::spawn("renew", renewing) {
        Ok(task) => task.detach(),
        Err(error) => log::error!(target: "countersign::node", event:% = Event::TaskNotStarted, error:%; "cannot start a task"),
    }
}
