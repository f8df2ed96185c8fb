//! Revocation lists: whom they name, and where they are silent.

use crate::block_on;
use crate::links::{Refusal, dialling, link, listen, refusal};
use countersign::clock::{Clock, DAY, ManualClock, SystemClock};
use countersign::net::{Listener, ListenerOptions};
use countersign::testing::Ca;
use countersign::tls::{CaPool, CertAuth, Certificate, CrlPolicy, Revocation, TlsPolicy};
use countersign::x509::RevocationList;
use countersign::x509::pem::Origin;
use std::sync::Arc;

#[test]
fn who_is_listed_is_refused_under_either_policy() {
    block_on(async {
        let ca = Ca::new();
        for policy in [CrlPolicy::DenyUnknown, CrlPolicy::AllowUnknown] {
            let (good, bad) = (ca.agent(&["localhost"]), ca.agent(&["localhost"]));
            let listener = listener(&ca, &[ca.revocation_list(&[&bad])], policy).await;
            let refused = refused(&listener, &ca, bad).await;
            assert_eq!(refused.codes(), codes("revoked", "revoked"));
            assert!(refused.acceptor.reason.contains("was revoked by"), "{refused:?}");
            accepted(&listener, &ca, good).await;
        }
    });
}

#[test]
fn who_is_on_no_list_of_its_ca_is_refused_unless_the_policy_allows_it() {
    block_on(async {
        let (ca, listless) = (Ca::new(), Ca::new());
        let both = Arc::new(ca.pool().merge(&listless.pool()));
        let deny = listener_of(&ca, both.clone(), &[ca.revocation_list(&[])], CrlPolicy::DenyUnknown, None).await;
        let refused = refused(&deny, &ca, listless.agent(&["localhost"])).await;
        assert_eq!(refused.codes(), codes("revocation_unknown", "revocation_unknown?"));
        let allow = listener_of(&ca, both, &[ca.revocation_list(&[])], CrlPolicy::AllowUnknown, None).await;
        accepted(&allow, &ca, listless.agent(&["localhost"])).await;
    });
}

#[test]
fn a_list_past_its_date_proves_nothing_unless_the_policy_believes_it() {
    block_on(async {
        let ca = Ca::new();
        let bad = ca.agent(&["localhost"]);
        let list = || [ca.expired_revocation_list(&[&bad])];
        let deny = listener(&ca, &list(), CrlPolicy::DenyUnknown).await;
        let refused_good = refused(&deny, &ca, ca.agent(&["localhost"])).await;
        assert_eq!(refused_good.codes(), codes("revocation_unknown", "revocation_unknown?"));
        assert!(refused_good.acceptor.reason.contains("revocation list has expired"), "{refused_good:?}");
        let allow = listener(&ca, &list(), CrlPolicy::AllowUnknown).await;
        accepted(&allow, &ca, ca.agent(&["localhost"])).await;
        assert_eq!(refused(&allow, &ca, bad).await.acceptor.code, "revoked");
    });
}

#[test]
fn a_list_ends_by_the_clock_that_was_given() {
    block_on(async {
        let ca = Ca::new();
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let lists = [ca.revocation_list(&[])];
        let listener = listener_of(&ca, ca.pool(), &lists, CrlPolicy::DenyUnknown, Some(clock.clone())).await;
        let lasting = || ca.leaf().dns("localhost").valid(SystemClock.now(), SystemClock.now() + 9 * DAY).build();
        accepted(&listener, &ca, lasting()).await;
        clock.set(SystemClock.now() + 2 * DAY);
        assert_eq!(refused(&listener, &ca, lasting()).await.acceptor.code, "revocation_unknown");
    });
}

#[test]
fn a_list_of_a_ca_that_may_not_sign_lists_does_not_vouch() {
    block_on(async {
        let ca = Ca::without_crl_sign();
        let listener = listener(&ca, &[ca.revocation_list(&[])], CrlPolicy::DenyUnknown).await;
        let refused = refused(&listener, &ca, ca.agent(&["localhost"])).await;
        assert_eq!(refused.acceptor.code, "revocation_unknown");
        assert!(refused.acceptor.reason.contains("may not sign lists"), "{refused:?}");
    });
}

