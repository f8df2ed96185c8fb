//! Real OTP nodes, started with our port mapper and certificates of our making. `rebar-like-scripts/interop` runs
//! these alone, and with `--otp 27` against that release.
//!
//! Without `erl` and its application `ssl` they say that they were skipped; where `CI` is `true` they fail.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]
#![expect(clippy::print_stderr, reason = "a test that was skipped must say so")]

#[path = "../support/desk.rs"]
#[expect(dead_code, reason = "nobody here watches how it says goodbye")]
mod desk;
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
mod calling_functions;
mod colliding;
mod exits;
mod groups;
mod half_dead;
mod leaving;
mod links;
mod meeting;
mod monitors;
mod naming;
mod node_events;
mod operating;
mod option_file;
mod our_servers;
mod our_servers_and_sys;
mod ours;
mod pair;
mod processes;
mod puppet;
mod refusing;
mod rekeying;
mod remote_calls;
mod requests;
mod restarting;
mod rotating;
mod served;
mod skipping;
mod ssl_dist;
mod stopping;
mod talking;
mod their_servers;
mod ticking;
mod typed;
mod typing;
mod unlinking;
mod visible;
mod visible_locks;
mod world;
