//! What is read besides what is written.

use super::types::*;
use bytes::Bytes;
use countersign::etf::serde::from_term;
use countersign::etf::{Term, atom, binary, list, map, string, tuple};
use std::collections::{BTreeMap, HashMap};

#[track_caller]
fn reads<T: Value>(term: &Term, value: T) {
    assert_eq!(from_term::<T>(term), Ok(value), "{term}");
}

#[test]
fn a_string_is_read_from_text_of_either_language() {
    for term in [Term::from("höhe"), string("höhe")] {
        reads(&term, "höhe".to_owned());
        reads(&term, chars("höhe"));
    }
    reads(&Term::nil(), String::new());
    reads(&binary(&b""[..]), String::new());
    reads(&string("λ"), "λ".to_owned());
}

#[test]
fn text_and_bytes_are_borrowed_from_the_term() {
    let (text, bytes) = (Term::from("text"), binary(&b"\xff"[..]));
    let borrowed: &str = from_term(&text).unwrap();
    assert_eq!(borrowed.as_ptr(), text.as_binary().unwrap().as_ptr());
    let borrowed: &[u8] = from_term(&bytes).unwrap();
    assert_eq!(borrowed.as_ptr(), bytes.as_binary().unwrap().as_ptr());
}

#[test]
fn bytes_are_read_from_lists_of_bytes() {
    reads(&string("abc"), Bytes::from_static(b"abc"));
    reads(&Term::nil(), Bytes::new());
    reads(&list([255, 0]), Bytes::from_static(&[255, 0]));
}

#[test]
fn a_float_is_read_from_an_integer_that_is_the_same_number() {
    reads(&Term::from(3), 3.0f64);
    reads(&Term::from(-3), -3.0f32);
    reads(&Term::from(1i64 << 53), 9_007_199_254_740_992.0f64);
    reads(&Term::from(1i64 << 60), 1_152_921_504_606_846_976.0f32);
    assert!(from_term::<f64>(&Term::from((1i64 << 53) + 1)).is_err());
    assert!(from_term::<f64>(&Term::from(i64::MAX)).is_err());
    assert!(from_term::<f32>(&Term::from((1 << 24) + 1)).is_err());
    // A float is rounded, as in every language that has the smaller kind.
    reads(&Term::try_from(0.1).unwrap(), 0.1f32);
    assert!(from_term::<f64>(&Term::from(u64::MAX)).is_err());
    assert!(from_term::<u8>(&Term::try_from(3.0).unwrap()).is_err());
}

#[test]
fn a_character_is_read_from_text_of_one() {
    for term in [Term::from(0xe9), Term::from("é"), string("é")] {
        reads(&term, 'é');
    }
    assert!(from_term::<char>(&Term::from("no")).is_err());
    assert!(from_term::<char>(&Term::from(0xd800)).is_err());
    assert!(from_term::<char>(&Term::from(-1)).is_err());
}

#[test]
fn nothing_is_read_from_whatever_says_nothing() {
    for term in [atom("ok"), atom("undefined"), atom("nil"), Term::nil(), Term::Tuple(Vec::new().into())] {
        reads(&term, ());
    }
}

#[test]
fn keys_are_read_as_strings_from_atoms_and_text() {
    for key in [atom("port"), Term::from("port"), string("port")] {
        reads(&map([(key, 4369)]).unwrap(), HashMap::from([("port".to_owned(), 4369)]));
    }
    // Only keys: a value that is an atom is no text.
    assert!(from_term::<BTreeMap<String, String>>(&map([(atom("a"), atom("b"))]).unwrap()).is_err());
}

#[test]
fn fields_are_read_from_maps_with_atoms_or_text_and_from_properties() {
    let user = User { id: 1, name: "Joe".into(), nick: None };
    let (id, name) = (Term::from(1), string("Joe"));
    for key in [|name| atom(name), |name| Term::from(name)] {
        let pairs = [(key("id"), id.clone()), (key("name"), name.clone())];
        reads(&map(pairs.clone()).unwrap(), user.clone());
        reads(&list(pairs.map(|(key, value)| tuple([key, value]))), user.clone());
    }
    let nick = map([(atom("id"), id), (atom("name"), name), (atom("nick"), atom("nil"))]).unwrap();
    reads(&nick, user);
}

#[test]
fn a_property_that_is_an_atom_alone_is_true() {
    let options = list([atom("verbose"), tuple([atom("quiet"), atom("false")])]);
    reads(&options, BTreeMap::from([("verbose".to_owned(), true), ("quiet".to_owned(), false)]));
    reads(&Term::nil(), BTreeMap::<String, bool>::new());
    reads(&Term::nil(), Empty {});
}

#[test]
fn names_are_read_from_atoms_and_from_text() {
    for tag in [atom("rename"), Term::from("rename")] {
        reads(&tuple([tag, Term::from("a")]), Action::Rename("a".into()));
    }
    reads(&Term::from("delete"), Action::Delete);
    reads(&Term::from("stop"), Stop);
    reads(&tuple([atom("delete")]), Action::Delete);
}

#[test]
fn tuples_are_read_from_lists_of_their_length() {
    reads(&list([1, 2]), (1u8, 2u8));
    reads(&list([1, 2]), [1u8, 2]);
    reads(&list([1, 2]), Pair(1, 2));
    assert!(from_term::<(u8, u8)>(&list([1, 2, 3])).is_err());
    // A record is a tuple, though.
    assert!(from_term::<PointOfTwo>(&list([atom("point"), Term::from(1), Term::from(2)])).is_err());
}

#[test]
fn what_a_type_does_not_ask_for_is_passed_over() {
    let key = tuple([Term::from(1), atom("odd")]);
    let more = map([(atom("id"), Term::from(7)), (Term::from("more"), list([1])), (key, atom("x"))]).unwrap();
    reads(&more, Job { id: 7 });
}

#[test]
fn types_that_look_twice_find_names_numbers_and_text() {
    reads(&Term::from("text"), Either::Text("text".into()));
    reads(&atom("text"), Either::Text("text".into()));
    reads(&Term::from(-5), Either::Number(-5));
    reads(&tuple([Term::from("a"), Term::from(1)]), Either::Pair("a".into(), 1));
    for tag in [atom("line"), Term::from("line")] {
        reads(&map([(atom("type"), tag)]).unwrap(), Inner::Line);
    }
    for (key, tag) in [(atom("what"), atom("stop")), (Term::from("what"), Term::from("stop"))] {
        reads(&map([(key, tag)]).unwrap(), Beside::Stop);
    }
}
