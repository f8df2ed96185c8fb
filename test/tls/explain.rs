//! No failure reaches a person as "handshake failure": what each side says, and the words people search for.

use crate::block_on;
use crate::foreign_bytes;
use crate::foreign_tls::{Met, answer, ask};
use crate::links::{accepted, dialling, link, listen, listening, refusal};
use crate::logbook::{self, Line};
use countersign::clock::{Clock, DAY, SystemClock};
use countersign::failure::{Code, Failure};
use countersign::net::{Connection, Dialer, DialerOptions, Listener, ListenerOptions};
use countersign::testing::{Ca, Usage};
use countersign::tls::{CertAuth, Certificate, ClientAuth};
use futures_util::future::join;
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use std::sync::Arc;

#[test]
fn a_ca_that_was_made_anew_under_its_old_name_is_recognised() {
    block_on(async {
        let (old, new) = (Ca::named("Acme"), Ca::named("Acme"));
        let server = Arc::new(CertAuth::mutual(old.agent(&["localhost"]), old.pool()));
        let refusal = refusal(&listening(server).await, &dialling(mutual(&new))).await;
        assert_eq!(refusal.dialler.code(), Code::UnknownCa);
        let words = refusal.dialler.to_string();
        assert!(words.contains("certificate signed by unknown authority"), "{words}");
        assert!(words.contains("another CA of that name signed it"), "{words}");
        assert!(words.contains(&new.facts().fingerprint.to_string()), "{words}");
        assert!(refusal.dialler.hint().as_str().contains("made anew"), "{}", refusal.dialler.hint());
    });
}

#[test]
fn a_tls_dialler_at_a_plain_port_is_told_so_on_both_sides() {
    block_on(async {
        let ca = Ca::new();
        let refusal = refusal(&listen(ListenerOptions::plain()).await, &dialling(mutual(&ca))).await;
        assert_eq!(refusal.codes(), ("tls_peer_on_plain_port".to_owned(), "plaintext_peer".to_owned()));
        assert!(refusal.dialler.to_string().contains("its port says that it is plain TCP"), "{}", refusal.dialler);
    });
}

#[test]
fn a_plain_dialler_at_a_tls_port_is_told_so_on_both_sides() {
    block_on(async {
        let listener = listening(mutual(&Ca::new())).await;
        let dialer = Dialer::new(DialerOptions::plain()).unwrap();
        let mut connection = dialer.dial("localhost", listener.local_addr().port()).await.unwrap();
        connection.write_all(b"\0\x15N\0\0\0\0\0\0\0\0\0\0\0\0\0\x03a@b").await.unwrap();
        let error = connection.read(&mut [0; 64]).await.unwrap_err();
        assert_eq!(Connection::refusal(&error).unwrap().code(), Code::TlsPeerOnPlainPort);
        let line = logbook::refusal_of(connection.ends().local.unwrap()).await.unwrap();
        assert_eq!(line.code, "plaintext_peer");
        assert!(line.reason.contains("it speaks the Erlang distribution without TLS"), "{line:?}");
        assert!(line.hint.contains("-proto_dist inet_tls"), "{line:?}");
    });
}

#[test]
fn two_plain_sides_and_two_tls_sides_understand_each_other() {
    block_on(async {
        let dialer = Dialer::new(DialerOptions::plain()).unwrap();
        let listener = listen(ListenerOptions::plain()).await;
        let mut dialled = dialer.dial("localhost", listener.local_addr().port()).await.unwrap();
        // Who dialled speaks first: before that, a plain listener does not know whether it is TLS.
        let answering = async {
            let mut connection = accepted(&listener).await.unwrap();
            answer(&mut connection).await.unwrap();
            connection
        };
        let (asked, plain) = join(ask(&mut dialled), answering).await;
        asked.unwrap();
        assert!(plain.tls().is_none() && plain.peer_certificate().is_none());
        let ca = Ca::new();
        assert!(link(&listening(mutual(&ca)).await, &dialling(mutual(&ca))).await.accepted.tls().is_some());
    });
}

