//! What a root says about itself holds, although webpki does not look: dates, path length, key usage.

use crate::block_on;
use crate::links::{Refusal, link, listening, refusal};
use countersign::clock::{Clock, DAY, SystemClock, Timestamp};
use countersign::failure::{Code, Failure};
use countersign::net::{Dialer, DialerOptions, Listener};
use countersign::testing::Ca;
use countersign::tls::{CaPool, CertAuth, Certificate, TlsPolicy};
use countersign::x509::pem::{Origin, encode};
use std::sync::Arc;

#[test]
fn a_root_renewed_with_its_old_key_vouches_beside_the_old_one_in_either_order_of_the_pool() {
    block_on(async {
        let ca = Ca::new();
        let old = ca.renewed(now() + -20 * DAY, now() + -DAY);
        for pool in [pool(&[&old, &ca]), pool(&[&ca, &old]), old.pool().merge(&ca.pool()), ca.pool().merge(&old.pool())] {
            assert_eq!(pool.len(), 2);
            accepted(&trusting(pool).await, ca.agent(&["localhost"])).await;
        }
    });
}

#[test]
fn a_root_outside_its_dates_vouches_for_nobody() {
    block_on(async {
        let ca = Ca::new();
        let (old, next) = (ca.renewed(now() + -20 * DAY, now() + -DAY), ca.renewed(now() + DAY, now() + 20 * DAY));
        for (pool, code) in [(old.pool(), "expired"), (next.pool(), "not_yet_valid")] {
            let refused = refused(&trusting(Arc::unwrap_or_clone(pool)).await, ca.agent(&["localhost"])).await;
            assert_eq!(refused.acceptor.code, code);
            assert!(refused.acceptor.reason.contains(&ca.facts().subject), "{refused:?}");
        }
    });
}

#[test]
fn a_root_that_allows_nobody_between_is_obeyed() {
    block_on(async {
        let ca = Ca::with_path_len(0);
        let listener = trusting(pool(&[&ca])).await;
        accepted(&listener, ca.agent(&["localhost"])).await;
        let refused = refused(&listener, ca.intermediate().agent(&["localhost"])).await;
        assert_eq!(refused.acceptor.code, "not_a_ca");
        assert!(refused.acceptor.reason.contains("lacks room in its path length"), "{refused:?}");
    });
}

#[test]
fn a_root_that_allows_one_between_lets_it() {
    block_on(async {
        let ca = Ca::with_path_len(1);
        accepted(&trusting(pool(&[&ca])).await, ca.intermediate().agent(&["localhost"])).await;
    });
}

#[test]
fn a_root_that_may_not_sign_certificates_is_no_pool() {
    let error = CaPool::from_pem(&Origin::memory(), Ca::without_cert_sign().pem().as_bytes()).unwrap_err();
    assert_eq!(error.code(), Code::NotACa);
    assert!(error.to_string().contains("it lacks keyUsage keyCertSign"), "{error}");
}

#[test]
fn a_self_signed_leaf_that_is_silent_about_being_a_ca_is_no_pool() {
    let ca = Ca::new();
    let leaf = ca.leaf().self_signed().without_basic_constraints().build();
    assert_eq!((leaf.leaf().version, leaf.leaf().basic_constraints), (3, None));
    let error = CaPool::from_pem(&Origin::memory(), encode("CERTIFICATE", leaf.leaf_der()).as_bytes()).unwrap_err();
    assert_eq!(error.code(), Code::NotACa);
    assert!(error.to_string().contains("it lacks basicConstraints CA:TRUE"), "{error}");
}

fn pool(authorities: &[&Ca]) -> CaPool {
    let pem: String = authorities.iter().map(|ca| ca.pem()).collect();
    CaPool::from_pem(&Origin::memory(), pem.as_bytes()).unwrap()
}

/// A listener that judges by this pool; its own certificate is of no interest here.
async fn trusting(pool: CaPool) -> Listener {
    let own = Ca::new().agent(&["localhost"]);
    listening(Arc::new(CertAuth::mutual(own, Arc::new(pool)))).await
}

async fn accepted(listener: &Listener, certificate: Certificate) {
    assert!(link(listener, &caller(certificate)).await.accepted.peer_certificate().unwrap().verified);
}

async fn refused(listener: &Listener, certificate: Certificate) -> Refusal {
    refusal(listener, &caller(certificate)).await
}

/// Verifies nobody: it is the other side that is looked at.
fn caller(certificate: Certificate) -> Dialer {
    let mut options = DialerOptions::secure(Arc::new(CertAuth::builder(certificate).build().unwrap()));
    options.tls = TlsPolicy::default().danger_insecure_skip_verify();
    Dialer::new(options).unwrap()
}

fn now() -> Timestamp {
    SystemClock.now()
}
