//! What a process says to servers, and what it knows of whom it asks.

use super::{Process, call};
use crate::etf::{Atom, Pid, Term};
use crate::net::link::LinkClosed;
use crate::node::destination::Destination;
use crate::node::error::SendError;

impl Process {
    /// Tells a `gen_server` something that it does not answer. As in Erlang, nobody need be there to hear it.
    ///
    /// # Errors
    /// It cannot be sent.
    pub async fn cast(&mut self, whom: impl Into<Destination>, request: impl Into<Term>) -> Result<(), SendError> {
        self.send(whom, call::cast(request.into())).await
    }

    /// Who has a name at this node.
    pub fn whereis(&self, name: &Atom) -> Option<Pid> {
        self.core.registry.named(name).map(|body| body.pid.clone())
    }

    /// Why the link over which it last sent something has ended.
    pub(in crate::node) fn why_lost(&self) -> Option<LinkClosed> {
        self.last.as_ref().and_then(|(_, peer)| peer.link().ended())
    }
}
