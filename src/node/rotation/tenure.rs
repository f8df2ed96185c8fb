//! On which terms a peer has its link, and what is being done about its certificate.

use super::policy::{Otherwise, Rotation};
use crate::net::Link;
use crate::node::identity::{Identity, IdentityMismatch};
use crate::node::peer::Peer;
use crate::node::settings::{Door, Way};
use crate::node_name::NodeName;
use crate::tls::{CertResolver, PeerCertificate};
use futures_util::lock::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a link came about: what it was judged by, and is judged by again.
#[derive(Clone, Debug)]
pub(in crate::node) enum Terms {
    /// This way.
    Dialled(Box<Way>),
    /// Through this door; and the peer had a name.
    Named(Arc<Door>),
    /// Through this door; and the peer was given its name.
    Guest(Arc<Door>),
}

impl Terms {
    pub(super) fn rotation(&self) -> Rotation {
        match self {
            Self::Dialled(way) => way.rotation,
            Self::Named(door) | Self::Guest(door) => door.rotation,
        }
    }

    /// Where this side's certificate comes from.
    pub(super) fn resolver(&self) -> Option<&Arc<CertResolver>> {
        match self {
            Self::Dialled(way) => way.resolver.as_ref(),
            Self::Named(door) | Self::Guest(door) => door.resolver.as_ref(),
        }
    }

    /// Whether the peer bears its name on a new connection, too.
    pub(super) fn judge(&self, certificate: Option<&PeerCertificate>, peer: &NodeName) -> Result<Identity, IdentityMismatch> {
        match self {
            Self::Dialled(way) => way.identity.judge(certificate, peer, way.server_name.as_ref()),
            Self::Named(door) => door.identity.judge(certificate, peer, None),
            Self::Guest(door) => door.identity.judge_host(certificate, peer),
        }
    }

    /// Whether its links come through this door.
    pub(super) fn is_of(&self, door: &Arc<Door>) -> bool {
        match self {
            Self::Dialled(_) => false,
            Self::Named(own) | Self::Guest(own) => Arc::ptr_eq(own, door),
        }
    }
}

/// What there is to do about the certificate under a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The peer has a new certificate, and has asked.
    HandOverAsAsked,
    HandOver,
    Close,
}

/// What is being done about the certificate under the link of a peer.
#[derive(Debug)]
pub(in crate::node) struct Tenure {
    pub(super) terms: Terms,
    /// Held by whoever hands the link over.
    pub(super) turn: Mutex<()>,
    /// A task sees to it.
    at_work: AtomicBool,
    /// The peer has asked for a handover.
    asked: AtomicBool,
    /// It was said that this link cannot be handed over.
    has_said: AtomicBool,
}

impl Tenure {
    pub(in crate::node) fn new(terms: Terms) -> Self {
        let (at_work, asked, has_said) = (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
        Self { terms, turn: Mutex::new(()), at_work, asked, has_said }
    }

    /// False if somebody is at work already.
    pub(super) fn begins_work(&self) -> bool {
        !self.at_work.swap(true, Ordering::SeqCst)
    }

    pub(super) fn ends_work(&self) {
        self.at_work.store(false, Ordering::SeqCst);
    }

    pub(super) fn is_asked(&self) {
        self.asked.store(true, Ordering::SeqCst);
    }

    /// What was asked for so far is seen to now.
    pub(super) fn sees_to_it(&self) {
        self.asked.store(false, Ordering::SeqCst);
    }

    /// Whether this side has a newer certificate than the link shows.
    pub(super) fn is_outdated(&self, link: &Link) -> bool {
        let transport = link.transport();
        let newest = self.terms.resolver().map(|resolver| resolver.current().generation);
        // A peer that asks for no certificate was shown none.
        transport.presented.as_ref().map(|issue| issue.generation).is_some_and(|shown| Some(shown) < newest)
    }
}

impl Peer {
    /// What there is to do about its link now, if anything.
    pub(super) fn due(&self) -> Option<Due> {
        let tenure = &self.tenure;
        if !self.is_up() {
            return None;
        }
        if tenure.asked.load(Ordering::SeqCst) {
            return Some(Due::HandOverAsAsked);
        }
        if !tenure.is_outdated(&self.link) {
            return None;
        }
        match tenure.terms.rotation() {
            Rotation::Keep => None,
            Rotation::Close => Some(Due::Close),
            Rotation::Handover { otherwise } => match self.link.handovers().cannot {
                None => Some(Due::HandOver),
                Some(cannot) => {
                    if !tenure.has_said.swap(true, Ordering::SeqCst) {
                        log::warn!(target: "countersign::node", peer:% = self.name(), reason:% = cannot, otherwise:?; "a link cannot be handed over");
                    }
                    (otherwise == Otherwise::Close).then_some(Due::Close)
                }
            },
        }
    }
}
