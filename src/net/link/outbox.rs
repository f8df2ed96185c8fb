//! What waits for a peer. Senders encode straight into the buffer that the driver takes away whole.

mod backlog;

use super::ended::{Ended, LinkClosed, Why};
use super::{LinkLimits, NotSent, Traffic};
use crate::dist::{Control, Extension, Form};
use crate::etf::{Pid, Term};
use crate::rt::Event;
use backlog::{Backlog, Phase};
use futures_util::task::AtomicWaker;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The outgoing side of a link.
#[derive(Debug)]
pub(in crate::net) struct Outbox {
    limits: LinkLimits,
    backlog: Mutex<Backlog>,
    /// Wakes the task that drives the transport.
    pub(in crate::net) driver: AtomicWaker,
    /// Told whenever there is more room, or none ever again.
    moved: Event,
    /// Whether the link has ended: for a driver that is in the middle of a write that does not go on.
    over: AtomicBool,
    /// Whether it takes what is to be said.
    open: AtomicBool,
    sent: Tally,
    received: Tally,
    /// Grows whenever either side says anything but a tick.
    spoken: AtomicU64,
}

/// What has gone one way; added to once for each batch.
#[derive(Debug, Default)]
struct Tally {
    bytes: AtomicU64,
    messages: AtomicU64,
}

/// What the driver finds to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::net) enum Taken {
    /// Bytes to write.
    Bytes,
    /// Nothing now.
    Nothing,
    /// Nothing ever again: the link is to be closed, for this reason.
    Finished(Why),
    /// It has ended already.
    Ended,
}

impl Outbox {
    pub(super) fn new(form: Form, limits: LinkLimits, first: Vec<u8>) -> Self {
        Self {
            limits,
            backlog: Mutex::new(Backlog::new(form, first)),
            driver: AtomicWaker::new(),
            moved: Event::new(),
            over: AtomicBool::new(false),
            open: AtomicBool::new(true),
            sent: Tally::default(),
            received: Tally::default(),
            spoken: AtomicU64::new(0),
        }
    }

    pub(super) async fn send(&self, control: &Control, payload: Option<&Term>) -> Result<(), NotSent> {
        let write = |backlog: &mut Backlog| backlog.has_room(self.limits.send_buffer).then(|| backlog.write(control, payload, None));
        // Nearly always there is room, and then there is nothing to wait for.
        let ticket = match self.attempt(write)? {
            Some(ticket) => ticket?,
            None => self.when_moved(write).await??,
        };
        match ticket {
            None => Ok(()),
            Some(ticket) => self.when_through(ticket).await,
        }
    }

    pub(super) async fn room(&self) {
        // Without a link nobody has to wait.
        let _ = self.when_moved(|backlog| backlog.has_room(self.limits.send_buffer).then_some(())).await;
    }

    /// `behind` names the sender where the signal itself does not.
    pub(super) fn post(&self, behind: Option<&Pid>, control: &Control, payload: Option<&Term>) -> Result<(), NotSent> {
        let mut backlog = self.lock();
        let was_empty = backlog.is_empty();
        backlog.check()?;
        // What waits already: one answer alone may be as long as a message.
        let is_too_much = backlog.unread() > self.limits.unread_answers;
        backlog.post(behind, control, payload)?;
        drop(backlog);
        if is_too_much {
            return Err(NotSent::Closed(self.end(Ended::Unread { limit: self.limits.unread_answers })));
        }
        self.wake_if(was_empty);
        Ok(())
    }

    /// A frame that only nodes of our own kind know. Behind whole frames, so its place among them does not matter.
    pub(super) fn extend(&self, extension: Extension) -> Result<(), NotSent> {
        self.attempt(|backlog| {
            extension.write(&mut backlog.ready);
            Some(())
        })
        .map(drop)
    }

    /// An empty frame, if nothing else waits: anything says as well that we are here.
    pub(in crate::net) fn tick(&self) {
        let mut backlog = self.lock();
        if backlog.is_empty() {
            backlog.ready.extend(TICK);
        }
    }

    /// Gives back the room of a buffer in which nothing waits.
    pub(in crate::net) fn slim(&self) {
        let mut backlog = self.lock();
        if backlog.ready.is_empty() {
            backlog.ready = Vec::new();
        }
    }

    pub(super) fn finish(&self, why: Why) {
        self.finish_where(why, |_| true);
    }

    /// Under the lock under which others write: what is being said keeps the link.
    pub(super) fn finish_if_silent_since(&self, spoken: u64, why: Why) -> bool {
        self.finish_where(why, |backlog| backlog.waiting() == 0 && self.spoken() == spoken)
    }

