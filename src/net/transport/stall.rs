//! A peer that takes nothing while something waits for it. Ticks do not find it: it may say what it likes.

use crate::net::link::Ended;
use crate::net::timeout::Timeout;
use crate::rt;
use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::{Duration, Instant};

/// Watches for how long nothing has gone out that should.
pub(super) struct Stall {
    within: Option<Duration>,
    since: Option<Instant>,
    /// Armed with the first stall, and then again only when it goes off: most stalls are over long before.
    alarm: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Stall {
    pub(super) const fn new(timeout: Timeout) -> Self {
        Self { within: timeout.within(), since: None, alarm: None }
    }

    /// Something has gone out.
    pub(super) fn moved(&mut self) {
        self.since = None;
    }

    /// Has the task woken when the time is over for what waits now.
    pub(super) fn look(&mut self, cx: &mut Context<'_>, something_waits: bool) -> Result<(), Ended> {
        let Some(within) = self.within.filter(|_| something_waits) else { return Ok(()) };
        let since = *self.since.get_or_insert_with(Instant::now);
        loop {
            let left = within.saturating_sub(since.elapsed());
            if left.is_zero() {
                return Err(Ended::NotTaken { within });
            }
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(rt::sleep(left)));
            if alarm.as_mut().poll(cx).is_pending() {
                return Ok(());
            }
            self.alarm = None;
        }
    }
}
