//! The troubleshooting chapters of Ergo, GoAkt, Muti Metroo and Casty, symptom by symptom: each fault is made, the doctor
//! names its code, and the finding is found by the text that the system prints or heads its chapter with.

use crate::child::is_installed;
use crate::openssl::{MUTUAL, met};
use crate::world::{TLS, World, address, node};
use countersign::authority::KeyKind;
use countersign::clock::{Clock, DAY, SystemClock};
use countersign::doctor::{Case, Report, examine, visit};
use countersign::failure::Code;
use countersign::node::Node;
use countersign::rt::block_on;
use countersign::testing::Ca;

/// This symptom leads to a finding with this code.
#[track_caller]
pub(crate) fn symptom(text: &str, report: &Report, code: Code) {
    let found: Vec<_> = report.found_by(text).map(|finding| finding.code).collect();
    assert!(found.contains(&Some(code)), "{text:?} should lead to {code}, and leads to {found:?} in {report:#?}");
}

/// A peer `b@localhost`, visited by `a@localhost` at its address.
#[track_caller]
fn visited(world: &World, b: Node) -> Report {
    let report = world.visit(&address(&b));
    block_on(b.stop());
    report
}

const TEXT_OF_GO: &str = "tls: handshake failure";

// Ergo

#[test]
fn ergo_connection_rejected_with_certificate_error() {
    let (world, other, now) = (World::new(), Ca::new(), SystemClock.now());
    let report = visited(&world, node("b@localhost", world.ca.agent(&["127.0.0.1"]), &other, "cluster"));
    symptom("Connection rejected with certificate error", &report, Code::UnknownCa);
    world.issue("a", world.good().valid(now + -2 * DAY, now + -DAY));
    symptom("certificate has expired", &world.examined(), Code::Expired);
}

#[test]
fn ergo_server_certificate_verification_failed() {
    let (world, other) = (World::new(), Ca::new());
    let report = visited(&world, node("b@localhost", other.agent(&["127.0.0.1"]), &world.ca, "cluster"));
    symptom("Server certificate verification failed", &report, Code::UnknownCa);
}

