//! What may stand under `link` and `limits` of acceptors and routes, and beside them.

use super::object::sections;
use super::present;
use serde::Deserialize;

/// What differs for the links of an acceptor or a route.
#[derive(Debug, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields, default)]
pub(in crate::config) struct Link {
    pub(in crate::config) withhold: Option<Vec<String>>,
    pub(in crate::config) frame_bytes: Option<usize>,
    pub(in crate::config) send_buffer: Option<usize>,
    pub(in crate::config) unread_answers: Option<usize>,
    pub(in crate::config) setup_seconds: Option<u64>,
    #[serde(deserialize_with = "present")]
    pub(in crate::config) keep_alive: Option<Option<KeepAlive>>,
    #[serde(deserialize_with = "present")]
    pub(in crate::config) send_timeout_seconds: Option<Option<u64>>,
    pub(in crate::config) idle_seconds: Option<u64>,
}

/// How the system probes connections; `null` in its place is not at all.
#[derive(Debug, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub(in crate::config) struct KeepAlive {
    pub(in crate::config) idle_seconds: u64,
    pub(in crate::config) interval_seconds: u64,
    pub(in crate::config) probes: u32,
}

/// How much one acceptor takes on.
#[derive(Debug, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields, default)]
pub(in crate::config) struct Door {
    pub(in crate::config) connections: Option<usize>,
    pub(in crate::config) per_ip: Option<usize>,
    pub(in crate::config) handshakes: Option<usize>,
    pub(in crate::config) silent: Option<usize>,
    pub(in crate::config) handshake_seconds: Option<u64>,
    pub(in crate::config) linger_milliseconds: Option<u64>,
}

/// What a peer may ask of terms and of messages in fragments.
#[derive(Debug, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields, default)]
pub(in crate::config) struct Read {
    pub(in crate::config) depth: Option<usize>,
    pub(in crate::config) decompressed_bytes: Option<usize>,
    pub(in crate::config) integer_bytes: Option<usize>,
    pub(in crate::config) unfinished_messages: Option<usize>,
    pub(in crate::config) unfinished_bytes: Option<usize>,
}

sections! {
    Link: r#"{ "idle_seconds": 600 }"#,
    KeepAlive: r#"{ "idle_seconds": 60, "interval_seconds": 10, "probes": 6 }"#,
    Door: r#"{ "connections": 10000 }"#,
    Read: r#"{ "depth": 512 }"#,
}
