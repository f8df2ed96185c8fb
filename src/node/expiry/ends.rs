//! Which certificate of a path ends first.

use crate::tls::{CaPool, Certificate};
use crate::x509::Inspected;
use std::sync::Arc;

/// The certificate, or the authority above it that ends before it or with it: of those in its chain, and in these pools.
/// Where several vouch for it, the one that lasts longest counts, as it does in a handshake.
pub(super) fn first<'a>(certificate: &'a Certificate, pools: &'a [Arc<CaPool>]) -> &'a Inspected {
    let below = std::iter::once(certificate.leaf()).chain(certificate.intermediates());
    // From the top of the chain downwards, so that each finds what counts above it, and nothing goes in circles.
    let mut found: Vec<(&Inspected, &Inspected)> = Vec::new();
    for own in below.collect::<Vec<_>>().into_iter().rev() {
        let in_chain = found.iter().filter(|(above, _)| is_above(above, own)).map(|(_, first)| *first);
        let in_pools = pools.iter().flat_map(|pool| pool.authorities()).filter(|above| is_above(above, own));
        let longest = in_chain.chain(in_pools).max_by_key(|above| above.not_after);
        let first = longest.filter(|above| above.not_after <= own.not_after).unwrap_or(own);
        found.push((own, first));
    }
    found.last().map_or(certificate.leaf(), |(_, first)| first)
}

/// By name, and by key where both sides say which.
fn is_above(above: &Inspected, own: &Inspected) -> bool {
    let keys = above.subject_key_id.as_ref().zip(own.authority_key_id.key_id.as_ref());
    above.subject_der == own.issuer_der && keys.is_none_or(|(theirs, wanted)| theirs == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, DAY, SystemClock, Timestamp};
    use crate::testing::Ca;

    fn end(certificate: &Certificate, pools: &[Arc<CaPool>]) -> Timestamp {
        first(certificate, pools).not_after
    }

    fn lasting(ca: &Ca, now: Timestamp, days: i64) -> Certificate {
        ca.leaf().valid(now, now + days * DAY).build()
    }

    #[test]
    fn an_authority_counts_only_if_it_does_not_outlive_the_leaf() {
        let now = SystemClock.now();
        let ca = Ca::new();
        let short = ca.renewed(now, now + 30 * DAY);
        let (brief, long) = (lasting(&ca, now, 10), lasting(&ca, now, 90));
        assert_eq!(end(&brief, &[short.pool()]), now + 10 * DAY);
        assert_eq!(end(&long, &[short.pool()]), now + 30 * DAY);
        assert_eq!(end(&long, &[Ca::new().pool()]), now + 90 * DAY, "strangers do not count");
        assert_eq!(end(&long, &[]), now + 90 * DAY);
        assert_eq!(first(&lasting(&ca, now, 30), &[short.pool()]).subject, short.facts().subject, "both end together");
    }

    #[test]
    fn of_two_that_vouch_the_one_that_lasts_counts() {
        let now = SystemClock.now();
        let ca = Ca::new();
        let both = [ca.renewed(now, now + 30 * DAY).pool(), ca.pool()];
        assert_eq!(end(&lasting(&ca, now, 90), &both), now + 90 * DAY);
    }

    #[test]
    fn an_intermediate_and_what_is_above_it_count() {
        let now = SystemClock.now();
        let ca = Ca::new();
        let inter = ca.intermediate_valid(now, now + 50 * DAY);
        let leaf = lasting(&inter, now, 90);
        assert_eq!(end(&leaf, &[ca.pool()]), now + 50 * DAY);
        assert_eq!(end(&leaf, &[ca.renewed(now, now + 20 * DAY).pool()]), now + 20 * DAY);
    }
}
