//! What is written is what is read.

use countersign::clock::Timestamp;
use countersign::x509::pem::{self, Label, Origin};
use countersign::x509::{Fingerprint, name};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(crate::cases(1500))]

    #[test]
    fn pem_gives_the_bytes_back(first in vec(any::<u8>(), 1..400), second in vec(any::<u8>(), 1..100)) {
        let text = format!("{}{}", pem::encode("CERTIFICATE", &first), pem::encode("X509 CRL", &second));
        let blocks = pem::blocks(&Origin::memory(), text.as_bytes()).unwrap();
        let got: Vec<_> = blocks.iter().map(|block| (block.label, block.der.expose())).collect();
        prop_assert_eq!(got, [(Label::Certificate, &first[..]), (Label::Crl, &second[..])]);
    }

    #[test]
    fn pem_survives_foreign_line_endings_and_spaces(bytes in vec(any::<u8>(), 1..300), ending in "[ \t]{0,3}\r?\n") {
        let text = pem::encode("CERTIFICATE", &bytes).replace('\n', &ending);
        let blocks = pem::blocks(&Origin::memory(), text.as_bytes()).unwrap();
        prop_assert_eq!(blocks[0].der.expose(), bytes);
    }

    #[test]
    fn a_file_with_one_wrong_character_is_never_read_as_a_shorter_one(
        bytes in vec(any::<u8>(), 50..200),
        at in any::<prop::sample::Index>(),
        wrong in any::<char>().prop_filter("is no damage", |c| !c.is_ascii_whitespace() && *c != '='),
    ) {
        let text = pem::encode("CERTIFICATE", &bytes);
        let body = text.find('\n').unwrap()..text.trim_end().rfind('\n').unwrap();
        let letters: Vec<usize> = body.filter(|&at| !text[at..].starts_with(['\n', '='])).collect();
        let at = *at.get(&letters);
        let damaged = format!("{}{wrong}{}", &text[..at], &text[at + 1..]);
        if let Ok(blocks) = pem::blocks(&Origin::memory(), damaged.as_bytes()) {
            prop_assert_eq!(blocks[0].der.expose().len(), bytes.len());
        }
    }

    #[test]
    fn a_moment_is_read_as_it_is_written(seconds in YEAR_0..YEAR_10000) {
        let moment = Timestamp::from_unix(seconds);
        prop_assert_eq!(moment.to_string().parse(), Ok(moment));
    }

    #[test]
    fn any_number_of_seconds_can_be_written(seconds in any::<i64>(), more in any::<i64>()) {
        let moment = Timestamp::from_unix(seconds);
        let _ = ((moment + more).to_string(), moment.days_until(Timestamp::from_unix(more)));
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_written(bytes in vec(any::<u8>(), 0..50)) {
        let fingerprint = Fingerprint::of(&bytes);
        prop_assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        prop_assert_eq!(fingerprint.to_string().to_lowercase().replace(':', "").parse(), Ok(fingerprint));
    }

    #[test]
    fn what_is_printable_stays_as_it_is(text in "[ -~äßñ€日本]{0,40}") {
        prop_assert_eq!(name::printable(&text), text);
    }
}

#[test]
fn the_first_and_the_last_moment_can_be_written() {
    for seconds in [i64::MIN, i64::MAX, 0, -1, YEAR_0, YEAR_10000 - 1] {
        assert!(Timestamp::from_unix(seconds).to_string().ends_with('Z'));
    }
}

const YEAR_0: i64 = -62_167_219_200;
const YEAR_10000: i64 = 253_402_300_800;
