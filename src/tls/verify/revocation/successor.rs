//! Whether lists may take the place of others. What was revoked must not come back because a file was torn, put
//! back from a copy, or written by somebody else.

use super::signer::has_signed;
use super::{ListRefused, Listed, SKEW};
use crate::clock::Timestamp;
use crate::tls::ca_pool::CaPool;
use crate::x509::RevocationList;
use std::cmp::Ordering;
use std::sync::Arc;

/// What a change is held against.
pub(super) struct Bench<'a> {
    pub(super) pools: &'a [Arc<CaPool>],
    pub(super) now: Timestamp,
}

impl Bench<'_> {
    /// Whether these lists may take the place of those.
    pub(super) fn judge(&self, new: &[Arc<Listed>], old: &[Arc<Listed>]) -> Result<(), ListRefused> {
        for listed in old {
            let issuer = &listed.facts;
            newest(new, issuer).ok_or_else(|| ListRefused::Gone { issuer: issuer.issuer.clone() })?;
        }
        new.iter().map(|listed| &listed.facts).filter(|list| !is_among(list, old)).try_for_each(|list| {
            self.signer(list, old)?;
            // Older ones beside the newest of their CA are there for whom they name.
            let leads = newest(new, list).is_some_and(|newest| newest.der == list.der);
            if leads { self.dates(list, newest(old, list)) } else { Ok(()) }
        })
    }

    /// By the pools where they know the CA. An intermediate that they do not know is the one of whom the list in
    /// force is, as far as both name their key.
    fn signer(&self, list: &RevocationList, old: &[Arc<Listed>]) -> Result<(), ListRefused> {
        let authorities = self.pools.iter().flat_map(|pool| pool.authorities());
        let mut known = authorities.filter(|authority| authority.subject_der == list.issuer_der).peekable();
        let is_right = if known.peek().is_some() {
            known.any(|authority| has_signed(&authority.spki_der, list))
        } else {
            let before = newest(old, list).and_then(|before| before.authority_key_id.as_ref());
            before.zip(list.authority_key_id.as_ref()).is_none_or(|(before, now)| before == now)
        };
        if is_right { Ok(()) } else { Err(ListRefused::WrongSigner { place: list.place.clone(), issuer: list.issuer.clone() }) }
    }

    fn dates(&self, list: &RevocationList, before: Option<&RevocationList>) -> Result<(), ListRefused> {
        let (place, issuer) = (list.place.clone(), list.issuer.clone());
        if let Some(before) = before.filter(|before| list.age(before) == Ordering::Less) {
            return Err(ListRefused::Older { place, issuer, given: in_words(list), in_force: in_words(before) });
        }
        if list.this_update > self.now + SKEW {
            return Err(ListRefused::FromTheFuture { place, issuer, this_update: list.this_update });
        }
        // Where the one in force has expired too, a newer one is better than that.
        let is_over = |list: &RevocationList| list.next_update.filter(|&next_update| next_update < self.now);
        let is_better = before.is_some_and(|before| is_over(before).is_some());
        match is_over(list).filter(|_| !is_better) {
            Some(next_update) => Err(ListRefused::Expired { place, issuer, next_update }),
            None => Ok(()),
        }
    }
}

fn newest<'a>(lists: &'a [Arc<Listed>], of: &RevocationList) -> Option<&'a RevocationList> {
    let same_issuer = lists.iter().map(|listed| &listed.facts).filter(|list| list.issuer_der == of.issuer_der);
    same_issuer.max_by(|one, other| one.age(other))
}

fn is_among(list: &RevocationList, lists: &[Arc<Listed>]) -> bool {
    lists.iter().any(|listed| listed.facts.der == list.der)
}

fn in_words(list: &RevocationList) -> String {
    match &list.number {
        Some(number) => format!("number {number} of {}", list.this_update),
        None => format!("of {}", list.this_update),
    }
}
