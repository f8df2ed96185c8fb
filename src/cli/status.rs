//! `status`

use super::access::Access;
use super::ask::{ask, without_own};
use super::console::{Console, Tone};
use super::spoken::{self, label, words};
use super::{Exit, Trouble, links};
use crate::etf::json;
use crate::node_name::NodeName;
use crate::rt;
use clap::Args;
use serde_json::{Map, Value};
use std::io;

/// Show how a node is: its certificate, its links, what failed and what helps
#[derive(Debug, Args)]
#[command(after_help = "\
The certificate is the one in force. Own certificates are all that the node shows, those of its
acceptors and routes too: how much is left of the life of each, what helps, and the authority whose
end counts because it comes first. Refusals are counted by code, those by peers among them; last
failures are those of each peer that had one, the latest first: countersign links --peer NODE tells
one in full. The link of this command itself is left out.

With --json an object, whose keys never change their meaning: name, version, creation, mode,
visible, uptime_seconds, listens, generation, certificate (as of countersign links),
own_certificates (holders, subject, serial, stage: well, third, tenth, fiftieth, expired or
not_yet_valid, left, seconds_left, until, authority, hint), sources (name, serial, taken_at,
restart_required, code, holder, reason, hint), allow, deny, processes, registered,
dropped_messages, calls_running, calls_refused, links_made, judged, keeps, refusals (code, count,
by_peers, hint), last_failures and links (as of countersign links). What there is nothing of is
\"none\". More may come.

Any verified node of the cluster may ask. From an Erlang shell:
gen_server:call({countersign, 'a@localhost'}, status).
Exit code 1, with the reason, if there is no answer.

Examples:
  countersign status
  countersign status db-1@db-1.internal --tls-dir /etc/tls --json")]
pub(super) struct Status {
    /// The node [default: the one that configuration or development directory speak of]
    #[arg(value_name = "NODE")]
    node: Option<NodeName>,
    /// Print an object for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    access: Access,
}

impl Status {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        rt::block_on(async {
            let reached = self.access.reach(self.node).await?;
            let mut status = json::of(&ask(&reached, "status").await?);
            if let Some(links) = status.get_mut("links") {
                *links = without_own(links.take(), &reached);
            }
            if self.json {
                console.json(&status)?;
            } else {
                console.line(&reached.peer)?;
                show(&status, console)?;
            }
            reached.node.stop().await;
            Ok(Exit::Done)
        })
    }
}

/// Short things first, then what has parts; a node of another version may say other things.
fn show(status: &Value, console: &mut Console<'_>) -> io::Result<()> {
    let Value::Object(all) = status else { return console.line(words(status)) };
    let (parts, short): (Vec<_>, Vec<_>) = spoken::ordered(all, ORDER).into_iter().partition(|(_, value)| has_parts(value));
    let short: Map<String, Value> = short.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    links::facts_in(ORDER, &Value::Object(short), console)?;
    for (key, value) in parts {
        if let ("sources", Some(rows)) = (key.as_str(), value.as_array()) {
            rows.iter().try_for_each(|row| source(row, console))?;
            continue;
        }
        console.line(label(key))?;
        match (key.as_str(), value.as_array()) {
            ("links", Some(rows)) => links::narrow(rows, console)?,
            ("own_certificates", Some(rows)) => table(rows, OWN, console)?,
            ("keeps", Some(rows)) => table(rows, KEEPS, console)?,
            ("refusals", Some(rows)) => table(rows, REFUSALS, console)?,
            ("last_failures", Some(rows)) => table(rows, FAILURES, console)?,
            (_, Some(rows)) => table(rows, &keys(rows), console)?,
            (_, None) => links::facts(value, console)?,
        }
    }
    Ok(())
}

fn has_parts(value: &Value) -> bool {
    let is_table = |rows: &Vec<Value>| rows.iter().any(Value::is_object);
    value.as_object().is_some_and(|object| !object.is_empty()) || value.as_array().is_some_and(is_table)
}

fn table(rows: &[Value], columns: &[&str], console: &mut Console<'_>) -> io::Result<()> {
    let said = |row: &Value, column| row.get(column).filter(|value| !is_nothing(value)).map_or_else(|| "-".to_owned(), words);
    let cell = |row: &Value, column| (Tone::Plain, said(row, column));
    let cells: Vec<Vec<_>> = rows.iter().map(|row| columns.iter().map(|column| cell(row, *column)).collect()).collect();
    let heading: Vec<String> = columns.iter().map(|column| label(column).to_uppercase()).collect();
    console.table(&heading.iter().map(String::as_str).collect::<Vec<_>>(), &cells)
}

/// The name is a path or two, which no table has room for, and what is wrong with one is a sentence.
fn source(row: &Value, console: &mut Console<'_>) -> io::Result<()> {
    console.line(format_args!("source {}", row.get("name").map(words).unwrap_or_default()))?;
    let said = row.as_object().into_iter().flatten().filter(|(key, value)| *key != "name" && !is_nothing(value));
    let said: Map<String, Value> = said.map(|(key, value)| (key.clone(), value.clone())).collect();
    links::facts_in(SOURCE, &Value::Object(said), console)
}

fn is_nothing(value: &Value) -> bool {
    words(value) == "none"
}

/// Those of rows that this command knows nothing of.
fn keys(rows: &[Value]) -> Vec<&str> {
    rows.iter().find_map(Value::as_object).into_iter().flatten().map(|(key, _)| key.as_str()).collect()
}

const ORDER: &[&str] = &[
    "name",
    "version",
    "mode",
    "visible",
    "uptime_seconds",
    "listens",
    "creation",
    "generation",
    "allow",
    "deny",
    "processes",
    "registered",
    "dropped_messages",
    "calls_running",
    "calls_refused",
    "links_made",
    "certificate",
    "own_certificates",
    "sources",
    "links",
    "keeps",
    "judged",
    "refusals",
    "last_failures",
];
const OWN: &[&str] = &["holders", "stage", "left", "until", "authority", "hint"];
const SOURCE: &[&str] = &["serial", "taken_at", "restart_required", "code", "holder", "reason", "hint"];
const KEEPS: &[&str] = &["peer", "linked", "resting", "failures", "code"];
const REFUSALS: &[&str] = &["code", "count", "by_peers", "hint"];
const FAILURES: &[&str] = &["peer", "code", "times", "occasion", "by", "at"];
