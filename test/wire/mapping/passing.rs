//! Terms that serde has no words for.

use countersign::etf::serde::{Mapping, from_term, to_term};
use countersign::etf::{
    Atom, BitString, Creation, Export, Float, Fun, Improper, Map, Pid, Port, Reference, Term, atom, improper, list, map, tuple,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;

const NODE: Atom = Atom::fixed("a@localhost");

fn pid() -> Pid {
    Pid { node: NODE, id: 84, serial: 0, creation: Creation(1) }
}

fn reference() -> Reference {
    Reference::new(NODE, Creation(1), &[1, 2, 3]).unwrap()
}

fn port() -> Port {
    Port { node: NODE, creation: Creation(1), id: 1 << 40 }
}

fn closure() -> Fun {
    let (old_index, old_uniq) = (1, 2);
    Fun { module: NODE, arity: 1, uniq: [7; 16], index: 3, old_index, old_uniq, creator: pid(), free: vec![atom("x")].into() }
}

fn odd_list() -> Improper {
    from_term(&improper([1, 2], 3)).unwrap()
}

#[track_caller]
fn passes<T: Serialize + DeserializeOwned + PartialEq + Debug + Clone>(value: T, term: Term) {
    assert_eq!(to_term(&value), Ok(term.clone()));
    assert_eq!(from_term::<T>(&term), Ok(value.clone()));
    // Through a mapping that changes whatever it may.
    let mapping = Mapping::elixir().strings_as_charlists().keys_as_atoms();
    let held = BTreeMap::from([("held", (Some(vec![value.clone()]), value.clone()))]);
    let term = mapping.to_term(&held).unwrap();
    let (one, other) = mapping.from_term::<BTreeMap<String, (Option<Vec<T>>, T)>>(&term).unwrap().remove("held").unwrap();
    assert_eq!((one, other), (Some(vec![value.clone()]), value));
}

#[test]
fn each_kind_is_itself_in_a_term() {
    passes(pid(), pid().into());
    passes(reference(), reference().into());
    passes(port(), port().into());
    passes(closure(), closure().into());
    passes(odd_list(), improper([1, 2], 3));
    passes(NODE, NODE.into());
    passes(Float::new(-0.0).unwrap(), Term::try_from(-0.0).unwrap());
    let export = Export { module: NODE, function: Atom::fixed("f"), arity: 2 };
    passes(export.clone(), export.into());
    let bits = BitString::new(bytes::Bytes::from_static(&[0b1010_0000]), 3).unwrap();
    passes(bits.clone(), bits.into());
    let pairs = Map::new([(Term::from(1), tuple([1]))]).unwrap();
    passes(pairs.clone(), pairs.into());
}

#[test]
fn a_term_is_itself_whatever_it_is() {
    for term in [atom("undefined_"), Term::nil(), tuple([improper([1], 2)]), pid().into(), closure().into(), Term::from(u128::MAX)] {
        passes(term.clone(), term);
    }
    let local = Term::Local(Box::new(bytes::Bytes::from_static(&[131, 121])));
    passes(local.clone(), local);
}

#[test]
fn another_kind_is_refused_by_name() {
    let refusal = |error: countersign::etf::serde::Mismatch| error.to_string();
    assert_eq!(from_term::<Pid>(&atom("self")).map_err(refusal).unwrap_err(), "$: expected a pid, found self");
    assert_eq!(from_term::<Vec<Reference>>(&list([1])).map_err(refusal).unwrap_err(), "$[0]: expected a reference, found 1");
    assert_eq!(from_term::<Atom>(&Term::from("a")).map_err(refusal).unwrap_err(), "$: expected an atom, found <<\"a\">>");
    assert_eq!(from_term::<Improper>(&list([1])).map_err(refusal).unwrap_err(), "$: expected an improper list, found [1]");
    assert_eq!(from_term::<Port>(&pid().into()).map_err(refusal).unwrap_err(), "$: expected a port, found <a@localhost.84.0>");
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Who {
    Process(Pid),
    Registered(Atom),
    Both(Pid, Reference),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    #[serde(flatten)]
    call: Call,
    #[serde(flatten)]
    rest: BTreeMap<Atom, Option<Port>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Call {
    from: Pid,
    tag: Reference,
}

#[test]
fn identifiers_and_atoms_come_through_what_looks_twice() {
    for who in [Who::Process(pid()), Who::Registered(NODE), Who::Both(pid(), reference())] {
        assert_eq!(from_term::<Who>(&to_term(&who).unwrap()), Ok(who));
    }
    let flat = [(atom("from"), pid().into()), (atom("tag"), reference().into()), (atom("a"), port().into()), (atom("b"), atom("nil"))];
    let read: Flat = from_term(&map(flat).unwrap()).unwrap();
    let rest = BTreeMap::from([(Atom::fixed("a"), Some(port())), (Atom::fixed("b"), None)]);
    assert_eq!(read, Flat { call: Call { from: pid(), tag: reference() }, rest });
    assert_eq!(from_term::<Flat>(&to_term(&read).unwrap()), Ok(read));
}

#[derive(Debug, PartialEq, Deserialize)]
struct Rest {
    #[serde(flatten)]
    rest: BTreeMap<String, Term>,
}

#[test]
fn a_term_is_not_guessed_at_where_serde_has_forgotten_what_it_was() {
    for term in [tuple([1]), list([1]), atom("a"), Term::from("a"), Term::from(1)] {
        let error = from_term::<Rest>(&map([(atom("x"), term)]).unwrap()).unwrap_err().to_string();
        assert!(error.contains("only a term of Erlang can hold this") || error.contains("keep for a second look"), "{error}");
    }
    let kept: Rest = from_term(&map([(atom("x"), pid())]).unwrap()).unwrap();
    assert_eq!(kept.rest["x"], pid().into());
}

#[test]
fn nothing_stays_in_the_hand() {
    // A type that calls itself by our name finds nothing, before and after others were handed over.
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(rename = "$countersign::etf::Term")]
    struct Impostor(u8);
    to_term(&pid()).unwrap();
    assert_eq!(to_term(&Impostor(1)).unwrap_err().to_string(), "$: only a term of Erlang can hold this");
    from_term::<Impostor>(&atom("secret")).unwrap_err();
    assert_eq!(to_term(&Impostor(1)).unwrap_err().to_string(), "$: only a term of Erlang can hold this");
}
