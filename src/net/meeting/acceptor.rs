//! The side that was dialled. Between the steps the node decides: what it knows of a name, nobody else does.

use super::challenges::{Challenges, Issued};
use super::frames::Frames;
use super::{MeetingError, Met};
use crate::dist::acceptor::{self, AwaitName, AwaitReply, Collision, Introduced, Rejected};
use crate::dist::{Established, Local, Status};
use crate::etf::Creation;
use crate::net::Connection;
use crate::node_name::NodeName;
use crate::rt;
use futures_util::io::AsyncWriteExt;
use std::time::Duration;

/// Who dialled.
#[derive(Debug)]
pub enum Arrival {
    /// A node with a name.
    Named(Caller),
    /// A node that wants one.
    Nameless(Guest),
}

/// Hears the name of whoever dialled.
///
/// # Errors
/// It is none. The peer was told, where the protocol has a word for it.
pub async fn receive(connection: Connection, local: &Local, within: Duration) -> Result<Arrival, MeetingError> {
    let mut frames = Frames::new(connection, within);
    let name = frames.next("send_name").await?;
    match AwaitName::new(local).on_name(&name) {
        Ok(Introduced::Named(state)) => Ok(Arrival::Named(Caller { frames, state })),
        Ok(Introduced::Nameless(state)) => Ok(Arrival::Nameless(Guest { frames, state })),
        Err(rejected) => Err(reject(frames, rejected).await),
    }
}

/// Says why, if there is a word for it.
async fn reject(mut frames: Frames, rejected: Rejected) -> MeetingError {
    if !rejected.send.is_empty() {
        // What counts is why we refuse, not that the peer did not stay to hear it.
        let _ = frames.send(&[rejected.send]).await;
    }
    rejected.refused.into()
}

/// `not_allowed` to whoever has dialled, before it has said anything; what it says meanwhile is not looked at.
pub async fn turn_away(connection: Connection) {
    let mut frames = Frames::new(connection, LINGER);
    let _ = frames.send(&[Status::NotAllowed.write()]).await;
    // Closed for good with its name unread, the connection would be reset, and the peer might not see the word.
    let _ = rt::timeout(LINGER, frames.connection.close()).await;
    frames.until_closed().await;
}

/// A node that has said its name, and waits to hear what this node makes of it.
#[derive(Debug)]
pub struct Caller {
    frames: Frames,
    state: acceptor::Named,
}

impl Caller {
    /// Who it says it is.
    pub const fn peer(&self) -> &NodeName {
        self.state.peer()
    }

    /// Which life of it.
    pub const fn creation(&self) -> Creation {
        self.state.creation()
    }

    /// The connection, for what is known of its other end.
    pub const fn connection(&self) -> &Connection {
        &self.frames.connection
    }

    /// `ok`, and the rest.
    ///
    /// # Errors
    /// Why they did not meet.
    pub async fn accept(self, challenges: &Challenges) -> Result<Agreed, MeetingError> {
        let Self { frames, state } = self;
        let issued = challenges.issue().map_err(MeetingError::Io)?;
        let (send, state) = state.send_ok(issued.challenge);
        prove(frames, &send, state, issued).await
    }

    /// `ok_simultaneous`, and the rest: the attempt of our own is over.
    ///
    /// # Errors
    /// Why they did not meet.
    pub async fn give_way(self, challenges: &Challenges) -> Result<Agreed, MeetingError> {
        let Self { frames, state } = self;
        let issued = challenges.issue().map_err(MeetingError::Io)?;
        match state.collide(issued.challenge) {
            Collision::Theirs(send, state) => prove(frames, &send, state, issued).await,
            Collision::Ours(_, refused) => Err(refused.into()),
        }
    }

    /// `nok`: our own attempt goes on. Returns when the peer has closed this one, or should have.
    pub async fn insist(self) -> MeetingError {
        let Self { mut frames, state } = self;
        // The challenge of a collision that is ours is never sent.
        let Collision::Ours(nok, refused) = state.collide(crate::dist::Challenge(0)) else {
            return MeetingError::Closed { step: "a status" };
        };
        if let Err(error) = frames.send(&[nok]).await {
            return error;
        }
        frames.until_closed().await;
        refused.into()
    }

    /// `alive`: there is a link to that name. If the peer does not know it, the rest follows.
    ///
    /// # Errors
    /// The link lives, or why they did not meet.
    pub async fn ask_alive(self, challenges: &Challenges) -> Result<Agreed, MeetingError> {
        let Self { mut frames, state } = self;
        let (alive, state) = state.send_alive();
        frames.send(&[alive]).await?;
        let answer = frames.next("true or false").await?;
        let issued = challenges.issue().map_err(MeetingError::Io)?;
        let (challenge, state) = state.on_status(&answer, issued.challenge)?;
        prove(frames, &[challenge], state, issued).await
    }

    /// `not_allowed`.
    pub async fn turn_away(self) -> MeetingError {
        reject(self.frames, self.state.send_not_allowed()).await
    }
}

/// A node that asks for a name.
#[derive(Debug)]
pub struct Guest {
    frames: Frames,
    state: acceptor::Nameless,
}

impl Guest {
    /// The host that its name must have.
    pub fn host(&self) -> &str {
        self.state.host()
    }

    /// The connection, for what is known of its other end.
    pub const fn connection(&self) -> &Connection {
        &self.frames.connection
    }

    /// `named:`, and the rest.
    ///
    /// # Errors
    /// Why they did not meet.
    pub async fn accept_as(self, name: NodeName, creation: Creation, challenges: &Challenges) -> Result<Agreed, MeetingError> {
        let Self { frames, state } = self;
        let issued = challenges.issue().map_err(MeetingError::Io)?;
        let (send, state) = state.send_named(name, creation, issued.challenge)?;
        prove(frames, &send, state, issued).await
    }

    /// `not_allowed`.
    pub async fn turn_away(self) -> MeetingError {
        reject(self.frames, self.state.send_not_allowed()).await
    }
}

async fn prove(mut frames: Frames, send: &[Vec<u8>], state: AwaitReply, issued: Issued) -> Result<Agreed, MeetingError> {
    frames.send(send).await?;
    let reply = frames.next("send_challenge_reply").await?;
    let (ack, established) = state.on_challenge_reply(&reply)?;
    drop(issued);
    let last_word = frames.framed(&[ack])?;
    Ok(Agreed { frames, established, last_word })
}

/// A peer that knows the cookie and waits for our last word, `send_challenge_ack`. Before that, an older
/// link to it has to end.
#[derive(Debug)]
pub struct Agreed {
    /// Who, and what both can do.
    pub established: Established,
    frames: Frames,
    last_word: Vec<u8>,
}

impl Agreed {
    /// They have met: the last word goes out with the link's first bytes.
    pub fn meet(self) -> Met {
        let Self { established, frames, last_word } = self;
        let Frames { connection, read, .. } = frames;
        Met { established, dialled: false, connection, early: read, last_word }
    }
}

/// So long a peer may take to hear that it is not wanted.
const LINGER: Duration = Duration::from_millis(500);
