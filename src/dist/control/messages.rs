//! Every control message of OTP 25 to 27: a struct each, its elements in the order of the wire.
//!
//! Those that end in `Tt` carry a token of sequential tracing. Those that begin with `Payload` are the
//! form of today, and the ones without that of nodes that lack EXIT_PAYLOAD.

use super::element::{Element, Mfa, Proc, SpawnFlags, UnlinkNumber, Unused};
use super::{Control, in_control, wrong_arity, wrong_field};
use crate::dist::violation::Violation;
use crate::etf::{Atom, EncodeError, Fields, Pid, Reference, Term, TermWriter, Terms, tuple};

macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident = $op:literal $word:ident $($payload:ident)? { $($field:ident: $type:ty),* })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Hash)]
            #[allow(missing_docs, reason = "the elements have the names of OTP's documentation")]
            pub struct $name { $(pub $field: $type,)* }

            impl $name {
                /// The number it begins with.
                pub const OP: u8 = $op;
                /// Its name in OTP's documentation.
                pub const NAME: &'static str = stringify!($word);
                /// Whether a payload follows it.
                pub const HAS_PAYLOAD: bool = messages!(@payload $($payload)?);

                #[allow(unused_mut, unused_variables, unused_assignments, reason = "NODE_LINK has no elements")]
                fn read(terms: Terms) -> Result<Self, Violation> {
                    let (found, wanted) = (terms.len(), 1 $(+ messages!(@one $field))*);
                    if found != wanted {
                        return Err(wrong_arity(Self::NAME, found, wanted));
                    }
                    let mut elements = terms.into_iter().skip(1);
                    Ok(Self { $($field: messages!(@element elements, Self, $field, $type),)* })
                }

                fn write(self) -> Term {
                    tuple([Term::from(Self::OP) $(, Element::write(self.$field))*])
                }

                #[allow(unused_variables, reason = "NODE_LINK has no elements")]
                fn take(fields: &mut Fields<'_>) -> Result<Self, Violation> {
                    let (found, wanted) = (fields.len(), 1 $(+ messages!(@one $field))*);
                    if found != wanted {
                        return Err(wrong_arity(Self::NAME, found, wanted));
                    }
                    Ok(Self { $($field: messages!(@taken fields, Self, $field, $type),)* })
                }

                fn show(&self) -> Vec<(&'static str, String)> {
                    vec![$((stringify!($field), Element::show(&self.$field)),)*]
                }

                fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError> {
                    writer.tuple(1 $(+ messages!(@one $field))*);
                    writer.integer(i64::from(Self::OP));
                    $(Element::put(&self.$field, writer)?;)*
                    Ok(())
                }
            }

            impl From<$name> for Control {
                fn from(message: $name) -> Self {
                    Self::$name(message)
                }
            }
        )*

        impl Control {
            /// The number it begins with.
            pub const fn op(&self) -> u8 {
                match self { $(Self::$name(_) => $name::OP,)* }
            }

            /// Its name in OTP's documentation.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => $name::NAME,)* }
            }

            /// Whether a payload follows it.
            pub const fn has_payload(&self) -> bool {
                match self { $(Self::$name(_) => $name::HAS_PAYLOAD,)* }
            }

            pub(super) fn show(&self) -> Vec<(&'static str, String)> {
                match self { $(Self::$name(message) => message.show(),)* }
            }

            pub(super) fn read(op: i64, terms: Terms) -> Result<Self, Violation> {
                match op {
                    $($op => $name::read(terms).map(Self::$name),)*
                    op => Err(Violation::UnknownControl { op }),
                }
            }

            pub(super) fn write(self) -> Term {
                match self { $(Self::$name(message) => message.write(),)* }
            }

            pub(super) fn take(op: i64, fields: &mut Fields<'_>) -> Result<Self, Violation> {
                match op {
                    $($op => $name::take(fields).map(Self::$name),)*
                    op => Err(Violation::UnknownControl { op }),
                }
            }

            /// Writes it as a packet has it, without making its term.
            ///
            /// # Errors
            /// A reason or token of it has no form in bytes.
            pub fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError> {
                match self { $(Self::$name(message) => message.put(writer),)* }
            }
        }
    };
    (@taken $fields:ident, $self:ident, $field:ident, $type:ty) => {
        <$type as Element>::take($fields).map_err(in_control)?.ok_or_else(|| {
            wrong_field($self::NAME, stringify!($field), <$type as Element>::WANTED)
        })?
    };
    (@payload) => { false };
    (@payload payload) => { true };
    (@one $field:ident) => { 1 };
    (@element $elements:ident, $self:ident, $field:ident, $type:ty) => {
        $elements.next().and_then(<$type as Element>::read).ok_or_else(|| {
            wrong_field($self::NAME, stringify!($field), <$type as Element>::WANTED)
        })?
    };
}

