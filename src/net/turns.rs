//! So many turns at a time, given strictly in the order of asking.

use crate::rt::channel::{Receiver, Sender, bounded};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub(super) struct Turns(Mutex<Queue>);

#[derive(Debug)]
struct Queue {
    // As long as somebody waits, none is free: who comes new overtakes nobody.
    free: usize,
    asked: u64,
    waiting: VecDeque<(u64, Sender<()>)>,
}

/// A place in the queue, and once its turn has come the turn itself; given up when dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    turns: &'a Turns,
    number: u64,
    call: Receiver<()>,
}

impl Turns {
    pub(super) fn new(free: usize) -> Self {
        Self(Mutex::new(Queue { free, asked: 0, waiting: VecDeque::new() }))
    }

    pub(super) fn ask(&self) -> Place<'_> {
        let (caller, call) = bounded(1);
        let mut queue = self.lock();
        let number = queue.asked;
        queue.asked += 1;
        queue.waiting.push_back((number, caller));
        if queue.free > 0 {
            queue.free -= 1;
            queue.pass_on();
        }
        Place { turns: self, number, call }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing that runs under this lock can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn pass_on(&mut self) {
        match self.waiting.pop_front() {
            // There is room: nobody is called twice.
            Some((_, caller)) => caller.try_send(()).unwrap_or_default(),
            None => self.free += 1,
        }
    }
}

impl Place<'_> {
    /// Waits for the turn. Who stops waiting for it keeps the place.
    pub(super) async fn called(&self) {
        self.call.recv().await.unwrap_or_default();
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut queue = self.turns.lock();
        match queue.waiting.iter().position(|(number, _)| *number == self.number) {
            Some(index) => drop(queue.waiting.remove(index)),
            None => queue.pass_on(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn is_called(place: &Place<'_>) -> bool {
        place.called().now_or_never().is_some()
    }

    #[test]
    fn who_comes_new_overtakes_nobody_although_a_turn_was_just_given_back() {
        let turns = Turns::new(1);
        let (first, second) = (turns.ask(), turns.ask());
        assert!(is_called(&first) && !is_called(&second));
        drop(first);
        let third = turns.ask();
        assert!(!is_called(&third) && is_called(&second));
    }

    #[test]
    fn a_turn_whose_owner_left_without_hearing_the_call_goes_to_the_next() {
        let turns = Turns::new(1);
        let (first, second, third, fourth) = (turns.ask(), turns.ask(), turns.ask(), turns.ask());
        drop(third);
        drop(first);
        drop(second);
        assert!(is_called(&fourth));
        drop(fourth);
        assert!(is_called(&turns.ask()));
    }
}
