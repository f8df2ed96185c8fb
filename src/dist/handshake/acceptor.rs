//! The side that is dialled: name, send_status, send_challenge, reply, send_challenge_ack.

use super::message::{self, SendChallenge, SendChallengeAck, SendChallengeReply, SendName};
use super::refused::Refused;
use super::status::Status;
use super::{Established, Local, Shaken, agreed};
use crate::dist::cookie::Challenge;
use crate::dist::flags::Flags;
use crate::etf::Creation;
use crate::node_name::NodeName;

/// A transport is there; the name is due.
#[derive(Debug)]
pub struct AwaitName {
    local: Local,
}

/// Who dialled.
#[derive(Debug)]
pub enum Introduced {
    /// A node with a name.
    Named(Named),
    /// A node that wants one.
    Nameless(Nameless),
}

/// A refusal, and the frame that tells the peer before the transport is closed; empty if there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Why.
    pub refused: Refused,
    /// What to send.
    pub send: Vec<u8>,
}

impl AwaitName {
    /// Waits for the name of whoever dialled.
    pub fn new(local: &Local) -> Self {
        Self { local: local.clone() }
    }

    /// Takes the name.
    ///
    /// # Errors
    /// It is none, is ours, or the peer lacks what is mandatory.
    pub fn on_name(self, frame: &[u8]) -> Result<Introduced, Rejected> {
        let Some(theirs) = SendName::read(frame) else { return Err(not_a_name(frame)) };
        introduce(self.local, &theirs).map_err(|refused| Rejected { refused, send: Status::NotAllowed.write() })
    }
}

/// Old nodes are told in words that they know; who speaks no such protocol at all is told nothing.
fn not_a_name(frame: &[u8]) -> Rejected {
    if message::is_old_name(frame) {
        return Rejected { refused: Refused::OldHandshake, send: Status::NotAllowed.write() };
    }
    Rejected { refused: Refused::Unexpected { wanted: "send_name" }, send: Vec::new() }
}

fn introduce(local: Local, theirs: &SendName<'_>) -> Result<Introduced, Refused> {
    let flags = agreed(local.flags, theirs.flags, theirs.name)?;
    let checked = |text: &str| NodeName::new(text).map_err(|source| Refused::BadName { name: theirs.name.to_owned(), source });
    if theirs.flags.contains(Flags::NAME_ME) {
        // The host alone must be able to stand in a name.
        let placeholder = checked(&format!("nameless@{}", theirs.name))?;
        return Ok(Introduced::Nameless(Nameless { local, placeholder, flags }));
    }
    let peer = checked(theirs.name)?;
    if peer == local.name {
        return Err(Refused::OwnName { name: peer });
    }
    Ok(Introduced::Named(Named { local, shaken: Shaken { peer, creation: theirs.creation, flags } }))
}

/// A node has said its name; a status is due. Which one depends on what the caller knows of that name:
/// nothing, an attempt of its own that is not finished, or a link.
#[derive(Debug)]
pub struct Named {
    local: Local,
    shaken: Shaken,
}

/// Two nodes have dialled each other.
#[derive(Debug)]
pub enum Collision {
    /// The peer's attempt goes on: send these frames, and end our own attempt now.
    Theirs([Vec<u8>; 2], AwaitReply),
    /// Ours goes on: send `nok` and leave this transport open until ours is up; the peer waits on it.
    Ours(Vec<u8>, Refused),
}

impl Named {
    /// Who it says it is. Whether its certificate says so too is for the caller to judge, before a status.
    pub const fn peer(&self) -> &NodeName {
        &self.shaken.peer
    }

    /// Which life of it.
    pub const fn creation(&self) -> Creation {
        self.shaken.creation
    }

    /// `ok`, and the challenge, which the caller has just drawn.
    pub fn send_ok(self, fresh: Challenge) -> ([Vec<u8>; 2], AwaitReply) {
        self.challenged(&Status::Ok, fresh)
    }

    /// For a name that we are dialling ourselves: the attempt of the larger name goes on.
    pub fn collide(self, fresh: Challenge) -> Collision {
        if self.local.name > self.shaken.peer {
            return Collision::Ours(Status::Nok.write(), Refused::Simultaneous { peer: self.shaken.peer });
        }
        let (frames, next) = self.challenged(&Status::OkSimultaneous, fresh);
        Collision::Theirs(frames, next)
    }

    /// `alive`: there is a link to that name. The peer may know that it is dead.
    pub fn send_alive(self) -> (Vec<u8>, AwaitAlive) {
        (Status::Alive.write(), AwaitAlive(self))
    }

