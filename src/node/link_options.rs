//! What the links of one acceptor or route may have otherwise than the node's others.

use super::idle::Idle;
use crate::dist::Flags;
use crate::net::{KeepAlive, Timeout};
use std::time::Duration;

/// What an acceptor or a route says for its links, instead of the node. The default says nothing.
///
/// ```
/// use countersign::dist::Flags;
/// use countersign::net::Timeout;
/// use countersign::node::{Acceptor, LinkOptions};
/// use std::time::Duration;
///
/// // For peers that are neither trusted with long frames nor waited for.
/// let link = LinkOptions {
///     frame_bytes: Some(1024 * 1024),
///     send_timeout: Some(Timeout::After(Duration::from_secs(30))),
///     withhold: Some(Flags::SPAWN),
///     ..LinkOptions::default()
/// };
/// assert_eq!(Acceptor { link, ..Acceptor::at_port(15_001) }.link.setup_time, None, "as the node says");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkOptions {
    /// Instead of [`NodeOptions::withhold`](super::NodeOptions::withhold).
    pub withhold: Option<Flags>,
    /// Instead of [`NodeLimits::frame_bytes`](super::NodeLimits::frame_bytes).
    pub frame_bytes: Option<usize>,
    /// Instead of [`NodeLimits::send_buffer`](super::NodeLimits::send_buffer).
    pub send_buffer: Option<usize>,
    /// Instead of [`NodeLimits::unread_answers`](super::NodeLimits::unread_answers).
    pub unread_answers: Option<usize>,
    /// Instead of [`NodeOptions::setup_time`](super::NodeOptions::setup_time).
    pub setup_time: Option<Duration>,
    /// Instead of [`NodeOptions::keep_alive`](super::NodeOptions::keep_alive).
    pub keep_alive: Option<KeepAlive>,
    /// Instead of [`NodeOptions::send_timeout`](super::NodeOptions::send_timeout).
    pub send_timeout: Option<Timeout>,
    /// Instead of [`NodeOptions::idle`](super::NodeOptions::idle).
    pub idle: Option<Idle>,
}

impl LinkOptions {
    /// Says nothing, as the default does.
    pub(super) const NONE: Self = Self {
        withhold: None,
        frame_bytes: None,
        send_buffer: None,
        unread_answers: None,
        setup_time: None,
        keep_alive: None,
        send_timeout: None,
        idle: None,
    };
}
