//! `ca-in-use`

use super::access::Access;
use super::ask::ask_for;
use super::console::{Console, Tone};
use super::{Exit, Trouble};
use crate::etf::{Term, atom, json, list, tuple};
use crate::node_name::NodeName;
use crate::rt;
use crate::tls::CaPool;
use crate::x509::name::printable;
use clap::Args;
use serde_json::Value;
use std::io;
use std::path::PathBuf;

/// Show what still depends on a CA, before it is taken out of the pools
#[derive(Debug, Args)]
#[command(after_help = "\
A link depends on the CA if its peer's certificate would be refused without it, or if nobody else
vouches for what the node presented to the peer. From an Erlang shell, with the CA's SHA-256:
gen_server:call({countersign, 'a@localhost'}, {depends_on, \"AB:CD:...\"}).
Exit code 1 if anything depends on it, 0 if nothing does.

Examples:
  countersign ca-in-use old-ca.crt
  countersign ca-in-use old-ca.crt db-1@db-1.internal --tls-dir /etc/tls --json")]
pub(super) struct CaInUse {
    /// The CA's certificate in PEM, or several that are to be taken out together
    #[arg(value_name = "FILE")]
    ca: PathBuf,
    /// The node [default: the one that configuration or development directory speak of]
    #[arg(value_name = "NODE")]
    node: Option<NodeName>,
    /// Print an object for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    access: Access,
}

impl CaInUse {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let texts = CaPool::from_file(&self.ca)?.fingerprints().into_iter().map(|sha256| Term::from(sha256.to_string()));
        let question = tuple([atom("depends_on"), list(texts)]);
        rt::block_on(async {
            let reached = self.access.reach(self.node).await?;
            let mut found = json::of(&ask_for(&reached, question).await?);
            forget_own_link(&mut found, reached.node.name());
            if self.json {
                console.json(&found)?;
            } else {
                show(&found, &reached.peer, console)?;
            }
            reached.node.stop().await;
            Ok(if is_in_use(&found) { Exit::Unwell } else { Exit::Done })
        })
    }
}

/// Whoever asks is a peer for that moment, with a certificate that may be of the old CA.
fn forget_own_link(found: &mut Value, own: &NodeName) {
    let links = found.get_mut("links").and_then(Value::as_array_mut);
    let is_own = |link: &Value| link.get("peer").and_then(Value::as_str) == Some(own.as_str());
    links.into_iter().for_each(|links| links.retain(|link| !is_own(link)));
}

fn is_in_use(found: &Value) -> bool {
    // A node that answers something else has not said that nothing depends on it.
    let is_certificate = found.get("certificate").and_then(Value::as_bool).unwrap_or(true);
    is_certificate || found.get("links").and_then(Value::as_array).is_none_or(|links| !links.is_empty())
}

fn show(found: &Value, node: &NodeName, console: &mut Console<'_>) -> io::Result<()> {
    if !is_in_use(found) {
        return console.line(format_args!("nothing at {node} depends on it"));
    }
    if found.get("certificate").and_then(Value::as_bool) == Some(true) {
        console.line(format_args!("a certificate of {node} itself is vouched for by nobody else"))?;
    }
    let links = found.get("links").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if links.is_empty() {
        return Ok(());
    }
    let said = |link: &Value, key| if link.get(key).and_then(Value::as_bool) == Some(true) { "depends" } else { "-" };
    let rows = links.iter().map(|link| {
        let peer = link.get("peer").and_then(Value::as_str).map(printable).unwrap_or_default();
        [peer, said(link, "theirs").to_owned(), said(link, "ours").to_owned()].map(|cell| (Tone::Plain, cell)).to_vec()
    });
    console.table(&["PEER", "ITS CERTIFICATE", "OURS"], &rows.collect::<Vec<_>>())
}
