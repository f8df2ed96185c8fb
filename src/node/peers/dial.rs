//! Dials a node, and meets it.

use super::slots::Attempt;
use super::up::establish;
use crate::epmd::AliveName;
use crate::failure::Failure;
use crate::net::Met;
use crate::net::meeting::{self, Introduction};
use crate::node::admission::Shown;
use crate::node::core::Core;
use crate::node::effective::Effective;
use crate::node::error::{ConnectError, ConnectReason};
use crate::node::identity::Identity;
use crate::node::rotation::Terms;
use crate::node::settings::{Settings, Way};
use crate::node_name::NodeName;
use crate::observe::{Event, Occasion};
use crate::rt;
use futures_util::future::{AbortRegistration, Abortable};
use log::Level;
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
    core.no_link(Occasion::Dialling, attempt.name.as_str(), &reason);
    let error = Arc::new(ConnectError::new(attempt.name.clone(), reason));
    // Of a node that is kept the keeper says it, and not for each attempt.
    let level = if core.keeper.has(&attempt.name) { Level::Debug } else { Level::Info };
    log::log!(target: "countersign::node", level, event:% = Event::NotConnected, peer:% = attempt.name, code:% = error.code(), reason:% = error.reason(), hint:% = error.hint(); "not connected");
    core.peers.fail(attempt, &error);
}

async fn attempt_to(core: &Arc<Core>, attempt: &Attempt) -> Result<(), ConnectReason> {
    let way = core.settings.way(&attempt.name).clone();
    let introduction = Introduction::Named(core.local(&way.effective));
    let (met, identity) = meet(&core.settings, &way, &attempt.name, &introduction).await?;
    establish(core, attempt, met, identity, Terms::Dialled(Box::new(way)))
}

/// Finds a node, dials it, holds its certificate against its name, and only then says who we are.
pub(in crate::node) async fn meet(
    settings: &Settings,
    way: &Way,
    peer: &NodeName,
    introduction: &Introduction,
) -> Result<(Met, Identity), ConnectReason> {
    way.effective.admission.judge_name(peer).map_err(ConnectReason::NotAdmitted)?;
    let host = way.host.as_deref().unwrap_or_else(|| peer.host());
    let port = match way.port {
        Some(port) => port,
        None => {
            let name = AliveName::new(peer.name()).map_err(ConnectReason::AliveName)?;
            settings.epmd.lookup(&name, host).await.map_err(ConnectReason::Epmd)?.port
        }
    };
    let connection = way.dialer.dial(host, port).await.map_err(ConnectReason::Dial)?;
    let Effective { identity, admission, setup_time, .. } = &way.effective;
    let identity = identity.judge(connection.peer_certificate(), peer, way.server_name.as_ref()).map_err(ConnectReason::Identity)?;
    admission.judge(peer, Shown::from(&connection)).map_err(ConnectReason::NotAdmitted)?;
    let meeting = meeting::initiate(connection, introduction, peer.clone(), &settings.challenges, *setup_time);
    Ok((meeting.await.map_err(ConnectReason::Meeting)?, identity))
}
