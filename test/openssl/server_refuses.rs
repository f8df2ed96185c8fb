//! `s_server` refuses *our* certificate. In TLS 1.3 that comes after our half of the handshake.

use crate::child::{Directory, is_installed};
use crate::s_server::{MUTUAL, Stage};
use countersign::authority::KeyKind;
use countersign::clock::{Clock, DAY, SystemClock};
use countersign::failure::{Code, Failure};
use countersign::testing::{Ca, LeafBuilder, Usage};
use countersign::tls::{TlsPolicy, TlsVersion};

/// `s_server` says this about what `leaf` makes; our first read has this code.
#[track_caller]
fn refuses(leaf: impl FnOnce(&Ca) -> LeafBuilder<'_>, words: &str, code: Code) {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let own = leaf(&ca).build();
    Stage::new(&ca, ca.leaf().names(&["127.0.0.1"]), MUTUAL, own).refuses(words, code);
}

#[test]
fn for_its_dates() {
    let now = SystemClock.now();
    refuses(|ca| ca.leaf().valid(now + -2 * DAY, now + -DAY), "certificate has expired", Code::Expired);
}

/// OpenSSL sends bad_certificate for this, where others send certificate_expired.
#[test]
fn for_dates_that_have_not_begun() {
    let now = SystemClock.now();
    refuses(|ca| ca.leaf().valid(now + DAY, now + 2 * DAY), "certificate is not yet valid", Code::NotYetValid);
}

#[test]
fn for_being_made_for_servers_only() {
    refuses(|ca| ca.leaf().usage(Usage::Server), "unsuitable certificate purpose", Code::WrongUsage);
}

#[test]
fn for_signing_itself() {
    refuses(|ca| ca.leaf().self_signed(), "self-signed certificate", Code::SelfSigned);
}

#[test]
fn for_a_ca_that_it_does_not_know() {
    if !is_installed() {
        return;
    }
    let (ca, other) = (Ca::new(), Ca::new());
    let stage = Stage::new(&ca, ca.leaf().names(&["127.0.0.1"]), MUTUAL, other.client("caller"));
    stage.refuses("unable to get local issuer certificate", Code::UnknownCa);
}

#[test]
fn for_a_missing_intermediate() {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let own = ca.intermediate().leaf().without_intermediates().build();
    let stage = Stage::new(&ca, ca.leaf().names(&["127.0.0.1"]), MUTUAL, own);
    stage.refuses("unable to get local issuer certificate", Code::MissingIntermediate);
}

#[test]
fn for_being_revoked() {
    if !is_installed() {
        return;
    }
    let (ca, directory) = (Ca::new(), Directory::new());
    let own = ca.client("caller");
    let list = directory.write("crl.pem", ca.revocation_list(&[&own]));
    let checking = [MUTUAL, &["-CRL", &list, "-crl_check"]].concat();
    let stage = Stage::new(&ca, ca.leaf().names(&["127.0.0.1"]), &checking, own);
    stage.refuses("certificate revoked", Code::Revoked);
}

#[test]
fn for_showing_none() {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let own = ca.leaf().key(KeyKind::Ed25519).build();
    let stage = Stage::new(&ca, ca.leaf().names(&["127.0.0.1"]), &[MUTUAL, NO_ED25519].concat(), own);
    stage.refuses("peer did not return a certificate", Code::NoClientCertificate);
}

#[test]
fn for_speaking_no_application_protocol_that_it_knows() {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let stage = Stage::new(&ca, ca.leaf().names(&["127.0.0.1"]), &["-alpn", "h2"], ca.client("caller"));
    assert_eq!(stage.dial().unwrap_err().code(), Code::AlpnMismatch);
}

/// In TLS 1.2 the refusal comes in mid-handshake, and the dial itself says it.
#[test]
fn within_the_handshake_of_tls_1_2() {
    if !is_installed() {
        return;
    }
    let (ca, other) = (Ca::new(), Ca::new());
    let (policy, old) = (TlsPolicy::default().min_version(TlsVersion::Tls12), [MUTUAL, &["-tls1_2"]].concat());
    let stage = Stage::with(&ca, ca.leaf().names(&["127.0.0.1"]), &old, other.client("caller"), policy);
    assert_eq!(stage.dial().unwrap_err().code(), Code::UnknownCa);
}

/// Where the server takes no Ed25519, a client with such a key shows no certificate.
const NO_ED25519: &[&str] = &["-client_sigalgs", "ECDSA+SHA256:RSA-PSS+SHA256"];
