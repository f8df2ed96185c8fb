//! Challenges that cannot be foreseen, and which of them are out.

use crate::dist::{Challenge, Outstanding};
use aws_lc_rs::rand;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The challenges of one node. All its handshakes share them, so that none answers another's.
#[derive(Clone, Debug, Default)]
pub struct Challenges(Arc<Mutex<Outstanding>>);

impl Challenges {
    /// A challenge that is answered to nobody while the value lives.
    pub(super) fn issue(&self) -> io::Result<Issued> {
        let challenge = draw()?;
        self.lock().add(challenge);
        Ok(Issued { challenge, all: self.clone() })
    }

    pub(super) fn outstanding(&self) -> Outstanding {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Outstanding> {
        // Nothing that runs under this lock can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Issued {
    pub(super) challenge: Challenge,
    all: Challenges,
}

impl Drop for Issued {
    fn drop(&mut self) {
        self.all.lock().remove(self.challenge);
    }
}

/// A fresh challenge.
fn draw() -> io::Result<Challenge> {
    let mut bytes = [0; 4];
    rand::fill(&mut bytes).map_err(|_| io::Error::other("the system gives no random bytes"))?;
    Ok(Challenge(u32::from_be_bytes(bytes)))
}
