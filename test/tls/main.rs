//! The heart: handshakes, rotation, and what each side says when there is no connection.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test reports by panicking")]

use std::future::Future;

mod crls;
mod crowd;
mod demands;
mod explain;
#[path = "../support/foreign_bytes.rs"]
mod foreign_bytes;
#[path = "../support/foreign_tls.rs"]
mod foreign_tls;
mod frozen;
mod hardware_key;
mod hooks;
#[path = "../support/links.rs"]
mod links;
mod list_files;
mod live_lists;
#[path = "../support/logbook.rs"]
mod logbook;
#[path = "../support/managers.rs"]
mod managers;
mod matrix;
mod older_lists;
mod own_configurations;
mod receipts;
mod rejudge;
mod resumption;
mod roots;
mod rotation;
#[path = "../support/scratch.rs"]
#[expect(dead_code, clippy::print_stderr, reason = "other tests run commands there")]
mod scratch;
mod settings;
mod strangers;
mod versions;
mod witness;

/// Boxed first: unoptimised, the runtime moves a future by value through dozens of frames, and a large
/// one does not fit the stack of a test's thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    countersign::rt::block_on(Box::pin(future))
}
