//! What lies in `priv` for those who run a node: that it can be read, and that whatever it names is there.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test reports by panicking")]
#![expect(clippy::print_stderr, reason = "a test that was skipped must say so")]

#[path = "../support/scratch.rs"]
#[expect(dead_code, reason = "other tests run commands there")]
mod scratch;

mod kubernetes;
mod options;
mod program;
mod readme;
mod service;
mod yaml;

use std::path::PathBuf;

/// A file of `priv`.
fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("priv").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("priv/{name}: {error}"))
}