#[test]
fn a_list_of_an_intermediate_that_may_not_sign_lists_does_not_vouch() {
    block_on(async {
        let ca = Ca::new();
        let inter = ca.intermediate_without_crl_sign();
        let lists = [ca.revocation_list(&[]), inter.revocation_list(&[])];
        let listener = listener(&ca, &lists, CrlPolicy::DenyUnknown).await;
        assert_eq!(refused(&listener, &ca, inter.agent(&["localhost"])).await.acceptor.code, "revocation_unknown");
    });
}

#[test]
fn a_chain_with_an_intermediate_needs_the_lists_of_both() {
    block_on(async {
        let ca = Ca::new();
        let inter = ca.intermediate();
        let (roots, inters) = (ca.revocation_list(&[]), inter.revocation_list(&[]));
        let both = listener(&ca, &[roots.clone(), inters.clone()], CrlPolicy::DenyUnknown).await;
        accepted(&both, &ca, inter.agent(&["localhost"])).await;
        for alone in [roots, inters] {
            let listener = listener(&ca, &[alone], CrlPolicy::DenyUnknown).await;
            assert_eq!(refused(&listener, &ca, inter.agent(&["localhost"])).await.acceptor.code, "revocation_unknown");
        }
    });
}

#[test]
fn a_revoked_intermediate_takes_its_leaves_along() {
    block_on(async {
        let ca = Ca::new();
        let inter = ca.intermediate();
        let now = SystemClock.now();
        let of_root = ca.revocation_list_of(&[&inter.facts().serial], now + -60, now + DAY);
        let listener = listener(&ca, &[of_root, inter.revocation_list(&[])], CrlPolicy::DenyUnknown).await;
        let refused = refused(&listener, &ca, inter.agent(&["localhost"])).await;
        assert_eq!(refused.codes(), codes("revoked", "revoked"));
        assert!(refused.acceptor.reason.contains(&inter.facts().subject), "{refused:?}");
    });
}

#[test]
fn a_list_in_the_name_of_a_ca_by_another_key_proves_nothing() {
    block_on(async {
        let (real, fake) = (Ca::named("Acme"), Ca::named("Acme"));
        let bad = real.agent(&["localhost"]);
        let listener = listener(&real, &[fake.revocation_list(&[&bad])], CrlPolicy::DenyUnknown).await;
        assert_eq!(refused(&listener, &real, bad).await.acceptor.code, "revocation_unknown");
    });
}

pub(crate) async fn listener(ca: &Ca, lists: &[String], policy: CrlPolicy) -> Listener {
    listener_of(ca, ca.pool(), lists, policy, None).await
}

pub(crate) async fn listener_of(
    ca: &Ca,
    pool: Arc<CaPool>,
    lists: &[String],
    policy: CrlPolicy,
    clock: Option<Arc<ManualClock>>,
) -> Listener {
    let lists = RevocationList::from_pem(&Origin::memory(), lists.concat().as_bytes()).unwrap();
    let mut options = ListenerOptions::secure(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), pool)));
    options.tls = TlsPolicy::default().revocation(Revocation::new(lists, policy).unwrap());
    if let Some(clock) = clock {
        options.tls = options.tls.clock(clock);
    }
    listen(options).await
}

pub(crate) async fn refused(listener: &Listener, ca: &Ca, certificate: Certificate) -> Refusal {
    refusal(listener, &dialling(Arc::new(CertAuth::mutual(certificate, ca.pool())))).await
}

pub(crate) async fn accepted(listener: &Listener, ca: &Ca, certificate: Certificate) {
    let link = link(listener, &dialling(Arc::new(CertAuth::mutual(certificate, ca.pool())))).await;
    assert!(link.accepted.peer_certificate().unwrap().verified);
}

fn codes(acceptor: &str, dialler: &str) -> (String, String) {
    (acceptor.to_owned(), dialler.to_owned())
}
