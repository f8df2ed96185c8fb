//! A line of the log for programs: one object with `time`, `level`, `target`, `event` and `message`, in this order,
//! and behind them what else is known.

use env_logger::fmt::Formatter;
use log::kv::{Error, Key, Value, VisitSource, VisitValue};
use log::{Level, Record};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;
use std::io::{self, Write};

pub(super) fn write(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let line = serde_json::to_string(&Line::of(record, out.timestamp_millis().to_string()))?;
    writeln!(out, "{line}")
}

struct Line(Vec<(String, Json)>);

impl Line {
    fn of(record: &Record<'_>, time: String) -> Self {
        let event = record.key_values().get(Key::from(EVENT)).map_or(Json::Null, |event| of_value(&event));
        let first = [
            ("time", time.into()),
            ("level", in_lower_case(record.level()).into()),
            ("target", record.target().into()),
            (EVENT, event),
            ("message", record.args().to_string().into()),
        ];
        let mut line = Self(first.map(|(key, value)| (key.to_owned(), value)).into());
        // It never refuses.
        let _ = record.key_values().visit(&mut line);
        line
    }

    /// Another crate may call something of its own `time`: the first keeps the name.
    fn free(&self, key: &str) -> String {
        let mut key = key.to_owned();
        while self.0.iter().any(|(taken, _)| *taken == key) {
            key.push('_');
        }
        key
    }
}

impl VisitSource<'_> for Line {
    fn visit_pair(&mut self, key: Key<'_>, value: Value<'_>) -> Result<(), Error> {
        if key.as_str() != EVENT {
            self.0.push((self.free(key.as_str()), of_value(&value)));
        }
        Ok(())
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(key, value)| object.serialize_entry(key, value))?;
        object.end()
    }
}

/// Numbers stay numbers, and what has no word in JSON is text.
fn of_value(value: &Value<'_>) -> Json {
    let mut found = Found(Json::Null);
    // It never refuses.
    let _ = value.visit(&mut found);
    found.0
}

struct Found(Json);

impl VisitValue<'_> for Found {
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), Error> {
        self.0 = value.to_string().into();
        Ok(())
    }

    fn visit_null(&mut self) -> Result<(), Error> {
        self.0 = Json::Null;
        Ok(())
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), Error> {
        self.0 = value.into();
        Ok(())
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), Error> {
        self.0 = value.into();
        Ok(())
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), Error> {
        self.0 = value.into();
        Ok(())
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), Error> {
        self.0 = value.into();
        Ok(())
    }
}

const fn in_lower_case(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "info",
        Level::Debug => "debug",
        Level::Trace => "trace",
    }
}

const EVENT: &str = "event";

#[cfg(test)]
mod tests {
    use super::*;

    fn line(pairs: &[(&str, Value<'_>)]) -> String {
        let record = Record::builder().level(Level::Warn).target("net").args(format_args!("refused")).key_values(&pairs).build();
        serde_json::to_string(&Line::of(&record, "2026-01-01T00:00:00.000Z".to_owned())).unwrap()
    }

    #[test]
    fn the_first_five_keys_are_always_there_and_numbers_stay_numbers() {
        let code = crate::failure::Code::UnknownCa;
        let pairs = [("port", Value::from(4369)), (EVENT, Value::from("guest_refused")), ("guess", Value::from(true))];
        assert_eq!(
            line(&pairs),
            r#"{"time":"2026-01-01T00:00:00.000Z","level":"warn","target":"net","event":"guest_refused","message":"refused","port":4369,"guess":true}"#
        );
        assert_eq!(
            line(&[("code", Value::from_display(&code))]),
            r#"{"time":"2026-01-01T00:00:00.000Z","level":"warn","target":"net","event":null,"message":"refused","code":"unknown_ca"}"#
        );
    }

    #[test]
    fn what_a_peer_says_neither_breaks_the_line_nor_takes_the_place_of_a_key() {
        let said = "a\r\n\u{1b}\u{0}\"}, \"level\": \"info";
        let line = line(&[("peer", Value::from(said)), ("level", Value::from("info")), ("level", Value::from("debug"))]);
        assert!(!line.contains(char::is_control), "{line:?}");
        let object: Json = serde_json::from_str(&line).unwrap();
        let at = |key: &str| object.get(key).and_then(Json::as_str);
        assert_eq!((at("peer"), at("level"), at("level_"), at("level__")), (Some(said), Some("warn"), Some("info"), Some("debug")));
    }
}
