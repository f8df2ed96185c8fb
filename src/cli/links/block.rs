//! All that is known of one thing, a fact to a line.

use super::table::{in_words, validity};
use crate::cli::console::Console;
use crate::cli::short::span;
use crate::cli::spoken::{self, label};
use serde_json::Value;
use std::io;

/// What this command knows of comes first; whatever else the node says comes behind it.
pub(super) fn show(link: &Value, console: &mut Console<'_>) -> io::Result<()> {
    console.line(spoken::words(link.get("peer").unwrap_or(&Value::Null)))?;
    facts(link, console)
}

/// What failed last, where there is no link.
pub(super) fn failure(failure: &Value, console: &mut Console<'_>) -> io::Result<()> {
    console.line("last failure")?;
    facts(failure, console)
}

/// The facts of an object but its own name; those with parts are told part by part, under both names.
pub(in crate::cli) fn facts(all: &Value, console: &mut Console<'_>) -> io::Result<()> {
    facts_in(ORDER, all, console)
}

/// The same, in an order of one's own.
pub(in crate::cli) fn facts_in(order: &[&str], all: &Value, console: &mut Console<'_>) -> io::Result<()> {
    let mut fields = Vec::new();
    for (key, value) in all.as_object().map(|all| spoken::ordered(all, order)).unwrap_or_default() {
        match value.as_object().filter(|parts| !parts.is_empty()) {
            Some(parts) => {
                let parts = spoken::ordered(parts, ORDER).into_iter().filter(|(part, _)| *part != "peer");
                let told =
                    parts.filter_map(|(part, inner)| Some((format!("{} {}", label(key), label(part)), told(part, inner, value, console)?)));
                fields.extend(told);
            }
            None if key == "peer" => {}
            None => fields.extend(told(key, value, all, console).map(|told| (label(key.strip_suffix(SECONDS).unwrap_or(key)), told))),
        }
    }
    let borrowed: Vec<(&str, String)> = fields.iter().map(|(label, value)| (label.as_str(), value.clone())).collect();
    console.fields(&borrowed)
}

/// The end of a validity and what is left of it are one fact.
fn told(key: &str, value: &Value, of: &Value, console: &Console<'_>) -> Option<String> {
    match (key, validity(of)) {
        ("days_left", Some(_)) => None,
        ("not_after", Some(left)) => {
            let (tone, left) = in_words(left);
            Some(format!("{} ({})", spoken::words(value), console.painted(tone, left)))
        }
        _ => Some(value.as_u64().filter(|_| key.ends_with(SECONDS)).map_or_else(|| spoken::words(value), span)),
    }
}

/// How a key ends that is a span of time.
const SECONDS: &str = "_seconds";
const ORDER: &[&str] = &[
    "name",
    "identity",
    "verified",
    "dialled",
    "visible",
    "address",
    "local_address",
    "tls",
    "version",
    "suite",
    "key_exchange",
    "countersign",
    "generation",
    "outdated",
    "handovers",
    "handovers_failed",
    "handover_failure",
    "handover_impossible",
    "own_certificate",
    "peer_certificate",
    "subject",
    "names",
    "issuer",
    "serial",
    "not_before",
    "not_after",
    "days_left",
    "stage",
    "sha256",
    "up_seconds",
    "messages_sent",
    "messages_received",
    "bytes_sent",
    "bytes_received",
    "bytes_waiting",
    "last_failure",
    "code",
    "reason",
    "hint",
    "occasion",
    "by",
    "at",
    "times",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::console::Reader;
    use serde_json::json;

    #[test]
    fn what_a_later_node_says_is_shown_behind_what_is_known_and_cannot_write_to_the_terminal() {
        let link = json!({
            "peer": "b@localhost", "verdict": { "code": "revoked", "peer": "x" }, "handovers": 3, "visible": true, "tls": "none",
            "words": ["a", { "b": 1 }], "trap": "\u{1b}[31m", "up_seconds": 7300,
        });
        let (mut out, mut err) = (Vec::new(), Vec::new());
        show(&link, &mut Console::new((&mut out, true), (&mut err, true), Reader::Person)).unwrap();
        let expected = "\
b@localhost
  visible       yes
  tls           none
  handovers     3
  up            2h
  trap          \\u{1b}[31m
  verdict code  revoked
  words         a, b 1
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
