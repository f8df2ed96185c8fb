//! Pauses that differ, so that many links do not act at once.

use aws_lc_rs::rand;
use std::time::Duration;

/// Some time up to this.
pub(super) fn up_to(most: Duration) -> Duration {
    let mut bytes = [0; 4];
    // Without random bytes nothing else would work, either; then they all wait as long as they may.
    if rand::fill(&mut bytes).is_err() {
        return most;
    }
    most.mul_f64(f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX))
}

/// From half of this up to all of it.
pub(super) fn about(pause: Duration) -> Duration {
    pause / 2 + up_to(pause / 2)
}
