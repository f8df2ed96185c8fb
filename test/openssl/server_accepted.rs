//! Our dialler is let in by `s_server`, and lets it in.

use crate::child::is_installed;
use crate::s_client::printed_certificate;
use crate::s_server::{MUTUAL, Stage};
use countersign::authority::KeyKind;
use countersign::rt::block_on;
use countersign::testing::Ca;
use countersign::tls::{CertManager, TlsPolicy, TlsVersion};
use futures_util::io::{AsyncReadExt, AsyncWriteExt};

#[test]
fn s_server_is_accepted_and_accepts_with_every_kind_of_key_on_both_sides() {
    if !is_installed() {
        return;
    }
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa2048] {
        let ca = Ca::with_key(kind);
        let own = ca.leaf().key(kind).common_name("our caller").build();
        let stage = Stage::new(&ca, ca.leaf().names(&["127.0.0.1"]).key(kind), MUTUAL, own);
        meet(stage, "TLSv1_3");
    }
}

#[test]
fn s_server_of_tls_1_2_is_accepted_where_the_policy_allows_it() {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let (policy, old) = (TlsPolicy::default().min_version(TlsVersion::Tls12), [MUTUAL, &["-tls1_2"]].concat());
    let own = ca.leaf().common_name("our caller").build();
    meet(Stage::with(&ca, ca.leaf().names(&["127.0.0.1"]), &old, own, policy), "TLSv1_2");
}

fn meet(mut stage: Stage, version: &str) {
    let mut connection = stage.dial().unwrap();
    assert!(connection.peer_certificate().unwrap().verified);
    assert_eq!(connection.tls().unwrap().version(), version);
    assert!(!connection.tls().unwrap().is_ours());
    // One goes to stdout and the other to stderr, in no order.
    stage.server.wait_for("subject=CN = our caller");
    stage.server.wait_for("verify return:1");

    stage.server.type_line("hello from openssl");
    let mut heard = [0; 19];
    block_on(async {
        connection.read_exact(&mut heard).await.unwrap();
        connection.write_all(b"hello from countersign\n").await.unwrap();
        connection.flush().await.unwrap();
    });
    assert_eq!(&heard, b"hello from openssl\n");
    stage.server.wait_for("hello from countersign");
}

#[test]
fn the_session_tickets_of_s_server_are_never_used() {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let mut stage = Stage::new(&ca, ca.leaf().names(&["127.0.0.1"]), MUTUAL, ca.client("our caller"));
    for round in 1..=3 {
        let mut connection = stage.dial().unwrap();
        // Its tickets stand before this line on the wire, and are taken in with it.
        stage.server.type_line("x");
        block_on(connection.read_exact(&mut [0; 2])).unwrap();
        assert!(connection.tls().unwrap().is_full_handshake(), "round {round}");
        assert!(connection.presented().is_some() && connection.peer_certificate().is_some(), "round {round}");
        block_on(connection.close()).unwrap();
        drop(connection);
    }
}

#[test]
fn a_certificate_that_is_replaced_is_what_s_server_sees_next() {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let (old, new) = (ca.leaf().common_name("the old one").build(), ca.leaf().common_name("the new one").build());
    let stage = Stage::new(&ca, ca.leaf().names(&["127.0.0.1"]), MUTUAL, old.clone());
    let first = stage.dial().unwrap();
    assert_eq!(printed_certificate(&stage.server.wait_for("subject=CN = the old one")), old.fingerprint());
    assert_eq!(first.presented().unwrap().certificate.fingerprint(), old.fingerprint());

    stage.manager.update(new.clone()).unwrap();
    // It serves one peer at a time.
    drop(first);
    let second = stage.dial().unwrap();
    let said = stage.server.wait_for("subject=CN = the new one");
    let (_, later) = said.split_once("subject=CN = the old one").unwrap();
    assert_eq!(printed_certificate(later), new.fingerprint());
    assert_eq!(second.presented().unwrap().certificate.fingerprint(), new.fingerprint());
}
