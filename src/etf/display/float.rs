//! Floats: the fewest digits that read back as the same number, in the shorter of two notations.

use std::fmt;

/// From 2^53 on, where neighbours are more than one apart, the shell always writes an exponent.
const ALL_WHOLE: f64 = 9_007_199_254_740_992.0;

pub(super) fn write(value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let scientific = format!("{:e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    f.write_str(if value.is_sign_negative() { "-" } else { "" })?;
    match point(&digits, exponent).filter(|_| value.abs() < ALL_WHOLE) {
        Some(point) => plain(&digits, point, f),
        None => exponential(&digits, exponent, f),
    }
}

/// Where the point stands relative to the first digit, if no exponent is needed. Ties go to the plain form.
fn point(digits: &str, exponent: &str) -> Option<isize> {
    let place = exponent.parse::<isize>().ok()? + 1;
    let length = isize::try_from(digits.len()).ok()?;
    let zeros = if place <= 0 { 2 - place } else { place - length + 2 };
    let cost = isize::try_from(exponent.len()).ok()? + if length == 1 { 3 } else { 2 };
    let is_plain = place == 0 || (1..length).contains(&place) || zeros <= cost;
    is_plain.then_some(place)
}

fn plain(digits: &str, point: isize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let zeros = |count: isize| "0".repeat(usize::try_from(count).unwrap_or(0));
    let whole = usize::try_from(point).unwrap_or(0);
    match digits.split_at_checked(whole) {
        Some(("", fraction)) => write!(f, "0.{}{fraction}", zeros(-point)),
        Some((whole, "")) => write!(f, "{whole}.0"),
        Some((whole, fraction)) => write!(f, "{whole}.{fraction}"),
        None => write!(f, "{digits}{}.0", zeros(point - digits.len().cast_signed())),
    }
}

fn exponential(digits: &str, exponent: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match digits.split_at_checked(1) {
        Some((first, "")) => write!(f, "{first}.0e{exponent}"),
        Some((first, rest)) => write!(f, "{first}.{rest}e{exponent}"),
        None => f.write_str(digits),
    }
}
