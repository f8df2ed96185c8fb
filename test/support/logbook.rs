//! Reads what the program says to its log, so that a test can wait for a line instead of for time.

use countersign::rt;
use log::kv::Key;
use log::{LevelFilter, Log, Metadata, Record};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// One line about a refused peer.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) code: String,
    pub(crate) reason: String,
    pub(crate) hint: String,
    pub(crate) guess: bool,
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

#[derive(Debug, Default)]
struct Book(Mutex<HashMap<String, Line>>);

impl Book {
    fn take(&self, peer: SocketAddr) -> Option<Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&peer.to_string())
    }
}

impl Log for Book {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let said = |key: &str| record.key_values().get(Key::from(key)).map(|value| value.to_string());
        let (Some(peer), Some(code), Some(reason), Some(hint)) = (said("peer"), said("code"), said("reason"), said("hint")) else {
            return;
        };
        let guess = said("guess").is_some_and(|guess| guess == "true");
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(peer, Line { code, reason, hint, guess });
    }

    fn flush(&self) {}
}

fn book() -> &'static Book {
    static BOOK: OnceLock<Book> = OnceLock::new();
    BOOK.get_or_init(Book::default)
}

/// Only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(20);
