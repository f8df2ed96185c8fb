//! Replacing the certificate while everything runs.

use crate::block_on;
use crate::links::{dialling, link, listen, listening};
use countersign::clock::{Clock, DAY, ManualClock, SystemClock};
use countersign::failure::{Code, Failure};
use countersign::net::{Dialer, DialerOptions, ListenerOptions};
use countersign::testing::{Ca, Usage};
use countersign::tls::{CertAuth, CertManager, CertResolver, ClientAuth, CrlPolicy, Revocation, TlsPolicy};
use countersign::x509::RevocationList;
use countersign::x509::pem::Origin;
use std::collections::BTreeSet;
use std::sync::Arc;

#[test]
fn a_refused_update_keeps_the_old_certificate_and_names_the_holder() {
    block_on(async {
        let (ca, manager) = mutual();
        let listener = listening(manager.clone()).await;
        let old = manager.resolver().current();

        let expired = ca.leaf().dns("localhost").valid(now() + -2 * DAY, now() + -DAY).build();
        let refused = manager.update(expired).unwrap_err();
        assert_eq!(refused.code(), Code::Expired);
        assert!(refused.holder().starts_with("listener 127.0.0.1:"), "{refused}");
        assert!(refused.to_string().contains("certificate has expired"), "{refused}");

        assert_eq!(manager.resolver().current().generation, old.generation);
        let link = link(&listener, &dialling(manager)).await;
        assert_eq!(link.server(), old.certificate.fingerprint());
    });
}

#[test]
fn a_leaf_of_a_new_ca_is_refused_because_the_pool_is_fixed_until_restart() {
    block_on(async {
        let (_ca, manager) = mutual();
        let _listener = listening(manager.clone()).await;
        let refused = manager.update(Ca::new().agent(&["localhost"])).unwrap_err();
        assert_eq!(refused.code(), Code::UnknownCa);
        assert!(refused.hint().as_str().contains("the CA pool is fixed until restart"), "{}", refused.hint());
    });
}

#[test]
fn a_ca_that_never_vouched_for_the_own_certificate_does_not_judge_updates() {
    block_on(async {
        let (own, clients) = (Ca::new(), Ca::new());
        let manager = CertAuth::builder(own.agent(&["localhost"])).client_cas(clients.pool()).client_auth(ClientAuth::RequireAndVerify);
        let manager = Arc::new(manager.build().unwrap());
        let _listener = listening(manager.clone()).await;
        assert_eq!(manager.update(own.agent(&["localhost"])).unwrap().0, 2);
    });
}

#[test]
fn an_update_may_not_lose_a_name_by_which_the_listener_is_dialled() {
    block_on(async {
        let (ca, manager) = mutual();
        let mut options = ListenerOptions::secure(manager.clone());
        options.names = vec!["localhost".try_into().unwrap(), "127.0.0.1".try_into().unwrap()];
        let _listener = listen(options).await;

        let refused = manager.update(ca.agent(&["localhost"])).unwrap_err();
        assert_eq!(refused.code(), Code::NameMismatch);
        assert!(refused.to_string().contains("certificate is valid for DNS:localhost, not 127.0.0.1"), "{refused}");
        assert!(manager.update(ca.agent(&["localhost", "127.0.0.1", "more.test"])).is_ok());
    });
}

#[test]
fn an_update_must_fit_every_role_that_is_played_and_no_other() {
    block_on(async {
        let (ca, manager) = mutual();
        let server_only = || ca.leaf().dns("localhost").usage(Usage::Server).build();
        let dialer = dialling(manager.clone());
        let refused = manager.update(server_only()).unwrap_err();
        assert_eq!((refused.code(), refused.holder()), (Code::WrongUsage, "dialler"));

        drop(dialer);
        let listener = listening(manager.clone()).await;
        assert!(manager.update(server_only()).is_ok());
        assert_eq!(manager.update(ca.client("caller")).unwrap_err().code(), Code::WrongUsage);
        drop(listener);
        assert!(manager.update(ca.client("caller")).is_ok());
    });
}

#[test]
fn a_node_that_was_down_until_its_certificate_expired_comes_up_and_takes_a_new_one() {
    block_on(async {
        let ca = Ca::new();
        let expired = ca.leaf().dns("localhost").valid(now() + -2 * DAY, now() + -DAY).build();
        let manager = Arc::new(CertAuth::mutual(expired, ca.pool()));
        let listener = listening(manager.clone()).await;
        let fresh = ca.agent(&["localhost"]);
        assert_eq!(manager.update(fresh.clone()).unwrap().0, 2);
        assert_eq!(link(&listener, &dialling(manager)).await.server(), fresh.fingerprint());
    });
}

#[test]
fn an_update_is_judged_by_the_clock_of_its_holder() {
    block_on(async {
        let (ca, manager) = mutual();
        let clock = Arc::new(ManualClock::at(now()));
        let mut options = DialerOptions::secure(manager.clone());
        options.tls = TlsPolicy::default().clock(clock.clone());
        let _dialer = Dialer::new(options).unwrap();
        let tomorrow = || ca.leaf().valid(now() + DAY, now() + 2 * DAY).build();
        assert_eq!(manager.update(tomorrow()).unwrap_err().code(), Code::NotYetValid);
        clock.set(now() + DAY + DAY / 2);
        assert!(manager.update(tomorrow()).is_ok());
    });
}

