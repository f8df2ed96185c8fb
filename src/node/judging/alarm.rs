//! When links are to be judged next.

use crate::rt::{self, Event};
use crate::tls::Watcher;
use futures_util::future::{Either, select};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The nearest moment at which a certificate ends, or at which links are judged all the same.
#[derive(Debug)]
pub(super) struct Alarm {
    every: Duration,
    at: Mutex<Instant>,
    /// Told when it is sooner than it was.
    sooner: Event,
}

impl Alarm {
    pub(super) fn new(every: Duration) -> Self {
        let every = every.clamp(SHORTEST, LONGEST);
        Self { every, at: Mutex::new(Instant::now() + every), sooner: Event::new() }
    }

    /// All is about to be judged: what counts from here on is what that finds.
    pub(super) fn rewind(&self) {
        *self.lock() = Instant::now() + self.every;
    }

    /// A certificate ends in so many seconds. A clock of a test's or one that jumps may say anything, so that nothing is
    /// believed beyond the usual time.
    pub(super) fn note(&self, seconds: u64) {
        let at = Instant::now() + Duration::from_secs(seconds).min(self.every);
        let mut next = self.lock();
        if at < *next {
            *next = at;
            drop(next);
            self.sooner.notify(usize::MAX);
        }
    }

    /// Waits until it is time, or until there were more changes than these.
    pub(super) async fn due(&self, watcher: &Watcher, seen: u64) {
        let mut changed = pin!(watcher.after(seen));
        loop {
            let sooner = self.sooner.listen();
            let left = self.lock().saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waiting = pin!(rt::timeout(left, sooner));
            if let Either::Left(_) = select(&mut changed, waiting).await {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Instant> {
        // One value, written at once.
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without a pause between them nobody else had his turn.
const SHORTEST: Duration = Duration::from_millis(1);
/// As good as never, and still a moment that there is.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
