//! Identifiers of processes, ports and references: whose they are, and which life of that node.

use super::atom::Atom;
use std::cmp::Ordering;
use std::fmt;

/// Which life of a node made an identifier: after a restart it is another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Creation(pub u32);

impl fmt::Display for Creation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A process. Prints as `<a@host.84.0>`: the shell writes a number for the node that only it knows.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pid {
    /// Whose.
    pub node: Atom,
    /// The number that counts first.
    pub id: u32,
    /// The number that counts once `id` has gone round.
    pub serial: u32,
    /// Which life of the node.
    pub creation: Creation,
}

/// A port. Prints as `#Port<a@host.5>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port {
    /// Whose.
    pub node: Atom,
    /// Which life of the node.
    pub creation: Creation,
    /// The number.
    pub id: u64,
}

/// A reference of one to five words. Prints as `#Ref<a@host.7.1.84>`, the last word first.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    node: Atom,
    creation: Creation,
    count: u8,
    words: [u32; MOST_WORDS],
}

impl Reference {
    /// With the words in the order of the wire.
    ///
    /// # Errors
    /// No word, or more than five.
    pub fn new(node: Atom, creation: Creation, words: &[u32]) -> Result<Self, TooManyWords> {
        let mut all = [0; MOST_WORDS];
        let count = u8::try_from(words.len()).map_err(|_| TooManyWords)?;
        match all.get_mut(..words.len()) {
            Some(room) if count > 0 => room.copy_from_slice(words),
            _ => return Err(TooManyWords),
        }
        Ok(Self { node, creation, count, words: all })
    }

    /// Whose.
    pub const fn node(&self) -> &Atom {
        &self.node
    }

    /// Which life of the node.
    pub const fn creation(&self) -> Creation {
        self.creation
    }

    /// The words in the order of the wire; peers expect them back exactly so.
    pub fn words(&self) -> &[u32] {
        self.words.get(..usize::from(self.count)).unwrap_or_default()
    }
}

/// As OTP orders them: the numbers first, the node after.
impl Ord for Pid {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |pid: &Self| (pid.serial, pid.id);
        key(self).cmp(&key(other)).then_with(|| self.node.cmp(&other.node)).then(self.creation.cmp(&other.creation))
    }
}

impl PartialOrd for Pid {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As OTP orders them: the node first, then as numbers whose last word counts most.
impl Ord for Reference {
    fn cmp(&self, other: &Self) -> Ordering {
        let node = self.node.cmp(&other.node).then(self.creation.cmp(&other.creation));
        node.then(self.count.cmp(&other.count)).then_with(|| self.words.iter().rev().cmp(other.words.iter().rev()))
    }
}

impl PartialOrd for Reference {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}.{}.{}>", self.node, self.id, self.serial)
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#Port<{}.{}>", self.node, self.id)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#Ref<{}", self.node)?;
        self.words().iter().rev().try_for_each(|word| write!(f, ".{word}"))?;
        f.write_str(">")
    }
}

/// `Debug` is `Display` for all three: that is how people know them.
macro_rules! debug_as_display {
    ($($name:ty),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

debug_as_display!(Pid, Port, Reference);

/// A reference has one to five words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reference has one to five words")]
pub struct TooManyWords;

/// OTP 27's alias references; everyone else has three.
const MOST_WORDS: usize = 5;
