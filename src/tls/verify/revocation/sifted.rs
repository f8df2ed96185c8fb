//! Live lists as one judge sees them: without those that its pool says nobody may have signed.

use super::{Revocation, RevocationLists};
use crate::tls::ca_pool::CaPool;
use arc_swap::ArcSwapOption;
use std::sync::Arc;

/// The lists, and what of those in force counts for one pool: found out once for each change.
#[derive(Debug, Default)]
pub(in crate::tls::verify) struct Sifted {
    lists: Arc<RevocationLists>,
    last: ArcSwapOption<Pair>,
}

#[derive(Debug)]
struct Pair {
    of: Arc<Revocation>,
    counts: Arc<Revocation>,
}

impl Sifted {
    pub(in crate::tls::verify) fn new(lists: Arc<RevocationLists>) -> Self {
        Self { lists, last: ArcSwapOption::empty() }
    }

    /// What counts now. Whoever asks goes by this answer for a whole verdict.
    pub(in crate::tls::verify) fn now(&self, pool: &CaPool) -> Arc<Revocation> {
        let in_force = Arc::clone(self.lists.in_force().revocation());
        let known = self.last.load();
        if let Some(pair) = known.as_ref().filter(|pair| Arc::ptr_eq(&pair.of, &in_force)) {
            return Arc::clone(&pair.counts);
        }
        let counts = Arc::new(in_force.signed_rightly(pool));
        // Two who find the change at once store the same; one that stores an older pair has it made anew.
        self.last.store(Some(Arc::new(Pair { of: in_force, counts: Arc::clone(&counts) })));
        counts
    }

    pub(in crate::tls::verify) const fn lists(&self) -> &Arc<RevocationLists> {
        &self.lists
    }
}
