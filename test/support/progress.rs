//! How far a program of minutes has come, for whoever waits at its terminal. Nothing is said where nobody waits.

use std::io::{IsTerminal, Write, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Shown once a second until this value goes, and wiped away then.
pub(crate) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    /// Asks now and then how much is done of how much.
    pub(crate) fn watch(what: &str, of: u64, done: impl Fn() -> u64 + Send + 'static) -> Self {
        if !stderr().is_terminal() {
            return Self(None);
        }
        let what = what.to_owned();
        let (sender, gone) = channel();
        let shown = thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = gone.recv_timeout(Duration::from_secs(1)) {
                let line = format!("{what}: {} of {of}", done());
                write!(stderr(), "\r{line}\r").and_then(|()| stderr().flush()).ok();
            }
            write!(stderr(), "\r{:60}\r", "").and_then(|()| stderr().flush()).ok();
        });
        Self(Some((sender, shown)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, shown)) = self.0.take() {
            drop(sender);
            shown.join().ok();
        }
    }
}