messages! {
    /// `{1, FromPid, ToPid}`
    Link = 1 LINK { from: Pid, to: Pid }
    /// `{2, Unused, ToPid}`: the form without sender.
    Send = 2 SEND payload { unused: Unused, to: Pid }
    /// `{3, FromPid, ToPid, Reason}`: the end of a link.
    Exit = 3 EXIT { from: Pid, to: Pid, reason: Term }
    /// `{4, FromPid, ToPid}`: without UNLINK_ID.
    Unlink = 4 UNLINK { from: Pid, to: Pid }
    /// `{5}`
    NodeLink = 5 NODE_LINK {}
    /// `{6, FromPid, Unused, ToName}`
    RegSend = 6 REG_SEND payload { from: Pid, unused: Unused, to: Atom }
    /// `{7, FromPid, ToPid}`
    GroupLeader = 7 GROUP_LEADER { from: Pid, to: Pid }
    /// `{8, FromPid, ToPid, Reason}`: `exit(ToPid, Reason)`.
    Exit2 = 8 EXIT2 { from: Pid, to: Pid, reason: Term }
    /// `{12, Unused, ToPid, TraceToken}`
    SendTt = 12 SEND_TT payload { unused: Unused, to: Pid, token: Term }
    /// `{13, FromPid, ToPid, TraceToken, Reason}`
    ExitTt = 13 EXIT_TT { from: Pid, to: Pid, token: Term, reason: Term }
    /// `{16, FromPid, Unused, ToName, TraceToken}`
    RegSendTt = 16 REG_SEND_TT payload { from: Pid, unused: Unused, to: Atom, token: Term }
    /// `{18, FromPid, ToPid, TraceToken, Reason}`
    Exit2Tt = 18 EXIT2_TT { from: Pid, to: Pid, token: Term, reason: Term }
    /// `{19, FromPid, ToProc, Ref}`
    MonitorP = 19 MONITOR_P { from: Pid, to: Proc, reference: Reference }
    /// `{20, FromPid, ToProc, Ref}`
    DemonitorP = 20 DEMONITOR_P { from: Pid, to: Proc, reference: Reference }
    /// `{21, FromProc, ToPid, Ref, Reason}`
    MonitorPExit = 21 MONITOR_P_EXIT { from: Proc, to: Pid, reference: Reference, reason: Term }
    /// `{22, FromPid, ToPid}`
    SendSender = 22 SEND_SENDER payload { from: Pid, to: Pid }
    /// `{23, FromPid, ToPid, TraceToken}`
    SendSenderTt = 23 SEND_SENDER_TT payload { from: Pid, to: Pid, token: Term }
    /// `{24, FromPid, ToPid}`, the reason as payload.
    PayloadExit = 24 PAYLOAD_EXIT payload { from: Pid, to: Pid }
    /// `{25, FromPid, ToPid, TraceToken}`, the reason as payload.
    PayloadExitTt = 25 PAYLOAD_EXIT_TT payload { from: Pid, to: Pid, token: Term }
    /// `{26, FromPid, ToPid}`, the reason as payload.
    PayloadExit2 = 26 PAYLOAD_EXIT2 payload { from: Pid, to: Pid }
    /// `{27, FromPid, ToPid, TraceToken}`, the reason as payload.
    PayloadExit2Tt = 27 PAYLOAD_EXIT2_TT payload { from: Pid, to: Pid, token: Term }
    /// `{28, FromProc, ToPid, Ref}`, the reason as payload.
    PayloadMonitorPExit = 28 PAYLOAD_MONITOR_P_EXIT payload { from: Proc, to: Pid, reference: Reference }
    /// `{29, ReqId, From, GroupLeader, {Module, Function, Arity}, OptList}`, the arguments as payload.
    SpawnRequest = 29 SPAWN_REQUEST payload { request: Reference, from: Pid, group_leader: Pid, mfa: Mfa, options: Terms }
    /// `{30, ReqId, From, GroupLeader, {Module, Function, Arity}, OptList, Token}`, the arguments as payload.
    SpawnRequestTt = 30 SPAWN_REQUEST_TT payload { request: Reference, from: Pid, group_leader: Pid, mfa: Mfa, options: Terms, token: Term }
    /// `{31, ReqId, To, Flags, Result}`: a pid, or an atom that says why not.
    SpawnReply = 31 SPAWN_REPLY { request: Reference, to: Pid, flags: SpawnFlags, result: Proc }
    /// `{32, ReqId, To, Flags, Result, Token}`
    SpawnReplyTt = 32 SPAWN_REPLY_TT { request: Reference, to: Pid, flags: SpawnFlags, result: Proc, token: Term }
    /// `{33, FromPid, Alias}`
    AliasSend = 33 ALIAS_SEND payload { from: Pid, alias: Reference }
    /// `{34, FromPid, Alias, Token}`
    AliasSendTt = 34 ALIAS_SEND_TT payload { from: Pid, alias: Reference, token: Term }
    /// `{35, Id, FromPid, ToPid}`
    UnlinkId = 35 UNLINK_ID { id: UnlinkNumber, from: Pid, to: Pid }
    /// `{36, Id, FromPid, ToPid}`
    UnlinkIdAck = 36 UNLINK_ID_ACK { id: UnlinkNumber, from: Pid, to: Pid }
}
