//! The sections that say whom a node dials of itself, and how long its links may be idle.

use super::error::ConfigError;
use super::numbers::within;
use super::raw;
use super::resolved::node_name;
use super::spot::Spot;
use super::tls::unknown;
use crate::node::{ClusterOptions, Idle, Quorum, QuorumPolicy, Reconnect};
use crate::node_name::NodeName;
use std::time::Duration;

/// The section `cluster` of the node with this name.
pub(super) fn section(raw: raw::Cluster, own: &NodeName, spot: &Spot<'_>) -> Result<ClusterOptions, ConfigError> {
    let seeds = names(&raw.seeds, &spot.key("seeds"))?;
    Ok(ClusterOptions {
        quorum: raw.quorum.map(|raw| quorum(raw, others(&seeds, own), &spot.key("quorum"))).transpose()?,
        keep: names(&raw.keep, &spot.key("keep"))?,
        reconnect: reconnect(&raw.reconnect, &spot.key("reconnect"))?,
        seeds,
    })
}

/// How many different nodes these are, besides this one.
fn others(seeds: &[NodeName], own: &NodeName) -> u64 {
    let others: std::collections::BTreeSet<&NodeName> = seeds.iter().filter(|seed| *seed != own).collect();
    others.len() as u64
}

fn names(texts: &[String], spot: &Spot<'_>) -> Result<Vec<NodeName>, ConfigError> {
    texts.iter().enumerate().map(|(index, text)| node_name(text, &spot.index(index))).collect()
}

fn quorum(raw: raw::Quorum, most: u64, spot: &Spot<'_>) -> Result<Quorum, ConfigError> {
    let seeds = within(raw.seeds, 0..=most, &spot.key("seeds"))?;
    let default = Quorum::of(usize::try_from(seeds).unwrap_or(usize::MAX));
    let seconds = raw.seconds.map(|seconds| within(seconds, 1..=DAY, &spot.key("seconds"))).transpose()?;
    let policy = match raw.otherwise.as_deref() {
        None => default.policy,
        Some("fail") => QuorumPolicy::Fail,
        Some("warn") => QuorumPolicy::Warn,
        Some(word) => return Err(spot.key("otherwise").refuse(unknown(word, &["fail", "warn"]))),
    };
    Ok(Quorum { within: seconds.map_or(default.within, Duration::from_secs), policy, ..default })
}

fn reconnect(raw: &raw::Reconnect, spot: &Spot<'_>) -> Result<Reconnect, ConfigError> {
    let default = Reconnect::default();
    let most = within(raw.most_seconds.unwrap_or(default.most.as_secs()), 1..=DAY, &spot.key("most_seconds"))?;
    let first = raw.first_seconds.unwrap_or(default.first.as_secs().min(most));
    let at_a_time = raw.at_a_time.unwrap_or(default.at_a_time);
    within(at_a_time as u64, 1..=10_000, &spot.key("at_a_time"))?;
    let first = Duration::from_secs(within(first, 1..=most, &spot.key("first_seconds"))?);
    Ok(Reconnect { first, most: Duration::from_secs(most), at_a_time })
}

/// A key `idle_seconds`; 0 means never.
pub(super) fn idle(seconds: Option<u64>, spot: &Spot<'_>) -> Result<Option<Idle>, ConfigError> {
    let of = |seconds| if seconds == 0 { Idle::Never } else { Idle::After(Duration::from_secs(seconds)) };
    seconds.map(|seconds| within(seconds, 0..=YEAR, &spot.key("idle_seconds")).map(of)).transpose()
}

const DAY: u64 = 86_400;
const YEAR: u64 = 366 * DAY;
