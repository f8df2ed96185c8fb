//! Depth: serde calls itself for each level, so levels are counted.

use countersign::etf::serde::{DEEPEST, Fault, from_term, to_term};
use countersign::etf::{Term, atom, list, map, tuple};
use countersign::failure::{Code, Failure};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Tree {
    Leaf,
    List(Vec<Tree>),
    Map(BTreeMap<u8, Tree>),
    Node {
        inner: Option<Box<Tree>>,
    },
    #[serde(rename = "#record")]
    Record {
        inner: (u8, Box<Tree>),
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Chain(Option<Box<Chain>>);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Lists(Vec<Lists>);

/// Every form of container around a leaf, a hundred thousand times.
fn countless_levels() -> impl Iterator<Item = Term> {
    let forms: [fn(Term) -> Term; 5] = [
        |inner| list([inner]),
        |inner| tuple([atom("list"), list([inner])]),
        |inner| tuple([atom("map"), map([(1, inner)]).unwrap()]),
        |inner| tuple([atom("node"), map([(atom("inner"), inner)]).unwrap()]),
        |inner| map([(inner, 1)]).unwrap(),
    ];
    forms.into_iter().map(|form| (0..100_000).fold(atom("leaf"), |inner, _| form(inner)))
}

#[test]
fn a_hundred_thousand_levels_are_refused_or_passed_over() {
    for term in countless_levels() {
        for error in [from_term::<Tree>(&term).err(), from_term::<Lists>(&term).err()].into_iter().flatten() {
            let _ = error.to_string();
        }
        assert!(from_term::<Tree>(&term).is_err());
        assert!(from_term::<IgnoredAny>(&term).is_ok());
        assert_eq!(from_term::<Term>(&term).as_ref(), Ok(&term));
        assert_eq!(to_term(&term).as_ref(), Ok(&term));
        assert_eq!(from_term::<Anything>(&term).unwrap_err().fault(), &Fault::TooDeep);
    }
}

/// Takes whatever there is, all the way down.
#[derive(Debug, PartialEq)]
struct Anything;

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> serde::de::Visitor<'de> for Anything {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut elements: A) -> Result<Self, A::Error> {
        while elements.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        while entries.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

/// Many fields make large frames.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Wide {
    numbers: [[u64; 8]; 4],
    texts: (String, String, String, String),
    more: BTreeMap<String, Vec<String>>,
    inner: Vec<Wide>,
    last: Option<(u128, u128, u128)>,
}

#[test]
fn the_deepest_value_takes_no_more_than_half_the_stack_of_a_thread() {
    let half = std::thread::Builder::new().stack_size(1024 * 1024);
    let work = || {
        // A struct and its list are two levels, and the innermost holds one more.
        let wide = (2..DEEPEST / 2).fold(Wide::default(), |inner, _| Wide { inner: vec![inner], ..Wide::default() });
        assert_eq!(from_term::<Wide>(&to_term(&wide).unwrap()), Ok(wide));
    };
    half.spawn(work).unwrap().join().unwrap();
}

#[test]
fn the_limit_is_the_same_both_ways() {
    let nested = |levels: usize| (1..levels).fold(Lists(Vec::new()), |inner, _| Lists(vec![inner]));
    let lists = |levels: usize| (1..levels).fold(Term::nil(), |inner, _| list([inner]));
    // A newtype and its list are two levels.
    let most = DEEPEST / 2;
    assert_eq!(to_term(&nested(most)), Ok(lists(most)));
    assert_eq!(from_term::<Lists>(&lists(most)), Ok(nested(most)));
    assert_eq!(to_term(&nested(most + 1)).unwrap_err().fault(), &Fault::TooDeep);
    let error = from_term::<Lists>(&lists(most + 1)).unwrap_err();
    assert_eq!((error.fault(), error.code()), (&Fault::TooDeep, Code::TooMany));
    assert_eq!(error.path().steps().count(), most);
}

#[test]
fn what_can_be_written_can_be_read_at_the_limit_of_every_form() {
    let forms: [fn(Tree) -> Tree; 4] = [
        |inner| Tree::List(vec![inner]),
        |inner| Tree::Map(BTreeMap::from([(1, inner)])),
        |inner| Tree::Node { inner: Some(Box::new(inner)) },
        |inner| Tree::Record { inner: (1, Box::new(inner)) },
    ];
    for form in forms {
        let deeper = std::iter::successors(Some(Tree::Leaf), |inner| Some(form(inner.clone())));
        let mut written = deeper.take(DEEPEST).map_while(|tree| Some((to_term(&tree).ok()?, tree))).collect::<Vec<_>>();
        let (term, tree) = written.pop().unwrap();
        assert!(written.len() >= DEEPEST / 3, "{}", written.len());
        assert_eq!(from_term::<Tree>(&term).as_ref(), Ok(&tree));
        let beyond = to_term(&form(tree)).unwrap_err();
        assert_eq!(beyond.fault(), &Fault::TooDeep);
    }
}

#[test]
fn a_value_that_is_deep_without_a_container_is_refused() {
    let chain = (0..1_000).fold(Chain(None), |inner, _| Chain(Some(Box::new(inner))));
    assert_eq!(to_term(&chain).unwrap_err().fault(), &Fault::TooDeep);
}

#[test]
fn a_type_that_never_ends_is_refused_though_the_term_is_flat() {
    assert_eq!(from_term::<Chain>(&Term::from(5)).unwrap_err().fault(), &Fault::TooDeep);
}

#[test]
fn a_tree_that_fits_comes_back() {
    let wrap = |inner: Tree| Tree::Node { inner: Some(Box::new(Tree::List(vec![inner, Tree::Leaf]))) };
    let tree = (0..20).fold(Tree::Map(BTreeMap::from([(1, Tree::Leaf)])), |inner, _| wrap(inner));
    assert_eq!(from_term::<Tree>(&to_term(&tree).unwrap()), Ok(tree));
}