#[test]
fn what_a_stranger_speaks_is_named() {
    block_on(async {
        let listener = listening(mutual(&Ca::new())).await;
        for (bytes, name) in [
            (&b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..], "it speaks HTTP"),
            (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "it speaks SSH"),
            (b"\0\x15N\0\0\0\0\0\0\0\0\0\0\0\0\0\x03a@b", "it speaks the Erlang distribution without TLS"),
            (b"\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10", "it speaks SSL 2"),
            (b"hello? is anybody there?\r\n", "it began with \"hello? is anybod\""),
        ] {
            let (local, met) = foreign_bytes::dial(listener.local_addr().port(), bytes).await.unwrap();
            let Line { code, reason, .. } = logbook::refusal_of(local).await.unwrap();
            assert_eq!(code, "plaintext_peer", "{reason}");
            assert!(reason.contains(name), "{reason}");
            assert!(matches!(met, Met::Alert(_) | Met::Closed), "{met:?}");
        }
    });
}

#[test]
fn a_hello_of_tls_1_1_names_the_version() {
    block_on(async {
        let listener = listening(mutual(&Ca::new())).await;
        let hello = foreign_bytes::tls_1_1_client_hello();
        let (local, _) = foreign_bytes::dial(listener.local_addr().port(), &hello).await.unwrap();
        let line = logbook::refusal_of(local).await.unwrap();
        assert_eq!(line.reason, "no TLS version in common: the client offers nothing newer than TLS 1.1");
    });
}

#[test]
fn a_forgotten_intermediate_is_known_from_the_authority_key_identifier() {
    block_on(async {
        let ca = Ca::new();
        let inter = ca.intermediate();
        let forgetful = inter.leaf().without_intermediates().build();
        let refusal = refusal(&listening(mutual(&ca)).await, &dialling(Arc::new(CertAuth::mutual(forgetful, ca.pool())))).await;
        assert_eq!(refusal.codes(), ("missing_intermediate".to_owned(), "missing_intermediate?".to_owned()));
        assert!(refusal.acceptor.reason.contains(&inter.facts().subject), "{refusal:?}");
        assert!(refusal.acceptor.hint.contains("behind the leaf"), "{refusal:?}");
    });
}

#[test]
fn a_forgotten_intermediate_is_known_from_the_own_chain() {
    block_on(async {
        let ca = Ca::new();
        let inter = ca.intermediate();
        let silent = || dialling(Arc::new(CertAuth::mutual(without_grandparent(&ca, &inter), ca.pool())));
        let knowing = listening(Arc::new(CertAuth::mutual(inter.agent(&["localhost"]), ca.pool()))).await;
        assert_eq!(refusal(&knowing, &silent()).await.acceptor.code, "missing_intermediate");
        // Without a hint of either kind nobody can know; the advice still mentions it.
        let unknowing = refusal(&listening(mutual(&ca)).await, &silent()).await;
        assert_eq!(unknowing.acceptor.code, "unknown_ca");
        assert!(unknowing.acceptor.hint.contains("if CN=Intermediate"), "{unknowing:?}");
    });
}

#[test]
fn a_chain_of_ones_own_that_the_pool_does_not_trust_tells_nothing_about_a_peer() {
    block_on(async {
        let (ca, other) = (Ca::new(), Ca::new());
        let inter = other.intermediate();
        let listener = listening(Arc::new(CertAuth::mutual(inter.agent(&["localhost"]), ca.pool()))).await;
        let forgetful = inter.leaf().without_intermediates().build();
        let dialer = dialling(Arc::new(CertAuth::mutual(forgetful, other.pool())));
        let refusal = refusal(&listener, &dialer).await;
        assert_eq!(refusal.acceptor.code, "unknown_ca");
        assert!(refusal.acceptor.reason.contains(&format!("trusted here: {}", ca.facts().subject)), "{refusal:?}");
    });
}

