//! Another format has no place for a term, and says so.
#![cfg(feature = "cli")]

use super::types::{Lists, chars};
use countersign::etf::{Atom, Creation, Pid, Term, atom, tuple};

const REFUSAL: &str = "only a term of Erlang can hold this";

#[test]
fn json_cannot_hold_a_term() {
    let pid = Pid { node: Atom::fixed("a@localhost"), id: 1, serial: 0, creation: Creation(1) };
    assert_eq!(serde_json::to_string(&pid).unwrap_err().to_string(), REFUSAL);
    assert_eq!(serde_json::to_value(Some(tuple([1]))).unwrap_err().to_string(), REFUSAL);
    assert_eq!(serde_json::to_string(&atom("a")).unwrap_err().to_string(), REFUSAL);
}

#[test]
fn json_is_no_term() {
    for text in ["1", "null", "[1]", "{}", "\"a\"", "true", "1.5"] {
        let error = serde_json::from_str::<Pid>(text).unwrap_err().to_string();
        assert!(error.contains("a term of Erlang"), "{error}");
        let error = serde_json::from_str::<Term>(text).unwrap_err().to_string();
        assert!(error.contains("a term of Erlang"), "{error}");
    }
}

#[test]
fn a_charlist_is_a_string_to_others() {
    assert_eq!(serde_json::to_string(&chars("abc")).unwrap(), r#""abc""#);
    let lists: Lists = serde_json::from_str(r#"{ "motto": null, "names": ["a"], "other": "b" }"#).unwrap();
    assert_eq!(serde_json::to_string(&lists).unwrap(), r#"{"motto":null,"names":["a"],"other":"b"}"#);
}

#[test]
fn a_value_of_jsons_is_read_from_terms_that_have_one() {
    let term = countersign::etf::json::parse(r#"{"a": [1, -2, 0.5, true, "x", {"b": null}]}"#).unwrap();
    let value: serde_json::Value = countersign::etf::serde::from_term(&term).unwrap();
    assert_eq!(value.to_string(), r#"{"a":[1,-2,0.5,true,"x",{"b":"null"}]}"#);
    let pid = Term::from(Pid { node: Atom::fixed("a@b"), id: 1, serial: 0, creation: Creation(1) });
    let error = countersign::etf::serde::from_term::<serde_json::Value>(&tuple([pid])).unwrap_err();
    assert_eq!(error.to_string(), "$[0]: expected any valid JSON value, found <a@b.1.0>");
}
