//! The doctor: each fault is made for real, and the finding names its cause.
//!
//! `seeds` is a table of the symptoms that the troubleshooting chapters of other systems know, each as that system words
//! it. Without `erl` or `openssl` the tests that need them say that they were skipped; where `CI` is `true` they fail.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test reports by panicking, and says on standard error what it skipped"
)]

#[path = "../openssl/child.rs"]
#[expect(dead_code, clippy::print_stderr, reason = "other tests ask for more; a test that was skipped must say so")]
mod child;
#[path = "../support/otp.rs"]
#[expect(dead_code, clippy::print_stderr, reason = "other tests ask for more; a test that was skipped must say so")]
mod otp;
#[path = "../support/pki.rs"]
#[expect(dead_code, reason = "other tests ask for more")]
mod pki;
#[path = "../commands/world.rs"]
#[expect(dead_code, reason = "other tests run more commands")]
mod program;
#[path = "../support/scratch.rs"]
#[expect(dead_code, reason = "other tests run commands there")]
mod scratch;

mod configurations;
mod files;
mod hidden;
mod openssl;
mod otp_nodes;
mod output;
mod ports;
mod running;
mod seeds;
mod seeds_at_work;
mod strangers;
mod visits;
mod world;
