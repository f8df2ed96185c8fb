//! A node of OTP as the peer: well, of another CA, with another cookie, on TLS 1.2 only.

use crate::otp::{Builder, Otp, Transport, otp_is_here};
use crate::pki::Pki;
use crate::world::{World, found, only_wrong, well};
use countersign::doctor::{Case, Check, Report, visit};
use countersign::epmd::{Server, ServerOptions};
use countersign::failure::Code;
use countersign::rt::block_on;
use countersign::testing::Ca;

/// What is found when `a@localhost` visits `x@localhost`, of which this CA vouches, and which is started like this.
fn met(test: &str, theirs: impl FnOnce(&World) -> Ca, start: impl FnOnce(Builder<'_>) -> Builder<'_>) -> Option<Report> {
    if !otp_is_here(test) {
        return None;
    }
    let world = World::new();
    let (pki, epmd) = (Pki::of(theirs(&world)), block_on(Server::bind(ServerOptions::loopback())).unwrap());
    let x = start(Otp::node("x@localhost", &pki, epmd.port())).start();
    let text = format!(
        r#"{{ "node": {{ "name": "a@localhost", "cookie": "cluster" }}, "tls": {{ {} }}, "epmd": {{ "mode": "at", "port": {} }} }}"#,
        crate::world::TLS,
        epmd.port()
    );
    let report = block_on(visit(&Case::of_json(&text, &world.directory), &"x@localhost".parse().unwrap()));
    assert_eq!(x.eval("nodes(connected)"), "[]");
    Some(report)
}

#[test]
fn a_good_one_is_met_to_the_end() {
    let ours = |world: &World| world.ca.clone();
    let Some(report) = met("a_good_one_is_met_to_the_end", ours, |node| node) else { return };
    well(&report);
    assert!(found(&report, Check::Distribution).said.starts_with("x@localhost answers"), "{report:#?}");
    assert!(found(&report, Check::Epmd).said.starts_with("it listens on port"), "{report:#?}");
}

#[test]
fn one_of_another_ca_is_refused_and_shown() {
    let Some(report) = met("one_of_another_ca_is_refused_and_shown", |_| Ca::new(), |node| node) else { return };
    only_wrong(&report, Check::Handshake, Code::UnknownCa);
    assert!(found(&report, Check::Presented).facts.iter().any(|(key, _)| *key == "chain"), "{report:#?}");
}

#[test]
fn one_with_another_cookie_is_told_by_its_closing() {
    let ours = |world: &World| world.ca.clone();
    let Some(report) = met("one_with_another_cookie_is_told_by_its_closing", ours, |node| node.cookie("another")) else { return };
    only_wrong(&report, Check::Distribution, Code::CookieMismatch);
}

#[test]
fn one_of_tls_1_2_has_no_version_in_common_and_is_shown() {
    let ours = |world: &World| world.ca.clone();
    let test = "one_of_tls_1_2_has_no_version_in_common_and_is_shown";
    let Some(report) = met(test, ours, |node| node.over(Transport::Tls12)) else { return };
    only_wrong(&report, Check::Handshake, Code::VersionMismatch);
    let shown = found(&report, Check::Presented);
    assert!(format!("{:?}", shown.facts).contains("TLSv1_2"), "{shown:?}");
}
