//! Without a peer: each file by itself, and what they are worth together.

use crate::world::{TLS, World, found, only_wrong, well};
use countersign::clock::{Clock, DAY, SystemClock};
use countersign::doctor::{Check, Health, examine};
use countersign::failure::Code;
use countersign::rt::block_on;
use countersign::testing::{Ca, LeafBuilder, Usage};
use std::fs;

#[test]
fn good_files_are_well_and_each_of_them_is_looked_at() {
    let report = World::new().examined();
    well(&report);
    for check in [
        Check::Configuration,
        Check::Certificate,
        Check::Key,
        Check::Pair,
        Check::Ca,
        Check::Dates,
        Check::Usage,
        Check::Chain,
        Check::Name,
        Check::Clock,
        Check::Cookie,
    ] {
        assert_eq!(found(&report, check).health, Health::Good, "{check}");
    }
}

#[test]
fn a_missing_file_does_not_hide_the_others() {
    let world = World::new();
    fs::remove_file(world.directory.join("a.key")).unwrap();
    fs::remove_file(world.directory.join("ca.crt")).unwrap();
    let report = world.examined();
    let wrong: Vec<Check> = report.clone().wrong().findings().iter().map(|finding| finding.check).collect();
    assert_eq!(wrong, [Check::Key, Check::Ca]);
    assert!(found(&report.wrong(), Check::Key).said.contains("a.key: cannot be read: No such file"));
}

#[test]
fn a_key_that_others_can_read_is_wrong_and_paired_nevertheless() {
    let world = World::new();
    world.write("a.key", world.read("a.key"), 0o644);
    let report = world.examined();
    let finding = only_wrong(&report, Check::Key, Code::InvalidTlsConfiguration);
    assert!(finding.said.contains("mode 0644") && finding.hint.as_ref().unwrap().as_str().contains("chmod 600"), "{finding:?}");
    assert_eq!(found(&report, Check::Pair).health, Health::Good);
}

#[test]
fn a_key_of_another_certificate_is_a_mismatch() {
    let world = World::new();
    let other = world.read("a.key");
    world.issue("a", world.good());
    world.write("a.key", other, 0o600);
    only_wrong(&world.examined(), Check::Pair, Code::KeyMismatch);
}

#[test]
fn swapped_files_and_damaged_ones_are_told_apart() {
    let world = World::new();
    let (certificate, key) = (world.read("a.crt"), world.read("a.key"));
    world.write("a.crt", key, 0o600);
    world.write("a.key", certificate, 0o600);
    let wrong = world.examined().wrong();
    assert!(found(&wrong, Check::Certificate).hint.as_ref().unwrap().as_str().contains("swapped"), "{wrong:#?}");
    world.issue("a", world.good());
    world.write("a.crt", world.read("a.crt").replace("-----END", "-----EN"), 0o644);
    assert_eq!(found(&world.examined().wrong(), Check::Certificate).code, Some(Code::MalformedCertificate));
}

#[test]
fn a_leaf_in_the_place_of_a_ca_is_no_ca() {
    let world = World::new();
    world.write("ca.crt", world.read("a.crt"), 0o644);
    only_wrong(&world.examined(), Check::Ca, Code::NotACa);
}

/// The certificate that `leaf` makes is wrong in this way alone.
#[track_caller]
fn wrong(leaf: impl for<'a> FnOnce(LeafBuilder<'a>) -> LeafBuilder<'a>, check: Check, code: Code) {
    let world = World::new();
    world.issue("a", leaf(world.good()));
    only_wrong(&world.examined(), check, code);
}

#[test]
fn dates_and_the_clock_are_held_against_each_other() {
    let now = SystemClock.now();
    wrong(|leaf| leaf.valid(now + -2 * DAY, now + -DAY), Check::Dates, Code::Expired);
    let world = World::new();
    world.issue("a", world.good().valid(now + 3 * DAY, now + 4 * DAY));
    let report = world.examined().wrong();
    assert_eq!(found(&report, Check::Dates).code, Some(Code::NotYetValid));
    let clock = found(&report, Check::Clock);
    assert!(clock.hint.as_ref().unwrap().as_str().contains("clock"), "{clock:?}");
}

#[test]
fn a_certificate_for_clients_only_is_no_nodes() {
    wrong(|leaf| leaf.usage(Usage::Client), Check::Usage, Code::WrongUsage);
}

