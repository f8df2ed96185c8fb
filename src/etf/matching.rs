//! Taking terms apart. With slice patterns this comes close to Erlang's own:
//!
//! ```
//! use countersign::etf::{Term, atom, tuple};
//!
//! fn answer(message: &Term) -> Option<i64> {
//!     match message.as_tuple()? {
//!         [add, one, other] if add.is_atom("add") => one.as_i64()?.checked_add(other.as_i64()?),
//!         [double, one] if double.is_atom("double") => one.as_i64()?.checked_mul(2),
//!         _ => None,
//!     }
//! }
//!
//! assert_eq!(answer(&tuple([atom("double"), Term::from(21)])), Some(42));
//! assert_eq!(answer(&atom("double")), None);
//! ```

use super::atom::Atom;
use super::id::{Pid, Port, Reference};
use super::map::Map;
use super::term::Term;
use bytes::Bytes;

impl Term {
    /// The integer, if it is one of 64 bits.
    pub const fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if it is one of 128 bits.
    pub fn as_i128(&self) -> Option<i128> {
        match self {
            Self::Integer(value) => Some(i128::from(*value)),
            Self::BigInt(value) => value.to_i128(),
            _ => None,
        }
    }

    /// The integer, if it is one of 64 bits without a sign.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_i128().and_then(|value| u64::try_from(value).ok())
    }

    /// The number, if it is a float.
    pub const fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(value.value()),
            _ => None,
        }
    }

    /// The atom.
    pub const fn as_atom(&self) -> Option<&Atom> {
        match self {
            Self::Atom(atom) => Some(atom),
            _ => None,
        }
    }

    /// Whether it is the atom of this name.
    pub fn is_atom(&self, name: &str) -> bool {
        self.as_atom().is_some_and(|atom| *atom == name)
    }

    /// `true` and `false`.
    pub fn as_bool(&self) -> Option<bool> {
        let atom = self.as_atom()?;
        if *atom == "true" { Some(true) } else { (*atom == "false").then_some(false) }
    }

    /// The elements of a tuple.
    pub fn as_tuple(&self) -> Option<&[Self]> {
        match self {
            Self::Tuple(elements) => Some(elements),
            _ => None,
        }
    }

    /// The elements of a proper list.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// Whether it is `[]`.
    pub fn is_nil(&self) -> bool {
        self.as_list().is_some_and(<[Self]>::is_empty)
    }

    /// The map.
    pub const fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The bytes of a binary.
    pub const fn as_binary(&self) -> Option<&Bytes> {
        match self {
            Self::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text of a binary, if it is UTF-8.
    pub fn as_text(&self) -> Option<&str> {
        std::str::from_utf8(self.as_binary()?).ok()
    }

    /// The text of a string, if it is a list of characters.
    pub fn to_text(&self) -> Option<String> {
        let character = |term: &Self| char::from_u32(u32::try_from(term.as_i64()?).ok()?);
        self.as_list()?.iter().map(character).collect()
    }

    /// The process.
    pub const fn as_pid(&self) -> Option<&Pid> {
        match self {
            Self::Pid(pid) => Some(pid),
            _ => None,
        }
    }

    /// The port.
    pub const fn as_port(&self) -> Option<&Port> {
        match self {
            Self::Port(port) => Some(port),
            _ => None,
        }
    }

    /// The reference.
    pub const fn as_reference(&self) -> Option<&Reference> {
        match self {
            Self::Reference(reference) => Some(reference),
            _ => None,
        }
    }
}
