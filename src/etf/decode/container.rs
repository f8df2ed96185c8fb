//! Terms with other terms inside: opened when their head is read, closed when they lack nothing.

use super::Walk;
use super::leaf;
use super::reader::Reader;
use crate::etf::error::DecodeError;
use crate::etf::fun::Fun;
use crate::etf::map::Map;
use crate::etf::tag;
use crate::etf::term::Term;
use crate::etf::terms::{Improper, Terms};

/// A container and what it still lacks.
pub(super) struct Open {
    pub(super) shape: Shape,
    at: usize,
    terms: Vec<Term>,
    missing: usize,
}

pub(super) enum Shape {
    Tuple,
    /// Its tail has not been read, so that it may turn out to be one of the next two.
    List,
    ProperList,
    ImproperList,
    Map,
    Fun(Box<Fun>),
}

impl Open {
    fn new(shape: Shape, at: usize, missing: usize) -> Self {
        // The count has been checked against the bytes that are left. Exact, so that nothing is moved or cut later.
        Self { shape, at, terms: Vec::with_capacity(missing), missing }
    }

    pub(super) const fn is_full(&self) -> bool {
        self.missing == 0
    }

    #[inline]
    pub(super) fn put(&mut self, term: Term) {
        self.terms.push(term);
        self.missing = self.missing.saturating_sub(1);
    }

    pub(super) fn close(self) -> Result<Term, DecodeError> {
        let Self { shape, at, mut terms, .. } = self;
        Ok(match shape {
            Shape::Tuple => Term::Tuple(terms.into()),
            Shape::List | Shape::ProperList => Term::List(terms.into()),
            // [|T] is T. OTP reads it so, though it never writes it.
            Shape::ImproperList if terms.len() == 1 => terms.pop().unwrap_or_else(Term::nil),
            Shape::ImproperList => Term::Improper(Improper::of(terms.into())),
            Shape::Map => Term::Map(Map::sorted(terms).map_err(|_| DecodeError::DuplicateKey { at })?),
            Shape::Fun(head) => Term::Fun(Box::new(Fun { free: terms.into(), ..*head })),
        })
    }
}

/// Reads the head of a container; what is none either is no term, or not here.
pub(super) fn open(tag: u8, at: usize, walk: &mut Walk<'_, '_>) -> Result<Open, DecodeError> {
    let reader = &mut *walk.reader;
    let (shape, count) = match tag {
        tag::SMALL_TUPLE => (Shape::Tuple, reader.short_length()?),
        tag::LARGE_TUPLE => (Shape::Tuple, reader.length()?),
        tag::LIST => return open_list(at, reader),
        tag::MAP => (Shape::Map, reader.length()?.saturating_mul(2)),
        tag::NEW_FUN => {
            let (head, free) = fun_head(walk)?;
            (Shape::Fun(Box::new(head)), free)
        }
        tag::COMPRESSED | tag::LOCAL => return Err(DecodeError::NotOutermost { at, tag }),
        _ => return Err(DecodeError::UnknownTag { at, tag }),
    };
    walk.reader.owe(count)?;
    Ok(Open::new(shape, at, count))
}

fn open_list(at: usize, reader: &mut Reader<'_>) -> Result<Open, DecodeError> {
    let count = reader.length()?;
    // Its tail is owed as well.
    reader.owe(count.saturating_add(1))?;
    Ok(Open::new(Shape::List, at, count))
}

/// Reads on where the elements of a list end. A tail that is a list goes on with the same list, in a loop
/// and not in a frame of its own: `[a | [b | [c]]]` is as flat as `[a, b, c]`.
pub(super) fn read_tail(list: &mut Open, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    match reader.peek() {
        Some(tag::NIL) => {
            reader.tag()?;
            list.shape = Shape::ProperList;
        }
        Some(tag::STRING) => {
            reader.tag()?;
            list.terms.extend(string(reader)?);
            list.shape = Shape::ProperList;
        }
        Some(tag::LIST) => {
            reader.tag()?;
            list.missing = reader.length()?;
            reader.owe(list.missing.saturating_add(1))?;
            list.terms.reserve(list.missing);
        }
        _ => {
            list.shape = Shape::ImproperList;
            list.missing = 1;
            list.terms.reserve_exact(1);
        }
    }
    Ok(())
}

/// A list of bytes, in the short form that it has.
pub(super) fn string(reader: &mut Reader<'_>) -> Result<impl ExactSizeIterator<Item = Term>, DecodeError> {
    let length = reader.middle_length()?;
    Ok(reader.take(length)?.iter().map(|&byte| Term::Integer(i64::from(byte))))
}

/// Everything of a closure but the values it closes over, and their count. Its size is passed over: what
/// counts is where it really ends.
fn fun_head(walk: &mut Walk<'_, '_>) -> Result<(Fun, usize), DecodeError> {
    walk.reader.u32()?;
    let arity = walk.reader.byte()?;
    let uniq = walk.reader.array()?;
    let index = walk.reader.u32()?;
    let count = walk.reader.length()?;
    let module = leaf::read_atom(walk)?;
    let (old_index, old_uniq) = (leaf::read_integer(walk)?, leaf::read_integer(walk)?);
    let creator = leaf::read_pid(walk)?;
    Ok((Fun { module, arity, uniq, index, old_index, old_uniq, creator, free: Terms::default() }, count))
}
