//! OpenSSL's `s_server` as the peer: it speaks TLS, and no distribution.

use crate::child::{Directory, Openssl, flags, is_installed};
use crate::world::{World, found, only_wrong};
use countersign::doctor::{Case, Check, Health, Report, visit};
use countersign::failure::Code;
use countersign::rt::block_on;
use countersign::testing::{Ca, LeafBuilder};

/// What is found at an `s_server` that trusts this CA, presents this leaf, and was started with these flags.
pub(crate) fn met(world: &World, trusted: &Ca, leaf: LeafBuilder<'_>, more: &[&str]) -> Report {
    let directory = Directory::new();
    let always = flags(&["s_server", "-accept", "127.0.0.1:0", "-CAfile", &directory.ca(trusted)]);
    let server = Openssl::run(&[always, directory.identity(leaf), flags(more)].concat());
    let ready = "ACCEPT 127.0.0.1:";
    let said = server.wait_for(ready);
    let port: String = said.split_once(ready).unwrap().1.chars().take_while(char::is_ascii_digit).collect();
    let text = format!(
        r#"{{ "node": {{ "name": "a@localhost", "cookie": "cluster", "setup_seconds": 3 }}, "tls": {{ {} }}, "epmd": {{ "mode": "off" }} }}"#,
        crate::world::TLS
    );
    block_on(visit(&Case::of_json(&text, &world.directory), &format!("127.0.0.1:{port}").parse().unwrap()))
}

/// Insists on a client's certificate, and says no at once.
pub(crate) const MUTUAL: &[&str] = &["-Verify", "1", "-verify_return_error"];

#[test]
fn both_certificates_are_well_and_no_node_answers() {
    if !is_installed() {
        return;
    }
    let world = World::new();
    let report = met(&world, &world.ca, world.ca.leaf().names(&["127.0.0.1"]), MUTUAL);
    assert_eq!(found(&report, Check::Presented).health, Health::Good);
    only_wrong(&report, Check::Distribution, Code::Timeout);
}

#[test]
fn a_refusal_that_comes_with_the_first_answer_is_one_of_tls() {
    if !is_installed() {
        return;
    }
    let (world, other) = (World::new(), Ca::new());
    let report = met(&world, &other, world.ca.leaf().names(&["127.0.0.1"]), MUTUAL);
    let wrong = report.wrong();
    let refused = found(&wrong, Check::Handshake);
    assert_eq!(refused.code, Some(Code::UnknownCa), "{wrong:#?}");
    assert!(format!("{:?}", refused.facts).contains("it takes certificates issued by"), "{refused:?}");
}
