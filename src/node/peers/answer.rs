//! Receives a node that has dialled us.

use super::guests;
use super::slots::{Attempt, Claim};
use super::up::establish;
use crate::dist::Local;
use crate::net::link::{Ended, Why};
use crate::net::meeting::{self, Agreed, Arrival, Caller};
use crate::net::{Connection, MeetingError};
use crate::node::core::Core;
use crate::node::error::{ConnectError, ConnectReason};
use crate::node::identity::Identity;
use crate::node::peer::Peer;
use crate::node::settings::Door;
use crate::observe::Event;
use crate::x509::name::printable;
use futures_util::future::{AbortRegistration, Abortable};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Receives whoever is at the other end of a new connection; why it does not become a peer is logged and counted.
pub(in crate::node) async fn answer(core: Arc<Core>, door: Arc<Door>, connection: Connection) {
    let address = connection.ends().peer.map_or_else(String::new, |address| address.to_string());
    if let Err(reason) = receive(&core, &door, connection).await {
        core.counters.refuse(reason.code(), reason.is_by_peer());
        let (code, hint, by) = (reason.code(), reason.hint(), if reason.is_by_peer() { "peer" } else { "us" });
        if matches!(reason, ConnectReason::Superseded) {
            return log::debug!(target: "countersign::node", address; "another attempt under the same name was faster");
        }
        let reason = printable(&reason.to_string());
        log::warn!(target: "countersign::node", event:% = Event::ConnectionRefused, address, code:%, by, reason, hint:%; "refused");
    }
}

async fn receive(core: &Arc<Core>, door: &Door, connection: Connection) -> Result<(), ConnectReason> {
    if core.stopping.load(Ordering::SeqCst) {
        return Err(ConnectReason::Stopping);
    }
    let settings = &core.settings;
    let local = Local { name: core.name.clone(), creation: core.creation, flags: settings.flags, cookie: door.cookie.clone() };
    match meeting::receive(connection, &local, settings.setup_time).await.map_err(ConnectReason::Meeting)? {
        Arrival::Named(caller) => named(core, door, caller).await,
        Arrival::Nameless(guest) => guests::receive(core, door, guest).await,
    }
}

async fn named(core: &Arc<Core>, door: &Door, caller: Caller) -> Result<(), ConnectReason> {
    let identity = match door.identity.judge(caller.connection().peer_certificate(), caller.peer(), None) {
        Ok(identity) => identity,
        Err(mismatch) => {
            caller.turn_away().await;
            return Err(ConnectReason::Identity(mismatch));
        }
    };
    let challenges = &core.settings.challenges;
    match core.peers.claim(&core.name, caller.peer(), identity.is_verified()) {
        Claim::Free(attempt, turn) => go_on(core, attempt, turn, identity, None, caller.accept(challenges)).await,
        Claim::Theirs(attempt, turn) => go_on(core, attempt, turn, identity, None, caller.give_way(challenges)).await,
        Claim::Linked(attempt, turn, old) => go_on(core, attempt, turn, identity, Some(old), caller.ask_alive(challenges)).await,
        Claim::Ours => Err(ConnectReason::Meeting(caller.insist().await)),
        Claim::Forbidden => {
            caller.turn_away().await;
            Err(ConnectReason::NotVerified)
        }
    }
}

/// The rest of the handshake, for as long as no other attempt takes its place.
async fn go_on(
    core: &Arc<Core>,
    attempt: Attempt,
    turn: AbortRegistration,
    identity: Identity,
    old: Option<Arc<Peer>>,
    agreeing: impl Future<Output = Result<Agreed, MeetingError>> + Send,
) -> Result<(), ConnectReason> {
    let agreeing = Abortable::new(Box::pin(agreeing), turn).await;
    let agreed = agreeing.map_err(|_| ConnectReason::Superseded).and_then(|agreed| agreed.map_err(ConnectReason::Meeting));
    let outcome = match agreed {
        Ok(agreed) => {
            if let Some(old) = old {
                // Both know the cookie now, and the peer does not know this link: it is dead.
                old.link.cut(Ended::Us(Why::Replaced));
                core.gone(&old, Why::Replaced).await;
            }
            establish(core, &attempt, agreed.meet(), identity)
        }
        Err(reason) => Err(reason),
    };
    if outcome.is_err() {
        // Whoever waits learns only that it was not this attempt.
        core.peers.fail(&attempt, &Arc::new(ConnectError::new(attempt.name.clone(), ConnectReason::Superseded)));
    }
    outcome
}
