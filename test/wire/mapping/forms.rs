//! What a mapping may choose, and where a type's name decides.

use super::types::*;
use countersign::etf::serde::{Mapping, from_term, to_term};
use countersign::etf::{Atom, Term, atom, map, tuple};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[track_caller]
fn writes(mapping: &Mapping, value: &(impl Serialize + ?Sized), erlang: &str) {
    assert_eq!(mapping.to_term(value).unwrap().to_string(), erlang);
}

#[test]
fn none_is_written_as_one_atom_and_read_as_three() {
    writes(&Mapping::erlang(), &None::<u8>, "undefined");
    writes(&Mapping::elixir(), &None::<u8>, "nil");
    let null = Mapping::erlang().none_as(Atom::fixed("null"));
    writes(&null, &[None::<u8>, Some(1)], "{null,1}");
    for name in ["undefined", "nil"] {
        for mapping in [Mapping::erlang(), Mapping::elixir(), null.clone()] {
            assert_eq!(mapping.from_term::<Option<u8>>(&atom(name)), Ok(None), "{name}");
        }
    }
    assert_eq!(null.from_term::<Option<u8>>(&atom("null")), Ok(None));
    let error = from_term::<Option<u8>>(&atom("null")).unwrap_err();
    assert_eq!(error.to_string(), "$: expected an integer from 0 to 255, found null");
}

#[test]
fn the_default_is_erlangs() {
    assert_eq!(Mapping::default(), Mapping::erlang());
    assert_eq!(to_term(&None::<u8>), Mapping::erlang().to_term(&None::<u8>));
}

#[test]
fn strings_become_charlists_everywhere_or_in_one_field() {
    let charlists = Mapping::erlang().strings_as_charlists();
    writes(&charlists, &("a", ["b"], Some("é")), r#"{"a",{"b"},"é"}"#);
    writes(&charlists, "", "[]");
    assert_eq!(charlists.from_term::<String>(&Term::nil()), Ok(String::new()));
    writes(&Mapping::erlang(), &(chars("a"), "b"), r#"{"a",<<"b">>}"#);
    // Names are no strings.
    writes(&charlists, &Action::Rename("a".into()), r#"{rename,"a"}"#);
    writes(&charlists, &Stop, "stop");
}

#[test]
fn keys_become_atoms_and_values_do_not() {
    let mapping = Mapping::erlang().keys_as_atoms();
    writes(&mapping, &BTreeMap::from([("a", "b")]), r#"#{a => <<"b">>}"#);
    writes(&mapping, &BTreeMap::from([(Some("a"), [("b", "c")])]), r#"#{a => {{<<"b">>,<<"c">>}}}"#);
    // A tuple is a key of its own kind.
    writes(&mapping, &BTreeMap::from([(("a", 1), 2)]), r#"#{{<<"a">>,1} => 2}"#);
    writes(&mapping.strings_as_charlists(), &BTreeMap::from([("a", "b")]), r#"#{a => "b"}"#);
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, u16>,
}

#[test]
fn a_flattened_struct_has_text_for_keys_or_atoms_by_choice() {
    let flat = Flat { id: 1, rest: BTreeMap::from([("port".to_owned(), 4369)]) };
    writes(&Mapping::erlang(), &flat, r#"#{<<"id">> => 1,<<"port">> => 4369}"#);
    let term = Mapping::erlang().keys_as_atoms().to_term(&flat).unwrap();
    assert_eq!(term.to_string(), "#{id => 1,port => 4369}");
    assert_eq!(from_term::<Flat>(&term), Ok(flat));
}

#[test]
fn a_struct_of_elixirs_is_read_by_its_module() {
    let job = |module: Term| map([(atom("__struct__"), module), (atom("id"), Term::from(7))]).unwrap();
    assert_eq!(from_term::<Job>(&job(atom("Elixir.MyApp.Job"))), Ok(Job { id: 7 }));
    assert_eq!(from_term::<Job>(&map([(atom("id"), 7)]).unwrap()), Ok(Job { id: 7 }));
    let error = from_term::<Job>(&job(atom("Elixir.MyApp.User"))).unwrap_err();
    assert_eq!(error.to_string(), "$: expected %MyApp.Job{}, found #{'__struct__' => 'Elixir.MyApp.User',id => 7}");
}

#[test]
fn a_struct_passes_over_elixirs_name_of_it_even_if_it_denies_unknown_fields() {
    let name = ("name", Term::from("Joe"));
    let user = [("__struct__", atom("Elixir.User")), ("id", Term::from(1)), name].map(|(key, value)| (atom(key), value));
    let user = map(user).unwrap();
    assert_eq!(from_term::<User>(&user), Ok(User { id: 1, name: "Joe".into(), nick: None }));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Named {
    #[serde(rename = "__struct__")]
    module: Atom,
}

#[test]
fn a_struct_may_have_the_field_itself() {
    let term = map([(atom("__struct__"), atom("Elixir.A"))]).unwrap();
    assert_eq!(from_term::<Named>(&term), Ok(Named { module: Atom::fixed("Elixir.A") }));
    assert_eq!(to_term(&Named { module: Atom::fixed("Elixir.A") }), Ok(term));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "#old")]
struct Grown {
    a: u8,
    #[serde(default, alias = "second")]
    b: u8,
}

#[test]
fn a_record_that_has_grown_is_read_from_its_old_form_where_fields_have_defaults() {
    assert_eq!(from_term::<Grown>(&tuple([atom("old"), Term::from(1)])), Ok(Grown { a: 1, b: 0 }));
    let whole = Grown { a: 1, b: 2 };
    assert_eq!(from_term::<Grown>(&to_term(&whole).unwrap()), Ok(whole));
}

#[test]
fn the_forms_are_those_of_other_formats_unless_they_are_named() {
    // What erl calls {ok, ok} is written short, and read both ways.
    for term in [atom("ok"), tuple([atom("ok"), atom("ok")])] {
        assert_eq!(from_term::<Result<(), u8>>(&term), Ok(Ok(())));
        assert_eq!(from_term::<Result<Atom, u8>>(&term), Ok(Ok(Atom::fixed("ok"))));
    }
    writes(&Mapping::erlang(), &Ok::<Atom, u8>(Atom::fixed("ok")), "ok");
    writes(&Mapping::erlang(), &Err::<u8, ()>(()), "{error,ok}");
}
