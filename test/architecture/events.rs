//! The table of events, held against the log's lines: `src/observe/event.rs` names no event that nobody uses, and
//! no line from `info` up goes without one.

use crate::reading::{Source, Token, source, sources};
use std::collections::BTreeSet;

#[test]
fn every_line_of_the_log_from_info_up_names_its_event() {
    let nameless: Vec<String> = sources().iter().flat_map(nameless_lines).collect();
    assert!(
        nameless.is_empty(),
        "name it (event:% = Event::…), in the table of src/observe/event.rs if it is new\n  {}",
        nameless.join("\n  ")
    );
}

#[test]
fn every_event_of_the_table_is_used() {
    let sources = sources();
    let table = sources.iter().find(|source| source.path == TABLE).map(events).unwrap_or_default();
    assert!(table.len() > 20, "the table was not found: {table:?}");
    let used: BTreeSet<String> = sources.iter().filter(|source| source.path != TABLE).flat_map(used_events).collect();
    let unused: Vec<&String> = table.difference(&used).collect();
    assert!(unused.is_empty(), "nobody uses {unused:?}");
}

#[test]
fn a_line_without_an_event_is_caught() {
    let of = |code: &str| nameless_lines(&source("src/net/x.rs", code)).len();
    assert_eq!(of("log::warn!(target: \"event\", code:%; \"event\");"), 1);
    assert_eq!(of("fn f() {\n    log::info!(\n        target: \"x\", a = f(b, c);\n        \"y\"\n    )\n}\nlet e = Event::X;"), 1);
    assert_eq!(of("log::error!(target: \"x\", event:% = Event::CannotAccept, error:%; \"y\");"), 0);
    assert_eq!(of("log::debug!(target: \"x\"; \"y\"); // log::warn!(\"z\")"), 0);
}

#[test]
fn the_table_and_its_uses_are_read() {
    let table =
        source(TABLE, "macro_rules! e { ($a:ident = $b:literal;) => {} }\ne! { security { Up = \"up\", \"x\"; Down = \"d\", \"y\"; } }");
    assert_eq!(events(&table), ["Down", "Up"].map(str::to_owned).into());
    let used: Vec<String> = used_events(&source("src/x.rs", "f(Event::Up); NodeEvent::Down")).collect();
    assert_eq!(used, ["Up"]);
}

/// Where such lines begin.
fn nameless_lines(source: &Source) -> Vec<String> {
    let tokens = source.tokens();
    let starts = tokens.windows(5).zip(5..).filter(|(words, _)| is_line(words));
    let nameless = starts.filter(|&(_, inside)| !tokens.get(inside..).is_some_and(names_an_event));
    nameless.filter_map(|(words, _)| Some(format!("{}:{}", source.path, words.first()?.line))).collect()
}

/// `log::warn!(`
fn is_line(words: &[Token<'_>]) -> bool {
    let [log, path, level, bang, open] = words else { return false };
    (log.text, path.text, bang.text, open.text) == ("log", "::", "!", "(") && LEVELS.contains(&level.text)
}

/// Whether these tokens do so before the parenthesis closes in which they stand.
fn names_an_event(tokens: &[Token<'_>]) -> bool {
    let mut depth = 1;
    let inside = tokens.iter().take_while(|token| {
        depth += match token.text {
            "(" => 1,
            ")" => -1,
            _ => 0,
        };
        depth > 0
    });
    inside.map(|token| token.text).any(|word| word == "Event")
}

fn events(source: &Source) -> BTreeSet<String> {
    // Strings are blanks: what is left of a row is `Name = , ;`.
    threes(source).filter(|[_, equals, comma]| equals == "=" && comma == ",").map(|[name, ..]| name).collect()
}

fn used_events(source: &Source) -> impl Iterator<Item = String> {
    threes(source).filter(|[table, path, _]| table == "Event" && path == "::").map(|[.., name]| name)
}

fn threes(source: &Source) -> impl Iterator<Item = [String; 3]> {
    let words: Vec<String> = source.tokens().iter().map(|token| token.text.to_owned()).collect();
    let threes: Vec<[String; 3]> = words.windows(3).filter_map(|three| three.to_vec().try_into().ok()).collect();
    threes.into_iter()
}

const TABLE: &str = "src/observe/event.rs";
const LEVELS: [&str; 3] = ["error", "warn", "info"];
