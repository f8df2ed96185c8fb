//! Our nodes among themselves: processes, links, mailboxes, and peers that are slow, hostile or many.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test reports by panicking")]

mod hostile;
mod mailboxes;
mod monitors;
mod processes;
mod raw;
mod world;
