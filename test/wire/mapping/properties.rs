//! What holds for every value, and for every term.

use crate::arbitrary::term;
use bytes::Bytes;
use countersign::etf::serde::{Mapping, charlist, from_term, to_term};
use countersign::etf::{Atom, Creation, Pid, Term, decode, encode};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A bit of everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rich {
    numbers: (i8, u16, i32, u64, i128, u128),
    floats: (f32, f64),
    flag: bool,
    letter: char,
    text: String,
    #[serde(with = "charlist")]
    list: Option<Vec<String>>,
    bytes: Bytes,
    nothing: (),
    maybe: Option<u8>,
    pid: Pid,
    any: Term,
    map: BTreeMap<(String, u8), Option<i64>>,
    set: BTreeSet<i16>,
    shapes: Vec<Shape>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Empty,
    Named(String),
    Pair(u8, Term),
    Fields {
        inner: Box<Shape>,
    },
    #[serde(rename = "#record")]
    Record {
        id: u8,
        outcome: Result<u8, Record>,
    },
    Many(Vec<Shape>),
    Under(BTreeMap<String, Shape>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "#oops")]
struct Record {
    why: String,
    when: Option<u64>,
}

fn shape() -> impl Strategy<Value = Shape> {
    let record = (any::<String>(), option::of(any::<u64>())).prop_map(|(why, when)| Record { why, when });
    let outcome = prop_oneof![any::<u8>().prop_map(Ok), record.prop_map(Err)];
    let leaf = prop_oneof![
        Just(Shape::Empty),
        any::<String>().prop_map(Shape::Named),
        (any::<u8>(), term()).prop_map(|(number, term)| Shape::Pair(number, term)),
        (any::<u8>(), outcome).prop_map(|(id, outcome)| Shape::Record { id, outcome }),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Shape::Fields { inner: Box::new(inner) }),
            vec(inner.clone(), 0..3).prop_map(Shape::Many),
            btree_map(any::<String>(), inner, 0..3).prop_map(Shape::Under),
        ]
    })
}

fn pid() -> impl Strategy<Value = Pid> {
    let numbers = (any::<u32>(), any::<u32>(), 1..=u32::MAX);
    numbers.prop_map(|(id, serial, creation)| Pid { node: Atom::fixed("a@b"), id, serial, creation: Creation(creation) })
}

fn rich() -> impl Strategy<Value = Rich> {
    let float = || any::<f64>().prop_filter("finite", |value| value.is_finite());
    let single = any::<f32>().prop_filter("finite", |value| value.is_finite());
    let plain = (any::<(i8, u16, i32, u64, i128, u128)>(), (single, float()), any::<bool>(), any::<char>(), any::<String>());
    let texts = (option::of(vec(any::<String>(), 0..3)), vec(any::<u8>(), 0..20), option::of(any::<u8>()));
    let terms = (pid(), term(), btree_map((any::<String>(), any::<u8>()), option::of(any::<i64>()), 0..4));
    let more = (btree_set(any::<i16>(), 0..4), vec(shape(), 0..3));
    (plain, texts, terms, more).prop_map(|(plain, (list, bytes, maybe), (pid, any, map), (set, shapes))| {
        let (numbers, floats, flag, letter, text) = plain;
        let bytes = Bytes::from(bytes);
        Rich { numbers, floats, flag, letter, text, list, bytes, nothing: (), maybe, pid, any, map, set, shapes }
    })
}

fn mapping() -> impl Strategy<Value = Mapping> {
    let elixir = any::<bool>().prop_map(|elixir| if elixir { Mapping::elixir() } else { Mapping::erlang() });
    (elixir, any::<bool>()).prop_map(|(mapping, charlists)| if charlists { mapping.strings_as_charlists() } else { mapping })
}

proptest! {
    #![proptest_config(crate::cases(300))]

    #[test]
    fn a_value_survives_the_round_trip(value in rich(), mapping in mapping()) {
        let term = mapping.to_term(&value).unwrap();
        prop_assert_eq!(&mapping.from_term::<Rich>(&term).unwrap(), &value);
        let bytes = Bytes::from(encode(&term).unwrap());
        prop_assert_eq!(decode(&bytes).unwrap(), term);
        prop_assert_eq!(from_term::<Rich>(&decode(&bytes).unwrap()).unwrap(), value);
    }

    #[test]
    fn a_term_passes_through_a_field_unchanged(any in term()) {
        let held = BTreeMap::from([(Atom::fixed("held"), any)]);
        let term = to_term(&held).unwrap();
        prop_assert_eq!(term.as_map().and_then(|map| map.field("held")), held.get(&Atom::fixed("held")));
        prop_assert_eq!(from_term::<BTreeMap<Atom, Term>>(&term).unwrap(), held);
    }

    #[test]
    fn what_is_read_from_any_term_is_written_and_read_as_the_same(term in term()) {
        if let Ok(value) = from_term::<Shape>(&term) {
            prop_assert_eq!(from_term::<Shape>(&to_term(&value).unwrap()).unwrap(), value);
        }
    }
}
