//! How a scope behaves.

use std::time::Duration;

/// How a scope behaves. `..ScopeOptions::default()` fills what is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeOptions {
    /// How often peers that take no part are asked again. OTP tells nobody of a hidden node, such as ours are by
    /// default, so a scope that OTP starts while the link is up does not look for us: we look for it.
    pub look_around: Duration,
    /// How much peers may make this node keep.
    pub limits: ScopeLimits,
}

impl Default for ScopeOptions {
    fn default() -> Self {
        Self { look_around: Duration::from_secs(5), limits: ScopeLimits::default() }
    }
}

/// How much each peer may make this node keep. What is beyond is refused, counted by
/// [`Scope::refused`](super::Scope::refused), and logged once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeLimits {
    /// How often its processes may be in groups, all together. Each time takes some 200 bytes.
    pub memberships_per_peer: usize,
    /// How many bytes the names of the groups may have that its processes are in.
    pub name_bytes_per_peer: usize,
}

impl Default for ScopeLimits {
    fn default() -> Self {
        Self { memberships_per_peer: 1_000_000, name_bytes_per_peer: 16 * 1024 * 1024 }
    }
}
