//! A stranger chooses its own names. They deceive neither a hook nor the reader of a log.

use crate::block_on;
use crate::links::{dialling, link, listen, listening, refusal};
use countersign::net::{Dialer, Listener, ListenerOptions};
use countersign::testing::{Ca, LeafBuilder};
use countersign::tls::{CertAuth, ClientAuth, Hook, Peer, TlsPolicy};
use countersign::x509::San;
use std::sync::Arc;

#[test]
fn a_hook_that_compares_names_is_not_fooled_by_a_subject_that_looks_like_another() {
    block_on(async {
        let ca = Ca::new();
        let listener = for_the_database_only(&ca, |peer| peer.leaf.sans.contains(&San::Dns("db-1".to_owned()))).await;
        link(&listener, &calling(&ca, ca.leaf().dns("db-1"))).await;
        for name in IMPOSTORS {
            let refused = refusal(&listener, &calling(&ca, ca.leaf().organisation(name))).await;
            assert_eq!(refused.acceptor.code, "refused_by_hook", "{name}");
        }
    });
}

#[test]
fn a_value_of_a_subject_cannot_pass_for_another_part_of_it() {
    block_on(async {
        let ca = Ca::new();
        let listener = for_the_database_only(&ca, |peer| peer.leaf.subject.split(", ").any(|part| part == "CN=db-1")).await;
        link(&listener, &calling(&ca, ca.leaf().common_name("db-1"))).await;
        for name in IMPOSTORS {
            let refused = refusal(&listener, &calling(&ca, ca.leaf().organisation(name))).await;
            assert_eq!(refused.acceptor.code, "refused_by_hook", "{name}");
        }
    });
}

#[test]
fn a_subject_of_39_kilobytes_makes_a_line_of_less_than_two() {
    block_on(async {
        let ca = Ca::new();
        let listener = listening(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))).await;
        let (long, commas, control) = ("x".repeat(39_000), ",".repeat(39_000), "\u{7}".repeat(39_000));
        let stranger = Ca::new();
        let leaf = || stranger.leaf();
        let in_parts = (0..560).fold(leaf(), |leaf, _| leaf.organisation(&"x".repeat(60)));
        for leaf in [leaf().organisation(&long), leaf().organisation(&commas), leaf().organisation(&control), in_parts] {
            let line = refusal(&listener, &calling(&ca, leaf)).await.acceptor;
            assert_eq!(line.code, "unknown_ca");
            assert!(line.length < 2_000, "{}", line.length);
        }
    });
}

const IMPOSTORS: [&str; 4] = ["x, CN=db-1", "x,CN=db-1", "x, CN=db-1, O=y", "x\\, CN=db-1"];

async fn for_the_database_only(ca: &Ca, is_it: impl Fn(&Peer<'_>) -> bool + Send + Sync + 'static) -> Listener {
    let manager = CertAuth::builder(ca.agent(&["localhost"])).client_cas(ca.pool()).client_auth(ClientAuth::RequireAndVerify);
    let mut options = ListenerOptions::secure(Arc::new(manager.build().unwrap()));
    let verdict = move |peer: &Peer<'_>| if is_it(peer) { Ok(()) } else { Err("not the database".to_owned()) };
    options.tls = TlsPolicy::default().hook(Hook::new("database", verdict));
    listen(options).await
}

fn calling(ca: &Ca, leaf: LeafBuilder<'_>) -> Dialer {
    dialling(Arc::new(CertAuth::mutual(leaf.build(), ca.pool())))
}
