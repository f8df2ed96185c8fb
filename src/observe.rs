//! What happened, in numbers. Lines for people go through `log`; numbers for machines are kept here.

use crate::failure::Code;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of what became of handshakes: accepted, and refused by code.
#[derive(Debug)]
pub struct Counters {
    accepted: AtomicU64,
    refused: Vec<AtomicU64>,
}

impl Default for Counters {
    fn default() -> Self {
        Self { accepted: AtomicU64::new(0), refused: Code::ALL.iter().map(|_| AtomicU64::new(0)).collect() }
    }
}

impl Counters {
    /// One more handshake that ended well.
    pub fn accept(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    /// One more refusal with this code.
    pub fn refuse(&self, code: Code) {
        if let Some(count) = self.slot(code) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many handshakes ended well.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// How many were refused with this code.
    pub fn refused(&self, code: Code) -> u64 {
        self.slot(code).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// Every code that was ever used here, with its count.
    pub fn refusals(&self) -> BTreeMap<&'static str, u64> {
        let counts = Code::ALL.iter().map(|&code| (code.as_str(), self.refused(code)));
        counts.filter(|&(_, count)| count > 0).collect()
    }

    fn slot(&self, code: Code) -> Option<&AtomicU64> {
        let index = Code::ALL.iter().position(|&other| other == code)?;
        self.refused.get(index)
    }
}
