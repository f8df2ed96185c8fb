//! The side that dialled.

use super::challenges::Challenges;
use super::frames::Frames;
use super::{MeetingError, Met};
use crate::dist::Local;
use crate::dist::initiator::{self, AfterStatus, AwaitStatus};
use crate::net::Connection;
use crate::node_name::NodeName;
use crate::rt;
use std::time::Duration;

/// As whom a node introduces itself.
#[derive(Clone, Debug)]
pub enum Introduction {
    /// By its name.
    Named(Local),
    /// As a node that asks for one.
    Nameless(initiator::Nameless),
}

/// Meets the node that was dialled.
///
/// When both dial each other and the peer goes on with its own attempt, this one waits until it is dropped in
/// favour of that, or until its time is over: the peer's attempt may come only after the word that it goes on.
///
/// # Errors
/// Why they did not meet.
pub async fn initiate(
    connection: Connection,
    introduction: &Introduction,
    peer: NodeName,
    challenges: &Challenges,
    within: Duration,
) -> Result<Met, MeetingError> {
    let mut frames = Frames::new(connection, within);
    let (name, state) = introduce(introduction, peer.clone());
    frames.send(&[name]).await?;
    let status = frames.next("a status").await?;
    let state = match state.on_status(&status)? {
        AfterStatus::Continue(state) => state,
        AfterStatus::Alive(alive) => {
            // There is no link of ours, or nobody would have dialled.
            let (answer, state) = alive.send_true();
            frames.send(&[answer]).await?;
            state
        }
        AfterStatus::GiveWay(refused) => {
            give_way(frames, within).await;
            return Err(refused.into());
        }
    };
    let challenge = frames.next("send_challenge").await?;
    let outstanding = challenges.outstanding();
    // Held until it is answered: no other handshake of ours may answer it for the peer.
    let fresh = challenges.issue().map_err(MeetingError::Io)?;
    let (reply, state) = state.on_challenge(&challenge, fresh.challenge, &outstanding)?;
    frames.send(&[reply]).await?;
    let ack = frames.next("send_challenge_ack").await.map_err(|error| cookie_refused(error, peer))?;
    let established = state.on_challenge_ack(&ack)?;
    drop(fresh);
    let Frames { connection, read, .. } = frames;
    Ok(Met { established, dialled: true, connection, early: read, last_word: Vec::new() })
}

async fn give_way(frames: Frames, within: Duration) {
    let giving_way = async {
        frames.until_closed().await;
        std::future::pending::<()>().await;
    };
    rt::timeout(within, giving_way).await.unwrap_or_default();
}

/// Nothing but the answer to its challenge stood between the peer and its last word.
fn cookie_refused(error: MeetingError, peer: NodeName) -> MeetingError {
    match error {
        MeetingError::Closed { .. } => MeetingError::CookieRefused { peer },
        other => other,
    }
}

fn introduce(introduction: &Introduction, peer: NodeName) -> (Vec<u8>, AwaitStatus) {
    match introduction {
        Introduction::Named(local) => initiator::send_name(local, peer),
        Introduction::Nameless(nameless) => initiator::send_name_me(nameless.clone(), peer),
    }
}
