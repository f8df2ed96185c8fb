//! Dials a node, and meets it.

use super::slots::Attempt;
use super::up::establish;
use crate::dist::Local;
use crate::failure::Failure;
use crate::net::Met;
use crate::net::meeting::{self, Introduction};
use crate::node::core::Core;
use crate::node::error::{Attempts, ConnectError, ConnectReason, FailedAttempt};
use crate::node::identity::Identity;
use crate::node::routes::{Address, Lead, Leads, Way};
use crate::node::settings::Settings;
use crate::node_name::NodeName;
use crate::rt;
use futures_util::future::{AbortRegistration, Abortable};
use std::sync::{Arc, OnceLock};

/// Starts an attempt. It tells whoever waits for its slot how it went.
pub(super) fn start(core: Arc<Core>, attempt: Attempt, registration: AbortRegistration) {
    let (inside, name) = (Arc::clone(&core), attempt.clone());
    let dialling = async move {
        let outcome = Abortable::new(Box::pin(attempt_to(&inside, &name)), registration).await;
        // Cancelled: the peer's own attempt goes on instead, and has taken over whoever waits.
        if let Ok(Err(error)) = outcome {
            fail(&inside, &name, error);
        }
    };
    match rt::spawn("dial", dialling) {
        Ok(task) => task.detach(),
        Err(error) => fail(&core, &attempt, ConnectError::new(attempt.name.clone(), ConnectReason::System(error))),
    }
}

fn fail(core: &Core, attempt: &Attempt, error: ConnectError) {
    // Attempts have been counted one by one.
    if error.attempts().next().is_none() {
        core.counters.refuse(error.code(), error.reason().is_by_peer());
    }
    log::info!(target: "countersign::node", peer:% = attempt.name, code:% = error.code(), reason:% = error.told(), hint:% = error.hint(); "not connected");
    core.peers.fail(attempt, &Arc::new(error));
}

async fn attempt_to(core: &Arc<Core>, attempt: &Attempt) -> Result<(), ConnectError> {
    let introduce = |way: &Way| {
        Introduction::Named(Local { name: core.name.clone(), creation: core.creation, flags: way.flags, cookie: way.cookie.clone() })
    };
    let (met, identity) = meet(&core.settings, &attempt.name, introduce).await?;
    establish(core, attempt, met, identity).map_err(|reason| ConnectError::new(attempt.name.clone(), reason))
}

/// Tries one place after the other, until a node answers that is the one that is meant.
pub(in crate::node) async fn meet(
    settings: &Settings,
    peer: &NodeName,
    introduce: impl Fn(&Way) -> Introduction,
) -> Result<(Met, Identity), ConnectError> {
    let Leads { first, rest } = settings.routes.leads(peer);
    let mut failed = match follow(settings, &first, peer, &introduce(&first.way)).await {
        Ok(met) => return Ok(met),
        Err(attempt) => Attempts::of(attempt),
    };
    for lead in rest {
        // The peer's own attempt goes on: another one of ours would only be in its way.
        if failed.last().reason().gives_way() {
            break;
        }
        log::info!(target: "countersign::node", peer:%, code:% = failed.last().code(), reason:% = failed.last(); "trying another way");
        match follow(settings, &lead, peer, &introduce(&lead.way)).await {
            Ok(met) => return Ok(met),
            Err(attempt) => failed.add(attempt),
        }
    }
    Err(ConnectError::after(peer.clone(), failed))
}

/// One whole attempt, within its deadline.
async fn follow(settings: &Settings, lead: &Lead, peer: &NodeName, introduction: &Introduction) -> Result<(Met, Identity), FailedAttempt> {
    let (way, found) = (&lead.way, OnceLock::new());
    let meeting = Box::pin(meet_at(settings, lead, peer, introduction, &found));
    let met = rt::timeout(way.deadline, meeting).await.unwrap_or(Err(ConnectReason::Timeout(way.deadline)));
    met.map_err(|reason| {
        settings.counters.refuse(reason.code(), reason.is_by_peer());
        let by = if lead.is_fallback() { format!("{}, then discovery", way.label()) } else { way.label() };
        FailedAttempt::new(by, way.id, found.into_inner(), reason)
    })
}

/// Finds a node, dials it, holds its certificate against its name, and only then says who we are.
async fn meet_at(
    settings: &Settings,
    Lead { way, place }: &Lead,
    peer: &NodeName,
    introduction: &Introduction,
    found: &OnceLock<Address>,
) -> Result<(Met, Identity), ConnectReason> {
    let address = place.find(peer, &settings.epmd).await?;
    let Address { host, port } = found.get_or_init(|| address);
    let connection = way.dialer.dial(host, *port).await.map_err(ConnectReason::Dial)?;
    let identity = way.judge(connection.peer_certificate(), peer).map_err(ConnectReason::Identity)?;
    let meeting = meeting::initiate(connection, introduction, peer.clone(), &settings.challenges, settings.setup_time);
    Ok((meeting.await.map_err(ConnectReason::Meeting)?, identity))
}
