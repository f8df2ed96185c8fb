//! Limits that act before any cryptography.

use crate::observe::Event;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How much a listener takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections in all, those in mid-handshake included.
    pub connections: usize,
    /// Connections from one address; of IPv6, from one /64.
    pub per_address: usize,
    /// Handshakes that are computed at a time; further ones wait their turn.
    pub handshakes: usize,
    /// Peers who have connected and not yet said hello. When one more comes, the one who has been silent
    /// longest is shown out. As many again may wait for their turn once they have said it.
    pub silent: usize,
    /// How long a peer may take from connecting to the end of its handshake.
    pub handshake_timeout: Duration,
    /// How long a refused peer is listened to after the refusal, so that it can read the reason.
    pub linger: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            per_address: 100,
            handshakes: 64,
            silent: 1_024,
            // What an Erlang node allows (net_setuptime).
            handshake_timeout: Duration::from_secs(7),
            linger: Duration::from_millis(500),
        }
    }
}

impl Limits {
    /// A process out of descriptors cannot even read its certificates: better to hear of it at start.
    pub(super) fn warn_if_beyond_descriptors(&self, holder: &str) {
        let Some(descriptors) = descriptors() else { return };
        let connections = self.connections;
        if connections >= descriptors {
            let hint = "raise it (ulimit -n, LimitNOFILE), or lower the limit on connections";
            log::warn!(target: "countersign::net", event:% = Event::DescriptorsShort, holder, connections, descriptors, hint; "more connections are allowed than the process may have open files");
        }
    }
}

/// How many files this process may have open, where the system tells it as Linux does.
fn descriptors() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Counts who is in.
#[derive(Debug)]
pub(super) struct Gate {
    limits: Limits,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    total: usize,
    // Bounded by `total`: an address without a connection has no entry.
    by_address: HashMap<IpAddr, usize>,
}

/// The right to be connected; given back when dropped.
#[derive(Debug)]
pub(super) struct Pass {
    gate: Arc<Gate>,
    address: IpAddr,
}

/// Which limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full {
    pub(super) what: &'static str,
    pub(super) limit: usize,
}

impl Gate {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, inside: Mutex::default() })
    }

    pub(super) fn enter(self: &Arc<Self>, peer: IpAddr) -> Result<Pass, Full> {
        let address = counted_as(peer);
        let mut inside = self.lock();
        if inside.total >= self.limits.connections {
            return Err(Full { what: "connections", limit: self.limits.connections });
        }
        let here = inside.by_address.get(&address).copied().unwrap_or(0);
        if here >= self.limits.per_address {
            return Err(Full { what: "connections from one address", limit: self.limits.per_address });
        }
        inside.by_address.insert(address, here + 1);
        inside.total += 1;
        drop(inside);
        Ok(Pass { gate: Arc::clone(self), address })
    }

    pub(super) fn connections(&self) -> usize {
        self.lock().total
    }

    fn leave(&self, address: IpAddr) {
        let mut inside = self.lock();
        inside.total = inside.total.saturating_sub(1);
        let left = inside.by_address.get(&address).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            inside.by_address.remove(&address);
        } else {
            inside.by_address.insert(address, left);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Nothing that runs under this lock can panic half way.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.gate.leave(self.address);
    }
}

/// One person often has a whole /64 of IPv6, and an IPv4 peer may come as a mapped one.
fn counted_as(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(connections: usize, per_address: usize) -> Arc<Gate> {
        Gate::new(Limits { connections, per_address, ..Limits::default() })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_limited_exactly_and_its_places_come_back() {
        let gate = gate(10, 2);
        let first = gate.enter(address("192.0.2.1")).unwrap();
        let _second = gate.enter(address("::ffff:192.0.2.1")).unwrap();
        assert_eq!(gate.enter(address("192.0.2.1")).unwrap_err().limit, 2);
        drop(first);
        assert!(gate.enter(address("192.0.2.1")).is_ok());
    }

    #[test]
    fn a_slash_64_counts_as_one_address() {
        let gate = gate(10, 1);
        let _first = gate.enter(address("2001:db8::1")).unwrap();
        assert!(gate.enter(address("2001:db8::ffff")).is_err());
        assert!(gate.enter(address("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn the_table_of_addresses_forgets_who_left() {
        let gate = gate(1_000, 1);
        for last in 0..=255u8 {
            drop(gate.enter(IpAddr::from([192, 0, 2, last])).unwrap());
        }
        assert!(gate.lock().by_address.is_empty());
        assert_eq!(gate.connections(), 0);
    }
}
