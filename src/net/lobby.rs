//! Where peers wait who are not in yet. Three rooms: the silent, who cost a socket; those whose hello has
//! come and who wait for a turn; those whose handshake is being computed. Nobody can fill a room for good:
//! the longest silent is shown out for who comes new, and who holds a turn without finishing loses it once
//! others wait for it.

use super::limits::{Full, Limits};
use super::turns::{Place, Turns};
use crate::rt;
use futures_util::future::{AbortHandle, AbortRegistration};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Lobby {
    silent: Room,
    waiting: Room,
    working: Room,
    turns: Turns,
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
        let turns = Turns::new(handshakes);
        let (silent, waiting) = (Room::new(limits.silent), Room::new(limits.silent));
        Self { silent, waiting, working: Room::new(handshakes), turns, handshakes, tickets: AtomicU64::new(0) }
    }

    /// A newcomer, who can be shown out by what is returned beside it.
    pub(super) fn newcomer(&self) -> Newcomer {
        let (door, registration) = AbortHandle::new_pair();
        let ticket = self.tickets.fetch_add(1, Ordering::Relaxed);
        (Guest { ticket, door, step: Arc::new(AtomicU8::new(Step::Silent as u8)) }, registration)
    }

    /// Waits in the room of the silent until dropped. If it is full, the longest silent leaves.
    pub(super) fn silence(&self, guest: &Guest) -> Seat<'_> {
        self.silent.sit_by_ticket(guest)
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
        let place = self.turns.ask();
        while rt::timeout(self.patience(), place.called()).await.is_err() {
            self.working.show_out_older_than(self.patience());
        }
        drop(waiting);
        guest.enter(Step::Working);
        Ok(Turn { _seat: self.working.sit_for_longest(guest), _place: place })
    }

    /// Shows everybody out, and whoever comes later: the house closes.
    pub(super) fn close(&self) {
        for room in [&self.silent, &self.waiting, &self.working] {
            room.close();
        }
    }

    /// How long a peer may hold a turn while others wait for it: less, the more of them there are.
    pub(super) fn patience(&self) -> Duration {
        let waiting = self.waiting.lock().len().max(self.handshakes);
        let share = LONGEST_PATIENCE.as_millis() * self.handshakes as u128 / waiting as u128;
        Duration::from_millis(u64::try_from(share).unwrap_or(u64::MAX)).max(SHORTEST_PATIENCE)
    }
}

/// Somebody who has just been accepted, and what shows it out.
pub(super) type Newcomer = (Guest, AbortRegistration);

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
    // Written and read under the lock of the guests, so that nobody slips in between.
    closed: AtomicBool,
}

impl Room {
    fn new(seats: usize) -> Self {
        Self { seats: seats.max(1), guests: Mutex::default(), closed: AtomicBool::new(false) }
    }