#[test]
fn a_certificate_of_another_ca_has_no_chain() {
    let world = World::new();
    let other = Ca::new();
    world.issue("a", other.leaf().names(&["localhost"]));
    only_wrong(&world.examined(), Check::Chain, Code::UnknownCa);
}

#[test]
fn a_node_may_have_its_certificate_from_either_of_two_cas() {
    let (world, other) = (World::new(), Ca::new());
    world.write("other.crt", other.pem(), 0o644);
    let tls = r#""cert": "a.crt", "key": "a.key", "root_ca": "other.crt", "client_ca": "ca.crt""#;
    let report = block_on(examine(&world.case_of(tls, "")));
    well(&report);
    let chains: Vec<Health> =
        report.findings().iter().filter(|finding| finding.check == Check::Chain).map(|finding| finding.health).collect();
    assert_eq!(chains, [Health::Absent, Health::Good]);
}

#[test]
fn what_weakens_is_said_and_is_no_fault() {
    let world = World::new();
    let report = block_on(examine(&world.case_of(&format!(r#"{TLS}, "client_auth": "none""#), "")));
    well(&report);
    assert!(report.findings().iter().any(|finding| finding.about == "acceptors[0]" && finding.health == Health::Absent), "{report:#?}");
}

#[test]
fn a_missing_intermediate_is_named() {
    let world = World::new();
    let intermediate = world.ca.intermediate();
    world.issue("a", intermediate.leaf().names(&["localhost"]).without_intermediates());
    only_wrong(&world.examined(), Check::Chain, Code::MissingIntermediate);
    world.issue("a", intermediate.leaf().names(&["localhost"]));
    well(&world.examined());
}

#[test]
fn an_expired_certificate_of_another_ca_is_wrong_twice() {
    let (world, other, now) = (World::new(), Ca::new(), SystemClock.now());
    world.issue("a", other.leaf().names(&["localhost"]).valid(now + -2 * DAY, now + -DAY));
    assert_eq!(world.examined().codes(), [Code::Expired, Code::UnknownCa]);
}

#[test]
fn revocation_lists_have_dates_and_name_certificates() {
    let world = World::new();
    let case = |name: &str| world.case_of(&format!(r#"{TLS}, "crl": ["{name}"]"#), "");
    let own = countersign::tls::Certificate::from_paths(world.directory.join("a.crt"), Some(&world.directory.join("a.key"))).unwrap();
    world.write("good.pem", world.ca.revocation_list(&[]), 0o644);
    well(&block_on(examine(&case("good.pem"))));
    world.write("old.pem", world.ca.expired_revocation_list(&[]), 0o644);
    assert_eq!(found(&block_on(examine(&case("old.pem"))).wrong(), Check::Crl).code, Some(Code::RevocationUnknown));
    world.write("mine.pem", world.ca.revocation_list(&[&own]), 0o644);
    only_wrong(&block_on(examine(&case("mine.pem"))), Check::Chain, Code::Revoked);
    assert_eq!(found(&block_on(examine(&case("none.pem"))).wrong(), Check::Crl).code, Some(Code::InvalidTlsConfiguration));
}

#[test]
fn a_cookie_that_others_can_read_is_wrong() {
    let world = World::new();
    world.write("cookie", "secret", 0o644);
    let text =
        r#"{ "node": { "name": "a@localhost", "cookie": { "file": "cookie" } }, "tls": null, "epmd": { "mode": "off" }, "acceptors": [] }"#;
    let case = countersign::doctor::Case::of_json(text, &world.directory);
    only_wrong(&block_on(examine(&case)), Check::Cookie, Code::InvalidTlsConfiguration);
}

#[test]
fn a_certificate_of_the_host_that_names_another_node_does_not_bear_the_name() {
    let world = World::new();
    let text = format!(
        r#"{{ "node": {{ "name": "b@localhost", "cookie": "c" }}, "tls": {{ {TLS} }}, "epmd": {{ "mode": "off" }}, "acceptors": [{{ "port": 0 }}] }}"#
    );
    let report = block_on(examine(&countersign::doctor::Case::of_json(&text, &world.directory)));
    assert!(found(&report, Check::Name).said.starts_with("it may be b@localhost: CN=a ("), "{report:#?}");
}
