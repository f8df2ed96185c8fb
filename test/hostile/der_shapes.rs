//! DER whose shape is the attack: depth, lengths that promise gigabytes, and damage at every single place.

use crate::readers::{read_der, read_everything, read_file};
use crate::samples::{self, certificate_with, element, extension, name, name_with, sequence};
use countersign::failure::Failure;
use countersign::x509::{Inspected, KeyAlgorithm, San, pem};

#[test]
fn the_samples_are_read_in_full() {
    let facts = Inspected::from_der(&samples::certificate()).unwrap();
    assert_eq!((facts.subject.as_str(), facts.issuer.as_str()), ("CN=agent", "CN=sample CA"));
    assert_eq!((facts.sans.len(), &facts.sans[0]), (8, &San::Dns("localhost".into())));
    assert_eq!(facts.key_algorithm, KeyAlgorithm::Ec("P-256", 256));
    assert_eq!(facts.authority_key_id.issuers.len(), 1);
    assert!(facts.allows("digitalSignature") && !facts.is_ca());
}

#[test]
fn ten_thousand_nested_sequences_do_not_exhaust_the_stack() {
    let nested = nested(10_000);
    read_everything(&nested);
    for id in [0x11, 0x0f, 0x25, 0x13, 0x0e, 0x23] {
        let error = Inspected::from_der(&certificate_with(&name("agent"), &[extension(id, &nested)])).unwrap_err();
        assert_eq!(error.code().as_str(), "malformed_certificate");
    }
    read_der(&certificate_with(&name_with(&nested), &[]));
    read_der(&certificate_with(&name("agent"), &[extension(0x11, &sequence(&[element(0xa4, &nested)]))]));
}

#[test]
fn a_length_of_four_gigabytes_is_refused_wherever_it_stands() {
    for sample in samples::all_der() {
        for at in 0..sample.len() {
            let mut bytes = sample.clone();
            bytes.splice(at..=at, [0x84, 0xff, 0xff, 0xff, 0xff]);
            read_der(&bytes);
        }
    }
    read_everything(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]);
    read_everything(&[0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
}

#[test]
fn a_certificate_cut_off_anywhere_is_malformed() {
    let whole = samples::certificate();
    for end in 0..whole.len() {
        assert!(Inspected::from_der(&whole[..end]).is_err(), "the first {end} bytes passed for a certificate");
    }
}

#[test]
fn a_certificate_with_something_behind_it_is_malformed() {
    assert!(Inspected::from_der(&[samples::certificate(), vec![0]].concat()).is_err());
}

#[test]
fn every_single_flipped_bit_is_survived() {
    for (label, sample) in [("CERTIFICATE", samples::certificate()), ("X509 CRL", samples::crl()), ("PRIVATE KEY", samples::p256_pkcs8())] {
        for bit in 0..sample.len() * 8 {
            let mut bytes = sample.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            read_file(pem::encode(label, &bytes).as_bytes());
        }
    }
}

#[test]
fn a_subject_cannot_break_a_log_line_in_any_encoding() {
    let bmp: Vec<u8> = "a\n\u{202e}b".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let values = [
        element(0x0c, "a\r\n\u{1b}[31m\u{202e}".as_bytes()),
        element(0x13, b"a\0b"),
        element(0x14, b"\x1b\xff\xfe"),
        element(0x16, b"a\nb"),
        element(0x1e, &bmp),
        element(0x1e, &[0, 10, 0]),
        element(0x02, &[10]),
    ];
    for value in values {
        read_der(&certificate_with(&name_with(&value), &[]));
    }
}

#[test]
fn alternative_names_of_wrong_sizes_are_named_not_guessed() {
    let names = sequence(&[element(0x87, &[1, 2, 3]), element(0x87, &[0; 17])]);
    let facts = Inspected::from_der(&certificate_with(&name("agent"), &[extension(0x11, &names)])).unwrap();
    assert_eq!(facts.names(), "other:iPAddress of 3 bytes, other:iPAddress of 17 bytes");
}

fn nested(depth: usize) -> Vec<u8> {
    (0..depth).fold(Vec::new(), |inner, _| element(0x30, &inner))
}
