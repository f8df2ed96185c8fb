//! Bytes from strangers and from broken disks: no reader of `x509` may panic, hang, believe a damaged
//! file to be a shorter one, or show a key in its complaint. And terms from strangers: no type of serde's
//! may be read from them with a panic.
//!
//! `PROPTEST_CASES=100000 cargo test --test hostile` digs deeper than the default.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test reports by panicking")]

mod der_shapes;
mod issued;
mod key_files;
mod mutation;
mod pem_files;
mod random;
mod readers;
mod round_trips;
mod samples;
mod terms;

use proptest::test_runner::Config;

/// So many cases, unless `PROPTEST_CASES` says otherwise. Nothing is written beside the sources: the
/// input that failed is printed, and belongs into a test with a name.
pub(crate) fn cases(usual: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    Config { cases: asked.unwrap_or(usual), failure_persistence: None, ..Config::default() }
}
