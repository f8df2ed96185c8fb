//! Time as a value: every verdict on a certificate asks a [`Clock`], never the system.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A moment in whole seconds since 1970-01-01T00:00:00Z, printed and parsed as RFC 3339.
///
/// ```
/// use countersign::clock::Timestamp;
///
/// let moment: Timestamp = "2026-02-28T23:59:59Z".parse()?;
/// assert_eq!((moment + 1).to_string(), "2026-03-01T00:00:00Z");
/// # Ok::<(), countersign::clock::NotATimestamp>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `seconds` after (or, if negative, before) 1970-01-01T00:00:00Z.
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn as_unix(self) -> i64 {
        self.0
    }

    /// Whole days from `self` to `later`, rounded towards the past: −1 as soon as `later` is gone.
    pub const fn days_until(self, later: Self) -> i64 {
        later.0.saturating_sub(self.0).div_euclid(DAY)
    }
}

impl std::ops::Add<i64> for Timestamp {
    type Output = Self;

    fn add(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        let second = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// The text is not an RFC 3339 moment such as `2026-03-01T12:00:00Z` or a date such as `2026-03-01`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a moment like 2026-03-01T12:00:00Z, 2026-03-01T12:00:00+02:00 or 2026-03-01")]
pub struct NotATimestamp(pub String);

impl FromStr for Timestamp {
    type Err = NotATimestamp;

    fn from_str(text: &str) -> Result<Self, NotATimestamp> {
        parse_rfc3339(text).ok_or_else(|| NotATimestamp(text.to_owned()))
    }
}

/// Says what time it is. The node, its verifiers and its updates all ask the same one.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The current moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is told otherwise: for tests, and for asking what would hold then.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now`.
    pub const fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Sets the hands.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// How much time that is, in the unit that a person thinks in: what was just made for 90 days has 90
/// days left, not 89.
pub(crate) fn span(seconds: i64) -> String {
    match seconds {
        ..HOUR => "less than an hour".to_owned(),
        HOUR..TWO_DAYS => format!("{} hours", (seconds + HOUR / 2) / HOUR),
        _ => format!("{} days", (seconds + DAY / 2) / DAY),
    }
}

/// Days since 1970-01-01 to a date of the proleptic Gregorian calendar. Eras of 400 years start on
/// the first of March, so that the leap day is an era's last day.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + DAYS_FROM_MARCH_0000;
    let era = shifted.div_euclid(DAYS_PER_ERA);
    let day_of_era = shifted.rem_euclid(DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

/// The reverse of [`civil_from_days`].
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - DAYS_FROM_MARCH_0000
}

fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let date = text.get(..10)?;
    let seconds = date_seconds(date)?;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some(Timestamp(seconds));
    }
    let time = rest.strip_prefix(['T', 't', ' '])?;
    let clock = time.get(..8)?;
    let offset = offset_seconds(skip_fraction(time.get(8..)?)?)?;
    Some(Timestamp(seconds + clock_seconds(clock)? - offset))
}

fn date_seconds(date: &str) -> Option<i64> {
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let days = days_from_civil(year, month, day);
    (civil_from_days(days) == (year, month, day)).then_some(days * DAY)
}

fn clock_seconds(clock: &str) -> Option<i64> {
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

fn skip_fraction(text: &str) -> Option<&str> {
    let Some(fraction) = text.strip_prefix('.') else { return Some(text) };
    let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < fraction.len()).then_some(rest)
}

fn offset_seconds(zone: &str) -> Option<i64> {
    if zone == "Z" || zone == "z" {
        return Some(0);
    }
    let (sign, offset) = match zone.split_at_checked(1)? {
        ("+", offset) => (1, offset),
        ("-", offset) => (-1, offset),
        _ => return None,
    };
    let [hours, minutes] = numbers(offset, ':', [2, 2])?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// `N` numbers of the given widths between separators; signs and spaces are not digits.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut out = [0; N];
    for (slot, width) in out.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *slot = part.parse().ok()?;
    }
    parts.next().is_none().then_some(out)
}

/// Seconds in a day.
pub const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;
/// Below it, hours say more than days.
const TWO_DAYS: i64 = 2 * DAY;
const DAYS_PER_ERA: i64 = 146_097;
const DAYS_FROM_MARCH_0000: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_survive_the_round_trip_over_two_eras() {
        for days in (-400_000..400_000).step_by(37) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn moments_parse_as_rfc_3339_says() {
        let unix = |text: &str| text.parse::<Timestamp>().map(Timestamp::as_unix);
        assert_eq!(unix("1970-01-01"), Ok(0));
        assert_eq!(unix("2000-02-29T12:34:56Z"), Ok(951_827_696));
        assert_eq!(unix("2000-02-29t14:34:56.789+02:00"), Ok(951_827_696));
        for wrong in [
            "",
            "2001-02-29",
            "2000-13-01",
            "2000-01-01T25:00:00Z",
            "2000-01-01T00:00:00",
            "2000-01-01T00:00:00.Z",
            "+200-01-01",
            "2000-01-01Tüüüü",
        ] {
            assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn days_left_turn_negative_the_second_a_certificate_ends() {
        let now = Timestamp::from_unix(0);
        assert_eq!(now.days_until(Timestamp::from_unix(DAY)), 1);
        assert_eq!(now.days_until(Timestamp::from_unix(DAY - 1)), 0);
        assert_eq!(now.days_until(Timestamp::from_unix(-1)), -1);
    }
}
