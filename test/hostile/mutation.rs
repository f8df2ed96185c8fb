//! Valid bytes, damaged: what disks, editors and attackers do.

use crate::samples;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One act of damage. Positions are relative, so that they survive what other acts do to the length.
#[derive(Clone, Debug)]
pub(crate) enum Damage {
    Flip(Index, u8),
    Put(Index, u8),
    Truncate(Index),
    Remove(Index, Index),
    Repeat(Index, Index),
    Insert(Index, Vec<u8>),
}

/// One of the samples after one to six acts of damage.
pub(crate) fn damaged(samples: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    (select(samples), vec(damage(), 1..6)).prop_map(|(sample, acts)| acts.iter().fold(sample, inflict))
}

/// The head of one sample on the tail of another.
pub(crate) fn spliced(samples: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    (select(samples.clone()), select(samples), any::<Index>(), any::<Index>()).prop_map(|(head, tail, to, from)| {
        let (to, from) = (to.index(head.len()), from.index(tail.len()));
        [&head[..to], &tail[from..]].concat()
    })
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), 0..8u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        4 => (at(), select(TELLING_BYTES)).prop_map(|(at, byte)| Damage::Put(at, byte)),
        1 => at().prop_map(Damage::Truncate),
        2 => (at(), at()).prop_map(|(from, to)| Damage::Remove(from, to)),
        2 => (at(), at()).prop_map(|(from, to)| Damage::Repeat(from, to)),
        2 => (at(), vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ]
}

fn inflict(mut bytes: Vec<u8>, damage: &Damage) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    let length = bytes.len();
    let span = |from: &Index, to: &Index| {
        let (from, to) = (from.index(length), to.index(length));
        from.min(to)..from.max(to)
    };
    match damage {
        Damage::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
        Damage::Put(at, byte) => bytes[at.index(length)] = *byte,
        Damage::Truncate(at) => bytes.truncate(at.index(length)),
        Damage::Remove(from, to) => drop(bytes.drain(span(from, to))),
        Damage::Repeat(from, to) => {
            let again = bytes[span(from, to)].to_vec();
            bytes.splice(span(from, to).start..span(from, to).start, again);
        }
        Damage::Insert(at, more) => drop(bytes.splice(at.index(length)..at.index(length), more.iter().copied())),
    }
    bytes
}

/// Lengths at their limits, tags, and what PEM is made of.
const TELLING_BYTES: &[u8] =
    &[0x00, 0x01, 0x7f, 0x80, 0x81, 0x84, 0x88, 0xff, 0x02, 0x03, 0x04, 0x05, 0x06, 0x30, 0x31, 0xa0, 0xa3, b'-', b'\n', b'\r', b'=', b':'];

proptest! {
    #![proptest_config(crate::cases(1500))]

    #[test]
    fn damaged_der_is_read_or_refused_without_a_panic(bytes in damaged(samples::all_der())) {
        crate::readers::read_everything(&bytes);
    }

    #[test]
    fn damaged_files_are_read_or_refused_without_a_panic(bytes in damaged(samples::all_files())) {
        crate::readers::read_everything(&bytes);
    }

    #[test]
    fn halves_of_different_files_are_read_or_refused_without_a_panic(bytes in spliced(samples::all_files())) {
        crate::readers::read_everything(&bytes);
    }

    #[test]
    fn halves_of_different_der_are_read_or_refused_without_a_panic(bytes in spliced(samples::all_der())) {
        crate::readers::read_everything(&bytes);
    }
}
