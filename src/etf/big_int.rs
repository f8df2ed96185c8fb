//! Integers beyond 64 bits.

use std::cmp::Ordering;
use std::fmt;

/// An integer that does not fit an `i64`; those that do are [`Term::Integer`](super::Term::Integer), so
/// that equal numbers have one form only. [`integer`](super::integer) makes whichever it takes.
///
/// ```
/// use countersign::etf::{Term, integer};
///
/// assert_eq!(Term::from(1u128 << 64).to_string(), "18446744073709551616");
/// assert_eq!(Term::from(1u128 << 64).as_i128(), Some(1 << 64));
/// assert_eq!(integer(true, &[5, 0, 0]), Term::from(-5));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BigInt {
    negative: bool,
    /// Little-endian, as on the wire, without zeros at the end.
    magnitude: Box<[u8]>,
}

impl BigInt {
    /// The longest magnitude in bytes that prints in decimal; a longer one prints as Erlang reads it
    /// too: `16#…`. Decimal takes quadratic time.
    pub const DECIMAL: usize = 1024;

    /// Whether it is below zero.
    pub const fn is_negative(&self) -> bool {
        self.negative
    }

    /// The absolute value, little-endian, without zeros at the end.
    pub const fn magnitude(&self) -> &[u8] {
        &self.magnitude
    }

    /// As an `i128`, if it fits.
    pub fn to_i128(&self) -> Option<i128> {
        let magnitude = self.to_magnitude()?;
        if self.negative { 0i128.checked_sub_unsigned(magnitude) } else { i128::try_from(magnitude).ok() }
    }

    /// As a `u128`, if it fits.
    pub fn to_u128(&self) -> Option<u128> {
        self.to_magnitude().filter(|_| !self.negative)
    }

    fn to_magnitude(&self) -> Option<u128> {
        let mut bytes = [0; 16];
        bytes.get_mut(..self.magnitude.len())?.copy_from_slice(&self.magnitude);
        Some(u128::from_le_bytes(bytes))
    }

    /// Against a finite float, exactly: neither is rounded.
    pub(super) fn compare_float(&self, float: f64) -> Ordering {
        let beyond = if self.negative { -float >= TWO_TO_63 } else { float >= TWO_TO_63 };
        let magnitudes = if beyond { compare(&self.magnitude, &whole(float)) } else { Ordering::Greater };
        if self.negative { magnitudes.reverse() } else { magnitudes }
    }
}

impl Ord for BigInt {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => compare(&self.magnitude, &other.magnitude),
            (true, true) => compare(&other.magnitude, &self.magnitude),
            (ours, theirs) => theirs.cmp(&ours),
        }
    }
}

impl PartialOrd for BigInt {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.negative { "-" } else { "" })?;
        if self.magnitude.len() <= Self::DECIMAL { decimal(&self.magnitude, f) } else { hexadecimal(&self.magnitude, f) }
    }
}

impl fmt::Debug for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The integer, as an `i64` if it fits one.
pub(super) fn canonical(negative: bool, magnitude: &[u8]) -> Result<i64, BigInt> {
    let length = magnitude.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let magnitude = magnitude.get(..length).unwrap_or_default();
    let big = || BigInt { negative, magnitude: magnitude.into() };
    let mut bytes = [0; 8];
    bytes.get_mut(..length).ok_or_else(big)?.copy_from_slice(magnitude);
    let absolute = u64::from_le_bytes(bytes);
    let small = if negative { 0i64.checked_sub_unsigned(absolute) } else { i64::try_from(absolute).ok() };
    small.ok_or_else(big)
}

fn compare(one: &[u8], other: &[u8]) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.iter().rev().cmp(other.iter().rev()))
}

/// The magnitude of a float of at least 2^63: it has no fraction.
fn whole(float: f64) -> Vec<u8> {
    let bits = float.to_bits();
    let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
    let shift = usize::try_from((bits >> 52) & 0x7ff).unwrap_or(0).saturating_sub(1023 + 52);
    let mut out = vec![0; shift / 8];
    out.extend((mantissa << (shift % 8)).to_le_bytes());
    out.truncate(out.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1));
    out
}

/// Nine digits at a time, lowest first.
fn decimal(magnitude: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut limbs: Vec<u32> =
        magnitude.chunks(4).map(|chunk| chunk.iter().rev().fold(0, |limb, &byte| limb << 8 | u32::from(byte))).collect();
    let mut groups = Vec::new();
    while !limbs.is_empty() {
        groups.push(divide(&mut limbs));
    }
    let mut groups = groups.into_iter().rev();
    write!(f, "{}", groups.next().unwrap_or(0))?;
    groups.try_for_each(|group| write!(f, "{group:09}"))
}

/// Divides by 10^9 in place and returns the remainder.
fn divide(limbs: &mut Vec<u32>) -> u64 {
    let mut remainder = 0;
    for limb in limbs.iter_mut().rev() {
        let value = remainder << 32 | u64::from(*limb);
        *limb = u32::try_from(value / BILLION).unwrap_or(u32::MAX);
        remainder = value % BILLION;
    }
    limbs.truncate(limbs.iter().rposition(|&limb| limb != 0).map_or(0, |last| last + 1));
    remainder
}

fn hexadecimal(magnitude: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut bytes = magnitude.iter().rev();
    write!(f, "16#{:X}", bytes.next().unwrap_or(&0))?;
    bytes.try_for_each(|byte| write!(f, "{byte:02X}"))
}

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
const BILLION: u64 = 1_000_000_000;
