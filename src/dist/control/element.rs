//! The elements of control messages: terms that must be of one kind.

use super::masked::Masked;
use crate::etf::{Atom, DecodeError, EncodeError, Fields, Pid, Reference, Term, TermWriter, Terms, tuple};
use std::num::NonZeroU64;

/// A type that one element of a control message has.
pub(super) trait Element: Sized {
    /// What a refusal calls it.
    const WANTED: &'static str;

    fn read(term: Term) -> Option<Self>;
    fn write(self) -> Term;

    /// The same from a packet, without a term between where that is easy.
    fn take(fields: &mut Fields<'_>) -> Result<Option<Self>, DecodeError> {
        fields.term().map(Self::read)
    }

    /// For a log.
    fn show(&self) -> String;

    /// The same into a packet.
    fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError>;
}

/// A process, by its pid or by the name it has registered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Proc {
    /// By its pid.
    Pid(Pid),
    /// By its name.
    Name(Atom),
}

/// What stood in for a cookie once. Read whatever it is, and written as `''`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Unused;

/// The number of an UNLINK_ID: never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnlinkNumber(pub NonZeroU64);

/// `{Module, Function, Arity}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mfa {
    /// The module.
    pub module: Atom,
    /// The function.
    pub function: Atom,
    /// How many arguments the payload holds.
    pub arity: u8,
}

/// What came of a SPAWN_REQUEST besides the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SpawnFlags(pub u32);

impl SpawnFlags {
    /// The two are linked.
    pub const LINK: Self = Self(1);
    /// The child is monitored.
    pub const MONITOR: Self = Self(2);

    /// Whether all of `other` are there.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl Element for Term {
    const WANTED: &'static str = "a term";

    fn read(term: Term) -> Option<Self> {
        Some(term)
    }

    fn show(&self) -> String {
        Masked(self).to_string()
    }

    fn write(self) -> Term {
        self
    }

    fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError> {
        writer.term(self)
    }
}

impl Element for Pid {
    const WANTED: &'static str = "a pid";

    fn read(term: Term) -> Option<Self> {
        if let Term::Pid(pid) = term { Some(*pid) } else { None }
    }

    fn show(&self) -> String {
        self.to_string()
    }

    fn write(self) -> Term {
        self.into()
    }

    fn take(fields: &mut Fields<'_>) -> Result<Option<Self>, DecodeError> {
        fields.pid()
    }

    fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError> {
        writer.pid(self);
        Ok(())
    }
}

impl Element for Reference {
    const WANTED: &'static str = "a reference";

    fn read(term: Term) -> Option<Self> {
        if let Term::Reference(reference) = term { Some(*reference) } else { None }
    }

    fn show(&self) -> String {
        self.to_string()
    }

    fn write(self) -> Term {
        self.into()
    }

    fn take(fields: &mut Fields<'_>) -> Result<Option<Self>, DecodeError> {
        fields.reference()
    }

    fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError> {
        writer.reference(self);
        Ok(())
    }
}

impl Element for Atom {
    const WANTED: &'static str = "an atom";

    fn read(term: Term) -> Option<Self> {
        if let Term::Atom(atom) = term { Some(atom) } else { None }
    }

    fn show(&self) -> String {
        self.to_string()
    }

    fn write(self) -> Term {
        self.into()
    }

    fn take(fields: &mut Fields<'_>) -> Result<Option<Self>, DecodeError> {
        fields.atom()
    }

    fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError> {
        writer.atom(self);
        Ok(())
    }
}

impl Element for Proc {
    const WANTED: &'static str = "a pid or an atom";

    fn read(term: Term) -> Option<Self> {
        match term {
            Term::Pid(pid) => Some(Self::Pid(*pid)),
            Term::Atom(name) => Some(Self::Name(name)),
            _ => None,
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Pid(pid) => pid.to_string(),
            Self::Name(name) => name.to_string(),
        }
    }

    fn write(self) -> Term {
        match self {
            Self::Pid(pid) => pid.into(),
            Self::Name(name) => name.into(),
        }
    }

    fn take(fields: &mut Fields<'_>) -> Result<Option<Self>, DecodeError> {
        match fields.pid()? {
            Some(pid) => Ok(Some(Self::Pid(pid))),
            None => Ok(fields.atom()?.map(Self::Name)),
        }
    }

    fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError> {
        match self {
            Self::Pid(pid) => writer.pid(pid),
            Self::Name(name) => writer.atom(name),
        }
        Ok(())
    }
}

impl Element for Unused {
    const WANTED: &'static str = "a term";

    fn read(_: Term) -> Option<Self> {
        Some(Self)
    }

    fn show(&self) -> String {
        String::new()
    }

    fn write(self) -> Term {
        Term::Atom(Atom::fixed(""))
    }

    fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError> {
        writer.atom(&Atom::fixed(""));
        Ok(())
    }
}

impl Element for UnlinkNumber {
    const WANTED: &'static str = "a number from 1 to 2^64-1";

    fn read(term: Term) -> Option<Self> {
        NonZeroU64::new(term.as_u64()?).map(Self)
    }

    fn show(&self) -> String {
        self.0.to_string()
    }

    fn write(self) -> Term {
        self.0.get().into()
    }

    fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError> {
        writer.term(&self.write())
    }
}

impl Element for Mfa {
    const WANTED: &'static str = "{Module, Function, Arity}";

    fn read(term: Term) -> Option<Self> {
        let [module, function, arity] = term.as_tuple()? else { return None };
        let arity = u8::try_from(arity.as_i64()?).ok()?;
        Some(Self { module: module.as_atom()?.clone(), function: function.as_atom()?.clone(), arity })
    }

    fn show(&self) -> String {
        format!("{}:{}/{}", self.module, self.function, self.arity)
    }

    fn write(self) -> Term {
        tuple([self.module.into(), self.function.into(), Term::from(self.arity)])
    }

    fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError> {
        writer.term(&self.clone().write())
    }
}

impl Element for SpawnFlags {
    const WANTED: &'static str = "a number of 32 bits";

    fn read(term: Term) -> Option<Self> {
        u32::try_from(term.as_i64()?).ok().map(Self)
    }

    fn show(&self) -> String {
        self.0.to_string()
    }

    fn write(self) -> Term {
        self.0.into()
    }

    fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError> {
        writer.term(&self.write())
    }
}

/// The options of a SPAWN_REQUEST.
impl Element for Terms {
    const WANTED: &'static str = "a list";

    fn read(term: Term) -> Option<Self> {
        if let Term::List(terms) = term { Some(terms) } else { None }
    }

    fn show(&self) -> String {
        Masked(&Term::List(self.clone())).to_string()
    }

    fn write(self) -> Term {
        Term::List(self)
    }

    fn put(&self, writer: &mut TermWriter<'_>) -> Result<(), EncodeError> {
        writer.term(&self.clone().write())
    }
}
