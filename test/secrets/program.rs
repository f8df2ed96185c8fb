//! A program with two nodes in it, whose log says everything.

use crate::canary::Canary;
use crate::listener::{heard, listen};
use countersign::dist::Cookie;
use countersign::epmd::{Server, ServerOptions};
use countersign::etf::{Atom, binary};
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions};
use countersign::rt::block_on;
use countersign::testing::Ca;
use countersign::tls::{CertAuth, CertManager, Certificate};
use countersign::x509::pem::Origin;
use std::sync::Arc;
use std::time::Duration;

const COOKIE: &str = "COOKIEVWKZQXJPYTLMBN";
/// Of a binary in the external term format: version, tag and length.
const HEAD: usize = 6;
const PAYLOAD: &str = "payload-vwkzqx-of-a-message";

/// A certificate, and the canary that its key is.
fn certificate(ca: &Ca, name: &str) -> (Certificate, Canary) {
    let (chain, key) = ca.leaf().common_name(name).names(&["localhost", "127.0.0.1"]).pem();
    let canary = Canary::key(std::str::from_utf8(key.expose()).unwrap());
    (Certificate::from_pem(&Origin::memory(), chain.as_bytes(), key.expose()).unwrap(), canary)
}

fn options(manager: &Arc<CertAuth>, cookie: &str, epmd: &Server) -> NodeOptions {
    NodeOptions {
        cert_manager: Some(manager.clone()),
        cookie: Some(Cookie::new(cookie.as_bytes().to_vec())),
        acceptors: vec![Acceptor { cookie: Some(Cookie::new(cookie.as_bytes().to_vec())), ..Acceptor::at_port(0) }],
        epmd: EpmdMode::At(epmd.port()),
        trace_control: true,
        ..NodeOptions::default()
    }
}

#[test]
fn a_program_that_logs_everything_and_prints_all_that_it_has_says_no_secret() {
    listen();
    let ca = Ca::new();
    let ((first, key), (second, next_key)) = (certificate(&ca, "a"), certificate(&ca, "a"));
    let (stranger, strange_key) = certificate(&Ca::new(), "x");
    let mut printed = format!("{first:?} {stranger:?} {first:#?}");
    let manager = Arc::new(CertAuth::mutual(first, ca.pool()));
    let epmd = block_on(Server::bind(ServerOptions::loopback())).unwrap();
    let options = |cookie| options(&manager, cookie, &epmd);
    printed.push_str(&format!("{:?} {:#?} {manager:?}", options(COOKIE), options(COOKIE)));

    block_on(async {
        let a = Node::start("a@localhost", options(COOKIE)).await.unwrap();
        let b = Node::start("b@localhost", options(COOKIE)).await.unwrap();
        let c = Node::start("c@localhost", options("another")).await.unwrap();
        printed.push_str(&format!("{a:?} {b:?} {:?}", a.name()));
        b.connect(a.name()).await.unwrap();
        let refused = c.connect(a.name()).await.unwrap_err();
        printed.push_str(&format!("{refused} {refused:?}"));

        // A message that is received, by a process that then panics; and one for a process that is not there.
        let (got, received) = countersign::rt::channel::bounded(1);
        let process = a.spawn(|mut process| async move {
            let term = process.receive().await.into_term();
            got.send(term.clone()).await.ok();
            assert!(term.is_none(), "a panic with words of its own");
        });
        a.register("victim", &process).unwrap();
        for name in ["victim", "nobody"] {
            let there = (Atom::fixed(name), a.name().clone());
            b.run(|mut process| async move { process.send(there, binary(PAYLOAD)).await.unwrap() }).await;
        }
        assert_eq!(received.recv().await.unwrap(), Some(binary(PAYLOAD)), "the message has entered");
        let call = b.call((Atom::fixed("countersign"), a.name()), binary(PAYLOAD), Duration::from_secs(60)).await;
        assert!(call.is_ok(), "{call:?}");

        // Certificates come, good and bad ones.
        manager.update(second).unwrap();
        let unfit = manager.update(stranger).unwrap_err();
        printed.push_str(&format!("{unfit} {unfit:?} {manager:?}"));
        for node in [a, b, c] {
            node.stop().await;
        }
    });

    let log = heard();
    for canary in [Canary::text("cookie", COOKIE), Canary::text("message", PAYLOAD), key, next_key, strange_key] {
        canary.is_not_in("the log", &log);
        canary.is_not_in("what was printed", &printed);
    }
    let payload = format!("binary, {} bytes", HEAD + PAYLOAD.len());
    for words in ["node_up", "cookie_mismatch", "process_panicked", "certificate_rotated", "update_refused", payload.as_str()] {
        assert!(log.contains(words), "{words} is not in\n{log}");
    }
}
