//! Nodes as processes, and the commands that reach them: `start`, `demo`, `ping`, `status`, `call`, `send`, `rotate`,
//! `stop`, `ca-in-use`.
//!
//! Each test has a directory, an epmd port and, where nodes start for development, a development directory of
//! its own. Without `erl` the test that needs it says that it was skipped; where the environment says
//! `CI=true` it fails.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test reports by panicking, and says on standard error what it skipped"
)]

#[path = "../support/otp/here.rs"]
#[expect(dead_code, clippy::print_stderr, reason = "other tests ask for other programs; a test that was skipped must say so")]
mod here;
#[path = "../support/scratch.rs"]
#[expect(dead_code, clippy::print_stderr, reason = "other tests run commands there")]
mod scratch;

#[path = "../cli/commands.rs"]
mod tree;

mod ca_in_use;
mod calling;
mod configuration;
mod configured;
mod demo;
mod development;
mod erlang;
mod exits;
mod expiring;
mod exported;
mod joining;
mod lent;
mod links;
mod logs;
mod refused;
mod rotating;
mod signals;
mod world;
