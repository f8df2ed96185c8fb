//! Real Elixir nodes, which are nodes of OTP with words of their own: what a program in Elixir writes to reach a node
//! of ours, and what a program of ours writes to reach one of Elixir.
//!
//! Without `elixir` they say that they were skipped; where `CI` is `true` they fail.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]
#![expect(clippy::print_stderr, reason = "a test that was skipped must say so")]

#[path = "../support/desk.rs"]
#[expect(dead_code, reason = "other tests want to know how it ends")]
mod desk;
#[path = "../support/otp.rs"]
#[expect(dead_code, reason = "tests of Erlang do more to their nodes")]
mod otp;
#[path = "../support/pki.rs"]
#[expect(dead_code, reason = "other tests issue certificates of their own")]
mod pki;
#[path = "../interop/puppet.rs"]
#[expect(dead_code, reason = "other tests have it do more")]
mod puppet;
#[path = "../support/scratch.rs"]
#[expect(dead_code, reason = "other tests run commands there")]
mod scratch;
#[path = "../interop/world.rs"]
#[expect(dead_code, reason = "tests of Erlang start nodes of Erlang")]
mod world;

mod asking;
mod calling;
mod groups;
mod meeting;
mod pair;
mod remote;
mod skipping;
mod talking;
mod typed;
