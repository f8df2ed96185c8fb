//! A real Erlang reads what we write, writes it again, and prints it.

use crate::arbitrary::term;
use bytes::{Buf, Bytes};
use countersign::etf::{Term, decode, encode};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::process::Command;

#[path = "../support/otp/here.rs"]
#[expect(dead_code, clippy::print_stderr, reason = "only tests of links need a node with TLS")]
mod here;
#[path = "../support/scratch.rs"]
#[expect(dead_code, clippy::print_stderr, reason = "other tests run commands there")]
mod scratch;

pub(crate) use here::programs_are_here;
pub(crate) use scratch::Scratch;

#[test]
fn terms_go_through_erlang_and_come_back_the_same() {
    if !programs_are_here("terms_go_through_erlang_and_come_back_the_same", &["erl"]) {
        return;
    }
    let terms = terms();
    let mut answer = Bytes::from(through_erlang(&terms));
    let release = String::from_utf8(frame(&mut answer).to_vec()).unwrap();
    for term in &terms {
        assert_eq!(decode(&frame(&mut answer)).as_ref(), Ok(term));
        let printed = String::from_utf8(frame(&mut answer).to_vec()).unwrap();
        if release == PRINTS_ALIKE {
            assert_eq!(without_nodes(&term.to_string()), without_nodes(&printed));
        }
    }
    assert!(answer.is_empty());
    if release != PRINTS_ALIKE {
        report(&format!("printing was not compared: OTP {release} sorts maps and reserves words otherwise than OTP {PRINTS_ALIKE}"));
    }
}

fn terms() -> Vec<Term> {
    let mut runner = TestRunner::deterministic();
    let strategy = term();
    (0..TERMS).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// The release, then for each term what `term_to_binary` and `~0tp` make of it.
fn through_erlang(terms: &[Term]) -> Vec<u8> {
    let scratch = Scratch::new();
    let (input, output) = (scratch.join("input"), scratch.join("output"));
    let framed = terms.iter().flat_map(|term| {
        let bytes = encode(term).unwrap();
        [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), &bytes[..]].concat()
    });
    std::fs::write(&input, framed.collect::<Vec<_>>()).unwrap();
    let run = Command::new("erl").args(["-noshell", "-noinput", "-eval", PROGRAM, "-extra"]).args([&input, &output]).output().unwrap();
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    std::fs::read(&output).unwrap()
}

pub(crate) fn frame(bytes: &mut Bytes) -> Bytes {
    let length = usize::try_from(bytes.get_u32()).unwrap();
    bytes.split_to(length)
}

/// Erlang prints its own number for a node, we its name: neither counts.
fn without_nodes(printed: &str) -> String {
    let is_node = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_digit()) || text.split_once('@').is_some_and(|(name, host)| is_small(name) && is_small(host))
    };
    let mut pieces = printed.split('<');
    let mut out = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let rest = piece.split_once('.').filter(|(node, _)| is_node(node)).map_or(piece, |(_, rest)| rest);
        out.push('<');
        out.push_str(rest);
    }
    out
}

fn is_small(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[expect(clippy::print_stderr, reason = "a test that did less than it promises must say so")]
fn report(what: &str) {
    eprintln!("{what}");
}

const TERMS: usize = 400;
/// What `Display` promises to look like.
const PRINTS_ALIKE: &str = "25";
const PROGRAM: &str = r#"
    [In, Out] = init:get_plain_arguments(),
    {ok, All} = file:read_file(In),
    Frame = fun(Bytes) -> [<<(byte_size(Bytes)):32>>, Bytes] end,
    Each = fun Each(<<Length:32, Bytes:Length/binary, Rest/binary>>) ->
                   Term = binary_to_term(Bytes),
                   Printed = unicode:characters_to_binary(io_lib:format("~0tp", [Term])),
                   [Frame(term_to_binary(Term, [{minor_version, 2}])), Frame(Printed) | Each(Rest)];
               Each(<<>>) ->
                   []
           end,
    ok = file:write_file(Out, [Frame(list_to_binary(erlang:system_info(otp_release))) | Each(All)]),
    halt(0).
"#;
