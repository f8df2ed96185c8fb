//! Bytes that mean nothing.

use crate::readers::{read_everything, read_file, read_text};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(crate::cases(1500))]

    #[test]
    fn random_bytes_are_refused_without_a_panic(bytes in vec(any::<u8>(), 0..300)) {
        read_everything(&bytes);
    }

    #[test]
    fn random_bytes_that_begin_as_der_are_refused_without_a_panic(bytes in vec(any::<u8>(), 0..200), tag in prop::sample::select(&[0x30u8, 0x31, 0xa0][..])) {
        read_everything(&crate::samples::element(tag, &bytes));
    }

    #[test]
    fn random_lines_in_armour_are_refused_without_a_panic(body in vec(any::<u8>(), 0..200), label in "[A-Z0-9 -]{0,20}|PRIVATE KEY|CERTIFICATE") {
        read_file(&[format!("-----BEGIN {label}-----\n").as_bytes(), &body, format!("\n-----END {label}-----\n").as_bytes()].concat());
    }

    #[test]
    fn random_pieces_of_armour_are_refused_without_a_panic(pieces in vec(prop::sample::select(PIECES), 0..40)) {
        read_file(pieces.concat().as_bytes());
    }

    #[test]
    fn random_text_is_no_fingerprint_no_moment_and_no_line_break(text in "\\PC{0,40}|(?s).{0,40}") {
        read_text(&text);
    }

    #[test]
    fn text_that_looks_like_a_moment_is_read_or_refused_without_a_panic(text in "[0-9]{3,5}-[0-9]{1,2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,30})?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?") {
        read_text(&text);
    }

    #[test]
    fn text_that_looks_like_a_fingerprint_is_read_or_refused_without_a_panic(text in "([0-9a-fA-F]{2}:?){30,34}") {
        read_text(&text);
    }
}

const PIECES: &[&str] = &[
    "-----BEGIN CERTIFICATE-----",
    "-----END CERTIFICATE-----",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "-----BEGIN ",
    "-----END ",
    "-----",
    "--",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    " ",
    "\t",
    "MIIB",
    "AA==",
    "=",
    "Proc-Type: 4,ENCRYPTED\n",
    "DEK-Info: AES-128-CBC,00\n",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
];
