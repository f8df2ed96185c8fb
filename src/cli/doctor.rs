//! `doctor`

mod show;

use super::access::Access;
use super::ask::ask;
use super::console::Console;
use super::{Exit, Trouble};
use crate::doctor::{self, Asked, Case, Report, Target};
use crate::etf::json;
use crate::node_name::NodeName;
use crate::rt;
use clap::Args;
use serde_json::Value;

/// Find out why TLS fails, piece by piece
#[derive(Debug, Args)]
#[command(after_help = "\
Without --peer it looks at all that the node starts with: the configuration, every file and who may
read it, certificate and key, chain, uses, names, dates, this machine's clock, revocation lists,
cookie, ports and epmd; and at the node that runs, if one does: does it present the certificate that
lies there, and trust those CAs?

With --peer or --all it meets others step by step: what is offered, what they present, who refuses
whom and why; then the distribution's handshake, as a node without a name that leaves at once. When
a handshake of TLS fails it connects once more and only looks, judging nothing, saying nothing.

Each line begins with ✓ (well), ✗ (wrong) or - (does not apply). What is wrong has its code, a hint,
and the words in which other programs say the same. Exit code 0: nothing is wrong. 1: something is.
2: the configuration's file cannot be read.

With --json a list of objects with the keys check, about, ok (true, false or null), said, facts,
code, hint and also_seen_as, whose meaning never changes. More may come.

Examples:
  countersign doctor
  countersign doctor --config /etc/countersign/node.json
  countersign doctor --tls-dir /etc/tls --name db-2@db-2.internal
  countersign doctor --tls-dir /etc/tls --peer db-1@db-1.internal
  countersign doctor --config /etc/countersign/node.json --peer 10.0.0.7:15000
  countersign doctor --config /etc/countersign/node.json --all --json")]
pub(super) struct Doctor {
    #[command(flatten)]
    access: Access,
    /// The node's name, where it is not the one of the configuration or on the certificate
    #[arg(long, value_name = "NAME@HOST")]
    name: Option<NodeName>,
    /// Meet this peer: a node, or whoever answers at an address
    #[arg(long, value_name = "NODE|HOST:PORT")]
    peer: Option<Target>,
    /// Meet every seed of the configuration, and everybody for whom it has a route
    #[arg(long, conflicts_with = "peer")]
    all: bool,
    /// Print a list of objects for programs
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let case = self.access.case(self.name.clone())?;
        let report = console.while_saying("looking", || rt::block_on(self.report(&case)));
        if self.json {
            console.json(&show::objects(&report))?;
        } else {
            show::lines(&report, console)?;
        }
        Ok(if report.is_well() { Exit::Done } else { Exit::Unwell })
    }

    async fn report(&self, case: &Case) -> Report {
        if self.peer.is_none() && !self.all {
            return self.alone(case).await;
        }
        // What is wrong here is why peers refuse us.
        let mut report = doctor::credentials(case).wrong();
        report.extend(match &self.peer {
            Some(target) => doctor::visit(case, target).await,
            None => doctor::everybody(case).await,
        });
        report
    }

    /// Asks the node that runs, if these files are enough to.
    async fn alone(&self, case: &Case) -> Report {
        if case.options.is_none() || case.name.is_none() {
            return doctor::examine_running(case, &Asked::Not).await;
        }
        match self.status(case.name.clone()).await {
            Ok(status) => doctor::examine_running(case, &Asked::Said(&status)).await,
            Err(trouble) => doctor::examine_running(case, &Asked::Failed(&trouble)).await,
        }
    }

    async fn status(&self, name: Option<NodeName>) -> Result<Value, Trouble> {
        let reached = self.access.reach(name).await?;
        let status = ask(&reached, "status").await.map(|term| json::of(&term));
        reached.node.stop().await;
        status
    }
}
