//! `links`

mod block;
mod table;

pub(super) use block::{facts, facts_in};
pub(super) use table::narrow;

use super::access::{Access, Reached};
use super::ask::{ask, without_own};
use super::console::Console;
use super::{Exit, Trouble, spoken};
use crate::etf::json;
use crate::node_name::NodeName;
use crate::rt;
use crate::x509::name::printable;
use clap::Args;
use serde_json::Value;

/// Show the links of a node: to whom, by which certificates, how much went over them
#[derive(Debug, Args)]
#[command(after_help = "\
WAY is out where the node dialled. OURS and THEIRS say how long the certificates of this node and of
the peer stay valid; old: a newer one is in force at this node, and the next connection shows that.
The link of this command itself is left out. --peer shows all that is known of one link; if there is
none, what failed last.

With --json an array of objects, whose keys never change their meaning: peer, address,
local_address, dialled, visible, verified, identity, tls (version, suite, key_exchange,
countersign: whether the peer is of our kind), generation and outdated (of the certificate that
this node showed), handovers, handovers_failed, handover_failure and handover_impossible,
own_certificate and peer_certificate (subject, names, issuer, serial, not_before, not_after,
days_left, stage: well, third, tenth, fiftieth, expired or not_yet_valid, sha256), up_seconds,
bytes_sent, bytes_received, bytes_waiting, messages_sent, messages_received, last_failure (peer,
occasion: dialling, answering or linked, by: us or peer, code, reason, hint, at, times). What there
is nothing of is \"none\". More keys may come.

Any verified node of the cluster may ask. From an Erlang shell:
gen_server:call({countersign, 'a@localhost'}, links).
Exit code 1, with the reason, if there is no answer, or no link to --peer.

Examples:
  countersign links
  countersign links --peer b@localhost
  countersign links db-1@db-1.internal --tls-dir /etc/tls --json")]
pub(super) struct Links {
    /// The node [default: the one that configuration or development directory speak of]
    #[arg(value_name = "NODE")]
    node: Option<NodeName>,
    /// Print an array of objects for programs
    #[arg(long, conflicts_with = "wide")]
    json: bool,
    /// Show the link to this peer alone, with all that is known of it; or what failed last for who comes from an address
    #[arg(long, value_name = "NODE|ADDRESS")]
    peer: Option<String>,
    /// Show addresses, suites, serial numbers and failures too, on longer lines
    #[arg(long, conflicts_with = "peer")]
    wide: bool,
    #[command(flatten)]
    access: Access,
}

impl Links {
    pub(super) fn run(mut self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        rt::block_on(async {
            let reached = self.access.reach(self.node.take()).await?;
            let mut links = without_own(json::of(&ask(&reached, "links").await?), &reached);
            if let (Some(peer), Value::Array(links)) = (self.peer.as_deref(), &mut links) {
                links.retain(|link| spoken::text(link, &["peer"]) == Some(peer));
            }
            let exit = self.show(&links, &reached, console).await?;
            reached.node.stop().await;
            Ok(exit)
        })
    }

    async fn show(&self, links: &Value, reached: &Reached, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let rows = links.as_array().map(Vec::as_slice).unwrap_or_default();
        if self.json {
            console.json(links)?;
        }
        match &self.peer {
            Some(peer) if rows.is_empty() => return self.explain(peer, reached, console).await,
            _ if self.json => {}
            Some(_) => rows.iter().try_for_each(|link| block::show(link, console))?,
            None if rows.is_empty() => console.note(format_args!("{} has no links", reached.peer))?,
            None if self.wide => table::wide(rows, console)?,
            None => narrow(rows, console)?,
        }
        Ok(Exit::Done)
    }

    /// Why there is no link, as far as anything is known.
    async fn explain(&self, peer: &str, reached: &Reached, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let failures = json::of(&ask(reached, "failures").await?);
        let of_peer = |failure: &&Value| spoken::text(failure, &["peer"]) == Some(peer);
        let failures: Vec<&Value> = failures.as_array().into_iter().flatten().filter(of_peer).collect();
        console.note(format_args!("{} has no link to {}", reached.peer, printable(peer)))?;
        if failures.is_empty() && !self.json {
            console
                .note("nothing failed under this name; who is refused before saying one stands under its address in countersign status")?;
        }
        if !self.json {
            failures.into_iter().try_for_each(|failure| block::failure(failure, console))?;
        }
        Ok(Exit::Unwell)
    }
}
