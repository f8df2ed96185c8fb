//! What comes into a mailbox.

use super::expiry::OwnCertificate;
use super::peer::Peer;
use crate::dist::control::Proc;
use crate::etf::serde::{Mismatch, from_term};
use crate::etf::{Pid, Reference, Term};
use crate::node_name::NodeName;
use ::serde::Deserialize;
use std::sync::Arc;

/// Whatever a process receives, in the order in which it came.
#[derive(Clone, Debug)]
pub enum Mail {
    /// What somebody sent.
    Message(Message),
    /// A process that this one is linked to has ended, or somebody asked this one to: only for processes
    /// that trap exits. Erlang's `{'EXIT', From, Reason}`.
    Exit(Box<Exited>),
    /// What was monitored is no more. Erlang's `{'DOWN', Reference, process, Object, Reason}`.
    Down(Box<Down>),
    /// A node has become a peer.
    NodeUp(Box<NodeEvent>),
    /// A node is no peer any more.
    NodeDown(Box<NodeEvent>),
    /// A stage in the life of a certificate of this node's own has begun; also, that all is well again.
    OwnCertificate(Box<OwnCertificate>),
}

/// A term, and where it came from.
#[derive(Clone, Debug)]
pub struct Message {
    /// What was sent.
    pub term: Term,
    /// From which peer; `None`: from a process of this node.
    pub peer: Option<Arc<Peer>>,
}

impl Message {
    /// The value that the term stands for, in the mapping of [`etf::serde`](crate::etf::serde).
    ///
    /// ```
    /// use countersign::etf::{Term, atom, tuple};
    /// use countersign::node::Message;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// #[serde(rename_all = "snake_case")]
    /// enum Request {
    ///     Resize { width: u32, height: u32 },
    ///     Greet(String),
    /// }
    ///
    /// let message = Message { term: tuple([atom("greet"), Term::from("Joe")]), peer: None };
    /// let Request::Greet(name) = message.parse()? else { panic!("we are greeted") };
    /// assert_eq!(name, "Joe");
    ///
    /// let message = Message { term: tuple([atom("greet"), atom("joe")]), peer: None };
    /// assert_eq!(message.parse::<Request>().err().unwrap().to_string(), "${greet}: expected a string, found joe");
    /// # Ok::<(), countersign::etf::serde::Mismatch>(())
    /// ```
    ///
    /// # Errors
    /// The term is not of this type; the error says where.
    pub fn parse<'de, T: Deserialize<'de>>(&'de self) -> Result<T, Mismatch> {
        from_term(&self.term)
    }

    /// Whether an answer to this pid goes back to where the message came from. A peer that names others could
    /// have us say to them, in our name, what it may not say itself. Our own processes may name whom they like.
    pub(super) fn may_be_answered_to(&self, pid: &Pid) -> bool {
        self.peer.as_ref().is_none_or(|peer| pid.node == peer.facts().peer_atom)
    }
}

/// The end of another process, or somebody's wish that this one ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exited {
    /// Who.
    pub from: Pid,
    /// Why.
    pub reason: Term,
}

/// The end of what was monitored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    /// What `monitor` returned.
    pub reference: Reference,
    /// What was monitored, as it was named then.
    pub object: Monitored,
    /// Why it is no more: `noproc` if it never was, `noconnection` if its node is gone.
    pub reason: Term,
}

/// What can be monitored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitored {
    /// By pid or by registered name.
    pub process: Proc,
    /// Where.
    pub node: crate::etf::Atom,
}

/// A node came or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeEvent {
    /// Which.
    pub node: NodeName,
    /// Whether OTP would list it under `nodes()`.
    pub is_visible: bool,
    /// Why it went.
    pub reason: Option<String>,
}

impl Mail {
    /// The term, if this is a message.
    pub fn term(&self) -> Option<&Term> {
        match self {
            Self::Message(message) => Some(&message.term),
            _ => None,
        }
    }

    /// The term, if this is a message.
    pub fn into_term(self) -> Option<Term> {
        match self {
            Self::Message(message) => Some(message.term),
            _ => None,
        }
    }

    /// The end of the monitor with this reference, if that is what it is.
    pub fn down(&self, reference: &Reference) -> Option<&Down> {
        match self {
            Self::Down(down) if down.reference == *reference => Some(down),
            _ => None,
        }
    }
}
