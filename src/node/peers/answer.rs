//! Receives a node that has dialled us.

use super::guests;
use super::slots::{Attempt, Claim};
use super::up::establish;
use crate::net::link::{Ended, Why};
use crate::net::meeting::{self, Agreed, Arrival, Caller};
use crate::net::{Connection, MeetingError};
use crate::node::admission::Shown;
use crate::node::core::Core;
use crate::node::error::{ConnectError, ConnectReason};
use crate::node::identity::Identity;
use crate::node::peer::Peer;
use crate::node::rotation::{self, Terms};
use crate::node::settings::Door;
use crate::node_name::NodeName;
use crate::observe::Event;
use crate::tls::SecureStream;
use crate::x509::name::printable;
use futures_util::future::{AbortRegistration, Abortable};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Receives whoever is at the other end of a new connection; why it does not become a peer is logged and counted.
pub(in crate::node) async fn answer(core: Arc<Core>, door: Arc<Door>, connection: Connection) {
    let (address, host) = connection.ends().peer.map_or_else(Default::default, |address| (address.to_string(), address.ip().to_string()));
    let mut claimed = None;
    if let Err(reason) = receive(&core, &door, connection, &mut claimed).await {
        core.not_received(claimed.as_ref().map_or(&host, |claimed| claimed.as_str()), &reason);
        let (code, hint, by) = (reason.code(), reason.hint(), if reason.is_by_peer() { "peer" } else { "us" });
        if matches!(reason, ConnectReason::Superseded) {
            return log::debug!(target: "countersign::node", address; "another attempt under the same name was faster");
        }
        let reason = printable(&reason.to_string());
        log::warn!(target: "countersign::node", event:% = Event::ConnectionRefused, address, code:%, by, reason, hint:%; "refused");
    }
}

/// `claimed` is the name that was said, once one was.
async fn receive(core: &Arc<Core>, door: &Arc<Door>, connection: Connection, claimed: &mut Option<NodeName>) -> Result<(), ConnectReason> {
    if core.stopping.load(Ordering::SeqCst) {
        return Err(ConnectReason::Stopping);
    }
    if connection.tls().is_some_and(SecureStream::is_for_a_handover) {
        return rotation::answer(core, door, connection).await;
    }
    let effective = &door.effective;
    if let Err(refused) = effective.admission.judge_nameless(Shown::from(&connection)) {
        meeting::turn_away(connection).await;
        return Err(ConnectReason::NotAdmitted(refused));
    }
    match meeting::receive(connection, &core.local(effective), effective.setup_time).await.map_err(ConnectReason::Meeting)? {
        Arrival::Named(caller) => {
            *claimed = Some(caller.peer().clone());
            named(core, door, caller).await
        }
        Arrival::Nameless(guest) => guests::receive(core, door, guest).await,
    }
}

async fn named(core: &Arc<Core>, door: &Arc<Door>, caller: Caller) -> Result<(), ConnectReason> {
    let identity = match door.effective.identity.judge(caller.connection().peer_certificate(), caller.peer(), None) {
        Ok(identity) => identity,
        Err(mismatch) => {
            caller.turn_away().await;
            return Err(ConnectReason::Identity(mismatch));
        }
    };
    if let Err(refused) = door.effective.admission.judge(caller.peer(), Shown::from(caller.connection())) {
        caller.turn_away().await;
        return Err(ConnectReason::NotAdmitted(refused));
    }
    let challenges = &core.settings.challenges;
    let claimed = core.peers.claim(&core.name, caller.peer(), identity.is_verified());
    let claimant = |attempt, turn, old| Claimant { door, attempt, turn, identity, old };
    match claimed {
        Claim::Free(attempt, turn) => claimant(attempt, turn, None).go_on(core, caller.accept(challenges)).await,
        Claim::Theirs(attempt, turn) => claimant(attempt, turn, None).go_on(core, caller.give_way(challenges)).await,
        Claim::Linked(attempt, turn, old) => claimant(attempt, turn, Some(old)).go_on(core, caller.ask_alive(challenges)).await,
        Claim::Ours => Err(ConnectReason::Meeting(caller.insist().await)),
        Claim::Forbidden => {
            caller.turn_away().await;
            Err(ConnectReason::NotVerified)
        }
    }
}

/// A caller that has a claim to its name.
struct Claimant<'a> {
    door: &'a Arc<Door>,
    attempt: Attempt,
    turn: AbortRegistration,
    identity: Identity,
    /// The link that there is, if the caller does not know of it.
    old: Option<Arc<Peer>>,
}

impl Claimant<'_> {
    /// The rest of the handshake, for as long as no other attempt takes its place.
    async fn go_on(
        self,
        core: &Arc<Core>,
        agreeing: impl Future<Output = Result<Agreed, MeetingError>> + Send,
    ) -> Result<(), ConnectReason> {
        let Self { door, attempt, turn, identity, old } = self;
        let agreeing = Abortable::new(Box::pin(agreeing), turn).await;
        let agreed = agreeing.map_err(|_| ConnectReason::Superseded).and_then(|agreed| agreed.map_err(ConnectReason::Meeting));
        let outcome = match agreed {
            Ok(agreed) => {
                if let Some(old) = old {
                    // Both know the cookie now, and the peer does not know this link: it is dead.
                    old.link.cut(Ended::Us(Why::Replaced));
                    core.gone(&old, Why::Replaced).await;
                }
                establish(core, &attempt, agreed.meet(), identity, Terms::Named(Arc::clone(door)))
            }
            Err(reason) => Err(reason),
        };
        if outcome.is_err() {
            // Whoever waits learns only that it was not this attempt.
            core.peers.fail(&attempt, &Arc::new(ConnectError::new(attempt.name.clone(), ConnectReason::Superseded)));
        }
        outcome
    }
}
