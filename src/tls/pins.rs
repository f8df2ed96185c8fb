//! Public keys and certificates that are expected, besides that somebody vouches for them.

use super::changes::Changes;
use super::verify::Refusal;
use crate::x509::{Fingerprint, Inspected};
use arc_swap::ArcSwap;
use std::sync::Arc;

/// The SHA-256 of each public key (its `SubjectPublicKeyInfo`, which outlives a renewal with the same key) or certificate
/// that is accepted; none at all means any. They may be exchanged while nodes run: the next handshake sees it, and a node
/// judges its open links again.
///
/// ```
/// use countersign::clock::{Clock, SystemClock};
/// use countersign::failure::Code;
/// use countersign::testing::Ca;
/// use countersign::tls::{ChainJudge, Pins, Usage};
/// use std::sync::Arc;
///
/// let ca = Ca::new();
/// let (one, other) = (ca.agent(&["localhost"]), ca.agent(&["localhost"]));
/// let pins = Pins::new([one.leaf().key_fingerprint]);
/// let judge = ChainJudge::new(ca.pool(), Usage::Server).with_pins(Arc::clone(&pins));
///
/// let verdict = |peer: &countersign::tls::Certificate| judge.judge(peer.leaf_der(), &[], None, SystemClock.now()).map(drop);
/// assert!(verdict(&one).is_ok());
/// assert_eq!(verdict(&other).unwrap_err().code(), Code::PinMismatch);
/// pins.replace([other.leaf().key_fingerprint]);
/// assert!(verdict(&other).is_ok());
/// ```
#[derive(Debug, Default)]
pub struct Pins {
    keys: ArcSwap<Vec<Fingerprint>>,
    changes: Changes,
}

impl Pins {
    /// Only these keys or certificates.
    pub fn new(keys: impl IntoIterator<Item = Fingerprint>) -> Arc<Self> {
        Arc::new(Self { keys: ArcSwap::from_pointee(keys.into_iter().collect()), changes: Changes::default() })
    }

    /// Which ones now.
    pub fn current(&self) -> Arc<Vec<Fingerprint>> {
        self.keys.load_full()
    }

    /// Only these from now on.
    pub fn replace(&self, keys: impl IntoIterator<Item = Fingerprint>) {
        self.keys.store(Arc::new(keys.into_iter().collect()));
        self.changes.tell();
    }

    /// Who is told of a change.
    pub const fn changes(&self) -> &Changes {
        &self.changes
    }

    pub(super) fn refuse(&self, leaf: &Inspected) -> Option<Refusal> {
        Refusal::of_pins(leaf, &self.keys.load())
    }
}
