//! What the system says to a process: that it should end, or look at its files again.

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

/// Waits for SIGHUP, which from then on no longer ends the process. Where there is no such signal it waits for ever.
#[derive(Debug)]
pub struct Reloads(#[cfg(unix)] Signals);

impl Reloads {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the system does not let us.
    #[cfg(unix)]
    pub fn listen() -> io::Result<Self> {
        Signals::new([Signal::Hup]).map(Self)
    }

    /// Begins to listen.
    ///
    /// # Errors
    /// When the system does not let us.
    #[cfg(not(unix))]
    pub fn listen() -> io::Result<Self> {
        Ok(Self())
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if self.0.next().await.is_some() {
            return;
        }
        std::future::pending().await
    }
}

#[cfg(unix)]
const WANTED: [Signal; 2] = [Signal::Term, Signal::Int];
/// Windows knows Ctrl-C only.
#[cfg(not(unix))]
const WANTED: [Signal; 1] = [Signal::Int];
