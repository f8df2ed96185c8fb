//! The command line as a person meets it: whole outputs, both streams, exit codes.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test reports by panicking, and says on standard error what it skipped"
)]

#[path = "../support/scratch.rs"]
mod scratch;

mod commands;
mod issuing;
mod judging;
mod looking;
mod manners;
mod snapshots;
mod steady;
mod world;
