//! The configuration file: what it means, and how each mistake in it is answered.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test reports by panicking")]

#[path = "../support/scratch.rs"]
#[expect(dead_code, clippy::print_stderr, reason = "other tests run commands there")]
mod scratch;

mod acceptors;
mod effective;
mod meaning;
mod refusals;
mod sample;
mod schema;
mod shown;
mod variables;
mod watching;
mod world;
