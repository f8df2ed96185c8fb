//! JSON as terms, terms as JSON.

use countersign::etf::json::{self, DEEPEST};
use countersign::etf::{Term, atom, binary, list, map, string, tuple};

#[test]
fn json_becomes_what_a_program_in_erlang_would_expect() {
    for (text, printed) in [
        (r#""text""#, r#"<<"text">>"#),
        (r#""é""#, r#"<<"é"/utf8>>"#),
        ("true", "true"),
        ("null", "null"),
        ("-7", "-7"),
        ("18446744073709551615", "18446744073709551615"),
        ("1.0", "1.0"),
        ("1e3", "1.0e3"),
        ("[]", "[]"),
        (r#"[1, [2], {}]"#, "[1,[2],#{}]"),
        (r#"{"b": 1, "a": {"c": null}}"#, r#"#{<<"a">> => #{<<"c">> => null},<<"b">> => 1}"#),
    ] {
        assert_eq!(json::parse(text).unwrap().to_string(), printed);
    }
}

#[test]
fn terms_become_what_a_program_that_reads_json_would_expect() {
    let port = map([(atom("port"), Term::from(1)), (binary("host"), Term::from("x"))]).unwrap();
    for (term, text) in [
        (atom("ok"), r#""ok""#),
        (atom("false"), "false"),
        (atom("null"), "null"),
        (Term::from(u64::MAX), "18446744073709551615"),
        (Term::from(u128::MAX), r#""340282366920938463463374607431768211455""#),
        (Term::try_from(0.5).unwrap(), "0.5"),
        (string("ab"), "[97,98]"),
        (Term::nil(), "[]"),
        (list([1, 2]), "[1,2]"),
        (binary(&b"\xff"[..]), r#""<<\"ÿ\">>""#),
        (tuple([atom("a"), Term::from(1)]), r#""{a,1}""#),
        (port, r#"{"host":"x","port":1}"#),
    ] {
        assert_eq!(json::of(&term).to_string(), text);
    }
}

#[test]
fn a_map_whose_keys_are_no_names_is_printed_as_erlang_does() {
    let numbered = map([(Term::from(1), atom("one"))]).unwrap();
    assert_eq!(json::of(&numbered).to_string(), r##""#{1 => one}""##);
    let twice = map([(atom("a"), Term::from(1)), (binary("a"), Term::from(2))]).unwrap();
    assert_eq!(json::of(&twice).to_string(), r##""#{a => 1,<<\"a\">> => 2}""##);
}

#[test]
fn json_comes_back_as_it_was() {
    for text in [r#"{"a":[true,null,-1,0.5,"x",{}],"b":{"c":[]}}"#, r#"[[1],["two"]]"#] {
        assert_eq!(json::of(&json::parse(text).unwrap()).to_string(), text);
    }
}

#[test]
fn what_is_too_deep_is_refused_or_printed() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(json::parse(&nested(DEEPEST)).is_ok());
    assert_eq!(json::parse(&nested(DEEPEST + 2)).unwrap_err().to_string(), "more than 64 arrays and objects stand inside one another");
    assert_eq!(json::parse(&nested(1_000)).unwrap_err().to_string(), "not JSON");
    let deep = (0..100_000).fold(Term::from(1), |inner, _| list([inner]));
    assert!(json::of(&deep).to_string().contains("\"[[[["));
}

#[test]
fn text_that_is_no_json_says_where() {
    let error = json::parse("{\"a\": \n oops}").unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!((error.to_string().as_str(), cause.as_str()), ("not JSON", "expected value at line 2 column 2"));
}
