//! What links may have otherwise than the node's others, and what the node says for all of them.

use super::cluster;
use super::error::ConfigError;
use super::numbers::{DAY, some_at_least_one, step, within};
use super::raw;
use super::spot::Spot;
use super::tls::unknown;
use crate::dist::Flags;
use crate::net::{KeepAlive, Timeout};
use crate::node::LinkOptions;
use std::time::Duration;

pub(super) fn options(raw: Option<raw::Link>, spot: &Spot<'_>) -> Result<LinkOptions, ConfigError> {
    let raw::Link {
        withhold: words,
        frame_bytes,
        send_buffer,
        unread_answers,
        setup_seconds,
        keep_alive: probes,
        send_timeout_seconds,
        idle_seconds,
    } = raw.unwrap_or_default();
    Ok(LinkOptions {
        withhold: words.map(|words| withhold(&words, &spot.key("withhold"))).transpose()?,
        frame_bytes: some_at_least_one(frame_bytes, &spot.key("frame_bytes"))?,
        send_buffer: some_at_least_one(send_buffer, &spot.key("send_buffer"))?,
        unread_answers: some_at_least_one(unread_answers, &spot.key("unread_answers"))?,
        setup_time: step(setup_seconds, &spot.key("setup_seconds"))?,
        keep_alive: probes.map(|probes| keep_alive(probes, &spot.key("keep_alive"))).transpose()?,
        idle: cluster::idle(idle_seconds, spot)?,
        send_timeout: send_timeout_seconds.map(|seconds| timeout(seconds, &spot.key("send_timeout_seconds"))).transpose()?,
    })
}

pub(super) fn withhold(words: &[String], spot: &Spot<'_>) -> Result<Flags, ConfigError> {
    let mut flags = words.iter().enumerate().map(|(index, word)| flag(word, &spot.index(index)));
    flags.try_fold(Flags::NONE, |all, flag| Ok(all | flag?))
}

fn flag(word: &str, spot: &Spot<'_>) -> Result<Flags, ConfigError> {
    let known: Vec<_> = Flags::OPTIONAL.each().collect();
    let found = known.iter().find(|(name, _)| *name == word).map(|(_, flag)| *flag);
    found.ok_or_else(|| spot.refuse(unknown(word, &known.iter().map(|(name, _)| *name).collect::<Vec<_>>())))
}

pub(super) fn keep_alive(raw: Option<raw::KeepAlive>, spot: &Spot<'_>) -> Result<KeepAlive, ConfigError> {
    let Some(raw::KeepAlive { idle_seconds, interval_seconds, probes }) = raw else { return Ok(KeepAlive::OFF) };
    let (idle, interval) = (Duration::from_secs(idle_seconds), Duration::from_secs(interval_seconds));
    KeepAlive::probing(idle, interval, probes).map_err(|error| spot.refuse(error))
}

pub(super) fn timeout(seconds: Option<u64>, spot: &Spot<'_>) -> Result<Timeout, ConfigError> {
    let Some(seconds) = seconds else { return Ok(Timeout::Never) };
    Ok(Timeout::After(Duration::from_secs(within(seconds, 1..=DAY, spot)?)))
}
