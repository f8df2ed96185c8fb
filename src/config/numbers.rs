//! Numbers within what makes sense.

use super::error::ConfigError;
use super::fault::Fault;
use super::spot::Spot;
use std::ops::RangeInclusive;
use std::time::Duration;

pub(super) fn within(value: u64, bounds: RangeInclusive<u64>, spot: &Spot<'_>) -> Result<u64, ConfigError> {
    let (least, most) = (*bounds.start(), *bounds.end());
    if bounds.contains(&value) { Ok(value) } else { Err(spot.refuse(Fault::Range { value, least, most })) }
}

pub(super) fn some_within(given: Option<u64>, bounds: RangeInclusive<u64>, spot: &Spot<'_>) -> Result<Option<u64>, ConfigError> {
    given.map(|value| within(value, bounds, spot)).transpose()
}

pub(super) fn at_least_one(given: Option<usize>, default: usize, spot: &Spot<'_>) -> Result<usize, ConfigError> {
    Ok(some_at_least_one(given, spot)?.unwrap_or(default))
}

pub(super) fn some_at_least_one(given: Option<usize>, spot: &Spot<'_>) -> Result<Option<usize>, ConfigError> {
    some_within(given.map(|value| value as u64), 1..=u64::MAX, spot)?;
    Ok(given)
}

/// For a step of becoming a peer.
pub(super) fn step(seconds: Option<u64>, spot: &Spot<'_>) -> Result<Option<Duration>, ConfigError> {
    Ok(some_within(seconds, 1..=120, spot)?.map(Duration::from_secs))
}

pub(super) fn port_to_dial(port: u16, spot: &Spot<'_>) -> Result<u16, ConfigError> {
    within(port.into(), 1..=u16::MAX.into(), spot)?;
    Ok(port)
}

pub(super) const DAY: u64 = 86_400;
