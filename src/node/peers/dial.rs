//! Dials a node, and meets it.

use super::slots::Attempt;
use super::up::establish;
use crate::failure::Failure;
use crate::net::Met;
use crate::net::meeting::{self, Introduction};
use crate::node::admission::Shown;
use crate::node::core::Core;
use crate::node::effective::Effective;
use crate::node::error::{Attempts, ConnectError, ConnectReason, FailedAttempt};
use crate::node::identity::Identity;
use crate::node::rotation::Terms;
use crate::node::routes::{Address, Lead, Leads, Way};
use crate::node::settings::Settings;
use crate::node_name::NodeName;
use crate::observe::Event;
use crate::rt;
use futures_util::future::{AbortRegistration, Abortable};
use log::Level;
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
    core.not_reached(&error);
    // Of a node that is kept the keeper says it, and not for each attempt.
    let level = if core.keeper.has(&attempt.name) { Level::Debug } else { Level::Info };
    log::log!(target: "countersign::node", level, event:% = Event::NotConnected, peer:% = attempt.name, code:% = error.code(), reason:% = error.told(), hint:% = error.hint(); "not connected");
    core.peers.fail(attempt, &Arc::new(error));
}

async fn attempt_to(core: &Arc<Core>, attempt: &Attempt) -> Result<(), ConnectError> {
    let introduce = |way: &Way| Introduction::Named(core.local(&way.effective));
    let Reached { met, identity, terms } = meet(&core.settings, &attempt.name, introduce).await?;
    let up = establish(core, attempt, met, identity, terms);
    up.map_err(|reason| ConnectError::new(attempt.name.clone(), reason))
}

/// A node that has answered, and is the one that is meant.
pub(in crate::node) struct Reached {
    pub(in crate::node) met: Met,
    pub(in crate::node) identity: Identity,
    pub(in crate::node) terms: Terms,
}

/// Tries one place after the other, until the node that is meant has answered.
pub(in crate::node) async fn meet(
    settings: &Settings,
    peer: &NodeName,
    introduce: impl Fn(&Way) -> Introduction,
) -> Result<Reached, ConnectError> {
    let Leads { first, rest } = settings.routes.leads(peer);
    let mut failed = match follow(settings, &first, peer, &introduce(&first.way)).await {
        Ok(reached) => return Ok(reached),
        Err(attempt) => Attempts::of(attempt),
    };
    for lead in rest {
        // The peer's own attempt goes on: another one of ours would only be in its way.
        if failed.last().reason().gives_way() {
            break;
        }
        log::info!(target: "countersign::node", event:% = Event::NotConnected, peer:%, code:% = failed.last().code(), reason:% = failed.last(); "trying another way");
        match follow(settings, &lead, peer, &introduce(&lead.way)).await {
            Ok(reached) => return Ok(reached),
            Err(attempt) => failed.add(attempt),
        }
    }
    Err(ConnectError::after(peer.clone(), failed))
}

/// One whole attempt, within its deadline.
async fn follow(settings: &Settings, lead: &Lead, peer: &NodeName, introduction: &Introduction) -> Result<Reached, FailedAttempt> {
    let (way, found, within) = (&lead.way, OnceLock::new(), lead.way.effective.whole_setup());
    let meeting = Box::pin(meet_at(settings, lead, peer, introduction, &found));
    let outcome = rt::timeout(within, meeting).await.unwrap_or(Err(ConnectReason::Timeout(within)));
    outcome.map_err(|reason| {
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
) -> Result<Reached, ConnectReason> {
    let Effective { admission, setup_time, .. } = &way.effective;
    admission.judge_name(peer).map_err(ConnectReason::NotAdmitted)?;
    let address = place.find(peer, &settings.epmd).await?;
    let Address { host, port } = found.get_or_init(|| address);
    let connection = way.dialer.dial(host, *port).await.map_err(ConnectReason::Dial)?;
    let identity = way.judge(connection.peer_certificate(), peer).map_err(ConnectReason::Identity)?;
    admission.judge(peer, Shown::from(&connection)).map_err(ConnectReason::NotAdmitted)?;
    let meeting = meeting::initiate(connection, introduction, peer.clone(), &settings.challenges, *setup_time);
    let terms = Terms::Dialled { way: Arc::clone(way), host: host.clone() };
    Ok(Reached { met: meeting.await.map_err(ConnectReason::Meeting)?, identity, terms })
}
