//! Equality, hash and order of terms, with a stack of their own instead of recursion.

use super::bit_string;
use super::term::Term;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// Two ways in which Erlang orders numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// By value, as `<` and `==` do: `1` equals `1.0`.
    Value,
    /// Integers before floats, as keys of maps are: only what is the same is equal.
    Key,
}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        let (mut ours, mut theirs) = (Preorder::of(self), Preorder::of(other));
        // Equal nodes have equally many children, so both walks end together.
        ours.by_ref().all(|one| theirs.next().is_some_and(|other| is_same_node(one, other)))
    }
}

impl Eq for Term {}

impl PartialOrd for Term {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Term {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(self, other, Mode::Value).then_with(|| compare(self, other, Mode::Key))
    }
}

impl Hash for Term {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Preorder::of(self).for_each(|term| hash_node(term, state));
    }
}

impl Term {
    /// Erlang's `==`, to which `1` and `1.0` are equal.
    pub fn equals_by_value(&self, other: &Self) -> bool {
        compare(self, other, Mode::Value) == Ordering::Equal
    }
}

/// A term, then all that stands inside, from left to right. Takes memory only for what has an inside.
struct Preorder<'a> {
    root: Option<&'a Term>,
    open: Vec<std::slice::Iter<'a, Term>>,
}

impl<'a> Preorder<'a> {
    const fn of(term: &'a Term) -> Self {
        Self { root: Some(term), open: Vec::new() }
    }

    fn step(&mut self) -> Option<&'a Term> {
        while let Some(rest) = self.open.last_mut() {
            if let Some(term) = rest.next() {
                return Some(term);
            }
            self.open.pop();
        }
        None
    }
}

impl<'a> Iterator for Preorder<'a> {
    type Item = &'a Term;

    fn next(&mut self) -> Option<&'a Term> {
        let term = self.root.take().or_else(|| self.step())?;
        if !term.children().is_empty() {
            self.open.push(term.children().iter());
        }
        Some(term)
    }
}

fn is_same_node(one: &Term, other: &Term) -> bool {
    match (one, other) {
        (Term::Integer(one), Term::Integer(other)) => one == other,
        (Term::BigInt(one), Term::BigInt(other)) => one == other,
        (Term::Float(one), Term::Float(other)) => one == other,
        (Term::Atom(one), Term::Atom(other)) => one == other,
        (Term::Reference(one), Term::Reference(other)) => one == other,
        (Term::Fun(one), Term::Fun(other)) => one.compare_heads(other).is_eq(),
        (Term::Export(one), Term::Export(other)) => one == other,
        (Term::Port(one), Term::Port(other)) => one == other,
        (Term::Pid(one), Term::Pid(other)) => one == other,
        (Term::Binary(one), Term::Binary(other)) | (Term::Local(one), Term::Local(other)) => one == other,
        (Term::BitString(one), Term::BitString(other)) => one == other,
        _ => std::mem::discriminant(one) == std::mem::discriminant(other) && one.children().len() == other.children().len(),
    }
}

fn hash_node<H: Hasher>(term: &Term, state: &mut H) {
    std::mem::discriminant(term).hash(state);
    match term {
        Term::Integer(value) => value.hash(state),
        Term::BigInt(value) => value.hash(state),
        Term::Float(value) => value.hash(state),
        Term::Atom(value) => value.hash(state),
        Term::Reference(value) => value.hash(state),
        Term::Fun(value) => value.head().hash(state),
        Term::Export(value) => value.hash(state),
        Term::Port(value) => value.hash(state),
        Term::Pid(value) => value.hash(state),
        Term::Binary(value) | Term::Local(value) => value.hash(state),
        Term::BitString(value) => value.hash(state),
        Term::Tuple(_) | Term::Map(_) | Term::List(_) | Term::Improper(_) => {}
    }
    term.children().len().hash(state);
}

/// The order of two terms; `Equal` by value may still be two terms.
pub(super) fn compare(one: &Term, other: &Term, mode: Mode) -> Ordering {
    let mut lanes = Vec::new();
    let mut pair = Some((one, other, mode));
    while let Some((one, other, mode)) = pair {
        let order = compare_nodes(one, other, mode);
        if order.is_ne() {
            return order;
        }
        Lane::push(one, other, mode, &mut lanes);
        pair = match next_pair(&mut lanes) {
            Ok(pair) => pair,
            Err(order) => return order,
        };
    }
    Ordering::Equal
}

/// Two rows of children side by side, and what their ends say if nothing before decides.
struct Lane<'a> {
    ours: &'a [Term],
    theirs: &'a [Term],
    at: usize,
    step: usize,
    mode: Mode,
    end: Ordering,
}

impl<'a> Lane<'a> {
    fn push(one: &'a Term, other: &'a Term, mode: Mode, lanes: &mut Vec<Self>) {
        let (ours, theirs) = (one.children(), other.children());
        if ours.is_empty() && theirs.is_empty() {
            return;
        }
        let lane = |at, step, mode| Lane { ours, theirs, at, step, mode, end: Ordering::Equal };
        match (one, other) {
            // The keys are compared before any value, so they lie on top.
            (Term::Map(_), Term::Map(_)) => lanes.extend([lane(1, 2, mode), lane(0, 2, Mode::Key)]),
            (Term::List(_) | Term::Improper(_), Term::List(_) | Term::Improper(_)) => Self::push_lists(one, other, mode, lanes),
            _ => lanes.push(lane(0, 1, mode)),
        }
    }

