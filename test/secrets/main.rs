//! No secret is ever printed: cookies, keys and messages that are like no other text go through nodes and commands
//! whose log says everything, and none of them may come out, in whatever form. Each test also shows that its secrets
//! were really in use: one that never entered proves nothing.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test reports by panicking, and says on standard error what it skipped"
)]

#[path = "../support/scratch.rs"]
#[expect(dead_code, reason = "other tests run commands there")]
mod scratch;
#[path = "../commands/world.rs"]
#[expect(dead_code, reason = "other tests ask for more")]
mod world;

mod canary;
mod commands;
mod listener;
mod misplaced;
mod program;
