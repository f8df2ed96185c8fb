//! Which links need an authority: the question to ask before it is taken out of the pools.

use super::core::Core;
use super::peer::Peer;
use crate::node_name::NodeName;
use crate::tls::{CertAuthManager, only_these_vouch};
use crate::x509::Fingerprint;
use std::sync::Arc;

/// What depends on an authority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaUse {
    /// A certificate that the node, one of its acceptors or one of its routes presents from now on: nobody else whom the
    /// node knows vouches for it.
    pub certificate: bool,
    /// The links that could not be made anew without it, by name.
    pub links: Vec<Dependence>,
}

/// Why a link depends on an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dependence {
    /// The peer.
    pub peer: NodeName,
    /// Nobody else in the pool of this link vouches for the peer.
    pub theirs: bool,
    /// Nobody else whom this node knows vouches for what it has presented on this link.
    pub ours: bool,
}

impl CaUse {
    /// Whether nothing depends on it.
    pub const fn is_none(&self) -> bool {
        !self.certificate && self.links.is_empty()
    }
}

impl Core {
    /// By the SHA-256 of authorities.
    pub(super) fn ca_use(&self, ca: &[Fingerprint]) -> CaUse {
        let peers = self.peers.all();
        let mut links: Vec<Dependence> = peers.iter().filter(|peer| peer.is_up()).filter_map(|peer| dependence(peer, ca)).collect();
        links.sort_unstable_by(|one, other| one.peer.cmp(&other.peer));
        CaUse { certificate: self.presents_by(ca), links }
    }

    fn presents_by(&self, ca: &[Fingerprint]) -> bool {
        let Some(all) = &self.settings.authorities else { return false };
        let depends = |manager: &Arc<dyn CertAuthManager>| {
            only_these_vouch(all, ca, &manager.resolver().current().certificate, self.settings.clock.as_ref())
        };
        self.settings.managers.iter().any(depends)
    }
}

fn dependence(peer: &Peer, ca: &[Fingerprint]) -> Option<Dependence> {
    let transport = peer.transport();
    let certificate = transport.peer_certificate.as_ref();
    let theirs = certificate.is_some_and(|certificate| certificate.depends_on(ca));
    let shown = certificate.zip(transport.presented.as_ref());
    let ours = shown.is_some_and(|(certificate, issue)| certificate.was_shown_by(ca, issue));
    (theirs || ours).then(|| Dependence { peer: peer.name().clone(), theirs, ours })
}
