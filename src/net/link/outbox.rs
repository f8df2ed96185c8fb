//! What waits for a peer. Senders encode straight into the buffer that the driver takes away whole.

use super::ended::{Ended, LinkClosed, Why};
use super::{LinkLimits, NotSent, Traffic};
use crate::dist::{Continuation, Control, Form, PacketWriter, Unsendable};
use crate::etf::{Pid, Term, encode, encode_into};
use crate::rt::Event;
use futures_util::task::AtomicWaker;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The outgoing side of a link.
#[derive(Debug)]
pub(in crate::net) struct Outbox {
    limits: LinkLimits,
    state: Mutex<State>,
    /// Wakes the task that drives the transport.
    pub(in crate::net) driver: AtomicWaker,
    /// Told whenever there is more room, or none ever again.
    moved: Event,
    /// Whether the link has ended: for a driver that is in the middle of a write that does not go on.
    over: AtomicBool,
    sent: AtomicU64,
    received: AtomicU64,
}

#[derive(Debug)]
struct State {
    writer: PacketWriter,
    ready: Vec<u8>,
    /// How many bytes of it nobody waited for.
    posted: usize,
    /// Bytes that the driver has taken and not yet got rid of.
    taken: usize,
    long: VecDeque<Long>,
    last_ticket: u64,
    phase: Phase,
}

/// A message whose fragments are not all in the buffer.
#[derive(Debug)]
struct Long {
    ticket: u64,
    sender: Option<Pid>,
    rest: Continuation,
    length: usize,
    /// Whether nobody waits for it.
    posted: bool,
    /// What the same sender has said since. It must not overtake.
    behind: VecDeque<Behind>,
}

/// A signal that waits for the last fragment of a message.
#[derive(Debug)]
struct Behind {
    control: Control,
    payload: Option<Term>,
    /// About how many bytes it will be.
    length: usize,
}

