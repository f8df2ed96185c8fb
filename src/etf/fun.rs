//! Funs, of both kinds: named ones that any node can call, and closures that only their module can.

use super::atom::Atom;
use super::id::Pid;
use super::terms::Terms;
use std::cmp::Ordering;
use std::fmt;

/// `fun module:function/arity`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Export {
    /// The module.
    pub module: Atom,
    /// The function.
    pub function: Atom,
    /// How many arguments it takes.
    pub arity: u8,
}

/// A closure: which code, made by whom, over which values. Prints as `#Fun<module.index.uniq>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fun {
    /// The module that has the code.
    pub module: Atom,
    /// How many arguments it takes.
    pub arity: u8,
    /// The MD5 of the module's code.
    pub uniq: [u8; 16],
    /// Which fun of the module.
    pub index: u32,
    /// The same for older code, and what is printed.
    pub old_index: i64,
    /// A hash of the fun's own code, and what is printed.
    pub old_uniq: i64,
    /// Who made it.
    pub creator: Pid,
    /// The values it closes over.
    pub free: Terms,
}

impl Fun {
    /// Everything but the values, in the order in which OTP compares.
    pub(super) const fn head(&self) -> (&Atom, i64, i64, u8, u32, &[u8; 16], &Pid) {
        (&self.module, self.old_index, self.old_uniq, self.arity, self.index, &self.uniq, &self.creator)
    }

    pub(super) fn compare_heads(&self, other: &Self) -> Ordering {
        self.head().cmp(&other.head()).then(self.free.len().cmp(&other.free.len()))
    }

    pub(super) fn with_free(&self, free: Terms) -> Self {
        let (module, creator) = (self.module.clone(), self.creator.clone());
        let Self { arity, uniq, index, old_index, old_uniq, .. } = *self;
        Self { module, arity, uniq, index, old_index, old_uniq, creator, free }
    }
}

impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fun {}:{}/{}", self.module, self.function, self.arity)
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Fun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#Fun<{}.{}.{}>", self.module, self.old_index, self.old_uniq)
    }
}