#[test]
fn each_refusal_has_the_words_that_people_search_for_and_the_facts() {
    block_on(async {
        let ca = Ca::new();
        let now = SystemClock.now();
        let pool = ca.facts().subject.clone();
        for (certificate, words) in [
            (Ca::new().agent(&["localhost"]), ["certificate signed by unknown authority: ", &pool]),
            (ca.leaf().dns("localhost").valid(now + -2 * DAY, now + -DAY).build(), ["certificate has expired: ", "was valid until "]),
            (ca.leaf().dns("localhost").valid(now + DAY, now + 2 * DAY).build(), ["certificate is not yet valid: ", "begins at "]),
            (ca.agent(&["a.test", "b.test"]), ["certificate is valid for DNS:a.test, DNS:b.test, not localhost", "SHA-256"]),
            (ca.leaf().dns("localhost").usage(Usage::Client).build(), ["is not made for a server", "serverAuth"]),
            (ca.leaf().dns("localhost").self_signed().build(), ["self-signed", "no CA vouches for it"]),
            (ca.false_intermediate().agent(&["localhost"]), ["stands in the chain as an issuer", "basicConstraints CA:TRUE"]),
        ] {
            let (subject, fingerprint) = (certificate.leaf().subject.clone(), certificate.fingerprint().to_string());
            let server = Arc::new(CertAuth::mutual(certificate, ca.pool()));
            let refusal = refusal(&listening(server).await, &dialling(mutual(&ca))).await;
            let said = refusal.dialler.to_string();
            assert!(words.iter().all(|words| said.contains(words)), "{words:?} in {said}");
            let own = &refusal.acceptor.reason;
            assert!(own.contains(&subject) && own.contains(&fingerprint), "the presenter knows what it presented: {own}");
            assert!(!refusal.acceptor.hint.is_empty() && !refusal.dialler.hint().as_str().is_empty());
        }
    });
}

#[test]
fn a_client_without_a_certificate_is_told_in_the_usual_words() {
    block_on(async {
        let ca = Ca::new();
        let listener = listening(mutual(&ca)).await;
        let config = Arc::new(crate::foreign_tls::client(&ca, None));
        let (local, _) = crate::foreign_tls::dial(&config, listener.local_addr().port()).await.unwrap();
        let line = logbook::refusal_of(local).await.unwrap();
        assert!(line.reason.contains("client didn't provide a certificate"), "{line:?}");
    });
}

#[test]
fn a_refused_client_is_told_whom_the_server_asked_for() {
    block_on(async {
        let ca = Ca::new();
        let stranger = Ca::new();
        let caller = Arc::new(CertAuth::mutual(stranger.client("caller"), ca.pool()));
        let said = refusal(&listening(mutual(&ca)).await, &dialling(caller)).await.dialler.to_string();
        assert!(said.contains("the alert unknown_ca, which most likely means just that"), "{said}");
        assert!(said.contains("we presented CN=caller"), "{said}");
        assert!(said.contains(&format!("issued by {}", stranger.facts().subject)), "{said}");
        assert!(said.contains(&format!("the peer asked for one issued by {}", ca.facts().subject)), "{said}");
    });
}

#[test]
fn a_dialler_that_reaches_nobody_says_so() {
    block_on(async {
        let ca = Ca::new();
        let listener: Listener = listening(mutual(&ca)).await;
        let port = listener.local_addr().port();
        let dialer = dialling(mutual(&ca));
        assert_eq!(dialer.dial("not a host", port).await.unwrap_err().code(), Code::Unreachable);
        assert_eq!(dialer.dial("127.0.0.1.", port).await.unwrap_err().code(), Code::Unreachable);
        drop(listener);
    });
}

#[test]
fn a_server_that_hangs_up_in_mid_handshake_is_reported_as_that() {
    block_on(async {
        let ca = Ca::new();
        let socket = countersign::rt::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (dialer, port) = (dialling(mutual(&ca)), socket.local_addr().unwrap().port());
        let hanging_up = async {
            let (mut tcp, _) = socket.accept().await.unwrap();
            let _ = tcp.read(&mut [0; 4096]).await;
        };
        let (dialled, ()) = futures_util::future::join(dialer.dial("localhost", port), hanging_up).await;
        assert_eq!(dialled.unwrap_err().code(), Code::PeerClosed);
    });
}

fn mutual(ca: &Ca) -> Arc<CertAuth> {
    let manager = CertAuth::builder(ca.agent(&["localhost"])).client_cas(ca.pool()).root_cas(ca.pool());
    Arc::new(manager.client_auth(ClientAuth::RequireAndVerify).build().unwrap())
}

/// A leaf of the intermediate that comes alone, and whose authority key identifier no longer names the root.
/// Its signature is broken by that; but without the issuer nobody gets as far as looking at it.
fn without_grandparent(root: &Ca, inter: &Ca) -> Certificate {
    let identity = crate::foreign_tls::identity(inter.leaf().without_intermediates());
    let name = root.facts().subject.strip_prefix("CN=").unwrap().as_bytes().to_vec();
    let mut der = identity.cert[0].to_vec();
    let at = der.windows(name.len()).position(|window| window == name).unwrap();
    der[at] = b'L';
    Certificate::with_signing_key(vec![der.into()], identity.key).unwrap()
}
