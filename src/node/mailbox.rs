//! Where mail waits for its process.

use super::mail::Mail;
use crate::rt::Event;
use futures_util::task::AtomicWaker;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// The side into which everybody puts. The process takes all of it at once into a queue of its own.
#[derive(Debug)]
pub(super) struct Mailbox {
    limit: usize,
    inbox: Mutex<Inbox>,
    /// Taken by the process, and not yet looked at.
    held: AtomicUsize,
    reader: AtomicWaker,
    room: Event,
    /// How many wait for room: hardly ever anybody, and then nobody need be told.
    patient: AtomicUsize,
}

#[derive(Debug, Default)]
struct Inbox {
    mails: VecDeque<Mail>,
    is_closed: bool,
}

/// Somebody who waits for room.
struct Patient<'a>(&'a AtomicUsize);

impl<'a> Patient<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Patient<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Why a mail is not in the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undelivered {
    /// Its process has ended.
    Closed,
    /// As much as may wait does.
    Full,
}

impl Mailbox {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            inbox: Mutex::default(),
            held: AtomicUsize::new(0),
            reader: AtomicWaker::new(),
            room: Event::new(),
            patient: AtomicUsize::new(0),
        }
    }

    /// Puts a message in, if there is room.
    pub(super) fn put(&self, mail: Mail) -> Result<(), Undelivered> {
        self.put_or_return(mail).map_err(|(_, reason)| reason)
    }

    /// Puts messages in, as many as there is room for, and takes them out of the batch; with one look at the
    /// lock and one at the reader, who would otherwise come for each of them.
    pub(super) fn put_all(&self, batch: &mut Vec<Mail>) -> Result<(), Undelivered> {
        let mut inbox = self.lock();
        if inbox.is_closed {
            return Err(Undelivered::Closed);
        }
        let was_empty = inbox.mails.is_empty();
        let room = self.limit.saturating_sub(inbox.mails.len().saturating_add(self.held.load(Ordering::SeqCst)));
        inbox.mails.extend(batch.drain(..room.min(batch.len())));
        let is_empty = inbox.mails.is_empty();
        drop(inbox);
        if was_empty && !is_empty {
            self.reader.wake();
        }
        if batch.is_empty() { Ok(()) } else { Err(Undelivered::Full) }
    }

    /// Puts a signal in, however full it is: each is the answer to something that the process did.
    pub(super) fn put_signal(&self, mail: Mail) {
        let inbox = self.lock();
        if !inbox.is_closed {
            self.push(inbox, mail);
        }
    }

    /// Puts a message in, having waited for room.
    pub(super) async fn put_patiently(&self, mut mail: Mail) -> Result<(), Undelivered> {
        loop {
            mail = match self.put_or_return(mail) {
                Err((mail, Undelivered::Full)) => mail,
                done => return done.map_err(|(_, reason)| reason),
            };
            // Before the second look, so that whoever makes room after it knows of this one.
            let _patient = Patient::new(&self.patient);
            let room = self.room.listen();
            mail = match self.put_or_return(mail) {
                Err((mail, Undelivered::Full)) => mail,
                done => return done.map_err(|(_, reason)| reason),
            };
            room.await;
        }
    }

    fn put_or_return(&self, mail: Mail) -> Result<(), (Mail, Undelivered)> {
        let inbox = self.lock();
        if inbox.is_closed {
            return Err((mail, Undelivered::Closed));
        }
        if inbox.mails.len().saturating_add(self.held.load(Ordering::SeqCst)) >= self.limit {
            return Err((mail, Undelivered::Full));
        }
        self.push(inbox, mail);
        Ok(())
    }

    fn push(&self, mut inbox: MutexGuard<'_, Inbox>, mail: Mail) {
        let was_empty = inbox.mails.is_empty();
        inbox.mails.push_back(mail);
        drop(inbox);
        if was_empty {
            self.reader.wake();
        }
    }

    /// Waits for mail, and takes all there is. Only the process calls this.
    pub(super) fn poll_take(&self, queue: &mut VecDeque<Mail>, cx: &mut Context<'_>) -> Poll<()> {
        if self.take(queue) {
            return Poll::Ready(());
        }
        self.reader.register(cx.waker());
        if self.take(queue) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Takes all there is. Only the process calls this.
    pub(super) fn take(&self, queue: &mut VecDeque<Mail>) -> bool {
        let mut inbox = self.lock();
        if inbox.mails.is_empty() {
            return false;
        }
        self.held.fetch_add(inbox.mails.len(), Ordering::SeqCst);
        if queue.is_empty() {
            std::mem::swap(queue, &mut inbox.mails)
        } else {
            queue.append(&mut inbox.mails)
        }
        true
    }

    /// The process has looked at so many of those it took.
    pub(super) fn release(&self, count: usize) {
        self.held.fetch_sub(count, Ordering::SeqCst);
        // Now, and not when more has gone: the process may next wait for one who waits for this room. One for
        // each, besides those who are told already and have not looked yet.
        if self.patient.load(Ordering::SeqCst) > 0 {
            self.room.notify_additional(count);
        }
    }

    /// So much may wait.
    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// How much waits.
    pub(super) fn waiting(&self) -> usize {
        self.lock().mails.len().saturating_add(self.held.load(Ordering::SeqCst))
    }

    /// Takes nothing more, and forgets what is there.
    pub(super) fn close(&self) {
        let mut inbox = self.lock();
        inbox.is_closed = true;
        let mails = std::mem::take(&mut inbox.mails);
        drop(inbox);
        drop(mails);
        self.room.notify(usize::MAX);
    }

    fn lock(&self) -> MutexGuard<'_, Inbox> {
        // Nothing that runs under this lock can panic half way.
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
