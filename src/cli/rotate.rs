//! `rotate`

use super::access::Access;
use super::ask::{ask_for, without_own};
use super::console::{Console, Tone};
use super::spoken::{self, label, words};
use super::{Exit, Trouble};
use crate::etf::{DuplicateKey, Map, Term, atom, json, tuple};
use crate::node_name::NodeName;
use crate::rt;
use clap::Args;
use serde_json::Value;
use std::io;
use std::path::{Path, PathBuf};

/// Have a node take its certificates from their files again, or another pair
#[derive(Debug, Args)]
#[command(after_help = "\
A new certificate is judged for every acceptor and route that would present it, and then presented
from the next handshake on; if any of them could not work with it, the old one stays, and the answer
says for whom, why, and what helps. What becomes of each link is what rotation in the configuration
says: keep, close, handover, or cannot, where a handover is wanted and the peer knows none.

With --cert the node reads a pair on its own host, once, for itself and for whoever has the same
source: a key never crosses a link. It stays until the node's own files change, or until rotate
without --cert. The command makes the paths whole, starting from its own directory.

With --json an object with dry_run, sources (name, outcome: unchanged, replaced, would_replace or
refused; old_serial, new_serial, code, holder, reason, hint) and links (peer, fate: keep, close,
handover or cannot; otherwise, reason). What there is nothing of is \"none\". More may come.

A node obeys only its admins: whoever shows its own certificate, or one that bears a name from the
list node.admins of its configuration. From an Erlang shell:
gen_server:call({countersign, 'a@localhost'}, {rotate, #{dry_run => true}}).
Exit code 1, with the reason, if anything is refused or there is no source to look at.

Examples:
  countersign rotate
  countersign rotate --dry-run --config /etc/countersign/node.json
  countersign rotate db-1@db-1.internal --tls-dir /etc/tls --cert /etc/tls/next.crt --key /etc/tls/next.key")]
pub(super) struct Rotate {
    /// The node [default: the one that configuration or development directory speak of]
    #[arg(value_name = "NODE")]
    node: Option<NodeName>,
    /// Say what would come of it, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// The file with another certificate, on the node's host
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// The file with its key, on the node's host [default: the certificate's file]
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Print an object for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    access: Access,
}

impl Rotate {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let question = tuple([atom("rotate"), self.options()?]);
        rt::block_on(async {
            let reached = self.access.reach(self.node).await?;
            let mut answer = json::of(&ask_for(&reached, question).await?);
            if let Some(links) = answer.get_mut("links") {
                *links = without_own(links.take(), &reached);
            }
            if self.json {
                console.json(&answer)?;
            } else {
                console.line(&reached.peer)?;
                show(&answer, console)?;
            }
            reached.node.stop().await;
            Ok(exit(&answer))
        })
    }

    fn options(&self) -> Result<Term, Trouble> {
        let mut options = vec![(atom("dry_run"), Term::from(self.dry_run))];
        for (name, path) in [("cert", &self.cert), ("key", &self.key)] {
            if let Some(path) = path {
                options.push((atom(name), whole(path)?));
            }
        }
        // The three names differ.
        Ok(Map::new(options).map_or_else(|DuplicateKey { .. }| Term::nil(), Term::from))
    }
}

fn whole(path: &Path) -> Result<Term, Trouble> {
    let whole = std::path::absolute(path).ok().and_then(|path| path.into_os_string().into_string().ok());
    whole.map(Term::from).ok_or_else(|| Trouble::Path(path.to_owned()))
}

fn rows<'a>(answer: &'a Value, key: &str) -> &'a [Value] {
    answer.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Who answers something else has not said that it went well.
fn exit(answer: &Value) -> Exit {
    let sources = rows(answer, "sources");
    let is_good = |row: &Value| matches!(spoken::text(row, &["outcome"]), Some("unchanged" | "replaced" | "would_replace"));
    if !sources.is_empty() && sources.iter().all(is_good) { Exit::Done } else { Exit::Unwell }
}

fn show(answer: &Value, console: &mut Console<'_>) -> io::Result<()> {
    let (sources, links) = (rows(answer, "sources"), rows(answer, "links"));
    if sources.is_empty() {
        return console.note("its certificates have no source that could be looked at: give it a pair with --cert and --key");
    }
    sources.iter().try_for_each(|row| source(row, console))?;
    if links.is_empty() {
        return Ok(());
    }
    let cell = |row: &Value, key| (Tone::Plain, said(row, key).map_or_else(|| "-".to_owned(), words));
    let cells: Vec<_> = links.iter().map(|row| ["peer", "fate", "otherwise", "reason"].map(|key| cell(row, key)).to_vec()).collect();
    console.table(&["PEER", "ITS LINK", "OTHERWISE", "REASON"], &cells)
}

/// What became of one, and behind it why.
fn source(row: &Value, console: &mut Console<'_>) -> io::Result<()> {
    console.line(format_args!("source {}", row.get("name").map(words).unwrap_or_default()))?;
    let outcome = spoken::text(row, &["outcome"]).map(label).unwrap_or_default();
    let mut fields = vec![("outcome", console.painted(tone(row), outcome))];
    let facts = [("old serial", "old_serial"), ("new serial", "new_serial"), ("code", "code"), ("reason", "reason"), ("hint", "hint")];
    fields.extend(facts.into_iter().filter_map(|(label, key)| Some((label, words(said(row, key)?)))));
    if spoken::is(row, &["restart_required"]) {
        fields.push(("CAs", "not those in force: they count after a restart".to_owned()));
    }
    console.fields(&fields)
}

fn said<'a>(row: &'a Value, key: &str) -> Option<&'a Value> {
    row.get(key).filter(|value| words(value) != "none")
}

fn tone(row: &Value) -> Tone {
    match spoken::text(row, &["outcome"]) {
        Some("refused") => Tone::Bad,
        Some("replaced" | "would_replace") => Tone::Good,
        _ => Tone::Plain,
    }
}
