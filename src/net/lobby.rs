//! Where peers wait who are not in yet. Two rooms: the silent, who cost a socket, and those whose
//! handshake is being computed. Nobody can fill a room for good: who has stood there longest is shown
//! out for who comes new.

use super::limits::Limits;
use crate::rt;
use crate::rt::channel::{Receiver, Sender, TrySendError, bounded};
use futures_util::future::{AbortHandle, AbortRegistration};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Lobby {
    silent: Room,
    working: Room,
    turns: (Sender<()>, Receiver<()>),
    tickets: AtomicU64,
}

impl Lobby {
    pub(super) fn new(limits: &Limits) -> Self {
        let turns = bounded(limits.handshakes.max(1));
        while let Ok(()) = turns.0.try_send(()) {}
        Self { silent: Room::new(limits.silent.max(1)), working: Room::new(usize::MAX), turns, tickets: AtomicU64::new(0) }
    }

    /// A newcomer, who can be shown out by what is returned beside it.
    pub(super) fn newcomer(&self) -> (Guest, AbortRegistration) {
        let (door, registration) = AbortHandle::new_pair();
        let ticket = self.tickets.fetch_add(1, Ordering::Relaxed);
        (Guest { ticket, door, greeted: Arc::default() }, registration)
    }

    /// Waits in the room of the silent until dropped. If it is full, the longest silent leaves.
    pub(super) fn wait(&self, guest: &Guest) -> Seat<'_> {
        self.silent.sit(guest)
    }

    /// Waits for a turn to compute. Who holds one for longer than [`PATIENCE`] without finishing, while
    /// others wait, loses it: a peer that stops in mid-handshake must not stop the rest.
    pub(super) async fn turn(&self, guest: &Guest) -> Turn<'_> {
        while rt::timeout(PATIENCE, self.turns.1.recv()).await.is_err() {
            self.working.show_out_older_than(PATIENCE);
        }
        guest.greeted.store(true, Ordering::Relaxed);
        Turn { turns: &self.turns.0, _seat: self.working.sit(guest) }
    }
}

/// Somebody who is not in yet.
#[derive(Clone, Debug)]
pub(super) struct Guest {
    ticket: u64,
    door: AbortHandle,
    greeted: Arc<AtomicBool>,
}

impl Guest {
    /// Whether its hello has come and its turn was given.
    pub(super) fn has_greeted(&self) -> bool {
        self.greeted.load(Ordering::Relaxed)
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
        Self { seats, guests: Mutex::default() }
    }

    fn sit(&self, guest: &Guest) -> Seat<'_> {
        let mut guests = self.lock();
        if guests.len() >= self.seats
            && let Some((longest, _)) = guests.pop_front()
        {
            longest.door.abort();
        }
        guests.push_back((guest.clone(), Instant::now()));
        Seat { room: self, ticket: guest.ticket }
    }

    fn show_out_older_than(&self, age: Duration) {
        let mut guests = self.lock();
        if guests.front().is_some_and(|(_, since)| since.elapsed() >= age)
            && let Some((longest, _)) = guests.pop_front()
        {
            longest.door.abort();
        }
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
        let back: Result<(), TrySendError<()>> = self.turns.try_send(());
        debug_assert!(back.is_ok());
    }
}

const PATIENCE: Duration = Duration::from_secs(1);
