//! Bytes that are no term, each with the reason. OTP refuses them too, except where a test says more.

use crate::{hex, read};
use bytes::Bytes;
use countersign::etf::{
    Atom, AtomTooLong, DecodeError, Decoder, EncodeError, Limits, NotFinite, Reference, Term, TooManyWords, encode, list,
};
use countersign::failure::{Code, Failure};

#[track_caller]
fn refuses(digits: &str, error: DecodeError) {
    assert_eq!(read(digits), Err(error), "{digits}");
}

#[test]
fn nothing_and_what_is_cut_off() {
    refuses("", DecodeError::Truncated { at: 0, needed: 1, left: 0 });
    refuses("83", DecodeError::Truncated { at: 1, needed: 1, left: 0 });
    refuses("8461", DecodeError::NotVersioned { found: 0x84 });
    refuses("836200", DecodeError::Truncated { at: 2, needed: 4, left: 1 });
    refuses("836d00000005 6162", DecodeError::Truncated { at: 6, needed: 5, left: 2 });
    refuses("836c00000001 6101", DecodeError::Truncated { at: 8, needed: 1, left: 0 });
}

#[test]
fn a_count_that_the_bytes_cannot_hold() {
    refuses("8369ffffffff 6a", DecodeError::Truncated { at: 6, needed: 0xffff_ffff, left: 1 });
    refuses("836cffffffff 6a", DecodeError::Truncated { at: 6, needed: 0x1_0000_0000, left: 1 });
    refuses("8374ffffffff 6a6a", DecodeError::Truncated { at: 6, needed: 0x1_ffff_fffe, left: 2 });
    refuses("836dffffffff", DecodeError::Truncated { at: 6, needed: 0xffff_ffff, left: 0 });
    refuses("836bffff 61", DecodeError::Truncated { at: 4, needed: 0xffff, left: 1 });
}

#[test]
fn counts_that_the_bytes_could_hold_one_by_one_but_not_together() {
    // {{{_, _}, _}, _} lacks four terms when five bytes are left, then six when two are.
    refuses("836802 6802 6805 6a6a", DecodeError::Truncated { at: 7, needed: 7, left: 2 });
}

#[test]
fn bytes_behind_the_term_which_otp_passes_over() {
    refuses("836101 6102", DecodeError::Trailing { at: 3, left: 2 });
    let mut rest = Bytes::from(hex("836101 6102"));
    assert_eq!(Decoder::new().versioned(&mut rest), Ok(Term::from(1)));
    assert_eq!(rest, hex("6102"));
}

#[test]
fn a_refused_packet_stays_as_it_was() {
    let mut packet = Bytes::from(hex("6802 6101 ff"));
    assert_eq!(Decoder::new().bare(&mut packet), Err(DecodeError::UnknownTag { at: 4, tag: 0xff }));
    assert_eq!(packet.len(), 5);
}

#[test]
fn tags_that_nobody_knows_or_that_stand_in_the_wrong_place() {
    refuses("8300", DecodeError::UnknownTag { at: 1, tag: 0 });
    refuses("836801 50 00000002 789c4b64040000c50063", DecodeError::NotOutermost { at: 3, tag: 80 });
    refuses("836801 79 61", DecodeError::NotOutermost { at: 3, tag: 121 });
    refuses("8383 6101", DecodeError::UnknownTag { at: 1, tag: 131 });
    assert_eq!(encode(&list([Term::Local(Box::default())])), Err(EncodeError::LocalInside));
}

#[test]
fn floats_that_are_none() {
    let at = DecodeError::NotFinite { at: 1 };
    refuses("8346 7ff0000000000000", at);
    refuses("8346 fff0000000000000", at);
    refuses("8346 7ff8000000000001", at);
    for text in ["nan", "inf", " 1.5", "1.5x", "1", "1.0e400", "+1.5", ".5", "", "-"] {
        let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        refuses(&format!("8363{digits}{}", "00".repeat(31 - text.len())), at);
    }
    assert_eq!(Term::try_from(f64::NAN), Err(NotFinite));
}

#[test]
fn atoms_that_are_too_long_or_no_text() {
    refuses(&format!("83760100 {}", "61".repeat(256)), DecodeError::AtomTooLong { at: 1 });
    refuses(&format!("83640100 {}", "61".repeat(256)), DecodeError::AtomTooLong { at: 1 });
    refuses(&format!("83640100 {}", "e4".repeat(256)), DecodeError::AtomTooLong { at: 1 });
    refuses("837702c328", DecodeError::AtomNotUtf8 { at: 1 });
    refuses("837603eda080", DecodeError::Truncated { at: 4, needed: 0x03ed, left: 2 });
    refuses("83760003eda080", DecodeError::AtomNotUtf8 { at: 1 });
    refuses("835200", DecodeError::UnknownAtom { at: 1, index: 0 });
    assert_eq!(Atom::new(&"ä".repeat(256)), Err(AtomTooLong));
}

