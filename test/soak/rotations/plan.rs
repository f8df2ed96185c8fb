//! What is asked for.

use std::fmt;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Handover,
    Keep,
    Otp,
}

/// Nodes are numbered, and dealt out to the processes by turns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) mode: Mode,
    /// Handovers of links; with `keep`, rotations that each have a new connection look at them.
    pub(crate) handovers: u64,
    pub(crate) nodes: usize,
    pub(crate) processes: usize,
}

impl Plan {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut plan = Self { mode: Mode::Handover, handovers: 5_000, nodes: 20, processes: 4 };
        while let Some(word) = arguments.next() {
            let mut number =
                || arguments.next().and_then(|value| value.parse::<usize>().ok()).unwrap_or_else(|| panic!("{word} needs a number"));
            match word.as_str() {
                "--handovers" => plan.handovers = number() as u64,
                "--nodes" => plan.nodes = number(),
                "--processes" => plan.processes = number(),
                mode => {
                    plan.mode = mode.parse().unwrap_or_else(|()| {
                        panic!("{mode} is not known; there are handover, keep, otp, --handovers, --nodes and --processes")
                    })
                }
            }
        }
        plan
    }

    /// How many of the nodes after it each node dials: then each has twice as many links.
    pub(crate) fn dials(&self) -> usize {
        PEERS.min((self.nodes - 1) / 2)
    }

    pub(crate) fn links(&self) -> usize {
        self.nodes * if self.mode == Mode::Otp { PEERS } else { self.dials() }
    }

    /// So many certificates lie ready for each node: more than it needs if all take turns.
    pub(crate) fn stock(&self) -> u64 {
        let at_once = if self.mode == Mode::Handover { 2 * self.dials() } else { 1 };
        4 * self.handovers / (self.nodes * at_once) as u64 + 20
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handover => "handover",
            Self::Keep => "keep",
            Self::Otp => "otp",
        })
    }
}

impl FromStr for Mode {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Handover, Self::Keep, Self::Otp].into_iter().find(|mode| mode.to_string() == word).ok_or(())
    }
}

/// Nodes of OTP, where it is they; else how many of ours each dials.
pub(crate) const PEERS: usize = 5;
