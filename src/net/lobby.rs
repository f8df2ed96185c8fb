//! Where peers wait who are not in yet. Three rooms: the silent, who cost a socket; those whose hello has
//! come and who wait for a turn; those whose handshake is being computed. Nobody can fill a room for good:
//! the longest silent is shown out for who comes new, and who holds a turn without finishing loses it once
//! others wait for it.

use super::limits::{Full, Limits};
use crate::rt;
use crate::rt::channel::{Receiver, Sender, bounded};
use futures_util::future::{AbortHandle, AbortRegistration};
use std::collections::VecDeque;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Lobby {
    silent: Room,
    waiting: Room,
    working: Room,
    turns: (Sender<()>, Receiver<()>),
    handshakes: usize,
    tickets: AtomicU64,
}

/// How far somebody has come who is not in yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Silent,
    Waiting,
    Working,
}

impl Lobby {
    pub(super) fn new(limits: &Limits) -> Self {
        // More at a time than connections in all are never needed.
        let handshakes = limits.handshakes.clamp(1, limits.connections.clamp(1, MOST_TURNS));
        let turns = bounded(handshakes);
        while let Ok(()) = turns.0.try_send(()) {}
        let (silent, waiting) = (Room::new(limits.silent), Room::new(limits.silent));
        Self { silent, waiting, working: Room::new(handshakes), turns, handshakes, tickets: AtomicU64::new(0) }
    }

    /// A newcomer, who can be shown out by what is returned beside it.
    pub(super) fn newcomer(&self) -> (Guest, AbortRegistration) {
        let (door, registration) = AbortHandle::new_pair();
        let ticket = self.tickets.fetch_add(1, Ordering::Relaxed);
        (Guest { ticket, door, step: Arc::new(AtomicU8::new(Step::Silent as u8)) }, registration)
    }

    /// Waits in the room of the silent until dropped. If it is full, the longest silent leaves.
    pub(super) fn silence(&self, guest: &Guest) -> Seat<'_> {
        self.silent.sit_for_longest(guest)
    }

    /// Frees what the longest silent holds. `false` if nobody is silent.
    pub(super) fn show_out_longest_silent(&self) -> bool {
        self.silent.show_out_older_than(Duration::ZERO)
    }

    /// Waits for a turn to compute, in the order of coming, if there is room to wait.
    pub(super) async fn turn(&self, guest: &Guest) -> Result<Turn<'_>, Full> {
        let full = || Full { what: "peers that wait for their handshake", limit: self.waiting.seats };
        let waiting = self.waiting.sit(guest).ok_or_else(full)?;
        guest.enter(Step::Waiting);
        // One future for the whole wait: a new one would go to the end of the queue.
        let mut turn = pin!(self.turns.1.recv());
        while rt::timeout(self.patience(), turn.as_mut()).await.is_err() {
            self.working.show_out_older_than(self.patience());
        }
        drop(waiting);
        guest.enter(Step::Working);
        Ok(Turn { turns: &self.turns.0, _seat: self.working.sit_for_longest(guest) })
    }

    /// Shows everybody out: the house closes.
    pub(super) fn close(&self) {
        for room in [&self.silent, &self.waiting, &self.working] {
            while room.show_out_older_than(Duration::ZERO) {}
        }
    }

    /// How long a peer may hold a turn while others wait for it: less, the more of them there are.
    pub(super) fn patience(&self) -> Duration {
        let waiting = self.waiting.lock().len().max(self.handshakes);
        let share = LONGEST_PATIENCE.as_millis() * self.handshakes as u128 / waiting as u128;
        Duration::from_millis(u64::try_from(share).unwrap_or(u64::MAX)).max(SHORTEST_PATIENCE)
    }
}

/// Somebody who is not in yet.
#[derive(Clone, Debug)]
pub(super) struct Guest {
    ticket: u64,
    door: AbortHandle,
    step: Arc<AtomicU8>,
}

impl Guest {
    /// How far it has come.
    pub(super) fn step(&self) -> Step {
        match self.step.load(Ordering::Relaxed) {
            0 => Step::Silent,
            1 => Step::Waiting,
            _ => Step::Working,
        }
    }

    fn enter(&self, step: Step) {
        self.step.store(step as u8, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Room {
    seats: usize,
    // In the order of their coming.
    guests: Mutex<VecDeque<(Guest, Instant)>>,
}

impl Room {
    fn new(seats: usize) -> Self {
        Self { seats: seats.max(1), guests: Mutex::default() }
    }

    fn sit(&self, guest: &Guest) -> Option<Seat<'_>> {
        let mut guests = self.lock();
        if guests.len() >= self.seats {
            return None;
        }
        guests.push_back((guest.clone(), Instant::now()));
        Some(Seat { room: self, ticket: guest.ticket })
    }

    fn sit_for_longest(&self, guest: &Guest) -> Seat<'_> {
        let mut guests = self.lock();
        if guests.len() >= self.seats
            && let Some((longest, _)) = guests.pop_front()
        {
            longest.door.abort();
        }
        guests.push_back((guest.clone(), Instant::now()));
        Seat { room: self, ticket: guest.ticket }
    }

    fn show_out_older_than(&self, age: Duration) -> bool {
        let mut guests = self.lock();
        let leaves = guests.front().is_some_and(|(_, since)| since.elapsed() >= age);
        if let Some((longest, _)) = leaves.then(|| guests.pop_front()).flatten() {
            longest.door.abort();
        }
        leaves
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Guest, Instant)>> {
        // Nothing that runs under this lock can panic half way.
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in a room.
#[derive(Debug)]
pub(super) struct Seat<'a> {
    room: &'a Room,
    ticket: u64,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.room.lock().retain(|(guest, _)| guest.ticket != self.ticket);
    }
}

/// The right to compute.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    turns: &'a Sender<()>,
    _seat: Seat<'a>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // There is room: this turn was taken from there.
        self.turns.try_send(()).unwrap_or_default();
    }
}

const LONGEST_PATIENCE: Duration = Duration::from_secs(1);
// Time for a round trip to the other side of the world, still.
const SHORTEST_PATIENCE: Duration = Duration::from_millis(300);
const MOST_TURNS: usize = 65_536;
