//! A line of the log for people: `[WARN  countersign::net] connection refused event=connection_refused peer=…`.

use crate::x509::name::on_one_line;
use env_logger::fmt::Formatter;
use log::Record;
use log::kv::{Error, Key, Value, VisitSource};
use std::io::{self, Write};

pub(super) fn write(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let (level, colour) = (record.level(), out.default_level_style(record.level()));
    writeln!(out, "[{colour}{level:<5}{colour:#} {}", rest(record))
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
        self.0.push_str(&format!(" {key}={value}"));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_says_begins_no_line_and_moves_no_cursor() {
        let pairs = [("peer", Value::from("a\r\n[ERROR x] all is lost")), ("reason", Value::from("\u{1b}[2J\u{202e}"))];
        let record = Record::builder().target("net").args(format_args!("refused")).key_values(&pairs).build();
        assert_eq!(rest(&record), "net] refused peer=a\\u{d}\\u{a}[ERROR x] all is lost reason=\\u{1b}[2J\\u{202e}");
    }
}
