//! How a link comes by its next connection: what the tasks that dial and answer, and the one that drives, have to
//! agree on. All of it under one lock, which a link that is not being handed over never takes.

use super::ended::LinkClosed;
use crate::clock::{Clock, SystemClock};
use crate::dist::handover::{HandoverNumber, LinkKeys};
use crate::failure::Code;
use crate::net::connection::Connection;
use crate::net::handover::{CannotHandOver, HandoverError, HandoverFailure, Handovers};
use crate::rt::Event;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A connection that both ends have agreed on.
#[derive(Debug)]
pub(in crate::net) struct Successor {
    pub(in crate::net) connection: Connection,
    pub(in crate::net) number: HandoverNumber,
    /// What is to be said on it before anything else: the answer of whoever was dialled.
    pub(in crate::net) greeting: Vec<u8>,
}

#[derive(Debug)]
pub(in crate::net) struct Succession {
    keys: Result<LinkKeys, CannotHandOver>,
    state: Mutex<State>,
    /// There is something for the driver: all that it looks at while nothing happens.
    news: AtomicBool,
    /// Told of every outcome.
    settled: Event,
}

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    last: HandoverNumber,
    outcome: Option<(HandoverNumber, Result<(), HandoverError>)>,
    /// How often the other end has said that it could not, and why it could not last.
    apologies: (u64, Option<Code>),
    tally: Handovers,
}

#[derive(Debug, Default)]
enum Phase {
    #[default]
    Idle,
    /// The driver has not taken it yet.
    Offered(Box<Successor>),
    /// The driver has it. Nothing has moved, and it may still be withdrawn.
    Pending(HandoverNumber),
    /// The link has begun to move: the new connection's loss is the link's.
    Moving,
    /// The link has ended.
    Over,
}

/// What the driver finds.
#[derive(Debug)]
pub(in crate::net) enum News {
    Successor(Box<Successor>),
    /// What it has was withdrawn.
    Withdrawn,
}

impl Succession {
    pub(super) fn new(keys: Result<LinkKeys, CannotHandOver>) -> Self {
        let tally = Handovers { cannot: keys.as_ref().err().copied(), ..Handovers::default() };
        let state = Mutex::new(State { tally, ..State::default() });
        Self { keys, state, news: AtomicBool::new(false), settled: Event::new() }
    }

    pub(in crate::net) fn keys(&self) -> Result<&LinkKeys, CannotHandOver> {
        self.keys.as_ref().map_err(|cannot| *cannot)
    }

    pub(super) fn tally(&self) -> Handovers {
        self.lock().tally.clone()
    }

    /// For an attempt of ours.
    pub(in crate::net) fn next_number(&self) -> HandoverNumber {
        let mut state = self.lock();
        state.last = HandoverNumber(state.last.0.saturating_add(1));
        state.last
    }

    /// For an attempt of the other end, which has proven that it is that. It makes one at a time, so an older one of
    /// which nothing has moved is over.
    pub(in crate::net) fn admit(&self, number: HandoverNumber) -> Result<(), HandoverError> {
        let mut state = self.lock();
        let last = state.last;
        match state.phase {
            Phase::Over => Err(HandoverError::Ended),
            Phase::Moving => Err(HandoverError::Busy),
            _ if number <= last => Err(HandoverError::Stale { number, last }),
            _ => {
                state.last = number;
                Ok(())
            }
        }
    }

    pub(super) fn offer(&self, successor: Successor) -> Result<(), HandoverError> {
        let mut state = self.lock();
        match state.phase {
            Phase::Over => return Err(HandoverError::Ended),
            Phase::Moving => return Err(HandoverError::Busy),
            Phase::Idle => {}
            Phase::Offered(_) | Phase::Pending(_) => state.fails(&HandoverError::Superseded),
        }
        state.phase = Phase::Offered(Box::new(successor));
        drop(state);
        self.news.store(true, Ordering::Release);
        self.settled.notify(usize::MAX);
        Ok(())
    }

    /// Whether the attempt is over: once the link has begun to move it cannot be stopped.
    pub(super) fn withdraw(&self, number: HandoverNumber, why: &HandoverError) -> bool {
        let mut state = self.lock();
        if state.phase.is_before_moving() != Some(number) {
            return false;
        }
        state.fails(why);
        drop(state);
        self.news.store(true, Ordering::Release);
        self.settled.notify(usize::MAX);
        true
    }

