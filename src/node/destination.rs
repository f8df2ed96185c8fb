//! To whom a message goes.

use super::body::Body;
use super::core::Core;
use super::error::SendError;
use super::wire;
use crate::dist::control::Proc;
use crate::etf::{Atom, Pid};
use crate::node_name::NodeName;
use std::fmt;
use std::sync::Arc;

/// A process, in one of the three ways in which Erlang knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// By its pid, wherever it is.
    Pid(Pid),
    /// By the name it has at this node.
    Name(Atom),
    /// By the name it has at a node: Erlang's `{Name, Node}`.
    NameAt(Atom, NodeName),
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
        }
    }
}

/// Where a message goes.
#[derive(Debug)]
pub(super) enum Target {
    Here(Arc<Body>),
    /// To a process of ours that has ended.
    Nobody,
    There(Atom, Proc),
}

impl Destination {
    pub(super) fn target(self, core: &Core) -> Result<Target, SendError> {
        match self {
            Self::Pid(pid) if pid.node == core.atom => Ok(core.body(&pid).map_or(Target::Nobody, Target::Here)),
            Self::Pid(pid) => Ok(Target::There(pid.node.clone(), Proc::Pid(pid))),
            Self::NameAt(name, node) if node != core.name => Ok(Target::There(wire::atom_of(&node), Proc::Name(name))),
            Self::Name(name) | Self::NameAt(name, _) => core.registry.named(&name).map(Target::Here).ok_or(SendError::NoSuchName(name)),
        }
    }

    /// Which process of which node. A pid of what is no node is one of this node's that does not live.
    pub(super) fn named(self, core: &Core) -> (Proc, NodeName) {
        match self {
            Self::Pid(pid) => {
                let node = NodeName::new(pid.node.as_str()).unwrap_or_else(|_| core.name.clone());
                (Proc::Pid(pid), node)
            }
            Self::Name(name) => (Proc::Name(name), core.name.clone()),
            Self::NameAt(name, node) => (Proc::Name(name), node),
        }
    }
}
