//! The rotation storm as a command: certificates are replaced on both ends while diallers connect.
//!
//! `cargo bench --bench storm -- [--handshakes N] [--diallers N] [--interval-us N] [--manager ours|own|both]`
//!
//! It ends with 1 if a handshake failed, if two ends disagree about their certificates, or if fewer
//! than 100 generations were seen at either end.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a bench reports by panicking")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

#[path = "../support/kinds.rs"]
mod kinds;
#[path = "../support/managers.rs"]
#[expect(dead_code, reason = "other tests let a manager change its mind")]
mod managers;
#[path = "../support/storm.rs"]
mod storm;

use kinds::Kind;
use std::process::ExitCode;
use std::time::Duration;
use storm::{Outcome, Plan, Turns};

fn main() -> ExitCode {
    let (plan, kinds) = asked(std::env::args().skip(1));
    println!(
        "{} handshakes by {} diallers, an update every {:?} on each end, {} certificates in turn",
        plan.handshakes, plan.diallers, plan.interval, plan.certificates
    );
    println!("{HEADER}");
    let weathered = kinds.into_iter().map(|kind| {
        let outcome = countersign::rt::block_on(storm::run(plan, kind));
        report(kind, &outcome);
        is_well(plan, &outcome)
    });
    // All of them run, whatever the first one says.
    if weathered.fold(true, |all, well| all & well) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn asked(arguments: impl Iterator<Item = String>) -> (Plan, Vec<Kind>) {
    let mut plan = Plan { handshakes: 2_000, diallers: 8, interval: Duration::from_micros(300), certificates: 256 };
    let mut kinds = vec![Kind::Ours, Kind::Own];
    // Cargo itself adds `--bench`.
    let mut arguments = arguments.filter(|argument| argument != "--bench");
    while let Some(flag) = arguments.next() {
        let value = arguments.next().unwrap_or_else(|| panic!("{flag} needs a value"));
        let number = || value.parse::<usize>().unwrap_or_else(|_| panic!("{flag} needs a number, not {value:?}"));
        match flag.as_str() {
            "--handshakes" => plan.handshakes = number(),
            "--diallers" => plan.diallers = number(),
            "--interval-us" => plan.interval = Duration::from_micros(u64::try_from(number()).unwrap()),
            "--manager" => kinds.retain(|kind| value == "both" || value == kind.to_string()),
            _ => panic!("{flag} is not known; there are --handshakes, --diallers, --interval-us and --manager"),
        }
    }
    assert!(!kinds.is_empty(), "--manager is ours, own or both");
    (plan, kinds)
}

fn report(kind: Kind, outcome: &Outcome) {
    let rate = usize_as_f64(outcome.connections) / outcome.elapsed.as_secs_f64();
    for (end, turns) in [("listener", &outcome.listener), ("dialler", &outcome.dialler)] {
        let Turns { updates, each, interval, seen } = turns;
        let (connections, failures, mismatches) = (outcome.connections, outcome.failures.len(), outcome.mismatches);
        println!(
            "{kind:<8} {end:<9} {updates:>8} {:>9.3} {:>9.3} {:>11} {connections:>11} {rate:>7.0} {failures:>9} {mismatches:>11}",
            millis(*interval),
            millis(*each),
            seen.len(),
        );
    }
    for failure in outcome.failures.iter().take(10) {
        eprintln!("  {kind}: {failure}");
    }
}

fn is_well(plan: Plan, outcome: &Outcome) -> bool {
    let enough = [&outcome.listener, &outcome.dialler].iter().all(|turns| turns.seen.len() >= FEWEST_GENERATIONS);
    if !enough {
        eprintln!("fewer than {FEWEST_GENERATIONS} generations were seen");
    }
    enough && outcome.failures.is_empty() && outcome.mismatches == 0 && outcome.connections == plan.handshakes
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn usize_as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

const FEWEST_GENERATIONS: usize = 100;
const HEADER: &str = "manager  end        updates  every ms   each ms generations connections     c/s  failures  mismatches";
