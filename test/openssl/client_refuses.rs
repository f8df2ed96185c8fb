//! `s_client` refuses *our* certificate: all we hear is an alert, and the code is what we make of it.

use crate::child::{flags, is_installed};
use crate::s_client::Stage;
use countersign::clock::{Clock, DAY, SystemClock};
use countersign::failure::Code;
use countersign::testing::{Ca, LeafBuilder, Usage};
use countersign::tls::TlsPolicy;

/// `s_client` with these flags says this about what `leaf` makes, and leaves; we count this code.
#[track_caller]
fn refuses(leaf: impl FnOnce(&Ca) -> LeafBuilder<'_>, more: &[&str], words: &str, code: Code) {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let presented = leaf(&ca).build();
    let stage = Stage::serving(ca, presented, TlsPolicy::default());
    let client = stage.dial(stage.ca.leaf(), more);
    let said = client.wait_for_end();
    assert!(said.contains(words), "no {words:?} in:\n{said}");
    stage.counts(code);
}

#[test]
fn for_a_ca_that_it_does_not_know() {
    if !is_installed() {
        return;
    }
    let (stage, other) = (Stage::new(), Ca::new());
    let identity = stage.directory.identity(stage.ca.leaf());
    let client = stage.dial_believing(&other, [identity, flags(&[])].concat());
    let said = client.wait_for_end();
    assert!(said.contains("unable to get local issuer certificate"), "{said}");
    stage.counts(Code::UnknownCa);
}

#[test]
fn for_a_name_that_is_not_on_it() {
    let dialled = ["-servername", "db-1.example", "-verify_hostname", "db-1.example"];
    refuses(|ca| ca.leaf().dns("localhost"), &dialled, "hostname mismatch", Code::NameMismatch);
}

#[test]
fn for_an_address_that_is_not_on_it() {
    refuses(|ca| ca.leaf().dns("localhost"), &["-verify_ip", "127.0.0.1"], "IP address mismatch", Code::NameMismatch);
}

#[test]
fn for_its_dates() {
    let now = SystemClock.now();
    refuses(|ca| ca.leaf().dns("localhost").valid(now + -2 * DAY, now + -DAY), &[], "certificate has expired", Code::Expired);
}

/// OpenSSL sends bad_certificate for this, where others send certificate_expired.
#[test]
fn for_dates_that_have_not_begun() {
    let now = SystemClock.now();
    refuses(|ca| ca.leaf().names(&["127.0.0.1"]).valid(now + DAY, now + 2 * DAY), &[], "certificate is not yet valid", Code::NotYetValid);
}

#[test]
fn for_being_made_for_clients_only() {
    refuses(|ca| ca.leaf().dns("localhost").usage(Usage::Client), &[], "unsuitable certificate purpose", Code::WrongUsage);
}

#[test]
fn for_signing_itself() {
    refuses(|ca| ca.leaf().dns("localhost").self_signed(), &[], "self-signed certificate", Code::SelfSigned);
}

#[test]
fn for_a_missing_intermediate() {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let leaf = ca.intermediate().leaf().dns("localhost").without_intermediates().build();
    let stage = Stage::serving(ca, leaf, TlsPolicy::default());
    let client = stage.dial(stage.ca.leaf(), &[]);
    let said = client.wait_for_end();
    assert!(said.contains("unable to get local issuer certificate"), "{said}");
    stage.counts(Code::MissingIntermediate);
}
