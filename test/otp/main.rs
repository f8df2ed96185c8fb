//! Behaviours for programs on a node: servers, how they are started and called, supervisors, and groups.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test reports by panicking")]

#[path = "../wire/arbitrary.rs"]
mod arbitrary;
#[path = "../support/desk.rs"]
mod desk;
#[path = "../node/raw.rs"]
#[expect(dead_code, reason = "tests of nodes need more of it")]
mod raw;
#[path = "../node/world.rs"]
mod world;

mod pg;
mod server_admission;
mod server_answers;
mod server_crowd;
mod server_pressure;
mod server_starts;
mod server_steps;
mod server_system;
mod server_types;
mod supervisor;
