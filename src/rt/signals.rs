//! What the system says to a process that should end.

use async_signal::{Signal, Signals};
use futures_util::stream::StreamExt;
use std::io;

/// Waits for SIGTERM and SIGINT, which from then on no longer end the process by themselves.
#[derive(Debug)]
pub struct Stops(Signals);

impl Stops {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn listen() -> io::Result<Self> {
        Signals::new(WANTED).map(Self)
    }

    /// The next one, by its name.
    pub async fn next(&mut self) -> &'static str {
        match self.0.next().await {
            Some(Ok(Signal::Int)) => "SIGINT",
            Some(_) => "SIGTERM",
            None => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
const WANTED: [Signal; 2] = [Signal::Term, Signal::Int];
/// Windows knows Ctrl-C only.
#[cfg(not(unix))]
const WANTED: [Signal; 1] = [Signal::Int];