    fn finish_where(&self, why: Why, is_so: impl Fn(&Backlog) -> bool) -> bool {
        let mut backlog = self.lock();
        let finishes = matches!(backlog.phase, Phase::Up) && is_so(&backlog);
        if finishes {
            backlog.phase = Phase::Finishing(why);
            self.open.store(false, Ordering::Release);
        }
        drop(backlog);
        self.driver.wake();
        finishes
    }

    pub(super) fn spoken(&self) -> u64 {
        self.spoken.load(Ordering::Relaxed)
    }

    /// Something else than a tick has come.
    pub(in crate::net) fn is_spoken_to(&self) {
        self.spoken.fetch_add(1, Ordering::Relaxed);
    }

    /// The first reason counts.
    pub(in crate::net) fn end(&self, ended: Ended) -> LinkClosed {
        let mut backlog = self.lock();
        let closed = match &backlog.phase {
            Phase::Ended(closed) => closed.clone(),
            _ => LinkClosed(Arc::new(ended)),
        };
        backlog.end(closed.clone());
        self.open.store(false, Ordering::Release);
        self.over.store(true, Ordering::Release);
        drop(backlog);
        self.driver.wake();
        self.moved.notify(usize::MAX);
        closed
    }

    pub(super) fn ended(&self) -> Option<LinkClosed> {
        match &self.lock().phase {
            Phase::Ended(closed) => Some(closed.clone()),
            _ => None,
        }
    }

    pub(super) async fn closed(&self) -> LinkClosed {
        loop {
            let moved = self.moved.listen();
            if let Some(closed) = self.ended() {
                return closed;
            }
            moved.await;
        }
    }

    /// Whether the link has ended: there is nothing more to write, whatever was begun.
    pub(in crate::net) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting()
    }

    pub(super) fn traffic(&self) -> Traffic {
        let [sent, received, messages_sent, messages_received] =
            [&self.sent.bytes, &self.received.bytes, &self.sent.messages, &self.received.messages]
                .map(|count| count.load(Ordering::Relaxed));
        Traffic { sent, received, messages_sent, messages_received }
    }

    /// Besides what was taken.
    pub(in crate::net) fn has_sent(&self, bytes: usize) {
        self.sent.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(in crate::net) fn has_received(&self, bytes: usize) {
        self.received.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(in crate::net) fn has_heard(&self, messages: usize) {
        self.received.messages.fetch_add(messages as u64, Ordering::Relaxed);
    }

    /// Exchanges the driver's empty buffer for what waits. The caller has registered its waker before:
    /// otherwise what comes between the look and the registration would wait for the next message.
    pub(in crate::net) fn take(&self, buffer: &mut Vec<u8>) -> Taken {
        let mut backlog = self.lock();
        backlog.refill();
        std::mem::swap(&mut backlog.ready, buffer);
        (backlog.taken, backlog.posted) = (buffer.len(), 0);
        let messages = std::mem::take(&mut backlog.messages);
        let found = match (&backlog.phase, buffer.is_empty()) {
            (Phase::Ended(_), _) => Taken::Ended,
            (_, false) => Taken::Bytes,
            (Phase::Finishing(why), true) => Taken::Finished(*why),
            (Phase::Up, true) => Taken::Nothing,
        };
        // No other frame is as short.
        if !buffer.is_empty() && *buffer != TICK {
            self.spoken.fetch_add(1, Ordering::Relaxed);
        }
        drop(backlog);
        self.has_sent(buffer.len());
        self.sent.messages.fetch_add(messages, Ordering::Relaxed);
        self.moved.notify(usize::MAX);
        found
    }

    /// Tries whenever something has moved.
    async fn when_moved<T>(&self, attempt: impl Fn(&mut Backlog) -> Option<T>) -> Result<T, NotSent> {
        loop {
            let moved = self.moved.listen();
            if let Some(done) = self.attempt(&attempt)? {
                return Ok(done);
            }
            moved.await;
        }
    }

    /// Waits until a long message has gone out: also while the link is finishing, which sends it to its end.
    async fn when_through(&self, ticket: u64) -> Result<(), NotSent> {
        loop {
            let moved = self.moved.listen();
            let through = self.lock().is_through(ticket);
            if let Some(outcome) = through {
                return outcome;
            }
            moved.await;
        }
    }

    fn attempt<T>(&self, attempt: impl Fn(&mut Backlog) -> Option<T>) -> Result<Option<T>, NotSent> {
        let mut backlog = self.lock();
        backlog.check()?;
        let was_empty = backlog.is_empty();
        let done = attempt(&mut backlog);
        let is_empty = backlog.is_empty();
        drop(backlog);
        self.wake_if(was_empty && !is_empty);
        Ok(done)
    }

    /// The driver takes all there is: only what comes after that has to wake it.
    fn wake_if(&self, is_first: bool) {
        if is_first {
            self.driver.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Backlog> {
        // Nothing that runs under this lock can panic half way.
        self.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const TICK: [u8; 4] = [0; 4];
