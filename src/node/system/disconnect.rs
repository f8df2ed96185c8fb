//! `{disconnect, Peer}`: an admin has a link ended.

use super::facts::because;
use crate::etf::{Pid, Term, atom};
use crate::net::link::Why;
use crate::node::call::{self, Request};
use crate::node::core::Core;
use crate::observe::Event;
use crate::rt;
use std::sync::Arc;

/// The peer that a request wants to be disconnected.
pub(super) fn whom(request: &Term) -> Option<&str> {
    match request.as_tuple()? {
        [word, peer] if word.is_atom("disconnect") => peer.as_atom().map(|name| name.as_str()).or_else(|| peer.as_text()),
        _ => None,
    }
}

/// Answers when the link is down, and keeps nobody waiting meanwhile: there is a peer whose end takes its time.
pub(super) fn carry_out(core: &Arc<Core>, own: &Pid, request: Request, whom: &str) {
    let Some(peer) = core.peers.up(whom) else {
        return call::answer(core, own, &request, because("not_connected", format!("{} has no link to {whom}", core.name)));
    };
    let by = request.peer.as_ref().map_or_else(|| core.name.clone(), |peer| peer.name().clone());
    log::info!(target: "countersign::node", event:% = Event::DisconnectAsked, peer:% = peer.name(), by:%; "a link is to end, as an admin asked for");
    let asks_for_itself = request.peer.as_ref().is_some_and(|asking| Arc::ptr_eq(asking, &peer));
    if asks_for_itself {
        // After the end nobody would hear the answer.
        call::answer(core, own, &request, atom("ok"));
    }
    // At once, and not when the task has its turn.
    peer.link().finish(Why::Disconnected);
    let (core, own) = (Arc::clone(core), own.clone());
    let ending = async move {
        core.gone(&peer, Why::Disconnected).await;
        if !asks_for_itself {
            call::answer(&core, &own, &request, atom("ok"));
        }
    };
    match rt::spawn("disconnect", ending) {
        Ok(task) => task.detach(),
        Err(error) => log::error!(target: "countersign::node", event:% = Event::TaskNotStarted, error:%; "cannot start a task"),
    }
}
