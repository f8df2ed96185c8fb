//! Dials a node, and meets it.

use super::slots::Attempt;
use super::up::establish;
use crate::dist::Local;
use crate::epmd::AliveName;
use crate::failure::Failure;
use crate::net::Met;
use crate::net::meeting::{self, Introduction};
use crate::node::core::Core;
use crate::node::error::{ConnectError, ConnectReason};
use crate::node::identity::Identity;
use crate::node::settings::{Settings, Way};
use crate::node_name::NodeName;
use crate::observe::Event;
use crate::rt;
use futures_util::future::{AbortRegistration, Abortable};
use std::sync::Arc;

/// Starts an attempt. It tells whoever waits for its slot how it went.
pub(super) fn start(core: Arc<Core>, attempt: Attempt, registration: AbortRegistration) {
    let (inside, name) = (Arc::clone(&core), attempt.clone());
    let dialling = async move {
        let outcome = Abortable::new(Box::pin(attempt_to(&inside, &name)), registration).await;
        // Cancelled: the peer's own attempt goes on instead, and has taken over whoever waits.
        if let Ok(Err(reason)) = outcome {
            fail(&inside, &name, reason);
        }
    };
    match rt::spawn("dial", dialling) {
        Ok(task) => task.detach(),
        Err(error) => fail(&core, &attempt, ConnectReason::System(error)),
    }
}

fn fail(core: &Core, attempt: &Attempt, reason: ConnectReason) {
    core.counters.refuse(reason.code(), reason.is_by_peer());
    let error = Arc::new(ConnectError::new(attempt.name.clone(), reason));
    log::info!(target: "countersign::node", event:% = Event::NotConnected, peer:% = attempt.name, code:% = error.code(), reason:% = error.reason(), hint:% = error.hint(); "not connected");
    core.peers.fail(attempt, &error);
}

async fn attempt_to(core: &Arc<Core>, attempt: &Attempt) -> Result<(), ConnectReason> {
    let way = core.settings.way(&attempt.name);
    let local = Local { name: core.name.clone(), creation: core.creation, flags: core.settings.flags, cookie: way.cookie.clone() };
    let (met, identity) = meet(&core.settings, way, &attempt.name, &Introduction::Named(local)).await?;
    establish(core, attempt, met, identity)
}

/// Finds a node, dials it, holds its certificate against its name, and only then says who we are.
pub(in crate::node) async fn meet(
    settings: &Settings,
    way: &Way,
    peer: &NodeName,
    introduction: &Introduction,
) -> Result<(Met, Identity), ConnectReason> {
    let host = way.host.as_deref().unwrap_or_else(|| peer.host());
    let port = match way.port {
        Some(port) => port,
        None => {
            let name = AliveName::new(peer.name()).map_err(ConnectReason::AliveName)?;
            settings.epmd.lookup(&name, host).await.map_err(ConnectReason::Epmd)?.port
        }
    };
    let connection = way.dialer.dial(host, port).await.map_err(ConnectReason::Dial)?;
    let identity = way.identity.judge(connection.peer_certificate(), peer, way.server_name.as_ref()).map_err(ConnectReason::Identity)?;
    let meeting = meeting::initiate(connection, introduction, peer.clone(), &settings.challenges, settings.setup_time);
    Ok((meeting.await.map_err(ConnectReason::Meeting)?, identity))
}
