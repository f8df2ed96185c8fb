//! Rows of a table: a line of Erlang, and the value that it stands for.

use super::types::Value;
use crate::erlang::{Scratch, frame, programs_are_here};
use bytes::Bytes;
use countersign::etf::serde::{from_term, to_term};
use countersign::etf::{Term, decode};
use std::process::Command;

pub(crate) struct Row {
    pub(crate) erlang: &'static str,
    pub(crate) term: Term,
    reads: Box<dyn Fn(&Term)>,
}

/// The value, and the line that it is.
pub(crate) fn row(erlang: &'static str, value: impl Value + 'static) -> Row {
    let term = to_term(&value).unwrap();
    let reads = Box::new(move |term: &Term| check(term, &value));
    Row { erlang, term, reads }
}

fn check<T: Value>(term: &Term, value: &T) {
    assert_eq!(from_term::<T>(term).as_ref(), Ok(value), "reading {term}");
}

impl Row {
    /// The term is read as the row's value.
    pub(crate) fn reads(&self, term: &Term) {
        (self.reads)(term);
    }
}

/// A real Erlang evaluates each line: what it sends is our term, and is read as the value.
pub(crate) fn ask_erlang(test: &str, rows: Vec<Row>) {
    if !programs_are_here(test, &["erl"]) {
        return;
    }
    let lines: Vec<&str> = rows.iter().map(|row| row.erlang).collect();
    let run = |input, output| Command::new("erl").args(["-noshell", "-noinput", "-eval", ERLANG, "-extra"]).args([input, output]).output();
    for (term, row) in evaluated(&lines, run).zip(rows) {
        assert_eq!(term, row.term, "{}", row.erlang);
        row.reads(&term);
    }
}

/// The terms that Elixir means by these lines, or nothing where it is not installed.
pub(crate) fn ask_elixir(test: &str, lines: &[&str]) -> Option<Vec<Term>> {
    let run = |input, output| Command::new("elixir").args(["-e", ELIXIR]).args([input, output]).output();
    programs_are_here(test, &["elixir"]).then(|| evaluated(lines, run).collect())
}

fn evaluated(
    lines: &[&str],
    run: impl FnOnce(std::path::PathBuf, std::path::PathBuf) -> std::io::Result<std::process::Output>,
) -> impl Iterator<Item = Term> {
    let scratch = Scratch::new();
    let (input, output) = (scratch.join("lines"), scratch.join("terms"));
    std::fs::write(&input, lines.join("\n")).unwrap();
    let run = run(input, output.clone()).unwrap();
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    let mut answer = Bytes::from(std::fs::read(&output).unwrap());
    let terms: Vec<Term> = lines.iter().map(|_| decode(&frame(&mut answer)).unwrap()).collect();
    assert!(answer.is_empty());
    terms.into_iter()
}

const ERLANG: &str = r#"
    [In, Out] = init:get_plain_arguments(),
    {ok, Bytes} = file:read_file(In),
    Lines = string:split(unicode:characters_to_list(Bytes), "\n", all),
    Evaluate = fun(Line) ->
                   {ok, Tokens, _} = erl_scan:string(Line ++ "."),
                   {ok, Expressions} = erl_parse:parse_exprs(Tokens),
                   {value, Value, _} = erl_eval:exprs(Expressions, []),
                   Term = term_to_binary(Value),
                   <<(byte_size(Term)):32, Term/binary>>
               end,
    ok = file:write_file(Out, [Evaluate(Line) || Line <- Lines]),
    halt(0).
"#;
const ELIXIR: &str = r#"
    [input, output] = System.argv()
    lines = input |> File.read!() |> String.split("\n")
    frames = for line <- lines do
      {value, _} = Code.eval_string(line)
      term = :erlang.term_to_binary(value)
      <<byte_size(term)::32, term::binary>>
    end
    File.write!(output, frames)
"#;
