//! Terms and messages for a log, which is read by more people than may read what is sent.

use super::Control;
use crate::etf::{Term, encode};
use std::fmt;

/// A term of which nothing is shown but its kind and how many bytes it takes.
///
/// ```
/// use countersign::dist::control::Masked;
/// use countersign::etf::{Term, tuple};
///
/// let secret = tuple([Term::from("password"), Term::from("hunter2")]);
/// assert_eq!(Masked(&secret).to_string(), "tuple, 28 bytes");
/// ```
#[derive(Clone, Copy)]
pub struct Masked<'a>(pub &'a Term);

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match encode(self.0) {
            Ok(bytes) => write!(f, "{}, {} bytes", kind(self.0), bytes.len()),
            Err(_) => f.write_str(kind(self.0)),
        }
    }
}

impl fmt::Debug for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const fn kind(term: &Term) -> &'static str {
    match term {
        Term::Integer(_) | Term::BigInt(_) => "integer",
        Term::Float(_) => "float",
        Term::Atom(_) => "atom",
        Term::Reference(_) => "reference",
        Term::Fun(_) | Term::Export(_) => "fun",
        Term::Port(_) => "port",
        Term::Pid(_) => "pid",
        Term::Tuple(_) => "tuple",
        Term::Map(_) => "map",
        Term::List(_) | Term::Improper(_) => "list",
        Term::Binary(_) => "binary",
        Term::BitString(_) => "bitstring",
        Term::Local(_) => "local term",
    }
}

impl Control {
    /// The elements of the message by their names, for a log: who and whom as they are, and of every term that
    /// somebody chose (a reason, a token, an option) only what [`Masked`] shows.
    ///
    /// ```
    /// use countersign::dist::control::{Control, PayloadExit};
    /// use countersign::etf::{Atom, Creation, Pid};
    ///
    /// let pid = |id| Pid { node: Atom::fixed("a@localhost"), id, serial: 0, creation: Creation(84) };
    /// let exit = Control::from(PayloadExit { from: pid(1), to: pid(2) });
    /// assert_eq!(exit.masked(), [("from", "<a@localhost.1.0>".to_owned()), ("to", "<a@localhost.2.0>".to_owned())]);
    /// ```
    #[must_use]
    pub fn masked(&self) -> Vec<(&'static str, String)> {
        self.show()
    }
}
