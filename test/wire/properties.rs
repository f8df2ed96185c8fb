//! What holds for every term, and for bytes that are none.

use crate::arbitrary::term;
use bytes::Bytes;
use countersign::etf::{AtomTable, Decoder, Term, decode, encode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

proptest! {
    #![proptest_config(crate::cases(600))]

    #[test]
    fn a_term_survives_the_round_trip(term in term()) {
        let bytes = Bytes::from(encode(&term).unwrap());
        prop_assert_eq!(decode(&bytes).unwrap(), term);
    }

    #[test]
    fn a_term_cut_off_anywhere_is_refused(term in term(), at in any::<Index>()) {
        let bytes = Bytes::from(encode(&term).unwrap());
        prop_assert!(decode(&bytes.slice(..at.index(bytes.len()))).is_err());
    }

    #[test]
    fn several_terms_in_a_row_are_taken_one_by_one(terms in vec(term(), 1..4)) {
        let mut bytes = Bytes::from(terms.iter().flat_map(|term| encode(term).unwrap()).collect::<Vec<_>>());
        for term in terms {
            prop_assert_eq!(Decoder::new().versioned(&mut bytes).unwrap(), term);
        }
        prop_assert!(bytes.is_empty());
    }

    #[test]
    fn damaged_terms_are_read_or_refused_without_a_panic(term in term(), acts in vec(damage(), 1..6)) {
        let bytes = acts.iter().fold(encode(&term).unwrap(), inflict);
        read_and_use(bytes);
    }
}

proptest! {
    #![proptest_config(crate::cases(3000))]

    #[test]
    fn arbitrary_bytes_are_read_or_refused_without_a_panic(bytes in vec(any::<u8>(), 0..200)) {
        read_and_use([&[131], &bytes[..]].concat());
        read_and_use(bytes);
    }

    #[test]
    fn arbitrary_tags_and_small_numbers_are_read_or_refused_without_a_panic(bytes in vec(prop_oneof![select(TAGS), 0..4u8], 0..200)) {
        read_and_use([&[131], &bytes[..]].concat());
    }
}

/// What was read must print, and mean the same once it is written again.
fn read_and_use(bytes: Vec<u8>) {
    let bytes = Bytes::from(bytes);
    let _ = Decoder::new().with_atoms(&Everything).bare(&mut bytes.clone());
    if let Ok(term) = decode(&bytes) {
        assert!(!term.to_string().is_empty());
        assert_eq!(decode(&encode(&term).unwrap().into()), Ok(term));
    }
}

/// A cache that knows every atom.
struct Everything;

impl AtomTable for Everything {
    fn atom(&self, index: u8) -> Option<countersign::etf::Atom> {
        format!("atom{index}").parse().ok()
    }
}

/// One act of damage. Positions are relative, so that they survive what other acts do to the length.
#[derive(Clone, Debug)]
enum Damage {
    Put(Index, u8),
    Truncate(Index),
    Remove(Index),
    Insert(Index, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let (at, telling) = (any::<Index>, prop_oneof![select(TAGS), any::<u8>()]);
    prop_oneof![
        6 => (at(), telling).prop_map(|(at, byte)| Damage::Put(at, byte)),
        1 => at().prop_map(Damage::Truncate),
        2 => at().prop_map(Damage::Remove),
        2 => (at(), vec(prop_oneof![select(TAGS), 0..4u8], 1..9)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ]
}

/// The version byte stays, or nothing behind it would be looked at.
fn inflict(mut bytes: Vec<u8>, damage: &Damage) -> Vec<u8> {
    let place = |at: &Index, length: usize| 1 + at.index(length - 1);
    if bytes.len() < 2 {
        return bytes;
    }
    let length = bytes.len();
    match damage {
        Damage::Put(at, byte) => bytes[place(at, length)] = *byte,
        Damage::Truncate(at) => bytes.truncate(place(at, length)),
        Damage::Remove(at) => drop(bytes.remove(place(at, length))),
        Damage::Insert(at, more) => drop(bytes.splice(place(at, length)..place(at, length), more.iter().copied())),
    }
    bytes
}

#[test]
fn a_term_takes_24_bytes() {
    assert_eq!(size_of::<Term>(), 24);
}

const TAGS: &[u8] = &[
    70, 77, 80, 82, 88, 89, 90, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 118, 119,
    120, 121,
];
