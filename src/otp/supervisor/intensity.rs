//! How many restarts within which time are too many.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The restarts of late.
#[derive(Debug)]
pub(super) struct Intensity {
    most: usize,
    period: Duration,
    restarts: VecDeque<Instant>,
}

impl Intensity {
    pub(super) const fn new(most: usize, period: Duration) -> Self {
        Self { most, period, restarts: VecDeque::new() }
    }

    /// Counts one more; false if that is one too many. One that is a whole period old still counts, as in OTP.
    pub(super) fn bears(&mut self, now: Instant) -> bool {
        while self.restarts.front().is_some_and(|then| now.saturating_duration_since(*then) > self.period) {
            self.restarts.pop_front();
        }
        self.restarts.push_back(now);
        self.restarts.len() <= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether each of the restarts at these seconds is borne.
    fn borne(most: usize, period: u64, seconds: &[u64]) -> Vec<bool> {
        let (began, mut intensity) = (Instant::now(), Intensity::new(most, Duration::from_secs(period)));
        seconds.iter().map(|second| intensity.bears(began + Duration::from_secs(*second))).collect()
    }

    #[test]
    fn as_many_as_may_be_are_borne_and_one_more_is_not() {
        assert_eq!(borne(2, 5, &[0, 0, 0]), [true, true, false]);
        assert_eq!(borne(0, 5, &[0]), [false]);
    }

    #[test]
    fn those_count_that_are_no_older_than_the_period() {
        assert_eq!(borne(1, 5, &[0, 5]), [true, false]);
        assert_eq!(borne(1, 5, &[0, 6, 12, 17]), [true, true, true, false]);
        assert_eq!(borne(3, 10, &[0, 4, 8, 11, 12, 13]), [true, true, true, true, false, false]);
    }
}
