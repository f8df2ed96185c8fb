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
use serde_json::{Map, Value};
use std::io;

/// Show how a node is: its peers, its certificate, its counters
#[derive(Debug, Args)]
#[command(after_help = "\
Any node of the cluster may ask; from an Erlang shell: gen_server:call({countersign, 'a@localhost'}, status).
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

/// Whatever a node says, be it of another version: short things beside their names, then the tables.
fn show(status: &Value, console: &mut Console<'_>) -> io::Result<()> {
    let Value::Object(fields) = status else { return console.line(in_words(status)) };
    let is_table = |value: &Value| rows(value).is_some_and(|rows| !rows.is_empty());
    let labels: Vec<(String, String)> =
        fields.iter().filter(|(_, value)| !is_table(value)).map(|(key, value)| (spoken(key), in_words(value))).collect();
    let lines: Vec<(&str, String)> = labels.iter().map(|(label, value)| (label.as_str(), value.clone())).collect();
    console.fields(&lines)?;
    for (key, value) in fields.iter().filter(|(_, value)| is_table(value)) {
        console.line(spoken(key))?;
        table(&rows(value).unwrap_or_default(), console)?;
    }
    Ok(())
}

/// The elements of a list of objects.
fn rows(value: &Value) -> Option<Vec<&Map<String, Value>>> {
    value.as_array()?.iter().map(Value::as_object).collect()
}

fn table(rows: &[&Map<String, Value>], console: &mut Console<'_>) -> io::Result<()> {
    let mut columns: Vec<&str> = Vec::new();
    for key in rows.iter().flat_map(|row| row.keys()) {
        if !columns.contains(&key.as_str()) {
            columns.push(key);
        }
    }
    let heading: Vec<String> = columns.iter().map(|column| format!("  {}", spoken(column).to_uppercase())).collect();
    let cell = |row: &Map<String, Value>, column: &str| format!("  {}", row.get(column).map(in_words).unwrap_or_default());
    let cells: Vec<Vec<(Tone, String)>> =
        rows.iter().map(|row| columns.iter().map(|column| (Tone::Plain, cell(row, column))).collect()).collect();
    console.table(&heading.iter().map(String::as_str).collect::<Vec<_>>(), &cells)
}

fn spoken(key: &str) -> String {
    printable(&key.replace('_', " "))
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => printable(text),
        Value::Number(number) => number.to_string(),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) if fields.is_empty() => "none".to_owned(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| format!("{} {}", spoken(key), in_words(value))).collect::<Vec<_>>().join(", ")
        }
    }
}