    /// Behind the common length the rest of one list stands against the tail of the other.
    fn push_lists(one: &'a Term, other: &'a Term, mode: Mode, lanes: &mut Vec<Self>) {
        let ((ours, our_tail), (theirs, their_tail)) = (elements_and_tail(one), elements_and_tail(other));
        let mut end = match ours.len().cmp(&theirs.len()) {
            Ordering::Equal => rank_of_tail(our_tail).cmp(&rank_of_tail(their_tail)),
            Ordering::Less => rank_of_tail(our_tail).cmp(&LIST),
            Ordering::Greater => LIST.cmp(&rank_of_tail(their_tail)),
        };
        if end.is_eq() && !our_tail.is_empty() {
            lanes.push(Lane { ours: our_tail, theirs: their_tail, at: 0, step: 1, mode, end });
            end = Ordering::Equal;
        }
        lanes.push(Lane { ours, theirs, at: 0, step: 1, mode, end });
    }
}

/// The next two terms to compare, none when all are equal, or the order that the end of a row decides.
fn next_pair<'a>(lanes: &mut Vec<Lane<'a>>) -> Result<Option<(&'a Term, &'a Term, Mode)>, Ordering> {
    while let Some(lane) = lanes.last_mut() {
        if let (Some(one), Some(other)) = (lane.ours.get(lane.at), lane.theirs.get(lane.at)) {
            lane.at += lane.step;
            return Ok(Some((one, other, lane.mode)));
        }
        if lane.end.is_ne() {
            return Err(lane.end);
        }
        lanes.pop();
    }
    Ok(None)
}

fn elements_and_tail(list: &Term) -> (&[Term], &[Term]) {
    match list {
        Term::Improper(improper) => (improper.elements(), std::slice::from_ref(improper.tail())),
        proper => (proper.children(), &[]),
    }
}

fn rank_of_tail(tail: &[Term]) -> u8 {
    tail.first().map_or(NIL, rank)
}

/// Without their children. Lists say nothing here: their elements come before their lengths.
fn compare_nodes(one: &Term, other: &Term, mode: Mode) -> Ordering {
    match (one, other) {
        (Term::Atom(one), Term::Atom(other)) => one.cmp(other),
        (Term::Reference(one), Term::Reference(other)) => one.cmp(other),
        (Term::Fun(one), Term::Fun(other)) => one.compare_heads(other),
        (Term::Export(one), Term::Export(other)) => one.cmp(other),
        (Term::Port(one), Term::Port(other)) => one.cmp(other),
        (Term::Pid(one), Term::Pid(other)) => one.cmp(other),
        (Term::Tuple(one), Term::Tuple(other)) => one.len().cmp(&other.len()),
        (Term::Map(one), Term::Map(other)) => one.len().cmp(&other.len()),
        (Term::Local(one), Term::Local(other)) => one.cmp(other),
        _ => compare_numbers(one, other, mode).or_else(|| compare_bits(one, other)).unwrap_or_else(|| rank(one).cmp(&rank(other))),
    }
}

fn compare_numbers(one: &Term, other: &Term, mode: Mode) -> Option<Ordering> {
    Some(match (one, other) {
        (Term::Integer(one), Term::Integer(other)) => one.cmp(other),
        (Term::BigInt(one), Term::BigInt(other)) => one.cmp(other),
        (Term::Integer(_), Term::BigInt(big)) => {
            if big.is_negative() {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (Term::BigInt(big), Term::Integer(_)) => {
            if big.is_negative() {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (Term::Float(one), Term::Float(other)) if mode == Mode::Key => one.value().total_cmp(&other.value()),
        (Term::Float(one), Term::Float(other)) => one.value().partial_cmp(&other.value())?,
        (Term::Integer(_) | Term::BigInt(_), Term::Float(_)) if mode == Mode::Key => Ordering::Less,
        (Term::Float(_), Term::Integer(_) | Term::BigInt(_)) if mode == Mode::Key => Ordering::Greater,
        (Term::Integer(one), Term::Float(other)) => compare_with_float(*one, other.value()),
        (Term::Float(one), Term::Integer(other)) => compare_with_float(*other, one.value()).reverse(),
        (Term::BigInt(one), Term::Float(other)) => one.compare_float(other.value()),
        (Term::Float(one), Term::BigInt(other)) => other.compare_float(one.value()).reverse(),
        _ => return None,
    })
}

/// Exactly: rounding the integer would make it equal to a float that it is not.
fn compare_with_float(integer: i64, float: f64) -> Ordering {
    let beyond = 9_223_372_036_854_775_808.0;
    if float >= beyond {
        Ordering::Less
    } else if float < -beyond {
        Ordering::Greater
    } else {
        let fraction = 0.0f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal);
        integer.cmp(&(float.trunc() as i64)).then(fraction)
    }
}

fn compare_bits(one: &Term, other: &Term) -> Option<Ordering> {
    Some(bit_string::compare(bits(one)?, bits(other)?))
}

fn bits(term: &Term) -> Option<(&[u8], u8)> {
    match term {
        Term::Binary(bytes) => Some((bytes, 8)),
        Term::BitString(bits) => Some((bits.bytes(), bits.last_bits())),
        _ => None,
    }
}

/// Erlang's order of kinds: number < atom < reference < fun < port < pid < tuple < map < nil < list < bits.
fn rank(term: &Term) -> u8 {
    match term {
        Term::Integer(_) | Term::BigInt(_) | Term::Float(_) => 0,
        Term::Atom(_) => 1,
        Term::Reference(_) => 2,
        Term::Fun(_) => 3,
        Term::Export(_) => 4,
        Term::Port(_) => 5,
        Term::Pid(_) => 6,
        Term::Tuple(_) => 7,
        Term::Map(_) => 8,
        Term::List(elements) if elements.is_empty() => NIL,
        Term::List(_) | Term::Improper(_) => LIST,
        Term::Binary(_) | Term::BitString(_) => 11,
        Term::Local(_) => 12,
    }
}

const NIL: u8 = 9;
const LIST: u8 = 10;