#[derive(Debug)]
enum Phase {
    Up,
    /// What waits is said, and nothing else.
    Finishing(Why),
    Ended(LinkClosed),
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
        let writer = PacketWriter::new(form);
        let state = State { writer, ready: first, posted: 0, taken: 0, long: VecDeque::new(), last_ticket: 0, phase: Phase::Up };
        Self {
            limits,
            state: Mutex::new(state),
            driver: AtomicWaker::new(),
            moved: Event::new(),
            over: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
        }
    }

    pub(super) async fn send(&self, control: Control, payload: Option<&Term>) -> Result<(), NotSent> {
        let mut control = Some(control);
        let ticket = self
            .when_moved(|state| {
                let has_room = state.has_room(self.limits.send_buffer);
                has_room.then(|| control.take().map_or(Ok(None), |control| state.write(control, payload, None)))
            })
            .await??;
        match ticket {
            None => Ok(()),
            Some(ticket) => self.when_moved(|state| state.long.iter().all(|long| long.ticket != ticket).then_some(())).await,
        }
    }

    /// `behind` names the sender where the signal itself does not.
    pub(super) fn post(&self, behind: Option<&Pid>, control: Control, payload: Option<&Term>) -> Result<(), NotSent> {
        let mut state = self.lock();
        let was_empty = state.is_empty();
        state.check()?;
        state.post(behind, control, payload)?;
        let is_too_much = state.unread() > self.limits.unread_answers;
        drop(state);
        if is_too_much {
            return Err(NotSent::Closed(self.end(Ended::Unread { limit: self.limits.unread_answers })));
        }
        self.wake_if(was_empty);
        Ok(())
    }

    /// An empty frame, if nothing else waits: anything says as well that we are here.
    pub(in crate::net) fn tick(&self) {
        let mut state = self.lock();
        if state.is_empty() {
            state.ready.extend(TICK);
        }
    }

    pub(super) fn finish(&self, why: Why) {
        let mut state = self.lock();
        if matches!(state.phase, Phase::Up) {
            state.phase = Phase::Finishing(why);
        }
        drop(state);
        self.driver.wake();
    }

    /// The first reason counts.
    pub(in crate::net) fn end(&self, ended: Ended) -> LinkClosed {
        let mut state = self.lock();
        let closed = match &state.phase {
            Phase::Ended(closed) => closed.clone(),
            _ => LinkClosed(Arc::new(ended)),
        };
        state.phase = Phase::Ended(closed.clone());
        (state.ready, state.taken) = (Vec::new(), 0);
        state.long.clear();
        self.over.store(true, Ordering::Release);
        drop(state);
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

    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting()
    }

    pub(super) fn traffic(&self) -> Traffic {
        Traffic { sent: self.sent.load(Ordering::Relaxed), received: self.received.load(Ordering::Relaxed) }
    }

    pub(in crate::net) fn has_received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Exchanges the driver's empty buffer for what waits. The caller has registered its waker before:
    /// otherwise what comes between the look and the registration would wait for the next message.
    pub(in crate::net) fn take(&self, buffer: &mut Vec<u8>) -> Taken {
        let mut state = self.lock();
        state.refill();
        std::mem::swap(&mut state.ready, buffer);
        (state.taken, state.posted) = (buffer.len(), 0);
        let found = match (&state.phase, buffer.is_empty()) {
            (Phase::Ended(_), _) => Taken::Ended,
            (_, false) => Taken::Bytes,
            (Phase::Finishing(why), true) => Taken::Finished(*why),
            (Phase::Up, true) => Taken::Nothing,
        };
        drop(state);
        self.sent.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.moved.notify(usize::MAX);
        found
    }

    /// Tries now and whenever something has moved.
    async fn when_moved<T>(&self, mut attempt: impl FnMut(&mut State) -> Option<T>) -> Result<T, NotSent> {
        loop {
            if let Some(done) = self.attempt(&mut attempt)? {
                return Ok(done);
            }
            let moved = self.moved.listen();
            if let Some(done) = self.attempt(&mut attempt)? {
                return Ok(done);
            }
            moved.await;
        }
    }

    fn attempt<T>(&self, attempt: &mut impl FnMut(&mut State) -> Option<T>) -> Result<Option<T>, NotSent> {
        let mut state = self.lock();
        state.check()?;
        let was_empty = state.is_empty();
        let done = attempt(&mut state);
        let is_empty = state.is_empty();
        drop(state);
        self.wake_if(was_empty && !is_empty);
        Ok(done)
    }

    fn wake_if(&self, was_empty: bool) {
        if was_empty {
            self.driver.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that runs under this lock can panic half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether the driver has nothing to find here: then it has to be woken for what comes next.
    fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.long.is_empty()
    }

    fn waiting(&self) -> usize {
        let long = self.long.iter().map(|long| long.length);
        long.fold(self.ready.len().saturating_add(self.taken), usize::saturating_add)
    }

    /// Whether somebody who waits for room need not wait any longer. Long messages have their own bound: each has
    /// a sender who waits for it, and others go between its fragments.
    fn has_room(&self, limit: usize) -> bool {
        self.ready.len().saturating_add(self.taken) < limit && self.long.len() < MOST_LONG
    }

    /// How many bytes wait that nobody waits for.
    fn unread(&self) -> usize {
        let behind = self.long.iter().flat_map(|long| &long.behind).map(|behind| behind.length);
        let long = self.long.iter().filter(|long| long.posted).map(|long| long.length);
        behind.chain(long).fold(self.posted, usize::saturating_add)
    }

    fn check(&self) -> Result<(), NotSent> {
        match &self.phase {
            Phase::Up => Ok(()),
            Phase::Finishing(why) => Err(NotSent::Closed(LinkClosed(Arc::new(Ended::Us(*why))))),
            Phase::Ended(closed) => Err(NotSent::Closed(closed.clone())),
        }
    }

    /// For which nobody waits.
    fn post(&mut self, behind: Option<&Pid>, control: Control, payload: Option<&Term>) -> Result<(), NotSent> {
        let before = self.ready.len();
        let ticket = self.write(control, payload, behind)?;
        self.posted = self.posted.saturating_add(self.ready.len().saturating_sub(before));
        if let (Some(ticket), Some(long)) = (ticket, self.long.back_mut()) {
            long.posted |= long.ticket == ticket && long.behind.is_empty();
        }
        Ok(())
    }

    /// Returns the ticket of a message that is too long for one piece.
    fn write(&mut self, control: Control, payload: Option<&Term>, behind: Option<&Pid>) -> Result<Option<u64>, NotSent> {
        if self.long.is_empty() {
            return self.write_now(control, payload);
        }
        let sender = behind.or_else(|| sender(&control)).cloned();
        match self.long.iter_mut().find(|long| long.sender.is_some() && long.sender == sender) {
            Some(long) => {
                let length = length(&control, payload)?;
                long.behind.push_back(Behind { control, payload: payload.cloned(), length });
                Ok(Some(long.ticket))
            }
            None => self.write_now(control, payload),
        }
    }

    fn write_now(&mut self, control: Control, payload: Option<&Term>) -> Result<Option<u64>, NotSent> {
        let Some(rest) = self.writer.write_control(&control, payload, &mut self.ready)? else { return Ok(None) };
        let sender = sender(&control).cloned();
        self.last_ticket = self.last_ticket.wrapping_add(1);
        let (ticket, length, behind) = (self.last_ticket, rest.remaining(), VecDeque::new());
        self.long.push_back(Long { ticket, sender, rest, length, posted: false, behind });
        Ok(Some(ticket))
    }

    /// Fills the buffer with fragments, one of each long message by turns.
    fn refill(&mut self) {
        while self.ready.len() < SLICE {
            let Some(long) = self.long.pop_front() else { return };
            let Long { ticket, sender, rest, posted, behind, .. } = long;
            match rest.write_next(&mut self.ready) {
                Some(rest) => {
                    let length = rest.remaining();
                    self.long.push_back(Long { ticket, sender, rest, length, posted, behind });
                }
                None => self.catch_up(ticket, sender, behind),
            }
        }
    }

    /// The long message is through: now what its sender has said since, which may be long again.
    fn catch_up(&mut self, ticket: u64, sender: Option<Pid>, mut behind: VecDeque<Behind>) {
        while let Some(Behind { control, payload, .. }) = behind.pop_front() {
            match self.writer.write(control, payload.as_ref(), &mut self.ready) {
                Ok(None) => {}
                Ok(Some(rest)) => {
                    let length = rest.remaining();
                    self.long.push_back(Long { ticket, sender, rest, length, posted: true, behind });
                    return;
                }
                Err(error) => log::error!(target: "countersign::net", error:%; "a signal cannot be sent"),
            }
        }
    }
}

/// Whose order a message belongs to.
const fn sender(control: &Control) -> Option<&Pid> {
    match control {
        Control::SendSender(message) => Some(&message.from),
        Control::RegSend(message) => Some(&message.from),
        Control::AliasSend(message) => Some(&message.from),
        other => other.origin(),
    }
}

/// About how many bytes a message is; exactly, with all atoms written out.
fn length(control: &Control, payload: Option<&Term>) -> Result<usize, Unsendable> {
    let mut bytes = encode(&control.clone().into_term())?;
    payload.map_or(Ok(()), |payload| encode_into(payload, &mut bytes))?;
    Ok(bytes.len())
}

/// As many long messages wait; who sends one more waits before it is put into bytes.
const MOST_LONG: usize = 16;
const TICK: [u8; 4] = [0; 4];
/// What the driver takes at a time when there is more: enough for its writes, and little enough for
/// others to come between.
const SLICE: usize = 256 * 1024;
