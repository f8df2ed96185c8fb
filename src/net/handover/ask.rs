//! The side that dials.

use super::{HandoverError, frame, session};
use crate::dist::handover::{Answer, Binding, HandoverNumber, LinkKeys};
use crate::net::Connection;
use crate::net::link::{Link, Successor};
use crate::rt;
use std::time::Duration;

/// Moves a link to a connection that was dialled for it. Returns when the link has moved in both directions; until the
/// first of them moves, whatever happens to the new connection does not touch the link.
///
/// # Errors
/// Why the link stays where it is, or has ended.
pub async fn ask(link: &Link, mut connection: Connection, within: Duration) -> Result<(), HandoverError> {
    let keys = link.succession.keys().map_err(HandoverError::Cannot)?;
    let session = session(&connection).ok_or(HandoverError::NotSpoken)?;
    let number = link.succession.next_number();
    let asking = agree(&mut connection, keys, number, session);
    rt::timeout(within, asking).await.map_err(|_| HandoverError::Timeout { step: "an answer", within })??;
    link.hand_to_driver(Successor { connection, number, greeting: Vec::new() })?;
    let late = HandoverError::Timeout { step: "a gap between two frames", within };
    match rt::timeout(within, link.succession.outcome(number)).await {
        Ok(outcome) => outcome,
        Err(_) if link.withdraw(number, &late) => Err(late),
        // The link has begun to move. From here on it is its pulse that sets the deadline.
        Err(_) => link.succession.outcome(number).await,
    }
}

async fn agree(connection: &mut Connection, keys: &LinkKeys, number: HandoverNumber, session: Binding) -> Result<(), HandoverError> {
    frame::write(connection, &keys.ask(number, session).bytes()).await?;
    match Answer::read(&frame::read(connection, "an answer").await?) {
        Some(Answer::Granted(proof)) if keys.has_granted(&proof, number, session) => Ok(()),
        Some(Answer::Granted(_)) => Err(HandoverError::NotProven),
        Some(Answer::Refused(code)) => Err(HandoverError::ByPeer(code)),
        None => Err(HandoverError::Malformed { what: "the answer" }),
    }
}
