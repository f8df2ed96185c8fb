//! The port mapper: its bytes, our client and our server with each other, and both with Erlang's own.
//!
//! Without `epmd` and `erl` the tests that need them say that they were skipped; where the environment
//! says `CI=true` they fail.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]
#![expect(clippy::print_stderr, reason = "a test that was skipped must say so")]

#[path = "../support/otp/here.rs"]
#[expect(dead_code, reason = "only tests of links need a node with TLS")]
mod here;

mod commands;
mod golden;
mod hostile;
mod meeting;
mod otp;
mod process;
mod races;
mod world;
