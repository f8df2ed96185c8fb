//! So many at a time.

use crate::rt::Event;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Places for what is not to happen too often at once. Who finds none waits.
#[derive(Clone, Debug)]
pub(super) struct Slots(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: usize,
    taken: Mutex<Taken>,
    freed: Event,
}

#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    now: usize,
    most: usize,
}

/// A place, for as long as this lives.
#[derive(Debug)]
pub(super) struct Slot(Arc<Inner>);

impl Slots {
    pub(super) fn new(limit: usize) -> Self {
        Self(Arc::new(Inner { limit: limit.max(1), taken: Mutex::default(), freed: Event::new() }))
    }

    pub(super) async fn take(&self) -> Slot {
        loop {
            let freed = self.0.freed.listen();
            if let Some(slot) = self.try_take() {
                return slot;
            }
            freed.await;
        }
    }

    fn try_take(&self) -> Option<Slot> {
        let mut taken = self.0.lock();
        if taken.now >= self.0.limit {
            return None;
        }
        taken.now += 1;
        taken.most = taken.most.max(taken.now);
        Some(Slot(Arc::clone(&self.0)))
    }

    /// How many were ever taken at a time.
    pub(super) fn most(&self) -> usize {
        self.0.lock().most
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Two numbers, and nothing that can panic.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.0.lock();
        taken.now = taken.now.saturating_sub(1);
        drop(taken);
        // One more than may have been told of other places and has not looked yet.
        self.0.freed.notify_additional(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::FutureExt;

    #[test]
    fn who_finds_no_place_waits_until_one_is_free() {
        let slots = Slots::new(2);
        let first = slots.take().now_or_never().unwrap();
        let second = slots.take().now_or_never().unwrap();
        let mut third = Box::pin(slots.take());
        assert!(third.as_mut().now_or_never().is_none());
        drop(first);
        let third = third.now_or_never().unwrap();
        assert_eq!(slots.most(), 2);
        drop((second, third));
        assert!(slots.try_take().is_some());
    }

    #[test]
    fn as_many_are_woken_as_places_are_free() {
        let slots = Slots::new(2);
        let [first, second] = [slots.take().now_or_never().unwrap(), slots.take().now_or_never().unwrap()];
        let mut waiting = [Box::pin(slots.take()), Box::pin(slots.take())];
        assert!(waiting.iter_mut().all(|waiting| waiting.as_mut().now_or_never().is_none()));
        drop((first, second));
        let slots: Vec<_> = waiting.into_iter().map(|waiting| waiting.now_or_never().unwrap()).collect();
        assert_eq!(slots.len(), 2);
    }
}
