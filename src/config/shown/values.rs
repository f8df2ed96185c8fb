//! Options as they would be written in a configuration.

use crate::dist::Flags;
use crate::net::{KeepAlive, Timeout};
use crate::node::{Idle, Otherwise, Rotation, Visibility};
use serde_json::{Value, json};
use std::fmt::Display;
use std::time::Duration;

/// In place of a secret, however long that is.
pub(super) const HIDDEN: &str = "(hidden)";

pub(super) const fn seconds(time: Duration) -> u64 {
    time.as_secs()
}

pub(super) fn idle(idle: Idle) -> u64 {
    match idle {
        Idle::Never => 0,
        Idle::After(time) => seconds(time),
    }
}

pub(super) fn timeout(timeout: Timeout) -> Value {
    timeout.within().map_or(Value::Null, |time| seconds(time).into())
}

pub(super) fn keep_alive(keep_alive: KeepAlive) -> Value {
    keep_alive.probes().map_or(
        Value::Null,
        |(idle, interval, probes)| json!({ "idle_seconds": seconds(idle), "interval_seconds": seconds(interval), "probes": probes }),
    )
}

/// Of what a hidden node does not say anyway nothing is withheld.
pub(super) fn withheld(said: Flags, visibility: Visibility) -> Value {
    let never = if visibility == Visibility::Hidden { Flags::PUBLISHED } else { Flags::NONE };
    Flags::OPTIONAL.without(said).without(never).each().map(|(name, _)| name).collect()
}

pub(super) const fn rotation(rotation: Rotation) -> &'static str {
    match rotation {
        Rotation::Keep => "keep",
        Rotation::Close => "close",
        Rotation::Handover { .. } => "handover",
    }
}

/// What becomes of links that cannot be handed over; nothing where none is.
pub(super) const fn otherwise(rotation: Rotation) -> Option<&'static str> {
    match rotation {
        Rotation::Handover { otherwise: Otherwise::Keep } => Some("keep"),
        Rotation::Handover { otherwise: Otherwise::Close } => Some("close"),
        _ => None,
    }
}

pub(super) fn texts<T: Display>(items: impl IntoIterator<Item = T>) -> Value {
    items.into_iter().map(|item| item.to_string()).collect()
}

pub(super) fn text(item: Option<&impl Display>) -> Value {
    item.map_or(Value::Null, |item| item.to_string().into())
}
