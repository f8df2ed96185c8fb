//! Receives a connection that was dialled to carry a link that is up.

use super::hand_over::{has_moved, judge};
use crate::failure::Failure;
use crate::net::handover::{self, Petition};
use crate::net::{Connection, HandoverError};
use crate::node::core::Core;
use crate::node::error::ConnectReason;
use crate::node::identity::Identity;
use crate::node::peer::Peer;
use crate::node::settings::Door;
use crate::x509::name::printable;
use std::sync::Arc;

/// Lets a link go on over a connection, if it comes from the link's other end, through the door of the link, and its
/// certificate is good by the rules of that door. Whoever does not know the secret of a link moves nothing.
pub(in crate::node) async fn answer(core: &Arc<Core>, door: &Arc<Door>, connection: Connection) -> Result<(), ConnectReason> {
    let petition = handover::hear(connection, door.effective.setup_time).await.map_err(ConnectReason::Handover)?;
    let peer = match whose(core, &petition) {
        Ok(peer) => peer,
        Err(error) => {
            petition.refuse(error.code()).await;
            return Err(ConnectReason::Handover(error));
        }
    };
    let outcome = match admit(&peer, door, &petition) {
        Ok(identity) => move_to(core, &peer, petition, identity).await,
        Err(reason) => {
            // Before it is told: whoever has been told finds it here.
            note(&peer, &reason);
            petition.refuse(reason.code()).await;
            return Err(reason);
        }
    };
    outcome.inspect_err(|reason| note(&peer, reason))
}

fn note(peer: &Peer, reason: &ConnectReason) {
    peer.link.note_failed_handover(reason.code(), printable(&reason.to_string()));
}

fn whose(core: &Core, petition: &Petition) -> Result<Arc<Peer>, HandoverError> {
    let peer = core.rotations.find(petition.link()).ok_or(HandoverError::UnknownLink)?;
    if petition.is_of(&peer.link) { Ok(peer) } else { Err(HandoverError::NotProven) }
}

fn admit(peer: &Peer, door: &Arc<Door>, petition: &Petition) -> Result<Identity, ConnectReason> {
    if !peer.tenure.terms.is_of(door) {
        return Err(ConnectReason::Handover(HandoverError::OtherDoor));
    }
    judge(peer, petition.connection())
}

async fn move_to(core: &Core, peer: &Peer, petition: Petition, identity: Identity) -> Result<(), ConnectReason> {
    petition.grant(&peer.link).await.map_err(ConnectReason::Handover)?;
    peer.identify(identity);
    core.rotations.has_answered();
    has_moved(core, peer);
    Ok(())
}
