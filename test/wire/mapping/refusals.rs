//! Terms and values that do not fit, each with the sentence that says where.

use super::types::*;
use bytes::Bytes;
use countersign::etf::serde::{Fault, Mapping, Step, from_term, to_term};
use countersign::etf::{Term, atom, binary, improper, integer, list, map, string, tuple};
use countersign::failure::{Code, Failure};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU8;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Queue {
    jobs: Vec<Owned>,
    #[serde(default)]
    limits: BTreeMap<String, u8>,
    #[serde(default)]
    scores: HashMap<(u8, u8), u8>,
    action: Option<Action>,
    point: Option<Point>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Owned {
    owner: String,
}

#[track_caller]
fn refuses<T: Value>(term: impl Into<Term>, sentence: &str) {
    assert_eq!(from_term::<T>(&term.into()).unwrap_err().to_string(), sentence);
}

/// A queue with one more field.
fn queue(field: &'static str, value: Term) -> Term {
    let jobs = (field != "jobs").then(|| (atom("jobs"), Term::nil()));
    map(jobs.into_iter().chain([(atom(field), value)])).unwrap()
}

#[test]
fn the_way_to_a_part_is_named() {
    let job = |owner: Term| map([(atom("owner"), owner)]).unwrap();
    let found = tuple([atom("a"), Term::from(1)]);
    let jobs = list([job(Term::from("x")), job(string("y")), job(Term::from("z")), job(found)]);
    refuses::<Queue>(queue("jobs", jobs), "$.jobs[3].owner: expected a string, found {a,1}");
    let limits = map([(atom("a"), 1), (Term::from("b c"), 300)]).unwrap();
    refuses::<Queue>(queue("limits", limits), "$.limits.'b c': expected an integer from 0 to 255, found 300");
    let scores = map([(tuple([1, 2]), atom("x"))]).unwrap();
    refuses::<Queue>(queue("scores", scores), "$.scores#{{1,2}}: expected an integer from 0 to 255, found x");
    let scores = map([(tuple([1, 300]), 1)]).unwrap();
    refuses::<Queue>(queue("scores", scores), "$.scores#{key {1,300}}[1]: expected an integer from 0 to 255, found 300");
    let crop = tuple([atom("crop"), map([(atom("width"), 1), (atom("height"), -1)]).unwrap()]);
    refuses::<Queue>(queue("action", crop), "$.action{crop}.height: expected an integer from 0 to 4294967295, found -1");
    let resize = tuple([atom("resize"), Term::from(1), atom("x")]);
    refuses::<Queue>(queue("action", resize), "$.action{resize}[1]: expected an integer from 0 to 4294967295, found x");
    let resized = tuple([atom("resized"), Term::from(1), atom("x")]);
    refuses::<Queue>(queue("action", resized), "$.action{resized}.height: expected an integer from 0 to 4294967295, found x");
    refuses::<Queue>(queue("action", tuple([atom("rename"), atom("x")])), "$.action{rename}: expected a string, found x");
    let point = tuple([atom("point"), Term::from(1), atom("x")]);
    refuses::<Queue>(queue("point", point), "$.point.y: expected an integer from -2147483648 to 2147483647, found x");
    refuses::<Result<u8, u8>>(tuple([atom("error"), atom("x")]), "${error}: expected an integer from 0 to 255, found x");
}

#[test]
fn numbers_out_of_range_say_the_range() {
    refuses::<u8>(256, "$: expected an integer from 0 to 255, found 256");
    refuses::<i8>(-129, "$: expected an integer from -128 to 127, found -129");
    refuses::<u64>(1u128 << 64, "$: expected an integer from 0 to 18446744073709551615, found 18446744073709551616");
    let big = integer(false, &[0xff; 20]);
    let range = "an integer from 0 to 340282366920938463463374607431768211455";
    refuses::<u128>(big, &format!("$: expected {range}, found 1461501637330902918203684832716283019655932542975"));
    refuses::<u128>(-1, &format!("$: expected {range}, found -1"));
    refuses::<NonZeroU8>(0, "$: expected a nonzero u8, found 0");
    refuses::<f64>(atom("x"), "$: expected a float, found x");
    refuses::<f32>(Term::try_from(1e300).unwrap(), "$: expected a float of 32 bits, found 1.0e300");
    refuses::<bool>(1, "$: expected true or false, found 1");
}

#[test]
fn another_kind_of_term_is_named() {
    refuses::<String>(atom("undefined"), "$: expected a string, found undefined");
    refuses::<String>(binary(&b"\xff\xfe"[..]), "$: expected a string, found <<\"ÿþ\">>");
    refuses::<String>(list([-1]), "$: expected a string, found [-1]");
    refuses::<char>(Term::from("ab"), "$: expected a character, found <<\"ab\">>");
    refuses::<()>(list([1]), "$: expected ok, found [1]");
    refuses::<Bytes>(atom("a"), "$: expected a binary, found a");
    refuses::<Bytes>(list([1, 300]), "$[1]: expected an integer from 0 to 255, found 300");
    refuses::<Vec<u8>>(binary(&b"ab"[..]), "$: expected a list, found <<\"ab\">>");
    refuses::<Vec<u8>>(improper([1], 2), "$: expected a list, found [1|2]");
    refuses::<Vec<u8>>(tuple([1]), "$: expected a list, found {1}");
    refuses::<(u8, u8)>(tuple([1]), "$: expected {_,_}, found {1}");
    refuses::<Pair>(atom("a"), "$: expected {_,_}, found a");
    refuses::<BTreeMap<u8, u8>>(list([1]), "$: expected a map, found [1]");
    refuses::<BTreeMap<String, u8>>(list([tuple([1, 2, 3])]), "$: expected a map, found [{1,2,3}]");
    refuses::<User>(tuple([atom("user")]), "$: expected a map, found {user}");
    refuses::<Stop>(atom("go"), "$: expected the atom stop, found go");
    refuses::<Tick>(atom("tick"), "$: expected {tick}, found tick");
    refuses::<NothingAtAll>(tuple([1]), "$: expected {}, found {1}");
    refuses::<TaggedId>(7, "$: expected {id,_}, found 7");
    refuses::<Single>(tuple([1, 2]), "$: expected {_}, found {1,2}");
}

#[test]
fn records_and_tuples_are_of_their_tag_and_length() {
    refuses::<Point>(tuple([atom("pint"), Term::from(1), Term::from(2)]), "$: expected a record point, found {pint,1,2}");
    refuses::<Point>(map([(atom("x"), 1)]).unwrap(), "$: expected a record point, found #{x => 1}");
    refuses::<Point>(tuple([atom("point"), Term::from(1)]), "$: expected struct Point with 2 elements, found {point,1}");
    let long = tuple([atom("point"), Term::from(1), Term::from(2), Term::from(3)]);
    refuses::<Point>(long, "$: expected 2 elements, found {point,1,2,3}");
    refuses::<PointOfTwo>(tuple([atom("point"), Term::from(1)]), "$: expected {point,_,_}, found {point,1}");
    refuses::<Bare>(list([1, 2, 3]), "$: expected a tuple, found [1,2,3]");
    refuses::<Bare>(tuple([1]), "$: expected struct Bare with 3 elements, found {1}");
    refuses::<Nothing>(tuple([1]), "$: expected 0 elements, found {1}");
    refuses::<[u8; 20]>(tuple([1]), "$: expected {_,_,_,_,_,_,_,_,_,_,_,_,_,_,_,_,…}, found {1}");
}

#[test]
fn fields_that_are_missing_unknown_or_there_twice() {
    let (id, name) = ((atom("id"), Term::from(1)), (atom("name"), Term::from("Joe")));
    let with = |more: Option<(Term, Term)>| map([id.clone(), name.clone()].into_iter().chain(more)).unwrap();
    refuses::<User>(map([name.clone()]).unwrap(), "$: the field id is missing");
    refuses::<Queue>(queue("jobs", list([map([name.clone()]).unwrap()])), "$.jobs[0]: the field owner is missing");
    refuses::<User>(with(Some((atom("nmae"), atom("x")))), "$: there is no field nmae; known: id, name or nick");
    refuses::<User>(with(Some((Term::from(5), atom("x")))), "$: there is no field 5; known: id, name or nick");
    refuses::<User>(with(Some((Term::from("id"), Term::from(2)))), "$: the field id occurs twice");
    refuses::<User>(list([tuple([atom("id"), Term::from(1)]), tuple([atom("id"), Term::from(2)])]), "$: the field id occurs twice");
}

#[test]
fn variants_that_are_unknown_or_hold_something_else() {
    let known = "delete, rename, resize, crop, resized, done or all";
    refuses::<Action>(atom("remove"), &format!("$: expected {known}, found remove"));
    refuses::<Action>(tuple([atom("remove"), Term::from(1)]), &format!("$: expected {known}, found remove"));
    refuses::<Plain>(tuple([atom("nix")]), "$: expected Verbatim, found nix");
    refuses::<Action>(1, "$: expected an atom or a tagged tuple, found 1");
    refuses::<Action>(tuple([1, 2]), "$: expected an atom or a tagged tuple, found {1,2}");
    refuses::<Action>(Term::Tuple(Vec::new().into()), "$: expected an atom or a tagged tuple, found {}");
    refuses::<Action>(tuple([atom("delete"), Term::from(1)]), "$: expected the atom delete, found {delete,1}");
    refuses::<Action>(atom("rename"), "$: expected {rename,_}, found rename");
    refuses::<Action>(tuple([atom("resize"), Term::from(1)]), "$: expected {resize,_,_}, found {resize,1}");
    refuses::<Action>(tuple([atom("crop"), Term::from(1)]), "${crop}: expected a map, found 1");
    refuses::<Action>(atom("crop"), "$: expected {crop,_}, found crop");
    refuses::<Result<u8, u8>>(atom("ok"), "${ok}: expected an integer from 0 to 255, found ok");
    refuses::<Result<u8, u8>>(tuple([atom("Ok"), Term::from(1)]), "$: expected ok or error, found Ok");
    refuses::<Action>(tuple([atom("#done")]), &format!("$: expected {known}, found #done"));
    refuses::<Either>(Term::nil(), "$: data did not match any variant of untagged enum Either");
}

#[test]
fn what_was_found_is_cut_and_cannot_forge_a_line() {
    let long = from_term::<u8>(&list(0..100_000)).unwrap_err().to_string();
    assert!(long.starts_with("$: expected an integer from 0 to 255, found [0,1,2,") && long.ends_with('…') && long.len() < 120, "{long}");
    let name = Term::Atom("a\u{202e}b\nc".parse().unwrap());
    refuses::<u8>(name.clone(), "$: expected an integer from 0 to 255, found 'a\\u{202e}b\\nc'");
    let error = from_term::<BTreeMap<String, u8>>(&map([(name.clone(), atom("x"))]).unwrap()).unwrap_err();
    assert!(!error.to_string().contains(['\n', '\u{202e}']), "{error}");
    let error = from_term::<User>(&map([(Term::from("x".repeat(10_000)), 1)]).unwrap()).unwrap_err();
    assert!(error.to_string().len() < 200, "{error}");
    let error = from_term::<Action>(&name).unwrap_err();
    assert!(!error.to_string().contains(['\n', '\u{202e}']), "{error}");
}

struct Unwilling;

impl Serialize for Unwilling {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("out\nof order"))
    }
}

