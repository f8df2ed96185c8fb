//! What the shell takes for text, when it quotes, and how it escapes.

use crate::etf::term::Term;
use std::fmt::{self, Write};

/// Whether the atom stands without quotes: a small letter, then letters, digits, `_` and `@`, all of
/// Latin-1, and no word of the language.
pub(super) fn is_plain_atom(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(is_small) && characters.all(is_name) && !RESERVED.contains(&name)
}

/// The characters of a list that prints as a string.
pub(super) fn printable_list(terms: &[Term]) -> Option<impl Iterator<Item = char>> {
    let is_text = !terms.is_empty() && terms.iter().all(|term| character(term).is_some_and(is_printable));
    is_text.then(|| terms.iter().filter_map(character))
}

/// How a binary prints.
pub(super) enum Binary<'a> {
    Empty,
    Latin1,
    Utf8(&'a str),
    Bytes,
}

/// Valid UTF-8 is never taken for Latin-1, printable or not.
pub(super) fn of_binary(bytes: &[u8]) -> Binary<'_> {
    match std::str::from_utf8(bytes) {
        Ok("") => Binary::Empty,
        Ok(text) if text.chars().all(is_printable) => Binary::Utf8(text),
        Ok(_) => Binary::Bytes,
        Err(_) if bytes.iter().all(|&byte| is_printable(char::from(byte))) => Binary::Latin1,
        Err(_) => Binary::Bytes,
    }
}

pub(super) fn quoted(quote: char, characters: impl Iterator<Item = char>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char(quote)?;
    for character in characters {
        escaped(quote, character, f)?;
    }
    f.write_char(quote)
}

fn escaped(quote: char, character: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let letter = match character {
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{8}' => 'b',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\u{1b}' => 'e',
        '\u{7f}' => 'd',
        '\\' => '\\',
        _ if character == quote => quote,
        '\0'..' ' | '\u{80}'..'\u{a0}' => return write!(f, "\\{:03o}", u32::from(character)),
        _ => return f.write_char(character),
    };
    write!(f, "\\{letter}")
}

fn character(term: &Term) -> Option<char> {
    u8::try_from(term.as_i64()?).ok().map(char::from)
}

/// What the shell prints as text unless it was started with `+pc unicode`.
const fn is_printable(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{a0}'..='\u{ff}' | '\u{8}'..='\r' | '\u{1b}')
}

const fn is_small(character: char) -> bool {
    matches!(character, 'a'..='z' | 'ß'..='ÿ') && character != '÷'
}

const fn is_name(character: char) -> bool {
    is_small(character) || matches!(character, 'A'..='Z' | '0'..='9' | '_' | '@') || matches!(character, 'À'..='Þ') && character != '×'
}

/// Of OTP 25. From 27 on `maybe` and `else` are reserved too.
const RESERVED: &[&str] = &[
    "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case", "catch", "cond", "div", "end", "fun", "if",
    "let", "not", "of", "or", "orelse", "receive", "rem", "try", "when", "xor",
];
