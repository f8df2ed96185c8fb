//! To whom a message goes.

use super::alias::{Alias, Lasts};
use super::body::Body;
use super::core::Core;
use super::error::SendError;
use super::wire;
use crate::dist::control::Proc;
use crate::etf::{Atom, Pid};
use crate::node_name::NodeName;
use std::fmt;
use std::sync::Arc;

/// A process, in one of the four ways in which Erlang knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// By its pid, wherever it is.
    Pid(Pid),
    /// By the name it has at this node.
    Name(Atom),
    /// By the name it has at a node: Erlang's `{Name, Node}`.
    NameAt(Atom, NodeName),
    /// By a name that ends before it does, wherever it is. Nobody is told if it has ended.
    Alias(Alias),
}

impl From<Alias> for Destination {
    fn from(alias: Alias) -> Self {
        Self::Alias(alias)
    }
}

impl From<&Alias> for Destination {
    fn from(alias: &Alias) -> Self {
        Self::Alias(alias.clone())
    }
}

impl From<&Pid> for Destination {
    fn from(pid: &Pid) -> Self {
        Self::Pid(pid.clone())
    }
}

impl From<Pid> for Destination {
    fn from(pid: Pid) -> Self {
        Self::Pid(pid)
    }
}

impl From<Atom> for Destination {
    fn from(name: Atom) -> Self {
        Self::Name(name)
    }
}

impl From<(Atom, &NodeName)> for Destination {
    fn from((name, node): (Atom, &NodeName)) -> Self {
        Self::NameAt(name, node.clone())
    }
}

impl From<(Atom, NodeName)> for Destination {
    fn from((name, node): (Atom, NodeName)) -> Self {
        Self::NameAt(name, node)
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pid(pid) => write!(f, "{pid}"),
            Self::Name(name) => write!(f, "{name}"),
            Self::NameAt(name, node) => write!(f, "{name} at {node}"),
            Self::Alias(alias) => write!(f, "{alias}"),
        }
    }
}

/// Where a message goes.
#[derive(Debug)]
pub(super) enum Target {
    Here(Arc<Body>),
    /// To a process of ours that waits for just this one message: there is room for it, whatever else waits.
    Awaited(Arc<Body>),
    /// To a process or an alias of ours that has ended.
    Nobody,
    There(Atom, Whom),
}

/// Who gets a message at a peer.
#[derive(Debug)]
pub(super) enum Whom {
    Pid(Pid),
    Name(Atom),
    Alias(Alias),
}

impl Destination {
    pub(super) fn target(self, core: &Core) -> Result<Target, SendError> {
        match self {
            Self::Pid(pid) if pid.node == core.atom => Ok(core.body(&pid).map_or(Target::Nobody, Target::Here)),
            Self::Pid(pid) => Ok(Target::There(pid.node.clone(), Whom::Pid(pid))),
            Self::Alias(alias) if *alias.node() == core.atom => Ok(Target::of_alias(&alias, core)),
            Self::Alias(alias) => Ok(Target::There(alias.node().clone(), Whom::Alias(alias))),
            Self::NameAt(name, node) if node != core.name => Ok(Target::There(wire::atom_of(&node), Whom::Name(name))),
            Self::Name(name) | Self::NameAt(name, _) => core.registry.named(&name).map(Target::Here).ok_or(SendError::NoSuchName(name)),
        }
    }

    /// Which process of which node. A pid of what is no node is one of this node's that does not live; nor does
    /// whoever a peer's alias stands for, which only the peer knows.
    pub(super) fn named(self, core: &Core) -> (Proc, NodeName) {
        match self {
            Self::Pid(pid) => {
                let node = NodeName::new(pid.node.as_str()).unwrap_or_else(|_| core.name.clone());
                (Proc::Pid(pid), node)
            }
            Self::Name(name) => (Proc::Name(name), core.name.clone()),
            Self::NameAt(name, node) => (Proc::Name(name), node),
            Self::Alias(alias) => Self::Pid(alias.owner().unwrap_or_else(|| nobody_at(&alias))).named(core),
        }
    }
}

impl Target {
    fn of_alias(alias: &Alias, core: &Core) -> Self {
        match core.take_alias(alias) {
            Some((body, Lasts::UntilReply)) => Self::Awaited(body),
            Some((body, Lasts::UntilUnaliased)) => Self::Here(body),
            None => Self::Nobody,
        }
    }
}

/// No node has a process with this number.
fn nobody_at(alias: &Alias) -> Pid {
    Pid { node: alias.node().clone(), id: 0, serial: 0, creation: alias.reference().creation() }
}
