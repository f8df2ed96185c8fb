//! Many nodes in one process, each linked to each over mutual TLS, and every message accounted for.
//!
//! `rebar-like-scripts/soak mesh [--nodes N] [--messages N] [--one-long-in N]`

#![expect(clippy::unwrap_used, clippy::panic, reason = "a soak reports by panicking")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

#[path = "../support/mesh.rs"]
mod mesh;
#[path = "../support/progress.rs"]
mod progress;

use mesh::Plan;
use progress::Progress;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

fn main() -> ExitCode {
    let plan = asked(std::env::args().skip(1));
    println!("{plan:?}");
    let (heard, all) = (Arc::new(AtomicU64::new(0)), plan.nodes * (plan.nodes - 1) * plan.messages);
    let watched = Arc::clone(&heard);
    let progress = Progress::watch("messages", all as u64, move || watched.load(Ordering::Relaxed));
    let totals = countersign::rt::block_on(mesh::run(plan, &heard));
    drop(progress);
    let (mebibytes, seconds) = (totals.bytes / 1024 / 1024, totals.talking.as_secs_f64());
    println!("{} links in {:?}", totals.links, totals.linking);
    println!(
        "{} messages, {mebibytes} MiB, in {seconds:.1} s; {} dropped, {} faults",
        totals.messages,
        totals.dropped,
        totals.faults.len()
    );
    totals.faults.iter().take(10).for_each(|fault| eprintln!("{fault}"));
    let is_whole = totals.links == plan.nodes * (plan.nodes - 1) / 2;
    if is_whole && totals.dropped == 0 && totals.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn asked(mut arguments: impl Iterator<Item = String>) -> Plan {
    let mut plan = Plan { nodes: 100, messages: 20, one_long_in: 200 };
    while let Some(flag) = arguments.next() {
        let number = arguments.next().and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{flag} needs a number"));
        match flag.as_str() {
            "--nodes" => plan.nodes = number,
            "--messages" => plan.messages = number,
            "--one-long-in" => plan.one_long_in = number,
            _ => panic!("{flag} is not known; there are --nodes, --messages and --one-long-in"),
        }
    }
    plan
}
