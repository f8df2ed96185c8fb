//! Aliases: names of processes that end before these do, so that what comes too late finds nobody.
//!
//! An alias says whose it is: its last two words are its process's number, as in OTP 27. So there is no table of
//! all aliases, and what a process has of them is under its own lock, beside the monitors that end with them.

use super::body::Body;
use super::core::Core;
use super::ties::Ties;
use crate::etf::{Atom, Pid, Reference, Term};
use std::fmt;
use std::sync::Arc;

/// A name for a process that lasts as long as its process wants. It is a reference: others get it in messages and
/// send to it, here and at any node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Alias(Reference);

impl Alias {
    /// The alias that a reference is, which somebody has sent. Any reference can be asked: to one that is no alias
    /// one can send, and nobody gets it.
    pub const fn of(reference: Reference) -> Self {
        Self(reference)
    }

    /// As what it travels. With [`monitor_with_alias`](super::Process::monitor_with_alias) it is the monitor's, too.
    pub const fn reference(&self) -> &Reference {
        &self.0
    }

    /// At which node its process is.
    pub const fn node(&self) -> &Atom {
        self.0.node()
    }

    /// Whose it is, if it is one of this kind.
    pub(super) fn owner(&self) -> Option<Pid> {
        let [_, _, _, id, serial] = *self.0.words() else { return None };
        Some(Pid { node: self.0.node().clone(), id, serial, creation: self.0.creation() })
    }
}

impl From<Alias> for Reference {
    fn from(alias: Alias) -> Self {
        alias.0
    }
}

impl From<Alias> for Term {
    fn from(alias: Alias) -> Self {
        alias.0.into()
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// How long an alias lasts; at most as long as its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// Until its process takes it back: Erlang's `explicit_unalias`.
    UntilUnaliased,
    /// Until the first message to it, or until it is taken back: Erlang's `reply`, and with a monitor
    /// `reply_demonitor`.
    UntilReply,
}

impl Core {
    /// The process that a message to this alias is for. If it is the one message that the alias lasts for, the
    /// alias is used up, and the monitor that was made with it called off.
    pub(super) fn take_alias(&self, alias: &Alias) -> Option<(Arc<Body>, Lasts)> {
        let body = self.body(&alias.owner()?)?;
        let mut ties = body.ties();
        let lasts = *ties.aliases.get(alias.reference())?;
        let watched = (lasts == Lasts::UntilReply).then(|| ties.end_alias(alias.reference())).flatten();
        drop(ties);
        if let Some(watched) = watched {
            self.call_off(&body.pid, alias.reference(), watched);
        }
        Some((body, lasts))
    }
}

impl Ties {
    /// A monitor has ended, and so does the alias that was waiting for a reply with it.
    pub(super) fn end_waiting_alias(&mut self, reference: &Reference) {
        if self.aliases.get(reference) == Some(&Lasts::UntilReply) {
            self.aliases.remove(reference);
        }
    }

    /// The alias has ended, and so does the monitor that was made with it.
    fn end_alias(&mut self, reference: &Reference) -> Option<super::ties::Watched> {
        self.aliases.remove(reference);
        self.monitors.remove(reference)
    }
}
