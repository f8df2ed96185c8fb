//! What peers send behind their leaves. In a cluster that is one intermediate, the same from all: it is kept once.

use crate::x509::Fingerprint;
use rustls_pki_types::CertificateDer;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

type Rest = [CertificateDer<'static>];

/// The rests of the chains of all connections that are open, by the SHA-256 of all their bytes.
#[derive(Debug, Default)]
pub(super) struct Rests(Mutex<HashMap<Fingerprint, Weak<Rest>>>);

impl Rests {
    /// The same bytes, shared with whoever else sent them.
    pub(super) fn share(&self, rest: &[CertificateDer<'_>]) -> Arc<Rest> {
        let key = key(rest);
        // Every step leaves the table whole.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = known.get(&key).and_then(Weak::upgrade) {
            return shared;
        }
        if known.len() >= known.capacity() {
            known.retain(|_, rest| rest.strong_count() > 0);
        }
        let fresh: Arc<Rest> = rest.iter().map(|der| der.clone().into_owned()).collect();
        known.insert(key, Arc::downgrade(&fresh));
        fresh
    }
}

/// Each certificate says in its first bytes where it ends: one behind the other they are told apart.
fn key(rest: &[CertificateDer<'_>]) -> Fingerprint {
    let all: Vec<u8> = rest.iter().flat_map(|der| der.iter().copied()).collect();
    Fingerprint::of(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(text: &str) -> Vec<CertificateDer<'static>> {
        vec![CertificateDer::from(text.as_bytes().to_vec())]
    }

    #[test]
    fn the_same_bytes_are_kept_once_and_only_as_long_as_somebody_needs_them() {
        let rests = Rests::default();
        let (first, second) = (rests.share(&rest("a")), rests.share(&rest("a")));
        assert!(Arc::ptr_eq(&first, &second));
        let watched = Arc::downgrade(&first);
        drop((first, second));
        assert!(watched.upgrade().is_none());
        for number in 0..1_000 {
            rests.share(&rest(&number.to_string()));
        }
        assert!(rests.0.lock().unwrap().len() < 100);
    }
}
