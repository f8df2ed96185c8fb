//! `s…`: what the acceptor makes of a name, and the initiator's answer to `alive`.

use super::message::{read_name, write_name};
use crate::dist::take;
use crate::etf::Creation;
use crate::node_name::NodeName;

/// Every status there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Go on.
    Ok,
    /// Go on; the acceptor gives up its own attempt.
    OkSimultaneous,
    /// The acceptor goes on with its own attempt.
    Nok,
    /// The acceptor still has a link to that name; does the initiator?
    Alive,
    /// The answer to `alive`: the old link is dead, go on.
    True,
    /// The answer to `alive`: the old link lives.
    False,
    /// No.
    NotAllowed,
    /// A name for an initiator that asked for one.
    Named(NodeName, Creation),
}

impl Status {
    /// As the frame that says so.
    pub fn write(&self) -> Vec<u8> {
        let mut out = vec![STATUS];
        out.extend(self.word().as_bytes());
        if let Self::Named(name, creation) = self {
            write_name(name.as_str(), &mut out);
            out.extend(creation.0.to_be_bytes());
        }
        out
    }

    /// From a frame; `None` is no status.
    pub fn read(frame: &[u8]) -> Option<Self> {
        let (&STATUS, word) = frame.split_first()? else { return None };
        if let Some(named) = word.strip_prefix(b"named:") {
            return read_named(named);
        }
        PLAIN.iter().find(|status| status.word().as_bytes() == word).cloned()
    }

    /// The word of the wire.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::OkSimultaneous => "ok_simultaneous",
            Self::Nok => "nok",
            Self::Alive => "alive",
            Self::True => "true",
            Self::False => "false",
            Self::NotAllowed => "not_allowed",
            Self::Named(..) => "named:",
        }
    }
}

fn read_named(mut rest: &[u8]) -> Option<Status> {
    let name = NodeName::new(read_name(&mut rest)?).ok()?;
    let creation = Creation(take::word(&mut rest)?);
    Some(Status::Named(name, creation))
}

const STATUS: u8 = b's';
const PLAIN: &[Status] = &[Status::Ok, Status::OkSimultaneous, Status::Nok, Status::Alive, Status::True, Status::False, Status::NotAllowed];
