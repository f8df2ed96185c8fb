//! How much of a life is left, in stages.

use crate::clock::Timestamp;
use std::fmt;

/// How much is left of the life of a certificate. By shares and not by days: one that is made for a day is as well at its
/// birth as one that is made for a year.
///
/// ```
/// use countersign::clock::{DAY, Timestamp};
/// use countersign::node::ExpiryStage;
///
/// let born = Timestamp::from_unix(0);
/// let after = |days: i64| ExpiryStage::of(born, born + 90 * DAY, born + days * DAY);
/// assert_eq!([after(0), after(60), after(81), after(91)].map(ExpiryStage::as_str), ["well", "third", "tenth", "expired"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ExpiryStage {
    /// More than a third.
    Well,
    /// A third at most: time to renew it.
    Third,
    /// A tenth at most.
    Tenth,
    /// A fiftieth at most.
    Fiftieth,
    /// Nothing.
    Expired,
    /// It has not begun, or a clock is wrong.
    NotYetValid,
}

impl ExpiryStage {
    /// All stages.
    pub const ALL: [Self; 6] = [Self::Well, Self::Third, Self::Tenth, Self::Fiftieth, Self::Expired, Self::NotYetValid];

    /// Of what is valid from one moment until another, both included.
    pub fn of(from: Timestamp, until: Timestamp, now: Timestamp) -> Self {
        if now < from {
            return Self::NotYetValid;
        }
        let begun = beginnings(from, until).into_iter().take_while(|(begins, _)| *begins <= now);
        begun.last().map_or(Self::Well, |(_, stage)| stage)
    }

    /// When the next one begins; `None` if there is none any more.
    pub(super) fn next(from: Timestamp, until: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let begins = beginnings(from, until).map(|(begins, _)| begins);
        std::iter::once(from).chain(begins).find(|begins| *begins > now)
    }

    /// In one word, for tables and terms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Third => "third",
            Self::Tenth => "tenth",
            Self::Fiftieth => "fiftieth",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
        }
    }

    /// Whether peers refuse it.
    pub const fn is_unfit(self) -> bool {
        matches!(self, Self::Expired | Self::NotYetValid)
    }
}

impl fmt::Display for ExpiryStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The first moment of each stage, in order.
fn beginnings(from: Timestamp, until: Timestamp) -> [(Timestamp, ExpiryStage); 4] {
    let life = until.as_unix().saturating_sub(from.as_unix()).max(0);
    [
        (until + -(life / 3), ExpiryStage::Third),
        (until + -(life / 10), ExpiryStage::Tenth),
        (until + -(life / 50), ExpiryStage::Fiftieth),
        (until + 1, ExpiryStage::Expired),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(from: i64, until: i64, now: i64) -> ExpiryStage {
        let [from, until, now] = [from, until, now].map(Timestamp::from_unix);
        ExpiryStage::of(from, until, now)
    }

    #[test]
    fn each_stage_begins_at_its_second_and_ends_at_the_next() {
        use ExpiryStage::{Expired, Fiftieth, NotYetValid, Tenth, Third, Well};
        let rows = [
            (-1, NotYetValid),
            (0, Well),
            (99, Well),
            (100, Third),
            (134, Third),
            (135, Tenth),
            (146, Tenth),
            (147, Fiftieth),
            (150, Fiftieth),
            (151, Expired),
            (i64::MAX, Expired),
        ];
        for (now, expected) in rows {
            assert_eq!(stage(0, 150, now), expected, "at {now}");
        }
    }

    #[test]
    fn whoever_waits_from_one_beginning_to_the_next_sees_every_stage() {
        let [from, until] = [1_000, 1_600].map(Timestamp::from_unix);
        let (mut now, mut seen) = (Timestamp::from_unix(0), vec![]);
        loop {
            seen.push(ExpiryStage::of(from, until, now));
            let Some(next) = ExpiryStage::next(from, until, now) else { break };
            now = next;
        }
        let mut all = ExpiryStage::ALL.to_vec();
        all.rotate_right(1);
        assert_eq!(seen, all);
    }

    #[test]
    fn lives_without_length_backwards_and_without_end_are_no_trouble() {
        assert_eq!([stage(5, 5, 5), stage(5, 5, 6)], [ExpiryStage::Fiftieth, ExpiryStage::Expired]);
        assert_eq!([stage(9, 5, 8), stage(9, 5, 9)], [ExpiryStage::NotYetValid, ExpiryStage::Expired]);
        assert_eq!(stage(i64::MIN, i64::MAX, 0), ExpiryStage::Well);
    }
}
