//! When a node is dialled again.

use std::time::Duration;

/// How nodes that are kept are dialled again: after pauses that double from one failure to the next, up to a longest, and
/// of which each is shortened by chance to no less than half, so that many nodes do not all come back in one moment.
///
/// A link that lasted for less than the longest pause counts as a failure, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnect {
    /// The first pause.
    pub first: Duration,
    /// The longest.
    pub most: Duration,
    /// So many nodes are dialled at a time; the others wait for their turn.
    pub at_a_time: usize,
}

/// From a second to a minute, sixteen at a time.
impl Default for Reconnect {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), most: Duration::from_secs(60), at_a_time: 16 }
    }
}

impl Reconnect {
    /// The pause after so many failures.
    pub(super) fn pause(self, failures: u32) -> Duration {
        let mut dice = [0; 4];
        // Without random bytes the pauses are merely short.
        let _ = aws_lc_rs::rand::fill(&mut dice);
        self.pause_by(failures, u32::from_ne_bytes(dice))
    }

    fn pause_by(self, failures: u32, dice: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures).map_or(self.most, |times| self.first.saturating_mul(times));
        let half = doubled.min(self.most) / 2;
        half.saturating_add(half.mul_f64(f64::from(dice) / f64::from(u32::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_chance_takes_at_most_half_of_them() {
        let reconnect = Reconnect::default();
        let bounds = |failures| [0, u32::MAX].map(|dice| reconnect.pause_by(failures, dice).as_millis());
        let pauses: Vec<[u128; 2]> = [0, 1, 2, 5, 6, 7, 31, 32, u32::MAX].map(bounds).to_vec();
        let most = [30_000, 60_000];
        assert_eq!(pauses, [[500, 1_000], [1_000, 2_000], [2_000, 4_000], [16_000, 32_000], most, most, most, most, most]);
    }

    #[test]
    fn no_setting_makes_a_pause_overflow() {
        for (first, most) in [(Duration::ZERO, Duration::MAX), (Duration::MAX, Duration::MAX), (Duration::MAX, Duration::ZERO)] {
            for (failures, dice) in [(0, 0), (31, u32::MAX), (u32::MAX, u32::MAX)] {
                assert!(Reconnect { first, most, at_a_time: 1 }.pause_by(failures, dice) <= most);
            }
        }
    }
}
