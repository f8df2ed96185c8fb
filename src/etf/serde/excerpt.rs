//! Terms and words in errors: short, on one line, and unable to turn a terminal or a log against its
//! reader, because a peer chose them.

use crate::etf::term::Term;
use std::fmt::{self, Write};

/// The beginning of a term as Erlang prints it.
pub(super) fn of(term: &Term) -> String {
    cut(term, LONGEST)
}

/// The beginning of a name.
pub(super) fn of_text(text: &str) -> String {
    cut(text, LONGEST)
}

/// The beginning of what a type's own implementation says.
pub(super) fn of_reason(reason: impl fmt::Display) -> String {
    cut(reason, LONGEST_REASON)
}

fn cut(shown: impl fmt::Display, longest: usize) -> String {
    let mut excerpt = Excerpt { text: String::new(), room: longest };
    if write!(excerpt, "{shown}").is_err() {
        excerpt.text.push('…');
    }
    excerpt.text
}

/// Refuses to be written to once it is full: a long term is never printed whole.
struct Excerpt {
    text: String,
    room: usize,
}

impl fmt::Write for Excerpt {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            self.room = self.room.checked_sub(1).ok_or(fmt::Error)?;
            if is_harmless(character) {
                self.text.push(character);
            } else {
                self.text.extend(character.escape_unicode());
            }
        }
        Ok(())
    }
}

/// Among the others are line breaks, what changes the direction of writing, and what nobody sees.
fn is_harmless(character: char) -> bool {
    matches!(character, ' '..='~' | '…') || character.is_alphanumeric()
}

const LONGEST: usize = 60;
const LONGEST_REASON: usize = 300;
