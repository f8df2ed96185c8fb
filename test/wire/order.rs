//! Equality, order and hash: Erlang's, as far as it has them.

use crate::arbitrary::term;
use countersign::etf::{BitString, Term, atom, binary, improper, list, map, string, tuple};
use proptest::prelude::*;
use std::cmp::Ordering;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

fn float(value: f64) -> Term {
    Term::try_from(value).unwrap()
}

#[track_caller]
fn ascending(terms: &[Term]) {
    for (index, one) in terms.iter().enumerate() {
        for (place, other) in terms.iter().enumerate() {
            assert_eq!(one.cmp(other), index.cmp(&place), "{one} against {other}");
        }
    }
}

#[test]
fn kinds_stand_in_the_order_of_erlang() {
    let bits = BitString::new((&[0x80][..]).into(), 1).unwrap();
    let nothing: [Term; 0] = [];
    ascending(&[
        float(-1e300),
        1.into(),
        (1u128 << 80).into(),
        atom("a"),
        atom("b"),
        tuple(nothing),
        tuple([9]),
        tuple([1, 1]),
        map([(1, 1)]).unwrap(),
        Term::nil(),
        list([1]),
        "".into(),
        bits.into(),
    ]);
}

#[test]
fn numbers_are_compared_exactly() {
    let two_to_53 = 9_007_199_254_740_992i64;
    ascending(&[
        (i128::from(i64::MIN) - 1).into(),
        i64::MIN.into(),
        float(-9_223_372_036_854_775_808.0),
        (-1).into(),
        float(-0.5),
        0.into(),
        float(-0.0),
        float(0.0),
        float(0.5),
        1.into(),
        float(1.0),
        (two_to_53).into(),
        float(9_007_199_254_740_992.0),
        (two_to_53 + 1).into(),
        i64::MAX.into(),
        (1u128 << 64).into(),
        float(18_446_744_073_709_551_616.0),
        ((1u128 << 64) + 1).into(),
        u128::MAX.into(),
        float(1e300),
    ]);
}

#[test]
fn lists_go_element_by_element_and_then_by_their_tails() {
    ascending(&[
        Term::nil(),
        improper([1], atom("z")),
        list([1]),
        improper([1, 1], atom("z")),
        list([1, 1]),
        improper([1, 1], "a"),
        improper([1], "a"),
        list([2]),
        list([atom("a")]),
    ]);
}

#[test]
fn maps_go_by_size_then_keys_then_values() {
    let of = |pairs: &[(i32, i32)]| map(pairs.iter().copied()).unwrap();
    ascending(&[of(&[]), of(&[(9, 9)]), of(&[(1, 9), (2, 1)]), of(&[(1, 9), (3, 0)]), of(&[(2, 0), (3, 0)]), of(&[(2, 1), (3, 0)])]);
}

#[test]
fn bits_go_bit_by_bit() {
    let bits = |byte: u8, last| Term::from(BitString::new(vec![byte].into(), last).unwrap());
    ascending(&[
        "".into(),
        binary(&[1][..]),
        bits(0x40, 2),
        bits(0x80, 1),
        bits(0x80, 2),
        binary(&[0x80][..]),
        binary(&[0x80, 0][..]),
        binary(&[0x81][..]),
    ]);
}

#[test]
fn one_and_one_point_zero_are_equal_by_value_only() {
    assert!(Term::from(1).equals_by_value(&float(1.0)) && Term::from(1) != float(1.0));
    // {1, b} < {1.0, a} is false in Erlang: what comes later decides before the kind of number does.
    assert_eq!(tuple([1.into(), atom("b")]).cmp(&tuple([float(1.0), atom("a")])), Ordering::Greater);
    assert_eq!(string("ab"), list([97, 98]));
}

fn hash(term: &Term) -> u64 {
    let mut hasher = DefaultHasher::new();
    term.hash(&mut hasher);
    hasher.finish()
}

proptest! {
    #![proptest_config(crate::cases(600))]

    #[test]
    fn order_equality_and_hash_agree(one in term(), other in term()) {
        prop_assert_eq!(one.cmp(&other) == Ordering::Equal, one == other);
        prop_assert_eq!(one.cmp(&other), other.cmp(&one).reverse());
        prop_assert!(one != other || hash(&one) == hash(&other));
        let copy = one.clone();
        prop_assert!(copy == one && copy.cmp(&one).is_eq() && hash(&copy) == hash(&one));
    }

    #[test]
    fn order_is_transitive(one in term(), two in term(), three in term()) {
        let mut terms = [one, two, three];
        terms.sort();
        let [one, two, three] = terms;
        prop_assert!(one <= two && two <= three && one <= three);
    }
}
