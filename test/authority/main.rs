//! The certificate authority: what it makes, what it refuses to make, and what OpenSSL says about it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test reports by panicking, and says on standard error what it skipped"
)]

#[path = "../support/scratch.rs"]
mod scratch;

mod certificates;
mod directory;
mod openssl;
mod throwaway;