#[test]
fn a_judge_that_began_with_a_wrong_certificate_is_not_blind_once_there_was_a_right_one() {
    block_on(async {
        let ca = Ca::new();
        let manager = Arc::new(CertAuth::mutual(Ca::new().agent(&["localhost"]), ca.pool()));
        let (listener, dialer) = (listening(manager.clone()).await, dialling(manager.clone()));
        let right = ca.agent(&["localhost"]);
        assert_eq!(manager.update(right.clone()).unwrap().0, 2);
        assert_eq!(manager.update(Ca::new().agent(&["localhost"])).unwrap_err().code(), Code::UnknownCa);
        assert_eq!(link(&listener, &dialer).await.server(), right.fingerprint());
    });
}

#[test]
fn after_an_unchecked_swap_to_another_ca_updates_go_on_under_that_one() {
    block_on(async {
        let (_ca, manager) = mutual();
        let (_listener, _dialer) = (listening(manager.clone()).await, dialling(manager.clone()));
        let other = Ca::new();
        assert_eq!(manager.update(other.agent(&["localhost"])).unwrap_err().code(), Code::UnknownCa);
        assert_eq!(manager.resolver().swap_unchecked(other.agent(&["localhost"])).0, 2);
        assert_eq!(manager.update(other.agent(&["localhost"])).unwrap().0, 3);
    });
}

#[test]
fn an_update_to_what_a_revocation_list_names_is_refused_by_listener_and_dialler() {
    block_on(async {
        let (ca, manager) = mutual();
        let inter = ca.intermediate();
        let (bad, below) = (ca.agent(&["localhost"]), inter.agent(&["localhost"]));
        let serials = [bad.leaf().serial.as_slice(), inter.facts().serial.as_slice()];
        let policy = knowing(&ca.revocation_list_of(&serials, now() + -60, now() + DAY));
        let (mut listening, mut dialling) = (ListenerOptions::secure(manager.clone()), DialerOptions::secure(manager.clone()));
        (listening.tls, dialling.tls) = (policy.clone(), policy);
        let listener = listen(listening).await;
        for certificate in [&bad, &below] {
            assert_eq!(manager.update(certificate.clone()).unwrap_err().code(), Code::Revoked);
        }
        drop(listener);
        let _dialer = Dialer::new(dialling).unwrap();
        for certificate in [bad, below] {
            assert_eq!(manager.update(certificate).unwrap_err().code(), Code::Revoked);
        }
        assert_eq!(manager.update(ca.agent(&["localhost"])).unwrap().0, 2);
    });
}

#[test]
fn judging_an_update_does_not_do_it() {
    let (ca, manager) = mutual();
    manager.resolver().judge(&ca.agent(&["localhost"])).unwrap();
    assert_eq!(manager.resolver().current().generation.0, 1);
}

#[test]
fn concurrent_updates_get_generations_of_their_own_that_grow() {
    let ca = Ca::new();
    let resolver = CertResolver::new(ca.agent(&["localhost"]));
    let certificates: Vec<_> = (0..4).map(|_| ca.agent(&["localhost"])).collect();
    let generations: Vec<Vec<u64>> = std::thread::scope(|scope| {
        let updates = |certificate| (0..EACH).map(|_| resolver.update(Clone::clone(certificate)).unwrap().0).collect();
        let threads: Vec<_> = certificates.iter().map(|certificate| scope.spawn(move || updates(certificate))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(generations.iter().all(|of_one| of_one.is_sorted()), "{generations:?}");
    let all: BTreeSet<u64> = generations.into_iter().flatten().collect();
    assert_eq!(all, (2..2 + 4 * EACH).collect());
    assert_eq!(resolver.current().generation.0, 1 + 4 * EACH);
}

#[test]
fn open_connections_keep_working_and_keep_reporting_what_they_presented() {
    block_on(async {
        let (ca, manager) = mutual();
        let (listener, dialer) = (listening(manager.clone()).await, dialling(manager.clone()));
        let mut open = Vec::new();
        for generation in 1..=5 {
            let fingerprint = manager.resolver().current().certificate.fingerprint();
            open.push((generation, fingerprint, link(&listener, &dialer).await));
            manager.update(ca.agent(&["localhost"])).unwrap();
        }
        for (generation, fingerprint, mut link) in open {
            link.talk().await.unwrap();
            assert_eq!((link.server(), link.client()), (fingerprint, Some(fingerprint)));
            assert_eq!(link.accepted.presented().unwrap().generation.0, generation);
            assert_eq!(link.dialled.presented().unwrap().generation.0, generation);
        }
    });
}

fn mutual() -> (Ca, Arc<CertAuth>) {
    let ca = Ca::new();
    let manager = Arc::new(CertAuth::mutual(ca.agent(&["localhost", "127.0.0.1"]), ca.pool()));
    (ca, manager)
}

fn knowing(list: &str) -> TlsPolicy {
    let lists = RevocationList::from_pem(&Origin::memory(), list.as_bytes()).unwrap();
    TlsPolicy::default().revocation(Revocation::new(lists, CrlPolicy::DenyUnknown).unwrap())
}

fn now() -> countersign::clock::Timestamp {
    SystemClock.now()
}

const EACH: u64 = 50;
