//! Hears everything that is logged in this process.

use log::kv::{Error, Key, Value, VisitSource};
use log::{LevelFilter, Log, Metadata, Record};
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

struct Listener(Mutex<String>);

static LISTENER: Listener = Listener(Mutex::new(String::new()));

/// From now on.
pub(crate) fn listen() {
    let _ = log::set_logger(&LISTENER);
    log::set_max_level(LevelFilter::Trace);
}

/// All that was said so far.
pub(crate) fn heard() -> String {
    LISTENER.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

struct Line(String);

impl VisitSource<'_> for Line {
    fn visit_pair(&mut self, key: Key<'_>, value: Value<'_>) -> Result<(), Error> {
        // In both of the forms in which a logger may write it.
        write!(self.0, " {key}={value} {value:?}")?;
        Ok(())
    }
}

impl Log for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut line = Line(format!("{} {} {}", record.level(), record.target(), record.args()));
        record.key_values().visit(&mut line).unwrap();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_str(&line.0);
        all.push('\n');
    }

    fn flush(&self) {}
}
