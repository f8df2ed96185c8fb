//! Depth is data, never stack: these run on a thread with less stack than any default.

use bytes::Bytes;
use countersign::etf::{DecodeError, Decoder, Limits, Term, decode, encode, improper, list, map, tuple};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// Runs on 128 KiB: where anything recurses, these many levels would need more than a hundred times that.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(128 * 1024).spawn(work).unwrap().join().unwrap();
}

/// The head of a container with one place free, so often, then `[]`, then each container's end.
fn nested(head: &[u8], end: &[u8], levels: usize) -> Bytes {
    let mut bytes = vec![131];
    bytes.extend(head.repeat(levels));
    bytes.push(106);
    bytes.extend(end.repeat(levels));
    bytes.into()
}

fn forms(levels: usize) -> [Bytes; 4] {
    [
        nested(&[104, 1], &[], levels),
        nested(&[108, 0, 0, 0, 1], &[106], levels),
        nested(&[116, 0, 0, 0, 1, 97, 1], &[], levels),
        // As a key: maps are sorted on the way out.
        nested(&[116, 0, 0, 0, 1], &[97, 1], levels),
    ]
}

#[test]
fn a_million_levels_are_refused_at_the_limit() {
    on_a_small_stack(|| {
        for bytes in forms(MILLION) {
            let refused = decode(&bytes).unwrap_err();
            assert!(matches!(refused, DecodeError::TooDeep { limit: 10_000, .. }), "{refused}");
        }
    });
}

#[test]
fn any_number_of_levels_is_read_copied_compared_hashed_printed_written_and_dropped_when_allowed() {
    on_a_small_stack(|| {
        let deep = Decoder::new().with_limits(Limits { depth: LEVELS, ..Limits::default() });
        for bytes in forms(LEVELS) {
            let term = deep.decode(&bytes).unwrap();
            live_through_everything(&term);
            assert_eq!(encode(&term).unwrap(), bytes);
        }
    });
}

#[test]
fn a_builder_may_go_as_deep() {
    on_a_small_stack(|| {
        live_through_everything(&(0..LEVELS).fold(Term::nil(), |term, _| tuple([term])));
        live_through_everything(&(0..LEVELS).fold(Term::nil(), |term, _| list([term])));
        live_through_everything(&(0..LEVELS).fold(Term::nil(), |term, _| map([(term, 1)]).unwrap()));
        live_through_everything(&(0..LEVELS).fold(Term::from(1), |term, _| improper([term], 1)));
    });
}

#[test]
fn tails_of_tails_of_lists_are_one_flat_list_at_any_depth() {
    let mut bytes = vec![131];
    bytes.extend([108, 0, 0, 0, 1, 97, 1].repeat(MILLION));
    bytes.push(106);
    assert_eq!(decode(&bytes.into()), Ok(list(vec![1; MILLION])));
}

fn live_through_everything(term: &Term) {
    let copy = term.clone();
    assert!(copy == *term && copy.cmp(term).is_eq() && copy.equals_by_value(term));
    let mut hasher = DefaultHasher::new();
    copy.hash(&mut hasher);
    assert!(hasher.finish() != 0);
    assert!(copy.to_string().len() > 2 * LEVELS && format!("{copy:?}").len() > 2 * LEVELS);
    assert!(encode(&copy).unwrap().len() > 2 * LEVELS);
}

const MILLION: usize = 1_000_000;
const LEVELS: usize = 200_000;
