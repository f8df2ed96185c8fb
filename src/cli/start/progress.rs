//! What is said while a node that starts waits for its seeds.

use super::super::console::Console;
use crate::node::Kept;

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
