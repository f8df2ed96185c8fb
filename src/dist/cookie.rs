//! What two nodes share, and how each shows that it knows it.

use crate::secret::Secret;
use md5::{Digest as _, Md5};
use std::collections::HashMap;
use subtle::ConstantTimeEq;

/// The secret of a cluster. Wiped when dropped, and never printed.
#[derive(Clone, Debug)]
pub struct Cookie(Secret);

impl Cookie {
    /// Takes the bytes over; the caller keeps no copy.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Secret::new(bytes))
    }

    /// The answer to a challenge: `md5(cookie ++ challenge in decimal)`.
    pub fn digest(&self, challenge: Challenge) -> Digest {
        let mut md5 = Md5::new();
        md5.update(self.0.expose());
        md5.update(challenge.0.to_string());
        Digest(md5.finalize().into())
    }

    /// Whether an answer is right, in a time that does not depend on where it goes wrong.
    pub fn answers(&self, challenge: Challenge, digest: &Digest) -> bool {
        self.digest(challenge).0.ct_eq(&digest.0).into()
    }
}

/// A number nobody can foresee: the caller draws it, a fresh one for each handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Challenge(pub u32);

/// The answer to a challenge. It has no `==` on purpose: [`Cookie::answers`] compares.
#[derive(Clone, Copy, Debug)]
pub struct Digest(pub(super) [u8; 16]);

/// The challenges that this node has sent, as either side, and that nobody has answered yet.
///
/// A peer without the cookie could hand us, on one connection, the challenge that we have put to it on another,
/// and have us answer ourselves. The initiator answers none of these; the acceptor answers only who has shown
/// the cookie.
///
/// ```
/// use countersign::dist::{Challenge, Outstanding};
///
/// let mut outstanding = Outstanding::default();
/// outstanding.add(Challenge(7));
/// assert!(outstanding.contains(Challenge(7)));
/// outstanding.remove(Challenge(7));
/// assert!(!outstanding.contains(Challenge(7)));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Outstanding(HashMap<Challenge, usize>);

impl Outstanding {
    /// A challenge goes out. Two handshakes may by chance have drawn the same.
    pub fn add(&mut self, challenge: Challenge) {
        *self.0.entry(challenge).or_default() += 1;
    }

    /// The handshake it was for is over, well or not.
    pub fn remove(&mut self, challenge: Challenge) {
        if let Some(count) = self.0.get_mut(&challenge) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&challenge);
            }
        }
    }

    /// Whether one of them is this.
    pub fn contains(&self, challenge: Challenge) -> bool {
        self.0.contains_key(&challenge)
    }
}
