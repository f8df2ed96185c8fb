//! Real OTP nodes, started with our port mapper and certificates of our making. `rebar-like-scripts/interop` runs
//! these alone, and with `--otp 27` against that release.
//!
//! Without `erl` and its application `ssl` they say that they were skipped; where `CI` is `true` they fail.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]
#![expect(clippy::print_stderr, reason = "a test that was skipped must say so")]

#[path = "../support/otp.rs"]
mod otp;
#[path = "../support/pki.rs"]
mod pki;
#[path = "../support/scratch.rs"]
#[expect(dead_code, reason = "other tests run commands there")]
mod scratch;

mod asking;
mod atoms;
mod bulk;
mod cable;
mod calling;
mod colliding;
mod exits;
mod half_dead;
mod leaving;
mod links;
mod meeting;
mod monitors;
mod naming;
mod node_events;
mod ours;
mod pair;
mod puppet;
mod refusing;
mod rekeying;
mod requests;
mod restarting;
mod skipping;
mod ssl_dist;
mod stopping;
mod talking;
mod ticking;
mod typing;
mod unlinking;
mod world;
