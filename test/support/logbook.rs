//! Reads what the program says to its log, so that a test can wait for a line instead of for time.

use countersign::rt;
use log::kv::{Error, Key, Value, VisitSource};
use log::{LevelFilter, Log, Metadata, Record};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// One line about a refused peer.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) code: String,
    pub(crate) reason: String,
    pub(crate) hint: String,
    pub(crate) guess: bool,
    /// Of all that was said, in bytes.
    pub(crate) length: usize,
}

impl Line {
    /// A guess bears a question mark.
    pub(crate) fn marked_code(&self) -> String {
        if self.guess { format!("{}?", self.code) } else { self.code.clone() }
    }
}

/// From now on lines are kept. Every test that reads any says so first.
pub(crate) fn open() {
    let _ = log::set_logger(book());
    log::set_max_level(LevelFilter::Warn);
}

/// Waits for the line that says why this peer was refused. It is there for one reader.
pub(crate) async fn refusal_of(peer: SocketAddr) -> Result<Line, String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(line) = book().take(peer) {
            return Ok(line);
        }
        if Instant::now() > deadline {
            return Err(format!("no line of the log says why {peer} was refused"));
        }
        rt::sleep(Duration::from_millis(1)).await;
    }
}

/// Whether a line says why this peer was refused. It stays there.
pub(crate) fn has_refusal_of(peer: SocketAddr) -> bool {
    locked(&book().refusals).contains_key(&peer.to_string())
}

/// The port is used anew: what was said about its last owner no longer counts.
pub(crate) fn forget(peer: SocketAddr) {
    book().take(peer);
}

/// All other lines so far in which these words stand.
pub(crate) fn said(words: &str) -> Vec<String> {
    locked(&book().others).iter().filter(|line| line.contains(words)).cloned().collect()
}

#[derive(Debug, Default)]
struct Book {
    refusals: Mutex<HashMap<String, Line>>,
    others: Mutex<Vec<String>>,
}

impl Book {
    fn take(&self, peer: SocketAddr) -> Option<Line> {
        locked(&self.refusals).remove(&peer.to_string())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A line as a logger would write it.
struct Whole(String);

impl VisitSource<'_> for Whole {
    fn visit_pair(&mut self, key: Key<'_>, value: Value<'_>) -> Result<(), Error> {
        self.0.push_str(&format!(" {key}={value}"));
        Ok(())
    }
}

fn whole(record: &Record<'_>) -> String {
    let mut line = Whole(record.args().to_string());
    record.key_values().visit(&mut line).unwrap();
    line.0
}

impl Log for Book {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let said = |key: &str| record.key_values().get(Key::from(key)).map(|value| value.to_string());
        let (Some(peer), Some(code), Some(reason), Some(hint)) = (said("peer"), said("code"), said("reason"), said("hint")) else {
            locked(&self.others).push(whole(record));
            return;
        };
        let length = whole(record).len();
        let guess = said("guess").is_some_and(|guess| guess == "true");
        locked(&self.refusals).insert(peer, Line { code, reason, hint, guess, length });
    }

    fn flush(&self) {}
}

fn book() -> &'static Book {
    static BOOK: OnceLock<Book> = OnceLock::new();
    BOOK.get_or_init(Book::default)
}

/// Only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(20);
