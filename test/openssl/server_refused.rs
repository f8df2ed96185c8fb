//! Our dialler refuses `s_server`: our error has the code, and the server hears the alert.

use crate::child::is_installed;
use crate::s_server::Stage;
use countersign::clock::{Clock, DAY, SystemClock};
use countersign::failure::{Code, Failure};
use countersign::testing::{Ca, LeafBuilder, Usage};

/// A server with the certificate that `leaf` makes is refused with this code and alert.
#[track_caller]
fn refused(leaf: impl FnOnce(&Ca) -> LeafBuilder<'_>, code: Code, alert: u8) {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    Stage::new(&ca, leaf(&ca).names(&["127.0.0.1"]), &[], ca.client("caller")).is_refused(code, alert);
}

#[test]
fn for_a_certificate_that_has_expired() {
    let now = SystemClock.now();
    refused(|ca| ca.leaf().valid(now + -2 * DAY, now + -DAY), Code::Expired, 45);
}

#[test]
fn for_a_certificate_that_is_not_yet_valid() {
    let now = SystemClock.now();
    refused(|ca| ca.leaf().valid(now + DAY, now + 2 * DAY), Code::NotYetValid, 45);
}

#[test]
fn for_a_certificate_made_for_clients_only() {
    refused(|ca| ca.leaf().usage(Usage::Client), Code::WrongUsage, 43);
}

#[test]
fn for_a_certificate_that_signs_itself() {
    refused(|ca| ca.leaf().self_signed(), Code::SelfSigned, 48);
}

#[test]
fn for_a_certificate_of_another_name() {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    Stage::new(&ca, ca.leaf().dns("db-1.example"), &[], ca.client("caller")).is_refused(Code::NameMismatch, 42);
}

#[test]
fn for_a_certificate_of_another_ca() {
    if !is_installed() {
        return;
    }
    let (ca, other) = (Ca::new(), Ca::new());
    Stage::new(&ca, other.leaf().names(&["127.0.0.1"]), &[], ca.client("caller")).is_refused(Code::UnknownCa, 48);
}

#[test]
fn for_a_missing_intermediate() {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let intermediate = ca.intermediate();
    let leaf = intermediate.leaf().names(&["127.0.0.1"]).without_intermediates();
    Stage::new(&ca, leaf, &[], ca.client("caller")).is_refused(Code::MissingIntermediate, 48);
}

#[test]
fn for_tls_1_2_by_default() {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let stage = Stage::new(&ca, ca.leaf().names(&["127.0.0.1"]), &["-tls1_2"], ca.client("caller"));
    assert_eq!(stage.dial().unwrap_err().code(), Code::VersionMismatch);
}
