//! Making terms and taking them apart.

use countersign::etf::{Atom, Map, Term, atom, binary, improper, integer, list, map, string, tuple};

#[test]
fn each_value_has_one_form_however_it_is_built() {
    assert_eq!(integer(false, &[5, 0, 0, 0, 0, 0, 0, 0, 0]), Term::from(5));
    assert_eq!(integer(true, &[0; 20]), Term::from(0));
    assert_eq!(Term::from(u64::MAX), Term::from(u128::from(u64::MAX)));
    assert_eq!(Term::from(i128::from(i64::MIN)), Term::Integer(i64::MIN));
    assert_eq!(improper([1, 2], list([3])), list([1, 2, 3]));
    assert_eq!(improper([1], improper([2], 3)), improper([1, 2], 3));
    assert_eq!(improper([0; 0], 3), Term::from(3));
    assert_eq!(Term::from("ä"), binary("ä"));
    for length in [1, 22, 23, 255] {
        let name = "a".repeat(length);
        assert_eq!(Atom::new(&name).unwrap(), Atom::fixed(name.leak()));
    }
}

#[test]
fn numbers_come_back_if_they_fit() {
    for value in [i128::MIN, -(1 << 64), i128::from(i64::MIN), -1, 0, 1, i128::from(u64::MAX), i128::MAX] {
        let term = Term::from(value);
        assert_eq!(term.as_i128(), Some(value));
        assert_eq!(term.as_i64(), i64::try_from(value).ok());
        assert_eq!(term.as_u64(), u64::try_from(value).ok());
    }
    assert_eq!(Term::from(u128::MAX).as_i128(), None);
    let Term::BigInt(big) = Term::from(u128::MAX) else { panic!("it does not fit") };
    assert_eq!(big.to_u128(), Some(u128::MAX));
}

#[test]
fn a_map_finds_its_keys() {
    let Term::Map(map) = map([(atom("b"), 2), (atom("a"), 1), (Term::from(7), 3), (string("b"), 4)]).unwrap() else { panic!("a map") };
    assert_eq!(map.field("a").and_then(Term::as_i64), Some(1));
    assert_eq!(map.value(&string("b")).and_then(Term::as_i64), Some(4));
    assert_eq!(map.value(&Term::try_from(7.0).unwrap()), None);
    assert_eq!(map.iter().filter_map(|(_, value)| value.as_i64()).collect::<Vec<_>>(), [3, 1, 2, 4]);
    assert_eq!((map.len(), map.is_empty(), Map::default().is_empty()), (4, false, true));
    assert!(Map::new([(1.into(), 1.into()), (1.into(), 2.into())]).is_err());
}

#[test]
fn what_is_something_else_does_not_match() {
    let terms = [1.into(), atom("true"), tuple([1]), list([1]), "a".into(), string("a"), improper([1], 2), map([(1, 1)]).unwrap()];
    let matches = |which: &dyn Fn(&Term) -> bool| terms.iter().filter(|term| which(term)).count();
    assert_eq!(matches(&|term| term.as_i64().is_some()), 1);
    assert_eq!(matches(&|term| term.as_bool() == Some(true)), 1);
    assert_eq!(matches(&|term| term.as_tuple().is_some()), 1);
    assert_eq!(matches(&|term| term.as_list().is_some()), 2);
    assert_eq!(matches(&|term| term.as_text() == Some("a")), 1);
    assert_eq!(matches(&|term| term.to_text().as_deref() == Some("a")), 1);
    assert_eq!(matches(&|term| term.as_map().is_some()), 1);
    assert_eq!(matches(&|term| term.is_nil() || term.as_pid().is_some() || term.as_f64().is_some()), 0);
}

#[test]
fn children_come_out_without_a_copy() {
    let Term::Tuple(terms) = tuple([string("a"), Term::nil()]) else { panic!("a tuple") };
    assert_eq!((&terms).into_iter().count(), 2);
    let [first, second] = <[Term; 2]>::try_from(terms.into_vec()).unwrap();
    assert_eq!((first.to_text().as_deref(), second.is_nil()), (Some("a"), true));
}
