//! Numbers in few characters, for tables.

/// A count in at most four characters, rounded down: `999`, `1.2k`, `45M`.
pub(super) fn count(number: u64) -> String {
    let (mut whole, mut rest, mut units) = (number, 0, UNITS.chars());
    let mut unit = None;
    while whole >= 1_000 {
        (whole, rest, unit) = (whole / 1_000, whole % 1_000, units.next());
    }
    match unit {
        None => whole.to_string(),
        Some(unit) if whole < 10 => format!("{whole}.{}{unit}", rest / 100),
        Some(unit) => format!("{whole}{unit}"),
    }
}

/// Two counts of what goes out and comes in.
pub(super) fn both_ways(out: u64, into: u64) -> String {
    format!("{}/{}", count(out), count(into))
}

/// How long, in the largest unit of which there are two: `59s`, `110s`, `90m`, `47h`, `90d`, `2y`.
pub(super) fn span(seconds: u64) -> String {
    match seconds {
        ..TWO_MINUTES => format!("{seconds}s"),
        TWO_MINUTES..TWO_HOURS => format!("{}m", seconds / 60),
        TWO_HOURS..TWO_DAYS => format!("{}h", seconds / 3_600),
        TWO_DAYS..TWO_YEARS => format!("{}d", seconds / 86_400),
        _ => format!("{}y", seconds / YEAR),
    }
}

/// A serial number by its ends: enough to tell a few certificates apart.
pub(super) fn serial(colon_hex: &str) -> String {
    let bytes: Vec<&str> = colon_hex.split(':').collect();
    match bytes.as_slice() {
        [first, second, _, .., last_but_one, last] => format!("{first}{second}…{last_but_one}{last}"),
        _ => bytes.concat(),
    }
}

/// Text that fits, without its middle if need be: of names the ends say most.
pub(super) fn fitting(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let (start, end) = (kept.div_ceil(2), kept / 2);
    text.chars().take(start).chain(['…']).chain(text.chars().skip(count - end)).collect()
}

const UNITS: &str = "kMGTPE";
const TWO_MINUTES: u64 = 120;
const TWO_HOURS: u64 = 7_200;
const TWO_DAYS: u64 = 172_800;
const TWO_YEARS: u64 = 2 * YEAR;
const YEAR: u64 = 31_536_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_counted_fits_in_four_characters() {
        let written = [0, 999, 1_000, 1_299, 9_999, 10_000, 999_999, 1_000_000, u64::MAX].map(count);
        assert_eq!(written, ["0", "999", "1.0k", "1.2k", "9.9k", "10k", "999k", "1.0M", "18E"]);
    }

    #[test]
    fn spans_have_one_unit_of_which_there_are_two() {
        assert_eq!([0, 119, 120, 7_199, 7_200, 172_799].map(span), ["0s", "119s", "2m", "119m", "2h", "47h"]);
        assert_eq!([172_800, 63_071_999, 63_072_000, 253_402_300_799].map(span), ["2d", "729d", "2y", "8035y"]);
    }

    #[test]
    fn what_is_too_long_loses_its_middle() {
        assert_eq!([fitting("a@localhost", 11), fitting("a@localhost", 6)], ["a@localhost", "a@l…st"]);
        assert_eq!(["0A:1B:2C:3D:4E", "0A:1B:2C:3D", "05"].map(serial), ["0A1B…3D4E", "0A1B2C3D", "05"]);
    }
}
