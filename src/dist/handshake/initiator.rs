//! The side that dials: send_name, status, challenge, send_challenge_reply, ack.

use super::message::{SendChallenge, SendChallengeAck, SendChallengeReply, SendName};
use super::refused::Refused;
use super::status::Status;
use super::{Established, Local, Shaken, agreed};
use crate::dist::cookie::{Challenge, Outstanding};
use crate::dist::flags::Flags;
use crate::etf::Creation;
use crate::node_name::NodeName;

/// Introduces this node to the one that is dialled. The bytes are the first frame.
pub fn send_name(local: &Local, dialled: NodeName) -> (Vec<u8>, AwaitStatus) {
    let flags = local.flags.without(Flags::NAME_ME);
    let frame = SendName { flags, creation: local.creation, name: local.name.as_str() }.write();
    let own = Own::Named(Local { flags, ..local.clone() });
    (frame, AwaitStatus { own, dialled })
}

/// Introduces a node that has no name yet and asks for one on its host.
pub fn send_name_me(nameless: Nameless, dialled: NodeName) -> (Vec<u8>, AwaitStatus) {
    let flags = nameless.flags | Flags::NAME_ME;
    let frame = SendName { flags, creation: Creation(0), name: nameless.host.host() }.write();
    (frame, AwaitStatus { own: Own::Nameless(Nameless { flags, ..nameless }), dialled })
}

/// A node that wants to be given its name.
#[derive(Clone, Debug)]
pub struct Nameless {
    /// Its host; the part before the `@` is what it would like to be called, and is not sent.
    pub host: NodeName,
    /// What it can do.
    pub flags: Flags,
    /// What it shares with its peer.
    pub cookie: crate::dist::Cookie,
}

#[derive(Debug)]
enum Own {
    Named(Local),
    Nameless(Nameless),
}

/// The name is sent; the status is due.
#[derive(Debug)]
pub struct AwaitStatus {
    own: Own,
    dialled: NodeName,
}

/// How it goes on after the status.
#[derive(Debug)]
pub enum AfterStatus {
    /// `ok`, `ok_simultaneous`, `named:`: the challenge is due.
    Continue(AwaitChallenge),
    /// `alive`: the acceptor has a link to us and asks what we think of it.
    Alive(Alive),
    /// `nok`: both dialled and the acceptor goes on with its own attempt. Nothing more will come here:
    /// this transport is to be kept until that attempt has succeeded or failed.
    GiveWay(Refused),
}

impl AwaitStatus {
    /// Takes the status.
    ///
    /// # Errors
    /// `not_allowed`, or what is no answer to our name.
    pub fn on_status(self, frame: &[u8]) -> Result<AfterStatus, Refused> {
        let Self { own, dialled } = self;
        let status = Status::read(frame).ok_or(Refused::Unexpected { wanted: "a status" })?;
        match (status, own) {
            (Status::NotAllowed, _) => Err(Refused::NotAllowed { peer: dialled }),
            (Status::Ok | Status::OkSimultaneous, Own::Named(local)) => Ok(AfterStatus::Continue(AwaitChallenge { local, dialled })),
            (Status::Alive, Own::Named(local)) => Ok(AfterStatus::Alive(Alive { local, dialled })),
            (Status::Nok, Own::Named(_)) => Ok(AfterStatus::GiveWay(Refused::Simultaneous { peer: dialled })),
            (Status::Named(name, creation), Own::Nameless(nameless)) => {
                let local = nameless.named(name, creation)?;
                Ok(AfterStatus::Continue(AwaitChallenge { local, dialled }))
            }
            (_, Own::Named(_)) => Err(Refused::Unexpected { wanted: "ok, ok_simultaneous, nok, alive or not_allowed" }),
            (_, Own::Nameless(_)) => Err(Refused::Unexpected { wanted: "named or not_allowed" }),
        }
    }
}

impl Nameless {
    fn named(self, name: NodeName, creation: Creation) -> Result<Local, Refused> {
        if name.host() != self.host.host() {
            return Err(Refused::WrongHost { host: self.host.host().to_owned(), name });
        }
        Ok(Local { name, creation, flags: self.flags, cookie: self.cookie })
    }
}

/// The acceptor says `alive`, and one of two answers is due.
#[derive(Debug)]
pub struct Alive {
    local: Local,
    dialled: NodeName,
}

impl Alive {
    /// `true`: we know nothing of that link, so let this one take its place.
    pub fn send_true(self) -> (Vec<u8>, AwaitChallenge) {
        (Status::True.write(), AwaitChallenge { local: self.local, dialled: self.dialled })
    }

    /// `false`: we have that link too, so let it live.
    pub fn send_false(self) -> (Vec<u8>, Refused) {
        (Status::False.write(), Refused::StillConnected { peer: self.dialled })
    }
}

/// The challenge is due.
#[derive(Debug)]
pub struct AwaitChallenge {
    local: Local,
    dialled: NodeName,
}

impl AwaitChallenge {
    /// The name this node goes by: its own, or the one that was granted.
    pub const fn local(&self) -> &NodeName {
        &self.local.name
    }

    /// Answers the acceptor's challenge and puts our own, `fresh`, which the caller has just drawn.
    ///
    /// # Errors
    /// The acceptor is not who was dialled, lacks what is mandatory, or sends us a challenge of our own.
    pub fn on_challenge(self, frame: &[u8], fresh: Challenge, outstanding: &Outstanding) -> Result<(Vec<u8>, AwaitAck), Refused> {
        let Self { local, dialled } = self;
        let theirs = SendChallenge::read(frame).ok_or(Refused::Unexpected { wanted: "send_challenge" })?;
        if theirs.name != dialled.as_str() {
            return Err(Refused::WrongNode { dialled, answered: theirs.name.to_owned() });
        }
        let flags = agreed(local.flags, theirs.flags, theirs.name)?;
        if theirs.challenge == fresh || outstanding.contains(theirs.challenge) {
            return Err(Refused::Reflected { peer: dialled });
        }
        let reply = SendChallengeReply { challenge: fresh, digest: local.cookie.digest(theirs.challenge) }.write();
        let shaken = Shaken { peer: dialled, creation: theirs.creation, flags };
        Ok((reply, AwaitAck { local, shaken, challenge: fresh }))
    }
}

/// Our answer is sent; the acceptor's is due.
#[derive(Debug)]
pub struct AwaitAck {
    local: Local,
    shaken: Shaken,
    challenge: Challenge,
}

impl AwaitAck {
    /// Takes the answer to our challenge; with it the link is up.
    ///
    /// # Errors
    /// The acceptor's cookie is not ours.
    pub fn on_challenge_ack(self, frame: &[u8]) -> Result<Established, Refused> {
        let ack = SendChallengeAck::read(frame).ok_or(Refused::Unexpected { wanted: "send_challenge_ack" })?;
        if !self.local.cookie.answers(self.challenge, &ack.digest) {
            return Err(Refused::CookieMismatch { peer: self.shaken.peer });
        }
        Ok(self.shaken.established(self.local, false))
    }
}
