//! Behaviours for programs on a node.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test reports by panicking")]

#[path = "../node/raw.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod raw;
#[path = "../node/world.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod world;

mod supervisor;
