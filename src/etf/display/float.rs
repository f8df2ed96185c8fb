//! Floats: the fewest digits that read back as the same number, in the shorter of two notations.

use std::fmt;

/// From 2^53 on, where neighbours are more than one apart, the shell always writes an exponent.
const ALL_WHOLE: f64 = 9_007_199_254_740_992.0;

pub(super) fn write(value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let scientific = format!("{:e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = even_at_ties(mantissa.replace('.', ""), value.abs());
    f.write_str(if value.is_sign_negative() { "-" } else { "" })?;
    match point(&digits, exponent).filter(|_| value.abs() < ALL_WHOLE) {
        Some(point) => plain(&digits, point, f),
        None => exponential(&digits, exponent, f),
    }
}

/// Exactly in the middle between two shortest forms the shell takes the even digit, Rust the greater one:
/// 1441068485313721.25 ends in `.2` there and in `.3` here.
fn even_at_ties(digits: String, value: f64) -> String {
    let exact = format!("{value:.30e}").replace('.', "");
    let (shorter, rest) = exact.split_at_checked(digits.len()).unwrap_or((&exact, ""));
    let rest = rest.split('e').next().unwrap_or_default();
    let is_tie = rest.strip_prefix('5').is_some_and(|zeros| zeros.bytes().all(|byte| byte == b'0'));
    let is_odd = digits.bytes().last().is_some_and(|digit| digit % 2 == 1);
    if is_tie && is_odd { shorter.to_owned() } else { digits }
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
