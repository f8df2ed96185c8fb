//! Bytes against terms: what OTP writes, what old nodes wrote, and what nobody should.
//!
//! `PROPTEST_CASES=100000 cargo test --test wire` digs deeper than the default.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test reports by panicking")]

mod arbitrary;
mod building;
mod deep;
mod display;
mod erlang;
mod golden;
#[cfg(feature = "cli")]
mod json;
mod mapping;
mod old_forms;
mod oracle;
mod order;
mod properties;
mod refusals;

use bytes::Bytes;
use countersign::etf::{DecodeError, Term, decode};
use proptest::test_runner::Config;

/// So many cases, unless `PROPTEST_CASES` says otherwise. Nothing is written beside the sources: the
/// input that failed is printed, and belongs into a test with a name.
pub(crate) fn cases(usual: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    Config { cases: asked.unwrap_or(usual), failure_persistence: None, ..Config::default() }
}

/// Bytes from hexadecimal digits; blanks are for the reader.
pub(crate) fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

pub(crate) fn read(digits: &str) -> Result<Term, DecodeError> {
    decode(&Bytes::from(hex(digits)))
}
