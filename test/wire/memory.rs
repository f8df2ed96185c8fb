//! How much memory a peer can make the decoder take, counted by the allocator: never more than a fixed
//! multiple of what it sent. The multiples are printed (`cargo test --test wire_memory -- --nocapture`).

#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

use bytes::Bytes;
use countersign::etf::{Decoder, Limits, decode};
use peak_alloc::PeakAlloc;
use std::sync::Mutex;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// One test at a time: what another thread takes would be counted too.
static TURN: Mutex<()> = Mutex::new(());

#[test]
fn memory_stays_below_a_multiple_of_the_input() {
    let _turn = TURN.lock();
    let mut worst: f64 = 0.0;
    for (name, bytes, levels) in flat_shapes().into_iter().map(|(name, bytes)| (name, bytes, 0)).chain(deep_shapes()) {
        let k = multiple(Bytes::from(bytes), levels);
        report(&format!("{k:7.2}  {name}"));
        worst = worst.max(k);
    }
    report(&format!("{worst:7.2}  the worst: k, with c = {C} bytes and {LEVEL} for each open level"));
    assert!(worst <= K, "{worst} is more than {K}");
}

#[test]
fn a_bomb_costs_no_more_than_the_limit_allows() {
    let _turn = TURN.lock();
    // A megabyte of "[]" in a list, in about a kilobyte.
    let plain = [&[108, 0, 15, 255, 255][..], &[106; 0x10_0000]].concat();
    let bomb = compressed(&plain);
    let allowed = peak(|| drop(decode(&bomb.clone())));
    report(&format!("{:7.2}  of what a bomb of {} bytes decompresses to", allowed as f64 / plain.len() as f64, bomb.len()));
    assert!(allowed <= plain.len() * 26);
    let strict = Decoder::new().with_limits(Limits { decompressed: plain.len() - 1, ..Limits::default() });
    assert!(peak(|| assert!(strict.decode(&bomb).is_err())) < 1024);
    let lying = Bytes::from([&[131, 80, 0, 255, 255, 255][..], &[0x78, 0x9c, 0x4b, 0x64, 0x04, 0x00]].concat());
    assert!(peak(|| assert!(decode(&lying).is_err())) < 1024);
}

#[test]
fn atoms_leave_nothing_behind_however_many_differ() {
    let _turn = TURN.lock();
    let before = MEMORY.current_usage();
    for number in 0..200_000u32 {
        let name = format!("an_atom_too_long_to_live_inside_its_term_{number}");
        let bytes = [&[131, 119, u8::try_from(name.len()).unwrap()][..], name.as_bytes()].concat();
        assert!(decode(&bytes.into()).unwrap().is_atom(&name));
    }
    assert!(MEMORY.current_usage() <= before + C);
}

