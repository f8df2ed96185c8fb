//! `ping`

use super::access::Access;
use super::console::Console;
use super::{Exit, Trouble};
use crate::node_name::NodeName;
use crate::rt;
use clap::Args;

/// Ask a node whether it is there
#[derive(Debug, Args)]
#[command(after_help = "\
Connects as a node of the cluster would, with certificate and cookie, and asks what net_adm:ping
asks. The time is that of the question alone, on a link that is up.
Exit code 1, with the reason, if there is no answer.

Examples:
  countersign ping dev@localhost
  countersign ping db-1@db-1.internal --tls-dir /etc/tls --cookie-file /etc/cookie")]
pub(super) struct Ping {
    /// The node [default: the one that configuration or development directory speak of]
    #[arg(value_name = "NODE")]
    node: Option<NodeName>,
    #[command(flatten)]
    access: Access,
}

impl Ping {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        rt::block_on(async {
            let reached = self.access.reach(self.node).await?;
            let took = reached.node.ping(&reached.peer).await?;
            console.line(format_args!("{} answered in {:.3} ms", reached.peer, took.as_secs_f64() * 1_000.0))?;
            reached.node.stop().await;
            Ok(Exit::Done)
        })
    }
}
