//! The distribution protocol, step by step, without a socket: every order of events is a test.
//!
//! `PROPTEST_CASES=100000 cargo test --test protocol` digs deeper than the default.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test reports by panicking")]

mod cache;
mod control;
mod frames;
mod handover;
mod handshake;
mod handshake_refusals;
mod packets;
mod support;
mod ticks;
