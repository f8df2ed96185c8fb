//! Private keys in files: the one that is meant, or a reason; and never a byte of it in the reason.

use crate::mutation::damaged;
use crate::samples;
use countersign::failure::Failure;
use countersign::x509::key::KeyError;
use countersign::x509::pem::{self, Label, Origin, PemError};
use countersign::x509::{PrivateKey, San};
use proptest::prelude::*;

#[test]
fn every_form_of_key_is_read() {
    for (label, der, form) in [
        ("PRIVATE KEY", samples::p256_pkcs8(), Label::Pkcs8Key),
        ("PRIVATE KEY", samples::ed25519_pkcs8(), Label::Pkcs8Key),
        ("EC PRIVATE KEY", samples::p256_sec1(), Label::Sec1Key),
    ] {
        assert_eq!(read(&pem::encode(label, &der)).unwrap().label(), form);
    }
}

#[test]
fn a_key_inside_the_certificate_file_is_found_and_both_are_read() {
    let certificate = pem::encode("CERTIFICATE", &samples::certificate());
    for text in
        [format!("{}{certificate}", key()), format!("{certificate}{}", key()), format!("{}{certificate}", key()).replace('\n', "\r\n")]
    {
        assert!(read(&text).is_ok());
        let found = pem::certificates(&Origin::memory(), text.as_bytes()).unwrap();
        let facts = countersign::x509::Inspected::from_der(&found[0].1).unwrap();
        assert_eq!(facts.sans[0], San::Dns("localhost".into()));
    }
}

#[test]
fn an_encrypted_key_is_called_encrypted_in_both_forms() {
    let pkcs8 = pem::encode("ENCRYPTED PRIVATE KEY", &samples::p256_pkcs8());
    let traditional = pem::encode("EC PRIVATE KEY", &samples::p256_sec1());
    let traditional = traditional.replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011223344556677\n\n", 1);
    for text in [pkcs8, traditional.replace('\n', "\r\n"), traditional] {
        let error = read(&text).unwrap_err();
        assert!(matches!(error, KeyError::Pem(PemError::EncryptedKey { .. })), "{error}");
        assert!(error.hint().as_str().contains("openssl pkey"));
    }
}

#[test]
fn two_keys_are_refused_because_one_of_them_is_not_meant() {
    let error = read(&format!("{}{}", key(), pem::encode("EC PRIVATE KEY", &samples::p256_sec1()))).unwrap_err();
    assert!(matches!(&error, KeyError::Pem(PemError::SecondKey { place }) if place.number == 2), "{error}");
}

#[test]
fn a_file_without_a_key_is_told_apart_from_one_with_a_bad_key() {
    let without = read(&pem::encode("CERTIFICATE", &samples::certificate())).unwrap_err();
    assert_eq!(without.to_string(), "(memory): no private key in it (one block of another kind)");
    let bad = read(&pem::encode("PRIVATE KEY", b"no key at all")).unwrap_err();
    assert!(matches!(bad, KeyError::Unsupported { .. }));
}

#[test]
fn a_key_never_shows_in_its_own_debug() {
    let text = key();
    assert_silent(&text, &format!("{:?}", read(&text).unwrap()));
    assert_silent(&text, &format!("{:?}", pem::blocks(&Origin::memory(), text.as_bytes()).unwrap()));
}

#[test]
fn a_key_file_without_line_breaks_is_refused_in_silence_about_the_key() {
    for lost in ["", " ", "\r", "\\n", "\u{b}"] {
        let text = key();
        let error = read(&text.replace('\n', lost)).unwrap_err();
        assert_silent(&text, &format!("{error} {error:?} {}", error.hint()));
    }
}

#[test]
fn a_piece_of_the_key_that_slipped_into_a_label_is_not_repeated() {
    let text = key();
    let piece: String = text.lines().nth(1).unwrap().chars().take(20).collect();
    for damaged in
        [text.replacen("BEGIN PRIVATE", &format!("BEGIN {piece}PRIVATE"), 1), text.replacen("END PRIVATE", &format!("END {piece}"), 1)]
    {
        let error = read(&damaged).unwrap_err();
        assert_silent(&text, &format!("{error} {error:?} {}", error.hint()));
    }
}

proptest! {
    #![proptest_config(crate::cases(1500))]

    #[test]
    fn the_complaint_about_a_damaged_key_file_never_shows_the_key(bytes in damaged(vec![SAMPLE_KEY.with(Clone::clone).into_bytes()])) {
        if let Err(error) = PrivateKey::from_pem(&Origin::memory(), &bytes) {
            let sources: Vec<String> = std::iter::successors(std::error::Error::source(&error), |cause| cause.source()).map(ToString::to_string).collect();
            SAMPLE_KEY.with(|key| assert_silent(key, &format!("{error} {error:?} {} {sources:?}", error.hint())));
        }
    }
}

thread_local! {
    /// Made once per test, at run time.
    static SAMPLE_KEY: String = key();
}

/// No eight characters of the key's text may stand in a row in what is shown.
fn assert_silent(key: &str, shown: &str) {
    let body: String = key.lines().filter(|line| !line.starts_with('-')).collect();
    let leaked = body.as_bytes().windows(8).find(|piece| shown.as_bytes().windows(8).any(|shown| shown == *piece));
    assert!(leaked.is_none(), "key bytes in: {shown}");
}

fn read(text: &str) -> Result<PrivateKey, KeyError> {
    PrivateKey::from_pem(&Origin::memory(), text.as_bytes())
}

fn key() -> String {
    pem::encode("PRIVATE KEY", &samples::p256_pkcs8())
}
