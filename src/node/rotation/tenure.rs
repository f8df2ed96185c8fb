//! On which terms a peer has its link, and what is being done about its certificate.

use super::policy::{Otherwise, Rotation};
use crate::net::{Connection, Link};
use crate::node::admission::Shown;
use crate::node::effective::Effective;
use crate::node::error::ConnectReason;
use crate::node::identity::Identity;
use crate::node::peer::Peer;
use crate::node::routes::Way;
use crate::node::settings::Door;
use crate::node_name::NodeName;
use crate::observe::Event;
use crate::rt;
use futures_util::lock::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a link came about: what it was judged by, and is judged by again.
#[derive(Clone, Debug)]
pub(in crate::node) enum Terms {
    /// This way, at this host: the name by which its certificate was verified, if the way has no other.
    Dialled { way: Arc<Way>, host: String },
    /// Through this door; and the peer had a name.
    Named(Arc<Door>),
    /// Through this door; and the peer was given its name.
    Guest(Arc<Door>),
}

impl Terms {
    /// What its link goes by.
    pub(in crate::node) fn effective(&self) -> &Effective {
        match self {
            Self::Dialled { way, .. } => &way.effective,
            Self::Named(door) | Self::Guest(door) => &door.effective,
        }
    }

    /// Whether the peer may be one, and bears its name, on a new connection, too.
    pub(super) fn judge(&self, connection: &Connection, peer: &NodeName) -> Result<Identity, ConnectReason> {
        let Effective { identity: rule, admission, .. } = self.effective();
        let certificate = connection.peer_certificate();
        let identity = match self {
            Self::Dialled { way, .. } => way.judge(certificate, peer),
            Self::Named(_) => rule.judge(certificate, peer, None),
            Self::Guest(_) => rule.judge_host(certificate, peer),
        };
        let identity = identity.map_err(ConnectReason::Identity)?;
        admission.judge(peer, Shown::from(connection)).map_err(ConnectReason::NotAdmitted)?;
        Ok(identity)
    }

    /// Whether its links come through this door.
    pub(super) fn is_of(&self, door: &Arc<Door>) -> bool {
        match self {
            Self::Dialled { .. } => false,
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
    pub(in crate::node) terms: Terms,
    /// Held by whoever hands the link over.
    pub(super) turn: Mutex<()>,
    /// A task sees to it.
    at_work: AtomicBool,
    /// The peer has asked for a handover.
    asked: AtomicBool,
    /// Told when there is a reason not to wait as long as after the last failure.
    pub(super) stirred: rt::Event,
    /// It was said that this link cannot be handed over.
    has_said: AtomicBool,
}

impl Tenure {
    pub(in crate::node) fn new(terms: Terms) -> Self {
        let (at_work, asked, has_said) = (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
        Self { terms, turn: Mutex::new(()), at_work, asked, stirred: rt::Event::new(), has_said }
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
        link.transport().is_outdated()
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
        match tenure.terms.effective().rotation {
            Rotation::Keep => None,
            Rotation::Close => Some(Due::Close),
            Rotation::Handover { otherwise } => match self.link.handovers().cannot {
                None => Some(Due::HandOver),
                Some(cannot) => {
                    if !tenure.has_said.swap(true, Ordering::SeqCst) {
                        log::warn!(target: "countersign::node", event:% = Event::HandoverImpossible, peer:% = self.name(), reason:% = cannot, otherwise = otherwise.as_str(); "a link cannot be handed over");
                    }
                    (otherwise == Otherwise::Close).then_some(Due::Close)
                }
            },
        }
    }
}
