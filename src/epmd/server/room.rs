//! A number of places, and how many of them one address may take.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub(super) struct Room {
    places: usize,
    per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    // Bounded by `total`: an address without a place has no entry.
    by_address: HashMap<IpAddr, usize>,
}

/// A place; given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    room: Arc<Room>,
    address: IpAddr,
}

impl Room {
    pub(super) fn of(places: usize, per_address: usize) -> Arc<Self> {
        Arc::new(Self { places, per_address, taken: Mutex::default() })
    }

    /// `None` when all places are taken, or all that this address may have.
    pub(super) fn enter(self: &Arc<Self>, guest: IpAddr) -> Option<Place> {
        let address = counted_as(guest);
        let mut taken = self.lock();
        let here = taken.by_address.get(&address).copied().unwrap_or(0);
        if taken.total >= self.places || here >= self.per_address {
            return None;
        }
        taken.total += 1;
        taken.by_address.insert(address, here + 1);
        drop(taken);
        Some(Place { room: Arc::clone(self), address })
    }

    pub(super) fn taken(&self) -> usize {
        self.lock().total
    }

    fn leave(&self, address: IpAddr) {
        let mut taken = self.lock();
        taken.total = taken.total.saturating_sub(1);
        let left = taken.by_address.get(&address).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            taken.by_address.remove(&address);
        } else {
            taken.by_address.insert(address, left);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Nothing that runs under this lock can panic half way.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.leave(self.address);
    }
}

/// One person often has a whole /64 of IPv6, and an IPv4 guest may come as a mapped one.
fn counted_as(guest: IpAddr) -> IpAddr {
    match guest.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_host_cannot_take_every_place() {
        let room = Room::of(3, 2);
        let first = room.enter(ip("192.0.2.1"));
        let _second = room.enter(ip("::ffff:192.0.2.1"));
        assert!(room.enter(ip("192.0.2.1")).is_none());
        let third = room.enter(ip("2001:db8::1"));
        assert!(third.is_some() && room.enter(ip("2001:db8::2")).is_none(), "all three are taken");
        drop(first);
        assert!(room.enter(ip("192.0.2.1")).is_some());
    }

    #[test]
    fn who_leaves_is_forgotten() {
        let room = Room::of(1_000, 1);
        for last in 0..=255 {
            drop(room.enter(IpAddr::from([192, 0, 2, last])).unwrap());
        }
        assert!(room.taken() == 0 && room.lock().by_address.is_empty());
    }
}
