//! A line of the log for people: `[2026-11-26T19:35:01Z WARN  countersign::net] connection refused event=connection_refused peer=…`.

use crate::x509::name::on_one_line;
use env_logger::fmt::Formatter;
use log::Record;
use log::kv::{Error, Key, Value, VisitSource, VisitValue};
use std::io::{self, Write};

/// Where the journal of systemd takes it, the time stands before each line already.
pub(super) fn write(out: &mut Formatter, record: &Record<'_>, is_for_journal: bool) -> io::Result<()> {
    let (level, colour) = (record.level(), out.default_level_style(record.level()));
    let time = if is_for_journal { String::new() } else { format!("{} ", out.timestamp_seconds()) };
    writeln!(out, "[{time}{colour}{level:<5}{colour:#} {}", rest(record))
}

/// All that follows the level. What strangers have said stands in it, and does not begin a line of its own.
fn rest(record: &Record<'_>) -> String {
    let mut line = Line(format!("{}] {}", record.target(), record.args()));
    // It never refuses.
    let _ = record.key_values().visit(&mut line);
    on_one_line(&line.0)
}

struct Line(String);

impl VisitSource<'_> for Line {
    fn visit_pair(&mut self, key: Key<'_>, value: Value<'_>) -> Result<(), Error> {
        self.0.push_str(&format!(" {key}="));
        value.visit(self)
    }
}

impl VisitValue<'_> for Line {
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), Error> {
        self.0.push_str(&value.to_string());
        Ok(())
    }

    fn visit_null(&mut self) -> Result<(), Error> {
        self.0.push_str("none");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_nothing_of_is_said_as_everywhere() {
        let pairs = [("epmd", Value::null()), ("port", Value::from(15_000_u16)), ("visible", Value::from(false))];
        let record = Record::builder().target("node").args(format_args!("node started")).key_values(&pairs).build();
        assert_eq!(rest(&record), "node] node started epmd=none port=15000 visible=false");
    }

    #[test]
    fn what_a_peer_says_begins_no_line_and_moves_no_cursor() {
        let pairs = [("peer", Value::from("a\r\n[ERROR x] all is lost")), ("reason", Value::from("\u{1b}[2J\u{202e}"))];
        let record = Record::builder().target("net").args(format_args!("refused")).key_values(&pairs).build();
        assert_eq!(rest(&record), "net] refused peer=a\\u{d}\\u{a}[ERROR x] all is lost reason=\\u{1b}[2J\\u{202e}");
    }
}
