//! Nodes that have no name, and ask for one.

use super::slots::Claim;
use super::up::establish;
use crate::etf::Creation;
use crate::net::meeting::Guest;
use crate::node::admission::Shown;
use crate::node::core::Core;
use crate::node::error::ConnectReason;
use crate::node::options::NameGiving;
use crate::node::rotation::Terms;
use crate::node::settings::Door;
use crate::node_name::NodeName;
use aws_lc_rs::rand;
use std::io;
use std::sync::Arc;

pub(super) async fn receive(core: &Arc<Core>, door: &Arc<Door>, guest: Guest) -> Result<(), ConnectReason> {
    let is_plain = guest.connection().tls().is_none();
    let (name, creation) = draw(core, guest.host()).map_err(ConnectReason::System)?;
    let identity = match door.effective.identity.judge_host(guest.connection().peer_certificate(), &name) {
        Ok(identity) => identity,
        Err(mismatch) => {
            guest.turn_away().await;
            return Err(ConnectReason::Identity(mismatch));
        }
    };
    if core.settings.names == NameGiving::Nobody || !is_plain && !identity.is_verified() {
        guest.turn_away().await;
        return Err(ConnectReason::NoNames);
    }
    if let Err(refused) = door.effective.admission.judge(&name, Shown::from(guest.connection())) {
        guest.turn_away().await;
        return Err(ConnectReason::NotAdmitted(refused));
    }
    let Claim::Free(attempt, _turn) = core.peers.claim(&core.name, &name, identity.is_verified()) else {
        return Err(ConnectReason::Superseded);
    };
    let agreed = guest.accept_as(name, creation, &core.settings.challenges).await.map_err(ConnectReason::Meeting);
    let outcome = agreed.and_then(|agreed| establish(core, &attempt, agreed.meet(), identity, Terms::Guest(Arc::clone(door))));
    if outcome.is_err() {
        let error = crate::node::error::ConnectError::new(attempt.name.clone(), ConnectReason::Superseded);
        core.peers.fail(&attempt, &Arc::new(error));
    }
    outcome
}

/// A name that nobody has, on the guest's host, and which life of it this is.
fn draw(core: &Core, host: &str) -> io::Result<(NodeName, Creation)> {
    loop {
        let mut bytes = [0; 12];
        rand::fill(&mut bytes).map_err(|_| io::Error::other("the system gives no random bytes"))?;
        let number = bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let creation = Creation((number as u32).max(4));
        let name = NodeName::new(&format!("{}@{host}", base36(number >> 32))).map_err(io::Error::other)?;
        if core.peers.is_free(&name) && name != core.name {
            return Ok((name, creation));
        }
    }
}

fn base36(mut number: u128) -> String {
    let mut text = String::new();
    while number > 0 {
        text.extend(char::from_digit((number % 36) as u32, 36));
        number /= 36;
    }
    text.to_ascii_uppercase()
}
