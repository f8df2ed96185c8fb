//! What an Elixir program sends, and what it gets.

use super::rows::ask_elixir;
use super::types::*;
use countersign::etf::serde::{Mapping, from_term};
use countersign::etf::{Atom, Term};
use std::collections::BTreeMap;

#[test]
fn elixir_means_what_the_types_say() {
    let lines = [
        r#"%{id: 1, name: "Joe", nick: nil}"#,
        r#"%{"id" => 1, "name" => 'Joe'}"#,
        r#"[id: 1, name: "Joe"]"#,
        r#"%{__struct__: MyApp.Job, id: 7}"#,
        r#"{:rename, "a"}"#,
        r#"{:crop, %{width: 1, height: 2}}"#,
        r#"{:ok, ?a}"#,
        r#"[retries: 3, timeout: 5000]"#,
        r#"MyApp.Job"#,
        r#"1..3"#,
    ];
    let Some(terms) = ask_elixir("elixir_means_what_the_types_say", &lines) else { return };
    let mut terms = terms.iter();
    for _ in 0..3 {
        reads(terms.next(), User { id: 1, name: "Joe".into(), nick: None });
    }
    reads(terms.next(), Job { id: 7 });
    reads(terms.next(), Action::Rename("a".into()));
    reads(terms.next(), Action::Crop { width: 1, height: 2 });
    reads(terms.next(), Ok::<char, ()>('a'));
    reads(terms.next(), BTreeMap::from([("retries".to_owned(), 3u16), ("timeout".to_owned(), 5000)]));
    reads(terms.next(), Atom::fixed("Elixir.MyApp.Job"));
    reads(terms.next(), Range { first: 1, last: 3 });
}

#[track_caller]
fn reads<T: Value>(term: Option<&Term>, value: T) {
    let term = term.unwrap();
    assert_eq!(Mapping::elixir().from_term::<T>(term), Ok(value), "{term}");
}

#[test]
fn elixir_gets_what_it_would_write() {
    let lines = [r#"%{name: "Joe", nick: nil}"#, r#"%{__struct__: MyApp.Job, id: 7}"#, ":ok", "nil"];
    let Some(terms) = ask_elixir("elixir_gets_what_it_would_write", &lines) else { return };
    let mapping = Mapping::elixir().keys_as_atoms();
    let user = BTreeMap::from([("name", Some("Joe")), ("nick", None)]);
    let ours = [mapping.to_term(&user), mapping.to_term(&Job { id: 7 }), mapping.to_term(&()), mapping.to_term(&None::<u8>)];
    assert_eq!(ours.map(Result::unwrap).to_vec(), terms);
    assert_eq!(from_term::<Option<u8>>(&terms[3]), Ok(None));
}