#[test]
fn values_that_have_no_term() {
    let shown = |error: countersign::etf::serde::Mismatch| error.to_string();
    assert_eq!(to_term(&[("x", f64::NAN)]).map_err(shown).unwrap_err(), "$[0][1]: Erlang has only finite floats");
    assert_eq!(to_term(&Some(f32::INFINITY)).map_err(shown).unwrap_err(), "$: Erlang has only finite floats");
    assert_eq!(to_term(&BTreeMap::from([("a b", [Unwilling])])).map_err(shown).unwrap_err(), "$.'a b'[0]: out\\u{a}of order");
    assert_eq!(to_term(&Err::<u8, _>(f64::NAN)).map_err(shown).unwrap_err(), "${error}: Erlang has only finite floats");
    let long = BTreeMap::from([("x".repeat(256), 1)]);
    assert!(to_term(&long).is_ok());
    let error = Mapping::erlang().keys_as_atoms().to_term(&long).unwrap_err();
    assert_eq!(error.to_string(), "$: an atom has at most 255 characters");
    let twice = BTreeMap::from([(Either::Number(1), 1), (Either::Text("a".into()), 2)]);
    assert!(to_term(&twice).is_ok());
    assert_eq!(to_term(&Twice).map_err(shown).unwrap_err(), "$: a key occurs twice in a map");
}

struct Twice;

impl Serialize for Twice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(1u8, 1), (1, 2)])
    }
}

#[test]
fn an_error_has_a_code_a_hint_a_path_and_what_is_wrong() {
    let term = map([(atom("id"), Term::from(1)), (atom("oops"), Term::from(1))]).unwrap();
    let error = from_term::<Vec<User>>(&list([term])).unwrap_err();
    assert_eq!((error.code(), error.path().steps().collect::<Vec<_>>()), (Code::TermMismatch, vec![&Step::Element(0)]));
    assert!(matches!(error.fault(), Fault::UnknownField { field, known: ["id", "name", "nick"] } if field == "oops"));
    assert!(error.hint().as_str().contains("deny_unknown_fields"));
    assert_eq!(to_term(&f64::NAN).unwrap_err().fault(), &Fault::NotFinite);
}
