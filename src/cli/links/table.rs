//! Links as rows. The narrow table fits into 100 columns whatever is in it; the wide one has all that a row can have.

use crate::cli::cert::Left;
use crate::cli::console::{Console, Tone};
use crate::cli::short::{both_ways, count, fitting, serial, span as short_span};
use crate::cli::spoken::{self, is, number, text};
use crate::clock::{Clock, SystemClock, Timestamp, span};
use crate::x509::name::printable;
use serde_json::Value;
use std::io;

type Cell = (Tone, String);
type Column = (&'static str, fn(&Value) -> Cell);

/// The table for a terminal.
pub(in crate::cli) fn narrow(links: &[Value], console: &mut Console<'_>) -> io::Result<()> {
    let peer: Column = ("PEER", |link| plain(fitting(&name(link), WIDEST_NAME)));
    show(&[&[peer], COLUMNS], links, console)
}

/// The table for a wide one.
pub(super) fn wide(links: &[Value], console: &mut Console<'_>) -> io::Result<()> {
    let peer: Column = ("PEER", |link| plain(name(link)));
    show(&[&[peer], COLUMNS, MORE], links, console)
}

fn show(columns: &[&[Column]], links: &[Value], console: &mut Console<'_>) -> io::Result<()> {
    let columns = columns.concat();
    let heading: Vec<&str> = columns.iter().map(|(title, _)| *title).collect();
    let rows: Vec<Vec<Cell>> = links.iter().map(|link| columns.iter().map(|(_, cell)| cell(link)).collect()).collect();
    console.table(&heading, &rows)
}

fn plain(text: impl Into<String>) -> Cell {
    (Tone::Plain, text.into())
}

fn name(link: &Value) -> String {
    printable(text(link, &["peer"]).unwrap_or("?"))
}

/// Text as it comes, or a dash.
fn said(link: &Value, path: &[&str]) -> Cell {
    plain(text(link, path).map_or_else(|| "-".to_owned(), printable))
}

fn version(link: &Value) -> Cell {
    match text(link, &["tls", "version"]) {
        None => (Tone::Bad, "none".to_owned()),
        Some(version) => plain(fitting(&printable(&version.replace("TLSv", "").replace('_', ".")), WIDEST_VERSION)),
    }
}

fn ours(link: &Value) -> Cell {
    let (tone, left) = left(link, "own_certificate");
    match (is(link, &["outdated"]), tone) {
        (false, _) => (tone, left),
        (true, Tone::Bad) => (tone, format!("{left} old")),
        (true, _) => (Tone::Doubtful, format!("{left} old")),
    }
}

fn left(link: &Value, whose: &str) -> Cell {
    match validity(link.get(whose).unwrap_or(&Value::Null)) {
        None => plain("-"),
        Some(Left::NotYet) => (Tone::Bad, "not yet".to_owned()),
        Some(Left::Nothing) => (Tone::Bad, "expired".to_owned()),
        Some(Left::Seconds(tone, seconds)) => (tone, short_span(seconds.unsigned_abs())),
    }
}

/// What is left of the validity of a certificate, by the clock of who looks.
pub(super) fn validity(certificate: &Value) -> Option<Left> {
    let moment = |key| text(certificate, &[key])?.parse::<Timestamp>().ok();
    Some(Left::of(moment("not_before")?, moment("not_after")?, SystemClock.now()))
}

/// The same in words, for a line of its own.
pub(super) fn in_words(left: Left) -> Cell {
    match left {
        Left::NotYet => (Tone::Bad, "not yet valid".to_owned()),
        Left::Nothing => (Tone::Bad, "expired".to_owned()),
        Left::Seconds(tone, seconds) => (tone, format!("{} left", span(seconds))),
    }
}

const COLUMNS: &[Column] = &[
    ("WAY", |link| plain(if is(link, &["dialled"]) { "out" } else { "in" })),
    ("TLS", version),
    ("UP", |link| plain(short_span(number(link, &["up_seconds"])))),
    ("MSGS OUT/IN", |link| plain(both_ways(number(link, &["messages_sent"]), number(link, &["messages_received"])))),
    ("BYTES OUT/IN", |link| plain(both_ways(number(link, &["bytes_sent"]), number(link, &["bytes_received"])))),
    ("WAITING", |link| plain(count(number(link, &["bytes_waiting"])))),
    ("OURS", ours),
    ("THEIRS", |link| left(link, "peer_certificate")),
];

const MORE: &[Column] = &[
    ("ADDRESS", |link| said(link, &["address"])),
    ("KIND", |link| plain(if is(link, &["tls", "countersign"]) { "countersign" } else { "other" })),
    ("SEEN", |link| plain(if is(link, &["visible"]) { "visible" } else { "hidden" })),
    ("SUITE", |link| said(link, &["tls", "suite"])),
    ("KEY EXCHANGE", |link| said(link, &["tls", "key_exchange"])),
    ("GEN", |link| plain(spoken::at(link, &["generation"]).and_then(Value::as_u64).map_or_else(|| "-".to_owned(), |it| it.to_string()))),
    ("OUR SERIAL", |link| serial_of(link, "own_certificate")),
    ("THEIR SERIAL", |link| serial_of(link, "peer_certificate")),
    ("LAST FAILURE", |link| said(link, &["last_failure", "code"])),
    ("IDENTITY", |link| said(link, &["identity"])),
];

fn serial_of(link: &Value, whose: &str) -> Cell {
    plain(text(link, &[whose, "serial"]).map_or_else(|| "-".to_owned(), |hex| serial(&printable(hex))))
}

/// With the other columns at their widest, the line has 100 columns.
const WIDEST_NAME: usize = 25;
const WIDEST_VERSION: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::console::Reader;
    use serde_json::json;

    fn shown(show: impl Fn(&[Value], &mut Console<'_>) -> io::Result<()>, colours: bool, links: &[Value]) -> Vec<String> {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        show(links, &mut Console::new((&mut out, colours), (&mut err, colours), Reader::Person)).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    fn widest() -> Value {
        let certificate = json!({ "not_before": "1970-01-02T00:00:00Z", "not_after": "9999-12-31T23:59:59Z", "serial": "0A:1B:2C:3D:4E" });
        let many = 999_999_999_u64;
        json!({
            "peer": "a-node-with-a-long-name@a-host-with-a-long-name.internal.example", "dialled": true, "outdated": true,
            "tls": { "version": "SSLv3_and_longer" }, "own_certificate": certificate, "peer_certificate": certificate,
            "messages_sent": many, "messages_received": many, "bytes_sent": many, "bytes_received": many, "bytes_waiting": many,
            "up_seconds": 253_402_300_799_u64,
        })
    }

    #[test]
    fn the_table_fits_into_100_columns_whatever_is_in_it() {
        let expired = json!({ "own_certificate": { "not_before": "2020-01-01", "not_after": "2020-02-01" }, "outdated": true });
        let lines = shown(narrow, false, &[widest(), expired, json!({}), json!("nonsense")]);
        assert_eq!(lines.iter().map(|line| line.chars().count()).max(), Some(100), "{lines:#?}");
        let words: Vec<&str> = lines[1].split_whitespace().collect();
        assert_eq!(words[..6], ["a-node-with-…rnal.example", "out", "SS…r", "8035y", "999M/999M", "999M/999M"], "{lines:#?}");
        assert!(shown(wide, false, &[widest()])[1].contains("@a-host-with-a-long-name.internal.example"));
    }

    #[test]
    fn what_is_left_of_a_certificate_is_coloured_on_a_terminal_only() {
        let certificate = |not_after: &str| json!({ "not_before": "2020-01-01T00:00:00Z", "not_after": not_after });
        let link =
            json!({ "own_certificate": certificate("2020-02-01T00:00:00Z"), "peer_certificate": certificate("9999-01-01T00:00:00Z") });
        let [_, painted] = &shown(narrow, true, std::slice::from_ref(&link))[..] else { panic!("one row") };
        assert!(painted.contains("\u{1b}[31mexpired") && painted.contains("\u{1b}[32m"), "{painted:?}");
        assert!(!shown(narrow, false, &[link]).concat().contains('\u{1b}'));
    }
}
