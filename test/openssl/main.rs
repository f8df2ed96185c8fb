//! OpenSSL's `s_client` and `s_server` as peers that we did not write: accepted, refused for every
//! reason that they can show, and rotated.
//!
//! Without `openssl` these tests say that they were skipped; where the environment says `CI=true` they fail.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]
#![expect(clippy::print_stderr, reason = "a test that was skipped must say so")]

#[path = "../support/world.rs"]
#[expect(dead_code, reason = "other tests have both ends of their own")]
mod world;

mod child;
mod client_accepted;
mod client_refused;
mod client_refuses;
mod names;
mod s_client;
mod s_server;
mod server_accepted;
mod server_refused;
mod server_refuses;
