//! Several revocation lists of one issuer: people append to files, and forget what lies there.

use crate::block_on;
use crate::crls::{accepted, listener, listener_of, refused};
use countersign::clock::{Clock, DAY, ManualClock, SystemClock, Timestamp};
use countersign::testing::Ca;
use countersign::tls::{Certificate, CrlPolicy};
use std::sync::Arc;

#[test]
fn the_newer_list_revokes_in_either_order_of_the_files_and_under_either_policy() {
    block_on(async {
        let ca = Ca::new();
        for policy in POLICIES {
            let bad = ca.agent(&["localhost"]);
            for lists in both_orders(older(&ca, &[], CURRENT), newer(&ca, &[&bad])) {
                let listener = listener(&ca, &lists, policy).await;
                assert_eq!(refused(&listener, &ca, bad.clone()).await.acceptor.code, "revoked");
                accepted(&listener, &ca, ca.agent(&["localhost"])).await;
            }
        }
    });
}

#[test]
fn an_older_list_past_its_date_refuses_nobody_beside_a_current_one() {
    block_on(async {
        let ca = Ca::new();
        for policy in POLICIES {
            for lists in both_orders(older(&ca, &[], PAST), newer(&ca, &[])) {
                accepted(&listener(&ca, &lists, policy).await, &ca, ca.agent(&["localhost"])).await;
            }
        }
    });
}

#[test]
fn who_stands_only_on_the_older_list_stays_revoked() {
    block_on(async {
        let ca = Ca::new();
        for (policy, end) in POLICIES.into_iter().flat_map(|policy| [(policy, CURRENT), (policy, PAST)]) {
            let bad = ca.agent(&["localhost"]);
            for lists in both_orders(older(&ca, &[&bad], end), newer(&ca, &[])) {
                let refused = refused(&listener(&ca, &lists, policy).await, &ca, bad.clone()).await;
                assert_eq!(refused.acceptor.code, "revoked");
                assert!(refused.acceptor.reason.contains("was revoked by"), "{refused:?}");
            }
        }
    });
}

#[test]
fn an_intermediate_that_stands_only_on_the_older_list_stays_revoked() {
    block_on(async {
        let ca = Ca::new();
        let inter = ca.intermediate();
        let of_root = ca.revocation_list_of(&[&inter.facts().serial], now() + -2 * DAY, now() + DAY);
        for lists in both_orders(of_root, newer(&ca, &[])) {
            let lists = [&lists[..], &[inter.revocation_list(&[])]].concat();
            let refused = refused(&listener(&ca, &lists, CrlPolicy::DenyUnknown).await, &ca, inter.agent(&["localhost"])).await;
            assert_eq!(refused.acceptor.code, "revoked");
            assert!(refused.acceptor.reason.contains(&inter.facts().subject), "{refused:?}");
        }
    });
}

#[test]
fn a_list_dated_tomorrow_does_not_vouch_until_tomorrow() {
    block_on(async {
        let ca = Ca::new();
        let clock = Arc::new(ManualClock::at(now()));
        let lists = [list(&ca, &[], now() + DAY, now() + 3 * DAY)];
        let lasting = || ca.leaf().dns("localhost").valid(now(), now() + 9 * DAY).build();
        let deny = listener_of(&ca, ca.pool(), &lists, CrlPolicy::DenyUnknown, Some(clock.clone())).await;
        let refused = refused(&deny, &ca, lasting()).await;
        assert_eq!(refused.acceptor.code, "revocation_unknown");
        assert!(refused.acceptor.reason.contains("dated in the future"), "{refused:?}");
        accepted(&listener(&ca, &lists, CrlPolicy::AllowUnknown).await, &ca, lasting()).await;
        clock.set(now() + 2 * DAY);
        accepted(&deny, &ca, lasting()).await;
    });
}

#[test]
fn a_list_dated_tomorrow_does_not_stand_before_the_current_one() {
    block_on(async {
        let ca = Ca::new();
        let bad = ca.agent(&["localhost"]);
        for lists in both_orders(newer(&ca, &[&bad]), list(&ca, &[], now() + DAY, now() + 3 * DAY)) {
            let listener = listener(&ca, &lists, CrlPolicy::DenyUnknown).await;
            accepted(&listener, &ca, ca.agent(&["localhost"])).await;
            assert_eq!(refused(&listener, &ca, bad.clone()).await.acceptor.code, "revoked");
        }
    });
}

const POLICIES: [CrlPolicy; 2] = [CrlPolicy::DenyUnknown, CrlPolicy::AllowUnknown];
const CURRENT: i64 = DAY;
const PAST: i64 = -DAY;

fn both_orders(one: String, other: String) -> [[String; 2]; 2] {
    [[one.clone(), other.clone()], [other, one]]
}

/// A list of two days ago that ends so many seconds from now.
fn older(ca: &Ca, revoked: &[&Certificate], end: i64) -> String {
    list(ca, revoked, now() + -2 * DAY, now() + end)
}

fn newer(ca: &Ca, revoked: &[&Certificate]) -> String {
    list(ca, revoked, now() + -60, now() + DAY)
}

fn list(ca: &Ca, revoked: &[&Certificate], made: Timestamp, end: Timestamp) -> String {
    let serials: Vec<&[u8]> = revoked.iter().map(|certificate| certificate.leaf().serial.as_slice()).collect();
    ca.revocation_list_of(&serials, made, end)
}

fn now() -> Timestamp {
    SystemClock.now()
}