    /// `not_allowed`.
    pub fn send_not_allowed(self) -> Rejected {
        Rejected { refused: Refused::PeerNotAllowed { peer: self.shaken.peer }, send: Status::NotAllowed.write() }
    }

    fn challenged(self, status: &Status, fresh: Challenge) -> ([Vec<u8>; 2], AwaitReply) {
        let flags = self.local.flags.without(Flags::NAME_ME);
        let (challenge, next) = send_challenge(flags, self.local, self.shaken, fresh, false);
        ([status.write(), challenge], next)
    }
}

/// A node asks for a name.
#[derive(Debug)]
pub struct Nameless {
    local: Local,
    placeholder: NodeName,
    flags: Flags,
}

impl Nameless {
    /// The host that its name must have.
    pub fn host(&self) -> &str {
        self.placeholder.host()
    }

    /// `named:`, and the challenge. The caller has found a name that nobody holds, and a creation.
    ///
    /// # Errors
    /// The name is on another host; the peer would not take it.
    pub fn send_named(self, name: NodeName, creation: Creation, fresh: Challenge) -> Result<([Vec<u8>; 2], AwaitReply), Refused> {
        if name.host() != self.placeholder.host() {
            return Err(Refused::WrongHost { host: self.placeholder.host().to_owned(), name });
        }
        let status = Status::Named(name.clone(), creation).write();
        let shaken = Shaken { peer: name, creation, flags: self.flags };
        // OTP looks whether we know that its name is a gift: without the flag it gives up.
        let flags = self.local.flags | Flags::NAME_ME;
        let (challenge, next) = send_challenge(flags, self.local, shaken, fresh, false);
        Ok(([status, challenge], next))
    }

    /// `not_allowed`: this node gives no names, or none to that host.
    pub fn send_not_allowed(self) -> Rejected {
        Rejected { refused: Refused::PeerNotAllowed { peer: self.placeholder }, send: Status::NotAllowed.write() }
    }
}

/// `alive` is sent; the peer's word on the old link is due. A second attempt under the same name that
/// comes meanwhile is closed without a status.
#[derive(Debug)]
pub struct AwaitAlive(Named);

impl AwaitAlive {
    /// Takes `true` and goes on with the challenge. The old link stays until the cookie is checked:
    /// otherwise anyone who knows a name could cut its links.
    ///
    /// # Errors
    /// `false`: the old link lives. Anything else is no answer.
    pub fn on_status(self, frame: &[u8], fresh: Challenge) -> Result<(Vec<u8>, AwaitReply), Refused> {
        let Named { local, shaken } = self.0;
        match Status::read(frame) {
            Some(Status::True) => Ok(send_challenge(local.flags.without(Flags::NAME_ME), local, shaken, fresh, true)),
            Some(Status::False) => Err(Refused::StillConnected { peer: shaken.peer }),
            _ => Err(Refused::Unexpected { wanted: "true or false" }),
        }
    }
}

fn send_challenge(flags: Flags, local: Local, shaken: Shaken, fresh: Challenge, replaces: bool) -> (Vec<u8>, AwaitReply) {
    let frame = SendChallenge { flags, challenge: fresh, creation: local.creation, name: local.name.as_str() }.write();
    (frame, AwaitReply { local, shaken, challenge: fresh, replaces })
}

/// The challenge is sent; the answer is due.
#[derive(Debug)]
pub struct AwaitReply {
    local: Local,
    shaken: Shaken,
    challenge: Challenge,
    replaces: bool,
}

impl AwaitReply {
    /// Checks the answer, and answers the peer's challenge. Once these bytes are sent the link is up.
    ///
    /// # Errors
    /// The peer's cookie is not ours. It is told nothing: it gets no digest to work on.
    pub fn on_challenge_reply(self, frame: &[u8]) -> Result<(Vec<u8>, Established), Refused> {
        let Self { local, shaken, challenge, replaces } = self;
        let reply = SendChallengeReply::read(frame).ok_or(Refused::Unexpected { wanted: "send_challenge_reply" })?;
        if !local.cookie.answers(challenge, &reply.digest) {
            return Err(Refused::CookieMismatch { peer: shaken.peer });
        }
        if reply.challenge == challenge {
            return Err(Refused::Reflected { peer: shaken.peer });
        }
        let ack = SendChallengeAck { digest: local.cookie.digest(reply.challenge) }.write();
        Ok((ack, shaken.established(local, replaces)))
    }
}
