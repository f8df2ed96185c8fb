//! Terms of every kind, at random.

use bytes::Bytes;
use countersign::etf::{
    Atom, BitString, Creation, Export, Float, Fun, Map, Pid, Port, Reference, Term, binary, improper, integer, list, string, tuple,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Any term; identifiers name nodes that a peer accepts.
pub(crate) fn term() -> impl Strategy<Value = Term> {
    leaf().prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            3 => vec(inner.clone(), 0..6).prop_map(tuple),
            3 => vec(inner.clone(), 0..6).prop_map(list),
            1 => (vec(inner.clone(), 1..4), inner.clone()).prop_map(|(elements, tail)| improper(elements, tail)),
            2 => vec((inner.clone(), inner.clone()), 0..5).prop_map(any_map),
            1 => (fun(), vec(inner, 0..3)).prop_map(|(fun, free)| Fun { free: free.into(), ..fun }.into()),
        ]
    })
}

/// Of pairs whose keys may repeat, the first of each.
fn any_map(pairs: Vec<(Term, Term)>) -> Term {
    let mut kept: Vec<(Term, Term)> = Vec::new();
    for (key, value) in pairs {
        // OTP 25 takes 0.0 and -0.0 for one key, and containers that hold them too; by value they are equal.
        if !kept.iter().any(|(other, _)| other == &key || other.equals_by_value(&key) && has_zero(&key)) {
            kept.push((key, value));
        }
    }
    Map::new(kept).unwrap().into()
}

fn has_zero(term: &Term) -> bool {
    laid_bare(term).contains("0.0")
}

/// As it prints, and what its funs close over, which does not.
pub(crate) fn laid_bare(term: &Term) -> String {
    let all = |terms: &[Term]| terms.iter().map(laid_bare).collect::<Vec<_>>().join(" ");
    match term {
        Term::Tuple(terms) | Term::List(terms) => all(terms),
        Term::Improper(list) => format!("{} {}", all(list.elements()), laid_bare(list.tail())),
        Term::Map(map) => map.iter().map(|(key, value)| format!("{} {} ", laid_bare(key), laid_bare(value))).collect(),
        Term::Fun(fun) => format!("{fun} {}", all(&fun.free)),
        leaf => leaf.to_string(),
    }
}

fn leaf() -> impl Strategy<Value = Term> {
    prop_oneof![
        4 => number(),
        3 => atom().prop_map(Term::from),
        3 => bytes(),
        2 => prop_oneof![pid().prop_map(Term::from), port(), reference(), export()],
        1 => "[ -~\\n\u{a0}-\u{ff}\u{100}-\u{180}]{0,12}".prop_map(|text| string(&text)),
        1 => vec(any::<u8>(), 0..20).prop_map(list),
    ]
}

fn number() -> impl Strategy<Value = Term> {
    prop_oneof![
        any::<u8>().prop_map(Term::from),
        any::<i32>().prop_map(Term::from),
        any::<i64>().prop_map(Term::from),
        any::<i128>().prop_map(Term::from),
        (any::<bool>(), vec(any::<u8>(), 0..300)).prop_map(|(negative, magnitude)| integer(negative, &magnitude)),
        float().prop_map(Term::from),
    ]
}

/// All sizes, and the short ones that people write.
pub(crate) fn float() -> impl Strategy<Value = Float> {
    let short = (-100_000i32..100_000, -20i32..25).prop_map(|(digits, exponent)| f64::from(digits) * 10f64.powi(exponent));
    let whole = (0u32..64, any::<u64>()).prop_map(|(shift, bits)| (bits >> shift) as f64);
    prop_oneof![any::<f64>(), short, whole].prop_filter_map("finite", |value| Float::new(value).ok())
}

fn atom() -> impl Strategy<Value = Atom> {
    prop_oneof![
        4 => "[a-z][a-zA-Z0-9_@]{0,30}",
        2 => "[ -~]{0,10}",
        1 => prop::sample::select(&["true", "fun", "maybe", "else", "and", "when", "cond", "''", "ÿ", "÷", "ß", "Ä", "a÷", "äÀ×"][..]).prop_map(str::to_owned),
        1 => "[\u{0}-\u{ff}]{0,6}",
        1 => "[λа-яあ😀]{1,40}",
    ]
    .prop_map(|text| Atom::new(&text).unwrap())
}

fn node() -> impl Strategy<Value = Atom> {
    "[a-z]{1,8}@[a-z]{1,20}".prop_map(|text| Atom::new(&text).unwrap())
}

/// 0 is no life of a node but the mark of an old one.
fn creation() -> impl Strategy<Value = Creation> {
    (1..=u32::MAX).prop_map(Creation)
}

fn pid() -> impl Strategy<Value = Pid> {
    (node(), any::<u32>(), any::<u32>(), creation()).prop_map(|(node, id, serial, creation)| Pid { node, id, serial, creation })
}

fn port() -> impl Strategy<Value = Term> {
    let id = prop_oneof![any::<u32>().prop_map(u64::from), any::<u64>(), Just((1 << 28) - 1), Just(1 << 28)];
    (node(), id, creation()).prop_map(|(node, id, creation)| Port { node, id, creation }.into())
}

/// No zero at the end: OTP forgets such words.
fn reference() -> impl Strategy<Value = Term> {
    let words = vec(1..=u32::MAX, 1..=5);
    (node(), creation(), words).prop_map(|(node, creation, words)| Reference::new(node, creation, &words).unwrap().into())
}

/// Of ASCII: OTP 25 prints the bytes of other names as if each were a character. And neither reserved
/// words nor `@`: in funs it has rules of its own for the quotes.
fn export() -> impl Strategy<Value = Term> {
    let name = || "[ -?A-~]{0,10}|x_[a-z]{1,5}".prop_map(|text| Atom::new(&text).unwrap());
    (name(), name(), any::<u8>()).prop_map(|(module, function, arity)| Export { module, function, arity }.into())
}

fn fun() -> impl Strategy<Value = Fun> {
    let numbers = (any::<u8>(), any::<[u8; 16]>(), 0..1000u32, 0..1000i64, 0..1i64 << 27);
    ("x_[a-z]{1,8}", pid(), numbers).prop_map(|(module, creator, (arity, uniq, index, old_index, old_uniq))| {
        let module = Atom::new(&module).unwrap();
        Fun { module, arity, uniq, index, old_index, old_uniq, creator, free: Vec::new().into() }
    })
}

fn bytes() -> impl Strategy<Value = Term> {
    prop_oneof![
        2 => vec(any::<u8>(), 0..40).prop_map(binary),
        1 => "[ -~\\n\\t]{0,20}".prop_map(Term::from),
        1 => "[ -~äöüß\u{100}é]{0,10}".prop_map(Term::from),
        1 => vec(prop_oneof![32..127u8, 160..=255u8], 0..10).prop_map(binary),
        1 => (vec(any::<u8>(), 1..10), 1..8u8).prop_map(|(bytes, last)| BitString::new(Bytes::from(bytes), last).unwrap().into()),
    ]
}