#[test]
fn ergo_sni_mismatch() {
    let world = World::new();
    let b = node("b@localhost", world.ca.agent(&["b.example"]), &world.ca, "cluster");
    symptom("SNI mismatch", &world.visit(&address(&b)), Code::NameMismatch);
    // Its cure: the name to ask for is set.
    let case = world.case_of(&format!(r#"{TLS}, "server_name": "b.example""#), "");
    let report = block_on(visit(&case, &address(&b).parse().unwrap()));
    assert!(report.is_well(), "{report:#?}");
    block_on(b.stop());
}

// GoAkt: five causes of one symptom

#[test]
fn goakt_handshake_failure_because_the_cas_differ() {
    let (world, other) = (World::new(), Ca::new());
    let report = visited(&world, node("b@localhost", other.agent(&["127.0.0.1"]), &other, "cluster"));
    symptom(TEXT_OF_GO, &report, Code::UnknownCa);
}

#[test]
fn goakt_handshake_failure_because_a_certificate_has_expired() {
    let (world, now) = (World::new(), SystemClock.now());
    let old = world.ca.leaf().names(&["127.0.0.1"]).valid(now + -2 * DAY, now + -DAY).build();
    let report = visited(&world, node("b@localhost", old, &world.ca, "cluster"));
    symptom(TEXT_OF_GO, &report, Code::Expired);
}

#[test]
fn goakt_handshake_failure_because_the_server_presents_the_wrong_certificate() {
    let world = World::new();
    let report = visited(&world, node("b@localhost", world.ca.agent(&["c.example"]), &world.ca, "cluster"));
    symptom(TEXT_OF_GO, &report, Code::NameMismatch);
}

/// A key that can sign in none of the ways that the server takes: then no certificate is sent.
fn without_certificate() -> Option<Report> {
    is_installed().then(|| {
        let world = World::new();
        let leaf = world.ca.leaf().names(&["127.0.0.1"]).key(KeyKind::Rsa2048);
        met(&world, &world.ca, leaf, &[MUTUAL, &["-client_sigalgs", "rsa_pss_rsae_sha256"]].concat())
    })
}

#[test]
fn goakt_handshake_failure_because_the_client_has_no_certificate() {
    let Some(report) = without_certificate() else { return };
    symptom(TEXT_OF_GO, &report, Code::NoClientCertificate);
}

#[test]
fn goakt_handshake_failure_because_the_versions_differ() {
    if !is_installed() {
        return;
    }
    let world = World::new();
    let report = met(&world, &world.ca, world.ca.leaf().names(&["127.0.0.1"]), &["-tls1_2"]);
    symptom(TEXT_OF_GO, &report, Code::VersionMismatch);
}

#[test]
fn goakt_certificate_signed_by_unknown_authority_because_a_ca_was_made_anew() {
    let world = World::new();
    let (old, new) = (Ca::named("Shared Root"), Ca::named("Shared Root"));
    world.write("ca.crt", new.pem(), 0o644);
    world.issue("a", old.leaf().names(&["localhost"]));
    let report = world.examined();
    symptom("x509: certificate signed by unknown authority", &report, Code::UnknownCa);
    let fingerprint = new.pool().fingerprints().first().unwrap().to_string();
    assert!(report.findings().iter().any(|finding| finding.said.contains(&fingerprint)), "fingerprints are there to be compared");
}

#[test]
fn goakt_the_ca_is_not_in_the_right_format() {
    let world = World::new();
    let (_, der) =
        countersign::x509::pem::certificates(&countersign::x509::pem::Origin::memory(), world.ca.pem().as_bytes()).unwrap().remove(0);
    world.write("ca.crt", &der, 0o644);
    let report = world.examined();
    symptom("tls: failed to find any PEM data in certificate input", &report, Code::InvalidTlsConfiguration);
    assert!(report.findings().iter().any(|finding| finding.said.contains("this is DER")), "{report:#?}");
}

#[test]
fn goakt_invalid_tls_configuration_because_one_half_is_missing() {
    let world = World::new();
    let pair = r#""cert": "a.crt", "key": "a.key""#;
    let no_client = world.case_of(&format!(r#"{pair}, "client_ca": "ca.crt""#), "");
    let no_server = world.case_of(&format!(r#"{pair}, "root_ca": "ca.crt", "client_auth": "require_and_verify""#), "");
    for (case, half) in [(no_client, "root_ca"), (no_server, "client_ca")] {
        let report = block_on(examine(&case));
        symptom("ErrInvalidTLSConfiguration", &report, Code::InvalidTlsConfiguration);
        assert!(report.wrong().findings().iter().any(|finding| finding.said.contains(half)), "the half is named: {half}");
    }
}

// Muti Metroo: four texts

#[test]
fn muti_metroo_certificate_not_trusted() {
    let (world, other) = (World::new(), Ca::new());
    world.issue("a", other.leaf().names(&["localhost"]));
    symptom("Error: x509: certificate signed by unknown authority", &world.examined(), Code::UnknownCa);
}

#[test]
fn muti_metroo_certificate_expired() {
    let (world, now) = (World::new(), SystemClock.now());
    world.issue("a", world.good().valid(now + -2 * DAY, now + -DAY));
    symptom("Error: x509: certificate has expired", &world.examined(), Code::Expired);
}

#[test]
fn muti_metroo_name_mismatch() {
    let world = World::new();
    let report = visited(&world, node("b@localhost", world.ca.agent(&["agent1.example.com"]), &world.ca, "cluster"));
    let text = "Error: x509: certificate is valid for agent1.example.com, not agent2.example.com";
    symptom(text, &report, Code::NameMismatch);
}

#[test]
fn muti_metroo_client_certificate_required() {
    let Some(report) = without_certificate() else { return };
    symptom("Error: tls: client didn't provide a certificate", &report, Code::NoClientCertificate);
}

// Casty: the certificate must bear the address that others use

#[test]
fn casty_the_address_is_not_among_the_names() {
    let world = World::new();
    world.issue("a", world.ca.leaf().common_name("127.0.0.1"));
    let text = format!(
        r#"{{ "node": {{ "name": "a@127.0.0.1", "cookie": "c" }}, "tls": {{ {TLS} }}, "acceptors": [], "epmd": {{ "mode": "off" }} }}"#
    );
    let report = block_on(examine(&Case::of_json(&text, &world.directory)));
    symptom("cannot validate certificate because it doesn't contain any IP SANs", &report, Code::NameMismatch);
    let report = visited(&world, node("b@localhost", world.ca.leaf().common_name("127.0.0.1").build(), &world.ca, "cluster"));
    symptom("x509: certificate relies on legacy Common Name field, use SANs instead", &report, Code::NameMismatch);
}
