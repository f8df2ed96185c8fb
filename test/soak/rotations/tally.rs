//! What has happened so far, as it goes from the processes to the one that adds it up.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

/// The names of the numbers, in the order in which they are printed.
const NAMES: [&str; 7] = ["rotations", "handovers", "sent", "heard", "mebibytes", "looked", "faults"];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally([u64; NAMES.len()]);

impl Tally {
    pub(crate) fn of(&self, name: &str) -> u64 {
        NAMES.iter().zip(self.0).find(|(known, _)| **known == name).map(|(_, value)| value).unwrap()
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        let mut sum = self;
        sum.0.iter_mut().zip(other.0).for_each(|(sum, value)| *sum += value);
        sum
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = NAMES.iter().zip(self.0).map(|(name, value)| format!("{name}={value}")).collect();
        f.write_str(&parts.join(" "))
    }
}

impl FromStr for Tally {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut tally = Self::default();
        let mut parts = text.split(' ');
        for (name, value) in NAMES.iter().zip(&mut tally.0) {
            let part = parts.next().and_then(|part| part.strip_prefix(name)?.strip_prefix('=')).ok_or(())?;
            *value = part.parse().map_err(drop)?;
        }
        Ok(tally)
    }
}

/// The numbers of one process, which all its nodes count up.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) rotations: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) heard: AtomicU64,
    pub(crate) bytes: AtomicU64,
    /// New connections that saw the newest certificate.
    pub(crate) looked: AtomicU64,
    pub(crate) faults: AtomicU64,
}

impl Counts {
    pub(crate) fn add(counter: &AtomicU64, value: u64) {
        counter.fetch_add(value, Ordering::Relaxed);
    }

    pub(crate) fn fault(&self, what: &str) {
        eprintln!("FAULT: {what}");
        Self::add(&self.faults, 1);
    }

    pub(crate) fn tally(&self, handovers: u64) -> Tally {
        let [rotations, sent, heard, bytes, looked, faults] =
            [&self.rotations, &self.sent, &self.heard, &self.bytes, &self.looked, &self.faults]
                .map(|counter| counter.load(Ordering::Relaxed));
        Tally([rotations, handovers, sent, heard, bytes / 1024 / 1024, looked, faults])
    }
}
