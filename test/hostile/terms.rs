//! Terms that nobody asked for, against types of every form.

#[path = "../wire/arbitrary.rs"]
mod arbitrary;

use arbitrary::term;
use bytes::Bytes;
use countersign::etf::serde::{Mapping, Mismatch, charlist, from_term, to_term};
use countersign::etf::{Atom, Pid, Reference, Term, improper, list, map, tuple};
use countersign::failure::Failure;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Job {
    id: u64,
    owner: Option<Pid>,
    action: Action,
    #[serde(default, with = "charlist")]
    path: Option<String>,
    data: Bytes,
    times: (i8, f32, Option<u128>),
    more: BTreeMap<String, Vec<Term>>,
    next: Option<Box<Job>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Stop,
    Wait(char),
    Resize(u32, Atom),
    Crop {
        width: i16,
        result: Result<(), String>,
    },
    #[serde(rename = "#moved")]
    Moved {
        x: f64,
        y: Point,
    },
    Seen(Looked),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "#point")]
struct Point {
    x: i32,
    y: Option<i32>,
}

/// What serde looks at twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Looked {
    Tagged(Tagged),
    Process(Pid, Reference),
    Flat {
        kind: Atom,
        #[serde(flatten)]
        rest: BTreeMap<String, i64>,
    },
    Name(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Tagged {
    Text { text: String },
    Number { number: f64 },
}

fn looked() -> impl Strategy<Value = Looked> {
    prop_oneof![
        any::<String>().prop_map(|text| Looked::Tagged(Tagged::Text { text })),
        (-9i32..9).prop_map(|number| Looked::Tagged(Tagged::Number { number: number.into() })),
        any::<i64>().prop_map(|value| Looked::Flat { kind: Atom::fixed("k"), rest: BTreeMap::from([("v".to_owned(), value)]) }),
        "[a-m]{1,5}".prop_map(Looked::Name),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let point = (any::<i32>(), any::<Option<i32>>()).prop_map(|(x, y)| Point { x, y });
    prop_oneof![
        Just(Action::Stop),
        any::<char>().prop_map(Action::Wait),
        any::<u32>().prop_map(|width| Action::Resize(width, Atom::fixed("px"))),
        (any::<i16>(), prop_oneof![Just(Ok(())), any::<String>().prop_map(Err)]).prop_map(|(width, result)| Action::Crop { width, result }),
        (-1e9f64..1e9, point).prop_map(|(x, y)| Action::Moved { x, y }),
        looked().prop_map(Action::Seen),
    ]
}

fn job() -> impl Strategy<Value = Job> {
    let leaf =
        (any::<u64>(), action(), any::<Option<String>>(), vec(any::<u8>(), 0..9), any::<(i8, i16, Option<u128>)>(), vec(term(), 0..2));
    let job = leaf.prop_map(|(id, action, path, data, (one, two, three), more)| Job {
        id,
        owner: None,
        action,
        path,
        data: data.into(),
        times: (one, two.into(), three),
        more: BTreeMap::from([("more".to_owned(), more)]),
        next: None,
    });
    let job = job.boxed();
    (job.clone(), prop::option::of(job)).prop_map(|(job, next)| Job { next: next.map(Box::new), ..job })
}

/// Puts another term in place of the part to which the steps lead.
fn replace(whole: &Term, steps: &[Index], other: Term) -> Term {
    let children = children(whole);
    let Some((step, rest)) = steps.split_first().filter(|_| !children.is_empty()) else { return other };
    let mut children: Vec<Term> = children.into_iter().cloned().collect();
    let at = step.index(children.len());
    children[at] = replace(&children[at], rest, other);
    match whole {
        Term::Tuple(_) => tuple(children),
        Term::List(_) => list(children),
        Term::Improper(_) => children.pop().map_or_else(Term::nil, |tail| improper(children, tail)),
        // Two keys may have become one: then the map stays as it was.
        _ => map(children.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone()))).unwrap_or_else(|_| whole.clone()),
    }
}

fn children(term: &Term) -> Vec<&Term> {
    match term {
        Term::Tuple(terms) | Term::List(terms) => terms.into_iter().collect(),
        Term::Improper(list) => list.elements().iter().chain([list.tail()]).collect(),
        Term::Map(map) => map.iter().flat_map(|(key, value)| [key, value]).collect(),
        _ => Vec::new(),
    }
}

/// What is read means the same once it is written; what is refused says so on one short line.
fn read_or_refuse<T: Serialize + DeserializeOwned + PartialEq + Debug>(term: &Term) {
    for mapping in [Mapping::erlang(), Mapping::elixir()] {
        match mapping.from_term::<T>(term) {
            Ok(value) => assert_eq!(mapping.from_term::<T>(&mapping.to_term(&value).unwrap()).as_ref(), Ok(&value), "{term}"),
            Err(error) => check(&error),
        }
    }
}

fn check(error: &Mismatch) {
    let text = error.to_string();
    assert!(text.starts_with('$') && !text.contains(char::is_control), "{text}");
    assert!(text.chars().count() < 1500, "{text}");
    assert!(!error.hint().as_str().is_empty());
}

fn read_as_everything(term: &Term) {
    read_or_refuse::<Job>(term);
    read_or_refuse::<Action>(term);
    read_or_refuse::<Looked>(term);
    read_or_refuse::<BTreeMap<String, Looked>>(term);
    read_or_refuse::<Vec<(Term, Action)>>(term);
    read_or_refuse::<(String, Bytes, f64, char)>(term);
    assert!(from_term::<IgnoredAny>(term).is_ok());
    #[cfg(feature = "cli")]
    let _ = from_term::<serde_json::Value>(term).map_err(|error| check(&error));
}

proptest! {
    #![proptest_config(crate::cases(600))]

    #[test]
    fn arbitrary_terms_are_read_or_refused_without_a_panic(term in term()) {
        read_as_everything(&term);
    }

    #[test]
    fn terms_with_one_wrong_part_are_read_or_refused_without_a_panic(job in job(), steps in vec(any::<Index>(), 0..6), other in term()) {
        let good = to_term(&job).unwrap();
        prop_assert_eq!(from_term::<Job>(&good).unwrap(), job);
        read_as_everything(&replace(&good, &steps, other));
    }

    #[test]
    fn parts_that_change_places_are_read_or_refused_without_a_panic(job in job(), from in vec(any::<Index>(), 0..6), to in vec(any::<Index>(), 0..6)) {
        let good = to_term(&job).unwrap();
        let mut part = &good;
        for step in &from {
            let children = children(part);
            if !children.is_empty() {
                part = children[step.index(children.len())];
            }
        }
        read_as_everything(&replace(&good, &to, part.clone()));
    }
}
