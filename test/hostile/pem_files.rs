//! Files as editors, copies and attackers leave them.

use crate::samples;
use countersign::failure::Failure;
use countersign::x509::RevocationList;
use countersign::x509::pem::{self, Label, Origin, PemError};

#[test]
fn an_empty_file_says_that_it_has_no_pem_block() {
    for empty in [&b""[..], b"\n\n", &[0; 4096], b"\xff\xfe", b"certificate"] {
        let error = certificates(empty).unwrap_err();
        assert_eq!(error.to_string(), "leaf.crt: no certificate in it (no PEM block at all)");
        assert!(error.hint().as_str().contains("-----BEGIN"));
    }
}

#[test]
fn a_file_in_utf_16_is_refused_and_not_half_read() {
    let text = format!("\u{feff}{}", leaf());
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(certificates(&wide), Err(PemError::Nothing { .. })));
}

#[test]
fn a_byte_order_mark_does_not_hide_the_first_certificate() {
    let text = format!("\u{feff}{}{}", leaf(), leaf());
    assert_eq!(certificates(text.as_bytes()).unwrap().len(), 2);
}

#[test]
fn line_endings_of_windows_and_trailing_spaces_are_read() {
    for text in [leaf().replace('\n', "\r\n"), leaf().replace('\n', "  \n"), leaf().replace('\n', "\t \r\n"), leaf().trim_end().to_owned()]
    {
        assert_eq!(certificates(text.as_bytes()).unwrap()[0].1.as_ref(), samples::certificate());
    }
}

#[test]
fn a_damaged_begin_line_is_an_error_and_not_a_gap() {
    for begin in
        ["-----BEGIN CERTIFICATE----", "-----BEGIN CERTIFICATE", "-----BEGIN CERTI\u{7}FICATE-----", "-----BEGIN CERTIFICATE-----MIIB"]
    {
        let text = leaf().replace("-----BEGIN CERTIFICATE-----", begin) + &leaf();
        let error = certificates(text.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("leaf.crt, block 1 (line 1): "), "{error}");
    }
}

#[test]
fn a_file_without_its_line_breaks_says_so() {
    for lost in ["", " ", "\r", "\\n"] {
        let error = certificates(leaf().replace('\n', lost).as_bytes()).unwrap_err();
        assert!(matches!(error, PemError::BrokenBegin { .. }), "{lost:?}: {error}");
    }
}

#[test]
fn a_block_that_ends_as_something_else_is_unfinished() {
    for text in [
        leaf().replace("END CERTIFICATE", "END X509 CRL"),
        leaf().replace("-----END CERTIFICATE-----", ""),
        leaf().replace("-----END CERTIFICATE-----\n", "") + &leaf(),
    ] {
        assert!(matches!(certificates(text.as_bytes()), Err(PemError::Unfinished { .. })), "{text}");
    }
}

#[test]
fn an_error_in_a_bundle_names_block_and_line() {
    let second = leaf().replacen("MI", "M!", 1);
    let error = certificates(format!("# a comment\n{}{second}", leaf()).as_bytes()).unwrap_err();
    let line = leaf().lines().count() + 2;
    assert_eq!(error.to_string(), format!("leaf.crt, block 2 (line {line}): the text between BEGIN and END is not base64"));
}

#[test]
fn a_colon_in_the_text_is_damage_and_no_header() {
    let lines: Vec<String> = leaf().lines().map(str::to_owned).collect();
    for damaged in 1..lines.len() - 1 {
        let mut lines = lines.clone();
        lines[damaged].replace_range(3..4, ":");
        assert!(matches!(certificates(lines.join("\n").as_bytes()), Err(PemError::NotBase64 { .. })), "line {damaged}");
    }
}

#[test]
fn headers_before_an_empty_line_are_passed_over() {
    let text = leaf().replacen('\n', "\nComment: from elsewhere\nX-Id: 7\n\n", 1);
    assert_eq!(certificates(text.as_bytes()).unwrap()[0].1.as_ref(), samples::certificate());
}

#[test]
fn a_list_where_a_certificate_belongs_is_said_to_be_of_another_kind() {
    let list = pem::encode("X509 CRL", &samples::crl());
    let error = certificates(list.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "leaf.crt: no certificate in it (one block of another kind)");
    assert_eq!(RevocationList::from_pem(&Origin::memory(), list.as_bytes()).unwrap()[0].revoked.len(), 2);
}

/// Whoever makes reading quadratic will see this test stand still.
#[test]
fn a_hundred_thousand_blocks_are_read_and_as_many_damaged_ones_refused() {
    let count = |text: &str| pem::blocks(&Origin::memory(), text.as_bytes()).map(|blocks| blocks.len()).ok();
    assert_eq!(count(&pem::encode("OTHER", b"x").repeat(100_000)), Some(100_000));
    assert_eq!(count(&"-----BEGIN CERTIFICATE-----\n".repeat(100_000)), None);
    assert_eq!(count(&("-----BEGIN CERTIFICATE-----\n".to_owned() + &"Header: x\n".repeat(300_000))), None);
    assert_eq!(count(&("-----BEGIN CERTIFICATE-----\n".to_owned() + &"\n".repeat(3_000_000))), None);
    assert_eq!(count(&format!("-----BEGIN {}", "A".repeat(5_000_000))), None);
    assert_eq!(count(&"-----END CERTIFICATE-----\n".repeat(100_000)), Some(0));
    assert_eq!(count(&"\n".repeat(5_000_000)), Some(0));
}

#[test]
fn blocks_of_unknown_kinds_are_kept_and_passed_over() {
    let text = pem::encode("EC PARAMETERS", &[6, 1, 0]) + &leaf() + &pem::encode("CERTIFICATE REQUEST", b"x");
    let labels: Vec<Label> = pem::blocks(&Origin::memory(), text.as_bytes()).unwrap().iter().map(|block| block.label).collect();
    assert_eq!(labels, [Label::Other, Label::Certificate, Label::Other]);
}

type Found = Vec<(pem::Place, rustls_pki_types::CertificateDer<'static>)>;

fn certificates(bytes: &[u8]) -> Result<Found, PemError> {
    pem::certificates(&Origin::named("leaf.crt"), bytes)
}

fn leaf() -> String {
    pem::encode("CERTIFICATE", &samples::certificate())
}
