//! `stop`

use super::access::Access;
use super::ask::ask;
use super::console::Console;
use super::{Exit, Trouble};
use crate::node_name::NodeName;
use crate::rt;
use clap::Args;

/// Stop a node
#[derive(Debug, Args)]
#[command(after_help = "\
A node answers all its peers, and obeys only its admins: whoever shows its own certificate, or one
that bears a name from the list node.admins of its configuration.
Exit code 1, with the reason, if it does not.

Examples:
  countersign stop
  countersign stop --config /etc/countersign/node.json")]
pub(super) struct Stop {
    /// The node [default: the one that configuration or development directory speak of]
    #[arg(value_name = "NODE")]
    node: Option<NodeName>,
    #[command(flatten)]
    access: Access,
}

impl Stop {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        rt::block_on(async {
            let reached = self.access.reach(self.node).await?;
            ask(&reached, "stop").await?;
            console.line(format_args!("stopped {}", reached.peer))?;
            reached.node.stop().await;
            Ok(Exit::Done)
        })
    }
}
