//! What OTP's libraries are to Erlang, among our own nodes.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test reports by panicking")]

#[path = "../node/world.rs"]
#[allow(dead_code, reason = "it has more than is needed here")]
mod world;

mod pg;
