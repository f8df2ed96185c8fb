//! `disconnect`

use super::access::Access;
use super::ask::ask_for;
use super::console::Console;
use super::{Exit, Trouble};
use crate::etf::{Term, atom, tuple};
use crate::node_name::NodeName;
use crate::rt;
use clap::Args;

/// End the link of a node to one of its peers
#[derive(Debug, Args)]
#[command(after_help = "\
What waits to be said is said first; a peer that does not read has two seconds for it. Returns when
the link is down. It is not kept from coming up again: the next message between the two connects.
A node obeys only its admins: whoever shows its own certificate, or one that bears a name from the
list node.admins of its configuration. From an Erlang shell:
gen_server:call({countersign, 'a@localhost'}, {disconnect, 'b@localhost'}).
Exit code 1, with the reason, if there is no such link or the node does not do it.

Examples:
  countersign disconnect b@localhost
  countersign disconnect db-2@db-2.internal --from db-1@db-1.internal --tls-dir /etc/tls")]
pub(super) struct Disconnect {
    /// The peer
    #[arg(value_name = "NODE")]
    peer: NodeName,
    /// The node that is to end its link to it [default: the one that configuration or development directory speak of]
    #[arg(long, value_name = "NODE")]
    from: Option<NodeName>,
    #[command(flatten)]
    access: Access,
}

impl Disconnect {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        rt::block_on(async {
            let reached = self.access.reach(self.from).await?;
            ask_for(&reached, tuple([atom("disconnect"), Term::from(self.peer.as_str())])).await?;
            console.line(format_args!("{} has no link to {} any more", reached.peer, self.peer))?;
            reached.node.stop().await;
            Ok(Exit::Done)
        })
    }
}
