//! Control messages: what one node tells the other to do.
//!
//! ```
//! use countersign::dist::control::{Control, SendSender};
//! use countersign::etf::{Atom, Creation, Pid};
//!
//! let pid = |id| Pid { node: Atom::fixed("a@localhost"), id, serial: 0, creation: Creation(84) };
//! let send = Control::from(SendSender { from: pid(1), to: pid(2) });
//! assert!(send.has_payload());
//! let term = send.clone().into_term();
//! assert_eq!(term.to_string(), "{22,<a@localhost.1.0>,<a@localhost.2.0>}");
//! assert_eq!(Control::from_term(term)?, send);
//! # Ok::<(), countersign::dist::Violation>(())
//! ```

mod element;
mod masked;
mod messages;

pub use element::{Mfa, Proc, SpawnFlags, UnlinkNumber, Unused};
pub use masked::Masked;
pub use messages::*;

use super::violation::Violation;
use crate::etf::{DecodeError, Decoder, Pid, Piece, Term};
use crate::node_name::NodeName;
use bytes::{Buf, Bytes};

/// Any control message. What has another shape, or another number such as OTP 28's 37, is none: the link
/// ends then, because nobody knows what else the two nodes understand differently.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each variant has the name of its message, which is documented")]
pub enum Control {
    Link(Link),
    Send(Send),
    Exit(Exit),
    Unlink(Unlink),
    NodeLink(NodeLink),
    RegSend(RegSend),
    GroupLeader(GroupLeader),
    Exit2(Exit2),
    SendTt(SendTt),
    ExitTt(ExitTt),
    RegSendTt(RegSendTt),
    Exit2Tt(Exit2Tt),
    MonitorP(MonitorP),
    DemonitorP(DemonitorP),
    MonitorPExit(MonitorPExit),
    SendSender(SendSender),
    SendSenderTt(SendSenderTt),
    PayloadExit(PayloadExit),
    PayloadExitTt(PayloadExitTt),
    PayloadExit2(PayloadExit2),
    PayloadExit2Tt(PayloadExit2Tt),
    PayloadMonitorPExit(PayloadMonitorPExit),
    SpawnRequest(SpawnRequest),
    SpawnRequestTt(SpawnRequestTt),
    SpawnReply(SpawnReply),
    SpawnReplyTt(SpawnReplyTt),
    AliasSend(AliasSend),
    AliasSendTt(AliasSendTt),
    UnlinkId(UnlinkId),
    UnlinkIdAck(UnlinkIdAck),
}

impl Control {
    /// The message that a term is.
    ///
    /// # Errors
    /// It is none.
    pub fn from_term(term: Term) -> Result<Self, Violation> {
        let Term::Tuple(terms) = term else { return Err(Violation::NotAControl) };
        let op = terms.first().and_then(Term::as_i64).ok_or(Violation::NotAControl)?;
        Self::read(op, terms)
    }

    /// Takes the message off the front of a packet, as [`Control::from_term`] would.
    ///
    /// # Errors
    /// It is none.
    pub fn decode(decoder: &Decoder<'_>, bytes: &mut Bytes) -> Result<Self, Violation> {
        let mut piece = Piece::all(bytes);
        let control = Self::decode_in(decoder, &mut piece)?;
        let taken = bytes.len() - piece.len();
        bytes.advance(taken);
        Ok(control)
    }

    /// As [`Control::decode`], in a buffer that holds more.
    pub(in crate::dist) fn decode_in(decoder: &Decoder<'_>, piece: &mut Piece<'_>) -> Result<Self, Violation> {
        let Some(mut fields) = decoder.tuple_in(*piece).map_err(in_control)? else {
            return Self::from_term(decoder.bare_in(piece).map_err(in_control)?);
        };
        if fields.is_empty() {
            return Err(Violation::NotAControl);
        }
        let op = fields.term().map_err(in_control)?.as_i64().ok_or(Violation::NotAControl)?;
        let control = Self::take(op, &mut fields)?;
        piece.skip(fields.taken());
        Ok(control)
    }

    /// The term that goes over the wire.
    #[must_use]
    pub fn into_term(self) -> Term {
        self.write()
    }

    /// The sender of those signals that only a process of the sending node may send.
    pub const fn origin(&self) -> Option<&Pid> {
        Some(match self {
            Self::Link(Link { from, .. })
            | Self::Unlink(Unlink { from, .. })
            | Self::UnlinkId(UnlinkId { from, .. })
            | Self::UnlinkIdAck(UnlinkIdAck { from, .. })
            | Self::Exit(Exit { from, .. })
            | Self::ExitTt(ExitTt { from, .. })
            | Self::PayloadExit(PayloadExit { from, .. })
            | Self::PayloadExitTt(PayloadExitTt { from, .. })
            | Self::Exit2(Exit2 { from, .. })
            | Self::Exit2Tt(Exit2Tt { from, .. })
            | Self::PayloadExit2(PayloadExit2 { from, .. })
            | Self::PayloadExit2Tt(PayloadExit2Tt { from, .. })
            | Self::MonitorP(MonitorP { from, .. })
            | Self::DemonitorP(DemonitorP { from, .. }) => from,
            _ => return None,
        })
    }

    /// Whether it does nothing but carry a term to a process or a name.
    pub(in crate::dist) const fn carries_a_term(&self) -> bool {
        matches!(
            self,
            Self::Send(_) | Self::SendTt(_) | Self::SendSender(_) | Self::SendSenderTt(_) | Self::RegSend(_) | Self::RegSendTt(_)
        )
    }

    /// Holds the sender of such a signal against the node at the other end.
    ///
    /// # Errors
    /// It lives elsewhere: a node would speak for processes that are not its own.
    pub fn check_origin(&self, peer: &NodeName) -> Result<(), Violation> {
        match self.origin() {
            Some(from) if from.node != peer.as_str() => Err(Violation::ForeignSender { name: self.name(), node: from.node.clone() }),
            _ => Ok(()),
        }
    }
}

pub(super) const fn in_control(source: DecodeError) -> Violation {
    Violation::NotATerm { part: "control message", source }
}

const fn wrong_arity(name: &'static str, found: usize, wanted: usize) -> Violation {
    Violation::Arity { name, found, wanted }
}

const fn wrong_field(name: &'static str, field: &'static str, wanted: &'static str) -> Violation {
    Violation::Field { name, field, wanted }
}
