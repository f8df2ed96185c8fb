//! `s_client` is refused: our code says why, and so does the alert that it hears.

use crate::child::{Directory, flags, is_installed};
use crate::s_client::Stage;
use countersign::clock::{Clock, DAY, SystemClock};
use countersign::failure::Code;
use countersign::testing::{Ca, LeafBuilder, Usage};
use countersign::tls::{CrlPolicy, Revocation, TlsPolicy};
use countersign::x509::RevocationList;
use countersign::x509::pem::{self, Origin};
use std::process::Command;

/// A client with the certificate that `leaf` makes is refused with this code and this alert.
#[track_caller]
fn refused(leaf: impl FnOnce(&Ca) -> LeafBuilder<'_>, code: Code, alert: u8) {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    let client = stage.dial(leaf(&stage.ca), &[]);
    stage.refuses(&client, code, alert);
}

/// A good client that asks for this is refused.
#[track_caller]
fn refused_for(asked: &[&str], code: Code, alert: u8) {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    let client = stage.dial(stage.ca.leaf(), asked);
    stage.refuses(&client, code, alert);
}

#[test]
fn tls_1_2_is_refused_by_default() {
    refused_for(&["-tls1_2"], Code::VersionMismatch, 70);
}

/// rustls misses an extension that such a hello cannot have before it looks at the version: hence this alert.
#[test]
fn tls_1_1_is_refused_under_every_policy() {
    refused_for(&["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], Code::VersionMismatch, 40);
}

#[test]
fn a_foreign_application_protocol_is_refused() {
    refused_for(&["-alpn", "h2,http/1.1"], Code::AlpnMismatch, 120);
}

#[test]
fn no_suite_in_common_is_refused() {
    refused_for(&["-ciphersuites", "TLS_AES_128_CCM_SHA256"], Code::NoCommonSuite, 40);
}

#[test]
fn no_group_in_common_is_refused() {
    refused_for(&["-groups", "P-521"], Code::NoCommonSuite, 40);
}

#[test]
fn an_expired_certificate_is_refused() {
    let now = SystemClock.now();
    refused(|ca| ca.leaf().valid(now + -2 * DAY, now + -DAY), Code::Expired, 45);
}

#[test]
fn a_certificate_that_is_not_yet_valid_is_refused() {
    let now = SystemClock.now();
    refused(|ca| ca.leaf().valid(now + DAY, now + 2 * DAY), Code::NotYetValid, 45);
}

#[test]
fn a_certificate_for_servers_only_is_refused() {
    refused(|ca| ca.leaf().usage(Usage::Server), Code::WrongUsage, 43);
}

#[test]
fn a_self_signed_certificate_is_refused() {
    refused(|ca| ca.leaf().self_signed(), Code::SelfSigned, 48);
}

#[test]
fn no_certificate_is_refused() {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    stage.refuses(&stage.dial_believing(&stage.ca, Vec::new()), Code::NoClientCertificate, 116);
}

#[test]
fn a_certificate_of_another_ca_is_refused() {
    if !is_installed() {
        return;
    }
    let (stage, stranger) = (Stage::new(), Ca::new());
    stage.refuses(&stage.dial(stranger.leaf(), &[]), Code::UnknownCa, 48);
}

#[test]
fn a_certificate_without_its_intermediate_is_refused_as_such() {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    let intermediate = stage.ca.intermediate();
    stage.refuses(&stage.dial(intermediate.leaf().without_intermediates(), &[]), Code::MissingIntermediate, 48);
}

#[test]
fn a_revoked_certificate_is_refused_and_another_of_the_same_ca_is_not() {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let (chain, key) = ca.leaf().pem();
    let origin = Origin::memory();
    let revoked = countersign::tls::Certificate::from_pem(&origin, chain.as_bytes(), key.expose()).unwrap();
    let lists = RevocationList::from_pem(&origin, ca.revocation_list(&[&revoked]).as_bytes()).unwrap();
    let policy = TlsPolicy::default().revocation(Revocation::new(lists, CrlPolicy::DenyUnknown).unwrap());
    let leaf = ca.agent(&["localhost"]);
    let stage = Stage::serving(ca, leaf, policy);

    let client = stage.dial_believing(&stage.ca, stage.directory.pair(&chain, key.expose()));
    stage.refuses(&client, Code::Revoked, 44);
    let _good = stage.dial(stage.ca.leaf(), &[]);
    assert!(stage.accept().peer_certificate().unwrap().verified);
}

#[test]
fn a_key_of_1024_bits_is_refused() {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    let (key, public) = rsa_1024(&stage.directory);
    let chain: String = stage.ca.leaf().certificate_for(&public).iter().map(|der| pem::encode("CERTIFICATE", der)).collect();
    let weak = [stage.directory.pair(&chain, &key), flags(&["-cipher", "DEFAULT@SECLEVEL=0"])].concat();
    stage.refuses(&stage.dial_believing(&stage.ca, weak), Code::WeakKey, 46);
}

/// A private key as OpenSSL makes it (PEM), and its public half (DER).
fn rsa_1024(directory: &Directory) -> (Vec<u8>, Vec<u8>) {
    let openssl = |words: &[&str]| {
        let output = Command::new("openssl").args(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let key = openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]);
    let file = directory.write("weak.key", &key);
    (key, openssl(&["pkey", "-in", &file, "-pubout", "-outform", "DER"]))
}