    fn sit(&self, guest: &Guest) -> Option<Seat<'_>> {
        let guests = self.lock();
        if guests.len() >= self.seats {
            return None;
        }
        Some(self.seat(guests, guest))
    }

    fn sit_for_longest(&self, guest: &Guest) -> Seat<'_> {
        let mut guests = self.lock();
        if guests.len() >= self.seats
            && let Some((longest, _)) = guests.pop_front()
        {
            longest.door.abort();
        }
        self.seat(guests, guest)
    }

    /// The longest here is who was accepted first, whenever its task got to sit down.
    fn sit_by_ticket(&self, guest: &Guest) -> Seat<'_> {
        let mut guests = self.lock();
        let before = guests.partition_point(|(other, _)| other.ticket < guest.ticket);
        if guests.len() < self.seats {
            return self.seat_at(before, guests, guest);
        }
        let Some(behind) = before.checked_sub(1) else {
            guest.door.abort();
            return Seat { room: self, ticket: guest.ticket };
        };
        guests.pop_front().iter().for_each(|(longest, _)| longest.door.abort());
        self.seat_at(behind, guests, guest)
    }

    fn seat(&self, guests: MutexGuard<'_, VecDeque<(Guest, Instant)>>, guest: &Guest) -> Seat<'_> {
        self.seat_at(guests.len(), guests, guest)
    }

    fn seat_at(&self, at: usize, mut guests: MutexGuard<'_, VecDeque<(Guest, Instant)>>, guest: &Guest) -> Seat<'_> {
        if self.closed.load(Ordering::Relaxed) {
            guest.door.abort();
        }
        guests.insert(at, (guest.clone(), Instant::now()));
        Seat { room: self, ticket: guest.ticket }
    }

    fn close(&self) {
        let mut guests = self.lock();
        self.closed.store(true, Ordering::Relaxed);
        guests.drain(..).for_each(|(guest, _)| guest.door.abort());
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

/// The right to compute. The seat is left first: who gets the turn next must find it free, or another
/// would be shown out for it.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    _seat: Seat<'a>,
    _place: Place<'a>,
}

const LONGEST_PATIENCE: Duration = Duration::from_secs(1);
// Time for a round trip to the other side of the world, still.
const SHORTEST_PATIENCE: Duration = Duration::from_millis(300);
const MOST_TURNS: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rt::block_on;
    use futures_util::FutureExt;
    use futures_util::future::{Abortable, Aborted, join_all, pending};

    fn lobby(handshakes: usize, silent: usize) -> Lobby {
        Lobby::new(&Limits { handshakes, silent, ..Limits::default() })
    }

    /// Takes a turn, notes it, and keeps the turn until shown out.
    async fn stall(lobby: &Lobby, number: usize, seen: &Mutex<Vec<usize>>) -> Result<(), Aborted> {
        let (guest, registration) = lobby.newcomer();
        let stalling = async {
            let _turn = lobby.turn(&guest).await.unwrap();
            seen.lock().unwrap().push(number);
            pending().await
        };
        Abortable::new(stalling, registration).await
    }

    #[test]
    fn turns_come_in_the_order_of_waiting_although_nobody_gives_one_back() {
        let (lobby, seen) = (lobby(1, 8), Mutex::default());
        let last = async {
            let (guest, _registration) = lobby.newcomer();
            drop(lobby.turn(&guest).await.unwrap());
            lobby.close();
        };
        let stalling = join_all((0..5).map(|number| stall(&lobby, number, &seen)));
        let (all, ()) = block_on(futures_util::future::join(stalling, last));
        assert_eq!(all, [Err(Aborted); 5]);
        assert_eq!(*seen.lock().unwrap(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn who_was_accepted_first_leaves_first_whenever_it_sat_down() {
        let lobby = lobby(1, 2);
        let (guests, doors): (Vec<_>, Vec<_>) = (0..4).map(|_| lobby.newcomer()).unzip();
        let _seats: Vec<_> = [1, 2, 0, 3].map(|number| lobby.silence(&guests[number])).into();
        let left: Vec<bool> = doors.iter().map(|door| door.handle().is_aborted()).collect();
        assert_eq!(left, [true, true, false, false]);
    }

    #[test]
    fn who_finds_the_room_of_those_who_wait_full_does_not_wait() {
        let lobby = lobby(1, 2);
        let guests: Vec<Guest> = (0..4).map(|_| lobby.newcomer().0).collect();
        let turn = lobby.turn(&guests[0]).now_or_never().unwrap().unwrap();
        let (mut second, mut third) = (Box::pin(lobby.turn(&guests[1])), Box::pin(lobby.turn(&guests[2])));
        assert!(second.as_mut().now_or_never().is_none() && third.as_mut().now_or_never().is_none());
        let full = Full { what: "peers that wait for their handshake", limit: 2 };
        assert_eq!(lobby.turn(&guests[3]).now_or_never().unwrap().unwrap_err(), full);
        drop((turn, second));
        assert!(lobby.turn(&guests[3]).now_or_never().is_none(), "there is room, but another is before it");
    }

    #[test]
    fn who_comes_after_the_house_was_closed_is_shown_out_at_once() {
        let lobby = lobby(1, 2);
        lobby.close();
        let (guest, registration) = lobby.newcomer();
        let silent = async {
            let _seat = lobby.silence(&guest);
            pending::<()>().await;
        };
        assert_eq!(Abortable::new(silent, registration).now_or_never(), Some(Err(Aborted)));
    }
}
