//! `status`

use super::access::Access;
use super::ask::ask;
use super::console::{Console, Tone};
use super::{Exit, Trouble};
use crate::etf::json;
use crate::node_name::NodeName;
use crate::rt;
use crate::x509::name::printable;
use clap::Args;
use serde_json::Value;
use std::io;

/// Show how a node is: its peers, its certificate, its counters
#[derive(Debug, Args)]
#[command(after_help = "\
Any node of the cluster may ask. From an Erlang shell:
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
            let status = json::of(&ask(&reached, "status").await?);
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
    let Value::Object(all) = status else { return console.line(in_words(status)) };
    let (parts, short): (Vec<_>, Vec<_>) = all.iter().partition(|(_, value)| has_parts(value));
    fields(short, console)?;
    for (key, value) in parts {
        console.line(spoken(key))?;
        match value {
            Value::Object(object) => fields(object, console)?,
            _ => table(value.as_array().into_iter().flatten(), console)?,
        }
    }
    Ok(())
}

fn has_parts(value: &Value) -> bool {
    let is_table = |rows: &Vec<Value>| rows.iter().any(Value::is_object);
    value.as_object().is_some_and(|object| !object.is_empty()) || value.as_array().is_some_and(is_table)
}

fn fields<'a>(fields: impl IntoIterator<Item = (&'a String, &'a Value)>, console: &mut Console<'_>) -> io::Result<()> {
    let fields: Vec<(String, String)> = fields.into_iter().map(|(key, value)| (spoken(key), in_words(value))).collect();
    let borrowed: Vec<(&str, String)> = fields.iter().map(|(label, value)| (label.as_str(), value.clone())).collect();
    console.fields(&borrowed)
}

/// What fits on a line; `--json` has the rest.
fn table<'a>(rows: impl Iterator<Item = &'a Value>, console: &mut Console<'_>) -> io::Result<()> {
    let cell = |row: &Value, column| (Tone::Plain, row.get(column).map(in_short).unwrap_or_default());
    let rows: Vec<&Value> = rows.collect();
    let columns: Vec<&str> = COLUMNS.into_iter().filter(|column| rows.iter().any(|row| row.get(column).is_some())).collect();
    let cells: Vec<Vec<_>> = rows.iter().map(|row| columns.iter().map(|column| cell(row, *column)).collect()).collect();
    let heading: Vec<String> = columns.iter().map(|column| spoken(column).to_uppercase()).collect();
    console.table(&heading.iter().map(String::as_str).collect::<Vec<_>>(), &cells)
}

/// Of what TLS has agreed on, the version.
fn in_short(value: &Value) -> String {
    value.get("version").map_or_else(|| in_words(value), in_words)
}

fn spoken(key: &str) -> String {
    printable(&key.replace('_', " "))
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(value) => if *value { "yes" } else { "no" }.to_owned(),
        Value::String(text) => printable(text),
        Value::Number(number) => number.to_string(),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) if fields.is_empty() => "none".to_owned(),
        Value::Object(_) => printable(&value.to_string()),
    }
}

/// Of all tables; each has some of them.
const COLUMNS: [&str; 10] =
    ["peer", "linked", "failures", "code", "address", "tls", "up_seconds", "bytes_sent", "bytes_received", "identity"];
