//! Terms as the Erlang shell prints them, on one line.
//!
//! Held against `io_lib:format("~0tp", [Term])` of OTP 25. What differs: identifiers name their node,
//! where the shell has a number that only it knows. Very long integers print in hexadecimal (see
//! [`BigInt::DECIMAL`](super::BigInt::DECIMAL)). Maps of more than 32 keys print in the order of keys,
//! where the shell's is one of hashes. And in funs names are quoted and spelt as everywhere else, where
//! OTP 25 has rules of its own.

mod float;
mod text;

use super::atom::Atom;
use super::bit_string::BitString;
use super::float::Float;
use super::term::Term;
use std::fmt::{self, Write};

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut open: Vec<Open<'_>> = Vec::new();
        open.extend(node(self, f)?);
        while let Some(top) = open.last_mut() {
            if let Some(term) = top.next(f)? {
                open.extend(node(term, f)?);
            } else {
                open.pop();
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if text::is_plain_atom(self.as_str()) { f.write_str(self.as_str()) } else { text::quoted('\'', self.as_str().chars(), f) }
    }
}

impl fmt::Display for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        float::write(self.value(), f)
    }
}

impl fmt::Display for BitString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, last) = self.split();
        f.write_str("<<")?;
        whole.iter().try_for_each(|byte| write!(f, "{byte},"))?;
        write!(f, "{last}:{}>>", self.last_bits())
    }
}

/// A container whose opening sign is printed.
struct Open<'a> {
    terms: &'a [Term],
    printed: usize,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Tuple,
    Map,
    List,
    Improper,
}

impl<'a> Open<'a> {
    /// What stands before the next term, and that term; behind the last one the closing sign.
    fn next(&mut self, f: &mut fmt::Formatter<'_>) -> Result<Option<&'a Term>, fmt::Error> {
        let term = self.terms.get(self.printed);
        f.write_str(match (self.kind, term) {
            (Kind::Tuple | Kind::Map, None) => "}",
            (Kind::List | Kind::Improper, None) => "]",
            _ if self.printed == 0 => "",
            (Kind::Map, _) if self.printed % 2 == 1 => " => ",
            (Kind::Improper, _) if self.printed + 1 == self.terms.len() => "|",
            _ => ",",
        })?;
        self.printed += 1;
        Ok(term)
    }
}

/// Prints a leaf whole, and of a container the opening sign.
fn node<'a>(term: &'a Term, f: &mut fmt::Formatter<'_>) -> Result<Option<Open<'a>>, fmt::Error> {
    let (sign, kind) = match term {
        Term::Tuple(_) => ("{", Kind::Tuple),
        Term::Map(_) => ("#{", Kind::Map),
        Term::List(_) => match text::printable_list(term.children()) {
            Some(characters) => return text::quoted('"', characters, f).map(|()| None),
            None => ("[", Kind::List),
        },
        Term::Improper(_) => ("[", Kind::Improper),
        _ => return leaf(term, f).map(|()| None),
    };
    f.write_str(sign)?;
    Ok(Some(Open { terms: term.children(), printed: 0, kind }))
}

fn leaf(term: &Term, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match term {
        Term::Integer(value) => write!(f, "{value}"),
        Term::BigInt(value) => write!(f, "{value}"),
        Term::Float(value) => write!(f, "{value}"),
        Term::Atom(value) => write!(f, "{value}"),
        Term::Reference(value) => write!(f, "{value}"),
        Term::Fun(value) => write!(f, "{value}"),
        Term::Export(value) => write!(f, "{value}"),
        Term::Port(value) => write!(f, "{value}"),
        Term::Pid(value) => write!(f, "{value}"),
        Term::Binary(value) => binary(value, f),
        Term::BitString(value) => write!(f, "{value}"),
        Term::Local(value) => write!(f, "#Local<{} bytes>", value.len()),
        Term::Tuple(_) | Term::Map(_) | Term::List(_) | Term::Improper(_) => Ok(()),
    }
}

/// As text if it is UTF-8, or else Latin-1, and nothing in it needs to be guessed at.
fn binary(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("<<")?;
    match text::of_binary(bytes) {
        text::Binary::Empty => {}
        text::Binary::Latin1 => text::quoted('"', bytes.iter().map(|&byte| char::from(byte)), f)?,
        text::Binary::Utf8(text) => {
            text::quoted('"', text.chars(), f)?;
            f.write_str(if text.is_ascii() { "" } else { "/utf8" })?;
        }
        text::Binary::Bytes => numbers(bytes, f)?,
    }
    f.write_str(">>")
}

fn numbers(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            f.write_char(',')?;
        }
        write!(f, "{byte}")?;
    }
    Ok(())
}
