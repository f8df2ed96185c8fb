//! Listener and dialler against peers that are silent, slow, too many or gone, and against the clock.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test reports by panicking")]

#[path = "../support/kinds.rs"]
mod kinds;
#[path = "../support/managers.rs"]
#[expect(dead_code, reason = "other tests let a manager change its mind")]
mod managers;
#[path = "../support/storm.rs"]
mod storm;
#[path = "../support/world.rs"]
mod world;

mod addresses;
mod deadlines;
mod dialling;
mod leaving;
mod limits;
mod mute;
mod rotation;
mod silent;
mod stalled;