/// Each about 200 kB of the same, whole unless it says otherwise.
fn flat_shapes() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("a list of []", list_of(&[106])),
        ("a tuple of []", counted(105, &[106], &[])),
        ("a list of small integers", list_of(&[97, 1])),
        ("a list of {}", list_of(&[104, 0])),
        ("a list of {[]}", list_of(&[104, 1, 106])),
        ("a list of {{[]}}", list_of(&[104, 1, 104, 1, 106])),
        ("a list of [[]]", list_of(&[108, 0, 0, 0, 1, 106, 106])),
        ("a list of [[] | {}]", list_of(&[108, 0, 0, 0, 1, 106, 104, 0])),
        ("a list of #{}", list_of(&[116, 0, 0, 0, 0])),
        ("a list of #{[] => []}", list_of(&[116, 0, 0, 0, 1, 106, 106])),
        ("a list of empty atoms", list_of(&[119, 0])),
        ("a list of atoms of 23 bytes", list_of(&[&[119, 23][..], &[b'a'; 23]].concat())),
        ("a list of Latin-1 atoms", list_of(&[&[115, 20][..], &[0xe4; 20]].concat())),
        ("a list of empty binaries", list_of(&[109, 0, 0, 0, 0])),
        ("a list of bit strings", list_of(&[77, 0, 0, 0, 1, 1, 255])),
        ("a list of bignums", list_of(&[110, 8, 0, 255, 255, 255, 255, 255, 255, 255, 255])),
        ("a list of old pids", list_of(&[103, 119, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
        ("a list of references", list_of(&[90, 0, 1, 119, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
        ("a list of exports", list_of(&[113, 119, 0, 119, 0, 97, 0])),
        ("a list of strings of one byte", list_of(&[107, 0, 1, 1])),
        ("a list of the longest strings", list_of(&[&[107, 255, 255][..], &[1; 65_535]].concat())),
        ("an improper list of []", [&counted(108, &[106], &[])[..], &[97, 1]].concat()),
        ("a list that goes on as its tail", chained()),
        ("a map of integers", map()),
        ("a list, its last byte missing", cut(list_of(&[106]))),
        ("a list, its last element unknown", spoilt(list_of(&[106]))),
        ("a list of counts that lie", counted(108, &[108, 0, 0, 1, 0], &[])),
        ("a list that goes on as a long list", twice(counted(108, &[106], &[]))),
    ]
}

/// And how many levels are open at once; the limit is 10,000.
fn deep_shapes() -> Vec<(&'static str, Vec<u8>, usize)> {
    vec![
        ("{[], {[], {…, 9,000 levels", nested(&[104, 2, 106], 9_000), 9_000),
        ("{{{…, 9,000 levels", nested(&[104, 1], 9_000), 9_000),
        ("[[[…, 9,000 levels", nested(&[108, 0, 0, 0, 1], 9_000), 9_000),
        ("tuples that each claim what is left", claims(), 9_000),
    ]
}

fn list_of(element: &[u8]) -> Vec<u8> {
    counted(108, element, &[106])
}

fn counted(tag: u8, element: &[u8], end: &[u8]) -> Vec<u8> {
    let count = (200_000 / element.len()).max(1);
    let head = [&[131, tag][..], &u32::try_from(count).unwrap().to_be_bytes()].concat();
    [&head[..], &element.repeat(count), end].concat()
}

fn chained() -> Vec<u8> {
    [&[131][..], &[108, 0, 0, 0, 1, 106].repeat(40_000), &[107, 255, 255], &[1; 65_535]].concat()
}

fn nested(head: &[u8], depth: usize) -> Vec<u8> {
    [&[131][..], &head.repeat(depth), &[106]].concat()
}

fn map() -> Vec<u8> {
    let pairs = (0..30_000u32).rev().flat_map(|key| [&[98][..], &key.to_be_bytes(), &[106]].concat());
    [&[131, 116][..], &30_000u32.to_be_bytes(), &pairs.collect::<Vec<_>>()].concat()
}

fn cut(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.pop();
    bytes
}

fn spoilt(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(200_000);
    [bytes, vec![0, 0]].concat()
}

/// Without a tail it goes on with itself, less the version byte.
fn twice(list: Vec<u8>) -> Vec<u8> {
    let again = list.iter().copied().skip(1).chain([106]);
    list.iter().copied().chain(again).collect()
}

/// Each count alone would be true, all together are not.
fn claims() -> Vec<u8> {
    let mut bytes = vec![131];
    for level in 0..9_000u32 {
        bytes.push(105);
        bytes.extend((100_000 - 5 * level).to_be_bytes());
    }
    bytes.resize(145_000, 106);
    bytes
}

fn compressed(plain: &[u8]) -> Bytes {
    let head = [&[131, 80][..], &u32::try_from(plain.len()).unwrap().to_be_bytes()].concat();
    [head, miniz_oxide::deflate::compress_to_vec_zlib(plain, 9)].concat().into()
}

/// Of the input, beyond what is taken whatever it is. Dropping counts too.
fn multiple(bytes: Bytes, levels: usize) -> f64 {
    peak(|| drop(decode(&bytes))).saturating_sub(C + levels * LEVEL) as f64 / bytes.len() as f64
}

/// What the work took at its worst beyond what was there before.
fn peak(work: impl FnOnce()) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    work();
    MEMORY.peak_usage().saturating_sub(before)
}

#[expect(clippy::print_stdout, reason = "the figures are what the test is for")]
fn report(line: &str) {
    println!("{line}");
}

/// Bytes taken for each byte received.
const K: f64 = 50.0;
/// Bytes taken whatever is received.
const C: usize = 16 * 1024;
/// Bytes taken for each container that is open at once: 56, in a vector that doubles, while it moves.
const LEVEL: usize = 168;
