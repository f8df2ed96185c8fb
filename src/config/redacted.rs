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
fn masked(text: &str, used: &[Used]) -> String {
    let mut by_length: Vec<&Used> = used.iter().filter(|used| !used.value.is_empty()).collect();
    // One value may be a part of another.
    by_length.sort_by_key(|used| std::cmp::Reverse(used.value.len()));
    by_length.into_iter().fold(text.to_owned(), |text, used| {
        let (name, quoted) = (format!("${{{}}}", used.name), used.value.escape_debug().to_string());
        text.replace(used.value.as_str(), &name).replace(&quoted, &name)
    })
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
