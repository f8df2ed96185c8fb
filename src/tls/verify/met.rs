//! Peers who were accepted lately. Reading what a certificate says takes a twentieth of a handshake, and
//! in a cluster the same peers come again and again. Only the reading is remembered, never a verdict.

use crate::x509::cert::CertError;
use crate::x509::{Fingerprint, Inspected};
use rustls_pki_types::CertificateDer;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is said by the certificates of peers who were accepted lately, by SHA-256 of all their bytes.
#[derive(Debug, Default)]
pub(super) struct Met(Mutex<HashMap<Fingerprint, Arc<Inspected>>>);

impl Met {
    /// What this certificate says.
    pub(super) fn facts(&self, leaf: &CertificateDer<'_>) -> Result<Arc<Inspected>, CertError> {
        let met = self.lock().get(&Fingerprint::of(leaf)).cloned();
        met.map_or_else(|| Inspected::from_der(leaf).map(Arc::new), Ok)
    }

    /// Remembers who was accepted. Strangers are not, so that they can push nobody out.
    pub(super) fn keep(&self, leaf: &CertificateDer<'_>, facts: &Arc<Inspected>) {
        if leaf.len() > LARGEST {
            return;
        }
        let mut met = self.lock();
        if met.contains_key(&facts.fingerprint) {
            return;
        }
        // Whoever is still about comes back with its next handshake.
        if met.len() >= MOST {
            met.clear();
        }
        met.insert(facts.fingerprint, Arc::clone(facts));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Fingerprint, Arc<Inspected>>> {
        // Nothing in the guarded table can be left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Together they bound what is remembered to a few megabytes.
const MOST: usize = 256;
const LARGEST: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Ca;

    #[test]
    fn what_is_remembered_is_what_would_be_read() {
        let (ca, met) = (Ca::new(), Met::default());
        let leaf = ca.agent(&["localhost"]);
        let first = met.facts(leaf.leaf_der()).unwrap();
        met.keep(leaf.leaf_der(), &first);
        let again = met.facts(leaf.leaf_der()).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(*again, Inspected::from_der(leaf.leaf_der()).unwrap());
    }

    #[test]
    fn who_was_not_kept_is_read_anew() {
        let (ca, met) = (Ca::new(), Met::default());
        let leaf = ca.agent(&["localhost"]);
        let first = met.facts(leaf.leaf_der()).unwrap();
        assert!(!Arc::ptr_eq(&first, &met.facts(leaf.leaf_der()).unwrap()));
    }

    #[test]
    fn however_many_come_the_table_is_bounded() {
        let (ca, met) = (Ca::new(), Met::default());
        for _ in 0..MOST + 10 {
            let leaf = ca.agent(&["localhost"]);
            met.keep(leaf.leaf_der(), &met.facts(leaf.leaf_der()).unwrap());
        }
        assert_eq!(met.lock().len(), 10);
    }
}
