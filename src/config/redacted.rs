//! An error in which nothing is left of what variables hold.

use super::variables::Used;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use std::error::Error;
use std::fmt;

/// What an error said, with `${NAME}` wherever it repeated the value of that variable: values of variables may be
/// secrets, and are not shown. Nothing of the error itself is kept.
#[derive(Debug)]
pub struct Redacted {
    said: String,
    code: Code,
    hint: Hint,
    cause: Option<Box<Cause>>,
}

#[derive(Debug)]
struct Cause {
    said: String,
    cause: Option<Box<Self>>,
}

impl Redacted {
    pub(super) fn of(failure: &dyn Failure, used: &[Used]) -> Self {
        Self {
            said: masked(&failure.to_string(), used),
            code: failure.code(),
            hint: Hint::of(masked(failure.hint().as_str(), used)),
            cause: failure.source().map(|cause| Box::new(Cause::of(cause, used))),
        }
    }
}

/// Whether anything that can be seen of an error has the value of a variable in it.
pub(super) fn repeats(failure: &dyn Failure, used: &[Used]) -> bool {
    let seen = format!("{failure} {} {failure:?}", failure.hint());
    masked(&seen, used) != seen
}

impl Cause {
    fn of(error: &dyn Error, used: &[Used]) -> Self {
        Self { said: masked(&error.to_string(), used), cause: error.source().map(|cause| Box::new(Self::of(cause, used))) }
    }
}

/// The text with the names of these variables in place of their values, also where those are quoted as in a program.
pub(super) fn masked(text: &str, used: &[Used]) -> String {
    let mut by_length: Vec<&Used> = used.iter().filter(|used| !used.value.is_empty()).collect();
    // One value may be a part of another.
    by_length.sort_by_key(|used| std::cmp::Reverse(used.value.len()));
    by_length.into_iter().fold(text.to_owned(), |text, used| {
        let (name, quoted) = (format!("${{{}}}", used.name), used.value.escape_debug().to_string());
        match used.value.len() {
            ..LEGIBLE => replaced_apart(&text, &used.value, &name),
            _ => text.replace(used.value.as_str(), &name).replace(&quoted, &name),
        }
    })
}

/// Where it stands apart from other letters and digits: as a part of words, so short a value is no sign of anything, and
/// the sentence could not be read any more.
fn replaced_apart(text: &str, value: &str, name: &str) -> String {
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (start, found) in text.match_indices(value) {
        let (before, after) = (text.get(..start).unwrap_or_default(), text.get(start + found.len()..).unwrap_or_default());
        if before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric) {
            continue;
        }
        out.push_str(text.get(done..start).unwrap_or_default());
        out.push_str(name);
        done = start + found.len();
    }
    out + text.get(done..).unwrap_or_default()
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}

impl Error for Redacted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

impl Failure for Redacted {
    fn code(&self) -> Code {
        self.code
    }

    fn hint(&self) -> Hint {
        self.hint.clone()
    }
}

/// A shorter value is a word that sentences have anyway, or a part of their words.
pub(super) const LEGIBLE: usize = 4;
