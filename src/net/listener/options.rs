//! What a listener is made of.

use crate::net::keep_alive::KeepAlive;
use crate::net::limits::Limits;
use crate::net::networks::Network;
use crate::observe::Counters;
use crate::tls::{CertAuthManager, ServerName, TlsPolicy};
use std::net::IpAddr;
use std::sync::Arc;

/// What a listener is made of.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ListenerOptions {
    /// The certificate and whom to trust; without it the listener speaks plain TCP.
    pub cert_manager: Option<Arc<dyn CertAuthManager>>,
    /// How handshakes are made and judged.
    pub tls: TlsPolicy,
    /// How much to take on.
    pub limits: Limits,
    /// From where peers may connect, if not from everywhere. Others are refused before any cryptography.
    pub networks: Option<Vec<Network>>,
    /// Whether the system probes connections on which nothing moves.
    pub keep_alive: KeepAlive,
    /// The names by which peers dial this listener. A certificate that lacks one is refused as an update.
    pub names: Vec<ServerName<'static>>,
    /// Where refusals are counted besides [`Listener::counters`](super::Listener::counters): a node has several listeners.
    pub refusals: Option<Arc<Counters>>,
}

impl ListenerOptions {
    /// TLS with this manager.
    pub fn secure(manager: Arc<dyn CertAuthManager>) -> Self {
        Self { cert_manager: Some(manager), ..Self::plain() }
    }

    /// Plain TCP: whoever is on the way can read and change everything. The listener warns about it. A
    /// peer is let in when its first byte has come, which also tells whether it meant to speak TLS.
    pub fn plain() -> Self {
        Self {
            cert_manager: None,
            tls: TlsPolicy::default(),
            limits: Limits::default(),
            networks: None,
            keep_alive: KeepAlive::OFF,
            names: Vec::new(),
            refusals: None,
        }
    }
}

/// Whether a peer may connect from there.
pub(super) fn may_come_from(networks: Option<&[Network]>, peer: IpAddr) -> bool {
    networks.is_none_or(|networks| networks.iter().any(|network| network.contains(peer)))
}