#[test]
fn a_key_that_occurs_twice() {
    refuses("837400000002 6101 6102 6101 6103", DecodeError::DuplicateKey { at: 1 });
    refuses("836801 7400000002 62000000016102 61016103", DecodeError::DuplicateKey { at: 3 });
    // As map keys 1 and 1.0 are two, and so are 0.0 and -0.0 from OTP 27 on.
    assert!(read("837400000002 6101 6102 463ff0000000000000 6103").is_ok());
    assert!(read("837400000002 460000000000000000 6102 468000000000000000 6103").is_ok());
}

#[test]
fn bit_strings_with_impossible_bits() {
    let wrong = |found| DecodeError::OutOfRange { at: 1, what: "number of bits in the last byte", found };
    refuses("834d00000001 00 ff", wrong(0));
    refuses("834d00000001 09 ff", wrong(9));
    refuses("834d00000000 01", wrong(1));
    refuses("834d00000000 08", wrong(8));
}

#[test]
fn identifiers_with_impossible_parts() {
    let node = "7705 6140666f6f";
    refuses(&format!("8367 {node} 00000054 00000001 ff"), DecodeError::OutOfRange { at: 17, what: "creation", found: 255 });
    refuses(&format!("8365 {node} ffffffff 04"), DecodeError::OutOfRange { at: 13, what: "creation", found: 4 });
    let words = |found| DecodeError::OutOfRange { at: 1, what: "number of words in a reference", found };
    refuses(&format!("835a0006 {node} 00000000 {}", "00".repeat(24)), words(6));
    refuses(&format!("835affff {node} 00000000 {}", "00".repeat(24)), words(0xffff));
    refuses("8358 6101 000000000000000000000000", DecodeError::Unexpected { at: 2, wanted: "an atom" });
    refuses("8371 770161 770162 62 00000100", DecodeError::OutOfRange { at: 8, what: "arity", found: 256 });
    refuses("8371 770161 770162 770163", DecodeError::Unexpected { at: 8, wanted: "an integer" });
    // OTP reads a reference without words; no node sends one.
    refuses(&format!("835a0000 {node} 00000000"), words(0));
    assert_eq!(Reference::new(Atom::fixed("a"), Default::default(), &[0; 6]), Err(TooManyWords));
}

#[test]
fn compressed_terms_that_are_not_what_they_say() {
    refuses("8350 00000003 789c4b64040000c50063", DecodeError::NotDecompressed { declared: 3 });
    refuses("8350 00000001 789c4b64040000c50063", DecodeError::NotDecompressed { declared: 1 });
    refuses("8350 00000002 789c4b64040000c50064", DecodeError::NotDecompressed { declared: 2 });
    refuses("8350 00000002 789c4b64", DecodeError::NotDecompressed { declared: 2 });
    refuses("8350 00000002", DecodeError::NotDecompressed { declared: 2 });
    // OTP passes over what follows the term inside.
    refuses("8350 00000003 789c4b64640000 01280063", DecodeError::Trailing { at: 2, left: 1 });
    // Inside another one.
    refuses("8350 0000000f 789c0b606060 60aa98e39dc2c2c0709421190016df0342", DecodeError::NotOutermost { at: 0, tag: 80 });
}

#[test]
fn a_bomb_by_what_it_says_and_by_what_it_could_be() {
    let limit = Limits::default().decompressed;
    refuses("8350 40000000 789c4b64040000c50063", DecodeError::DecompressedTooLong { declared: 1 << 30, limit });
    // Below the limit, and still more than ten bytes can hold: refused before it is set aside.
    refuses("8350 00ffffff 789c4b64040000c50063", DecodeError::NotDecompressed { declared: 0xff_ffff });
}

#[test]
fn integers_beyond_the_limit() {
    let strict = Decoder::new().with_limits(Limits { integer: 3, ..Limits::default() });
    let three = Bytes::from(hex("836e0300 010203"));
    let four = Bytes::from(hex("836e0400 01020304"));
    assert_eq!(strict.decode(&three), Ok(Term::from(0x03_0201)));
    assert_eq!(strict.decode(&four), Err(DecodeError::IntegerTooLong { at: 1, length: 4, limit: 3 }));
}

#[test]
fn a_refusal_has_a_code_and_a_cure() {
    let error = read("836a6a").unwrap_err();
    assert_eq!(error.code(), Code::ProtocolViolation);
    assert_eq!(error.to_string(), "1 bytes follow behind the term, which ends at byte 2");
    let deep = DecodeError::TooDeep { at: 7, limit: 3 };
    assert_eq!(deep.hint().as_str(), "if the peer means well, raise Limits::depth");
}
