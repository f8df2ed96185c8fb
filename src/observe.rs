//! What happened: in numbers, which are kept here, and in words, which go through `log` under stable names.

mod event;

pub use event::Event;

mod failures;

pub use failures::{LastFailure, LastFailures, Occasion};

use crate::failure::Code;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of what became of handshakes: accepted, and refused by code and by whom; and what failed last.
#[derive(Debug)]
pub struct Counters {
    accepted: AtomicU64,
    by_us: PerCode,
    by_peer: PerCode,
    last: LastFailures,
}

impl Default for Counters {
    fn default() -> Self {
        Self { accepted: AtomicU64::new(0), by_us: PerCode::new(), by_peer: PerCode::new(), last: LastFailures::default() }
    }
}

impl Counters {
    /// One more handshake that ended well.
    pub fn accept(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    /// One more refusal with this code. What a peer says is not proven: anybody can send an alert, so the
    /// refusals by peers are counted apart.
    pub fn refuse(&self, code: Code, by_peer: bool) {
        if by_peer { self.by_peer.add(code) } else { self.by_us.add(code) }
    }

    /// How many handshakes ended well.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// How many were refused with this code, by either side.
    pub fn refused(&self, code: Code) -> u64 {
        self.by_us.of(code) + self.by_peer.of(code)
    }

    /// How many of them the peer refused.
    pub fn refused_by_peer(&self, code: Code) -> u64 {
        self.by_peer.of(code)
    }

    /// What failed last, peer by peer.
    pub const fn last_failures(&self) -> &LastFailures {
        &self.last
    }

    /// Every code that was ever used here, with its count.
    pub fn refusals(&self) -> BTreeMap<&'static str, u64> {
        let counts = Code::ALL.iter().map(|&code| (code.as_str(), self.refused(code)));
        counts.filter(|&(_, count)| count > 0).collect()
    }
}

#[derive(Debug)]
struct PerCode(Vec<AtomicU64>);

impl PerCode {
    fn new() -> Self {
        Self(Code::ALL.iter().map(|_| AtomicU64::new(0)).collect())
    }

    fn add(&self, code: Code) {
        if let Some(count) = self.slot(code) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn of(&self, code: Code) -> u64 {
        self.slot(code).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    fn slot(&self, code: Code) -> Option<&AtomicU64> {
        let index = Code::ALL.iter().position(|&other| other == code)?;
        self.0.get(index)
    }
}
