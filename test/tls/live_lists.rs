//! Revocation lists that are replaced while listeners and diallers use them.

use crate::block_on;
use crate::crls::{accepted, refused};
use crate::links::{link, listen, listening, refusal};
use countersign::authority::Revocations;
use countersign::clock::{Clock, DAY, ManualClock, SystemClock, Timestamp};
use countersign::failure::{Code, Failure};
use countersign::net::{Dialer, DialerOptions, ListenerOptions};
use countersign::testing::Ca;
use countersign::tls::{CertAuth, CertManager, Certificate, ChainJudge, CrlPolicy, Revocation, RevocationLists, TlsPolicy, Usage};
use countersign::x509::RevocationList;
use countersign::x509::pem::Origin;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_listener_and_a_dialler_see_a_new_list_with_the_next_handshake() {
    block_on(async {
        let ca = Ca::new();
        let (good, bad) = (ca.agent(&["localhost"]), ca.agent(&["localhost"]));
        let lists = RevocationLists::new(read(&[list(&ca, &[], 0)]));
        let policy = TlsPolicy::default().revocation(Arc::clone(&lists));
        let mut options = ListenerOptions::secure(mutual(&ca, &good));
        options.tls = policy.clone();
        let listener = listen(options).await;
        let mut options = DialerOptions::secure(mutual(&ca, &good));
        options.tls = policy;
        let (dialer, answering) = (Dialer::new(options).unwrap(), listening(mutual(&ca, &bad)).await);
        accepted(&listener, &ca, bad.clone()).await;
        link(&answering, &dialer).await;

        lists.replace(read(&[list(&ca, &[&bad], 1)])).unwrap();
        assert_eq!(refused(&listener, &ca, bad.clone()).await.acceptor.code, "revoked");
        assert_eq!(refusal(&answering, &dialer).await.codes().1, "revoked");
        accepted(&listener, &ca, good).await;
    });
}

#[test]
fn an_update_to_what_a_list_names_that_came_later_is_refused() {
    block_on(async {
        let ca = Ca::new();
        let bad = ca.agent(&["localhost"]);
        let lists = RevocationLists::new(read(&[list(&ca, &[], 0)]));
        let manager = mutual(&ca, &ca.agent(&["localhost"]));
        let mut options = ListenerOptions::secure(manager.clone());
        options.tls = TlsPolicy::default().revocation(Arc::clone(&lists));
        let _listener = listen(options).await;
        lists.replace(read(&[list(&ca, &[&bad], 1)])).unwrap();
        assert_eq!(manager.update(bad).unwrap_err().code(), Code::Revoked);
    });
}

#[test]
fn no_list_takes_the_place_of_a_better_one() {
    let (ca, other, namesake) = (Ca::new(), Ca::new(), Ca::named("Acme"));
    let acme = Ca::named("Acme");
    let clock = Arc::new(ManualClock::at(now()));
    let first = read(&[list(&ca, &[], 5), list(&acme, &[], 5)]);
    let lists = RevocationLists::on_clock(first, clock.clone());
    // Whoever judges by them makes its pool known, and so who may sign.
    let pool = Arc::new(ca.pool().merge(&acme.pool()));
    let judge = ChainJudge::new(pool, Usage::Client).with_lists(Arc::clone(&lists));
    let cases = [
        (vec![list(&ca, &[], 6)], "is gone"),
        (vec![list(&ca, &[], 4), list(&acme, &[], 5)], "is older than the one in force"),
        (vec![list(&ca, &[], 6), list(&namesake, &[], 6)], "was not signed by that CA"),
        (vec![dated(&ca, 5, -90, DAY), list(&acme, &[], 5)], "is older than the one in force"),
        (vec![dated(&ca, 6, -20, -10), list(&acme, &[], 6)], "has expired"),
        (vec![dated(&ca, 6, 4_000, 9_000), list(&acme, &[], 6)], "which is to come"),
    ];
    for (pems, words) in cases {
        let refused = lists.replace(read(&pems)).unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}, and not: {words}");
        assert_eq!(refused.code(), Code::RevocationUnknown, "{refused}");
        assert!(!refused.hint().as_str().is_empty());
    }
    let since = lists.in_force().since();
    clock.set(now() + 60);
    lists.replace(read(&[list(&ca, &[], 6), list(&acme, &[], 6), list(&other, &[], 1)])).unwrap();
    assert!(lists.in_force().since() > since && lists.in_force().revocation().facts().count() == 3);
    drop(judge);
}

#[test]
fn a_newer_list_that_has_expired_is_still_better_than_an_older_one_that_has() {
    let ca = Ca::new();
    let lists = RevocationLists::new(read(&[dated(&ca, 1, -90, -60)]));
    lists.replace(read(&[dated(&ca, 2, -50, -40)])).unwrap();
    assert!(lists.replace(read(&[dated(&ca, 1, -55, -45)])).unwrap_err().to_string().contains("older"));
}

#[test]
fn of_an_intermediate_that_no_pool_knows_the_key_of_the_first_list_counts() {
    let (ca, stranger) = (Ca::new(), Ca::new());
    let (inter, other) = (ca.intermediate(), stranger.intermediate());
    let lists = RevocationLists::new(read(&[list(&inter, &[], 0)]));
    lists.replace(read(&[list(&inter, &[], 1), list(&other, &[], 1)])).unwrap();
    assert_eq!(lists.in_force().revocation().facts().count(), 2);
}

/// A current list with this number.
pub(crate) fn list(ca: &Ca, revoked: &[&Certificate], number: u64) -> String {
    numbered(ca, revoked, number, (-60, DAY))
}

/// A list of nobody with dates so many seconds from now.
pub(crate) fn dated(ca: &Ca, number: u64, made: i64, end: i64) -> String {
    numbered(ca, &[], number, (made, end))
}

fn numbered(ca: &Ca, revoked: &[&Certificate], number: u64, (made, end): (i64, i64)) -> String {
    let entries = revoked.iter().map(|certificate| (certificate.leaf().serial.clone(), now() + made)).collect();
    let revocations = Revocations { number, this_update: now() + made, next_update: now() + end, entries };
    ca.authority().revocation_list(&revocations).unwrap()
}

pub(crate) fn read(pems: &[String]) -> Revocation {
    let lists = RevocationList::from_pem(&Origin::memory(), pems.concat().as_bytes()).unwrap();
    Revocation::new(lists, CrlPolicy::DenyUnknown).unwrap()
}

fn mutual(ca: &Ca, certificate: &Certificate) -> Arc<CertAuth> {
    Arc::new(CertAuth::mutual(certificate.clone(), ca.pool()))
}

fn now() -> Timestamp {
    SystemClock.now()
}

/// Only a test that fails waits so long.
pub(crate) const NEVER: Duration = Duration::from_secs(30);
