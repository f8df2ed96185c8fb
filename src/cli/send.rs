//! `send`

use super::access::Access;
use super::console::Console;
use super::{Exit, Trouble};
use crate::etf::{Atom, json};
use crate::node::CallError;
use crate::node_name::NodeName;
use crate::rt;
use clap::Args;

/// Send a message to a process of a node
#[derive(Debug, Args)]
#[command(after_help = "\
The message is JSON: an object becomes a map with binaries as keys, an array a list, a string a
binary, and true, false and null atoms.
Exit code 1, with the reason, if no process has that name.

Examples:
  countersign send a@localhost printer '{\"job\": 7}'
  countersign send a@localhost printer '\"hello\"'")]
pub(super) struct Send {
    /// The node
    #[arg(value_name = "NODE")]
    node: NodeName,
    /// The name under which the process is registered
    #[arg(value_name = "NAME")]
    name: Atom,
    /// The message
    #[arg(value_name = "JSON")]
    message: String,
    #[command(flatten)]
    access: Access,
}

impl Send {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let message = json::parse(&self.message)?;
        rt::block_on(async {
            let reached = self.access.reach(Some(self.node)).await?;
            let posted = reached.node.post(&reached.peer, self.name.clone(), message).await;
            posted.map_err(|error| match error {
                CallError::NoProcess { .. } => nobody(&self.name, &reached.peer),
                error => error.into(),
            })?;
            console.line(format_args!("sent to {} at {}", self.name, reached.peer))?;
            reached.node.stop().await;
            Ok(Exit::Done)
        })
    }
}

fn nobody(name: &Atom, peer: &NodeName) -> Trouble {
    Trouble::NoSuchProcess { name: name.clone(), peer: peer.clone() }
}