    /// What the driver has to know, if there is anything.
    pub(in crate::net) fn news(&self) -> Option<News> {
        if !self.news.load(Ordering::Acquire) {
            return None;
        }
        let mut state = self.lock();
        self.news.store(false, Ordering::Release);
        match std::mem::take(&mut state.phase) {
            Phase::Offered(successor) => {
                state.phase = Phase::Pending(successor.number);
                Some(News::Successor(successor))
            }
            Phase::Idle => Some(News::Withdrawn),
            other => {
                state.phase = other;
                None
            }
        }
    }

    /// The link begins to move, unless the attempt was given up.
    pub(in crate::net) fn begins(&self, number: HandoverNumber) -> bool {
        let mut state = self.lock();
        let may = matches!(state.phase, Phase::Pending(pending) if pending == number);
        if may {
            state.phase = Phase::Moving;
        }
        may
    }

    /// The new connection was lost before anything moved.
    pub(in crate::net) fn lost(&self, number: HandoverNumber, why: LinkClosed) {
        let mut state = self.lock();
        if state.phase.is_before_moving() == Some(number) {
            state.fails(&HandoverError::Lost(why));
        }
        drop(state);
        self.settled.notify(usize::MAX);
    }

    /// The link has moved in both directions.
    pub(in crate::net) fn is_done(&self, number: HandoverNumber) {
        let mut state = self.lock();
        state.phase = Phase::Idle;
        state.outcome = Some((number, Ok(())));
        state.tally.done = state.tally.done.saturating_add(1);
        drop(state);
        self.settled.notify(usize::MAX);
    }

    pub(in crate::net) fn end(&self) {
        self.lock().phase = Phase::Over;
        self.settled.notify(usize::MAX);
    }

    /// The other end says that it could not.
    pub(in crate::net) fn apologised(&self, code: Code) {
        let mut state = self.lock();
        state.apologies = (state.apologies.0.saturating_add(1), Some(code));
        drop(state);
        self.settled.notify(usize::MAX);
    }

    pub(super) fn note_failure(&self, code: Code, reason: String) {
        self.lock().tally.note(code, reason);
    }

    /// Waits until an attempt is over.
    pub(in crate::net) async fn outcome(&self, number: HandoverNumber) -> Result<(), HandoverError> {
        self.when(|state| match &state.outcome {
            Some((last, outcome)) if *last == number => Some(outcome.clone()),
            Some((last, _)) if *last > number => Some(Err(HandoverError::Superseded)),
            _ if matches!(state.phase, Phase::Over) => Some(Err(HandoverError::Ended)),
            _ => None,
        })
        .await
    }

    /// How much has happened, for whoever waits for more.
    pub(super) fn mark(&self) -> (u64, u64) {
        let state = self.lock();
        (state.tally.done, state.apologies.0)
    }

    /// Waits until the other end has carried the link over, or has said that it cannot.
    pub(super) async fn after(&self, (done, apologies): (u64, u64)) -> Result<(), HandoverError> {
        self.when(|state| match (&state.phase, state.apologies) {
            _ if state.tally.done > done => Some(Ok(())),
            (Phase::Over, _) => Some(Err(HandoverError::Ended)),
            (_, (count, Some(code))) if count > apologies => Some(Err(HandoverError::ByPeer(code))),
            _ => None,
        })
        .await
    }

    async fn when<T>(&self, found: impl Fn(&State) -> Option<T>) -> T {
        loop {
            let settled = self.settled.listen();
            if let Some(found) = found(&self.lock()) {
                return found;
            }
            settled.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that runs under this lock can panic half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is offered or pending is over.
    fn fails(&mut self, why: &HandoverError) {
        if let Some(number) = self.phase.is_before_moving() {
            self.outcome = Some((number, Err(why.clone())));
            self.phase = Phase::Idle;
        }
    }
}

impl Phase {
    fn is_before_moving(&self) -> Option<HandoverNumber> {
        match self {
            Self::Offered(successor) => Some(successor.number),
            Self::Pending(number) => Some(*number),
            Self::Idle | Self::Moving | Self::Over => None,
        }
    }
}

impl Handovers {
    fn note(&mut self, code: Code, reason: String) {
        self.failed = self.failed.saturating_add(1);
        self.last_failure = Some(HandoverFailure { code, reason, at: SystemClock.now() });
    }
}
