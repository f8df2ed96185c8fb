//! `s_client` is let in, and both sides know whom they met.

use crate::child::{Openssl, is_installed};
use crate::s_client::{Stage, printed_certificate};
use countersign::net::Connection;
use countersign::rt::block_on;
use countersign::tls::{CertManager, TlsPolicy, TlsVersion};
use futures_util::io::{AsyncReadExt, AsyncWriteExt};

#[test]
fn s_client_is_accepted_over_tls_1_3_and_both_verify_each_other() {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    let mut client = stage.dial(stage.ca.leaf().common_name("a foreign client"), &["-msg"]);
    let mut connection = stage.accept();

    let said = client.wait_for("Verify return code: 0 (ok)");
    assert!(said.contains("New, TLSv1.3, Cipher is TLS_CHACHA20_POLY1305_SHA256"), "{said}");
    assert!(said.contains("Acceptable client certificate CA names"), "{said}");
    let peer = connection.peer_certificate().unwrap();
    assert_eq!((peer.leaf.subject.as_str(), peer.verified), ("CN=a foreign client", true));
    let tls = connection.tls().unwrap();
    assert_eq!((tls.version(), tls.is_ours(), tls.is_full_handshake()), ("TLSv1_3", false, true));
    converse(&mut client, &mut connection);
    assert!(!client.wait_for("hello from countersign").contains(TICKET), "strangers get none");
}

#[test]
fn s_client_is_accepted_over_tls_1_2_where_the_policy_allows_it() {
    if !is_installed() {
        return;
    }
    let stage = Stage::with(TlsPolicy::default().min_version(TlsVersion::Tls12));
    let mut client = stage.dial(stage.ca.leaf(), &["-tls1_2"]);
    let mut connection = stage.accept();
    let said = client.wait_for("Verify return code: 0 (ok)");
    assert!(said.contains("New, TLSv1.2"), "{said}");
    assert_eq!(connection.tls().unwrap().version(), "TLSv1_2");
    assert!(connection.peer_certificate().unwrap().verified);
    converse(&mut client, &mut connection);
}

#[test]
fn s_client_that_speaks_our_protocol_is_taken_for_a_node_and_gets_one_ticket() {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    let mut client = stage.dial(stage.ca.leaf(), &["-alpn", "countersign/1", "-msg"]);
    let mut connection = stage.accept();
    assert!(connection.tls().unwrap().is_ours());
    converse(&mut client, &mut connection);
    let said = client.wait_for("hello from countersign");
    assert!(said.contains("ALPN protocol: countersign/1"), "{said}");
    assert_eq!(said.matches(TICKET).count(), 1, "{said}");
}

#[test]
fn a_client_with_intermediates_is_accepted() {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    let intermediate = stage.ca.intermediate();
    let mut client = stage.dial(intermediate.leaf(), &[]);
    converse(&mut client, &mut stage.accept());
}

#[test]
fn a_certificate_that_is_replaced_is_what_the_next_s_client_sees() {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    let old = stage.manager.resolver().current().certificate.fingerprint();
    let mut before = stage.dial(stage.ca.leaf(), &[]);
    let mut first = stage.accept();

    let next = stage.ca.agent(&["localhost", "127.0.0.1"]);
    let generation = stage.manager.update(next.clone()).unwrap();
    let mut after = stage.dial(stage.ca.leaf(), &[]);
    let mut second = stage.accept();

    assert_eq!(printed_certificate(&before.wait_for("Verify return code: 0 (ok)")), old);
    assert_eq!(printed_certificate(&after.wait_for("Verify return code: 0 (ok)")), next.fingerprint());
    assert_eq!(first.presented().unwrap().certificate.fingerprint(), old);
    assert_eq!(second.presented().unwrap().generation, generation);
    converse(&mut before, &mut first);
    converse(&mut after, &mut second);
}

/// A line each way.
fn converse(client: &mut Openssl, connection: &mut Connection) {
    client.type_line("hello from openssl");
    let mut heard = [0; 19];
    block_on(async {
        connection.read_exact(&mut heard).await.unwrap();
        connection.write_all(b"hello from countersign\n").await.unwrap();
        connection.flush().await.unwrap();
    });
    assert_eq!(&heard, b"hello from openssl\n");
    client.wait_for("hello from countersign");
}

/// How `-msg` shows one.
const TICKET: &str = ", NewSessionTicket";
