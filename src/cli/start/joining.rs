//! Whom a node that starts joins, and what is said while it waits for them.

use super::super::console::Console;
use crate::node::{Kept, Mode, NodeOptions, Quorum};
use crate::node_name::NodeName;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Joining {
    /// Listen, but announce nothing: no epmd knows the node, and peers need a route
    #[arg(long, conflicts_with = "outgoing_only")]
    passive: bool,
    /// Only dial: nothing listens
    #[arg(long, conflicts_with = "port")]
    outgoing_only: bool,
    /// Dial this node, and again whenever it is lost; may be given several times [default: the configuration's seeds]
    #[arg(long = "seed", value_name = "NODE")]
    seeds: Vec<NodeName>,
    /// Wait for so many of the seeds, and do not start without them
    #[arg(long, value_name = "N")]
    quorum: Option<usize>,
}

impl Joining {
    pub(super) fn apply(self, options: &mut NodeOptions) {
        if self.passive {
            options.mode = Mode::Passive;
        }
        if self.outgoing_only {
            options.mode = Mode::OutgoingOnly;
        }
        if !self.seeds.is_empty() {
            options.cluster.seeds = self.seeds;
        }
        if let Some(seeds) = self.quorum {
            let quorum = options.cluster.quorum.unwrap_or(Quorum::of(seeds));
            options.cluster.quorum = Some(Quorum { seeds, ..quorum });
        }
    }
}

/// Says on standard error what has changed with each seed.
#[derive(Debug, Default)]
pub(super) struct Progress(Vec<String>);

impl Progress {
    pub(super) fn show(&mut self, seeds: &[Kept], console: &mut Console<'_>) {
        let linked = seeds.iter().filter(|seed| seed.is_linked).count();
        let lines: Vec<String> = seeds.iter().map(ToString::to_string).collect();
        for line in lines.iter().filter(|line| !self.0.contains(line)) {
            // If nobody reads it, nobody misses it.
            let _ = console.note(format_args!("waiting for seeds, {linked} of {}: {line}", seeds.len()));
        }
        self.0 = lines;
    }
}
