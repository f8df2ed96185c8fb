//! Many links between nodes in several processes, with certificates that rotate all the time and traffic that is
//! accounted for: nothing is lost, nothing comes out of order, and no node is ever seen to go.
//!
//! `rebar-like-scripts/soak rotations [handover|keep|otp] [--handovers N] [--nodes N] [--processes N]`
//!
//! - `handover`: each link moves to a connection with the new certificate, until so many handovers are complete.
//! - `keep`: open links keep theirs; after each rotation somebody new connects, and must see the newest.
//! - `otp`: as `keep`, and all links are with nodes of OTP.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a soak reports by panicking")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

#[path = "rotations/crowd.rs"]
mod crowd;
#[path = "../support/otp.rs"]
#[expect(dead_code, reason = "tests ask more of a node")]
mod otp;
#[path = "../support/pki.rs"]
#[expect(dead_code, reason = "tests issue more")]
mod pki;
#[path = "rotations/plan.rs"]
mod plan;
#[path = "../support/scratch.rs"]
#[expect(dead_code, reason = "tests run commands there")]
mod scratch;
#[path = "rotations/tally.rs"]
mod tally;
#[path = "rotations/traffic.rs"]
mod traffic;
#[path = "rotations/turning.rs"]
mod turning;
#[path = "rotations/worker.rs"]
mod worker;

use plan::{Mode, Plan};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|word| word == "worker").is_some() {
        worker::run(&worker::Part::parse(arguments));
        return ExitCode::SUCCESS;
    }
    let plan = Plan::parse(arguments);
    if plan.mode == Mode::Otp && !otp::otp_is_here("soak rotations otp") {
        return ExitCode::SUCCESS;
    }
    crowd::run(plan)
}
