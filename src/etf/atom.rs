//! Atoms: names that are cheap to copy and to compare.
//!
//! There is no global table, on purpose: a peer that sends ten million different atoms would fill it for
//! good. A short atom lives inside its term, a long one behind a counter that frees it.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A name of at most 255 characters.
///
/// ```
/// use countersign::etf::Atom;
///
/// const OK: Atom = Atom::fixed("ok");
/// assert_eq!(OK, Atom::new("ok")?);
/// assert_eq!(Atom::new("Not ok")?.to_string(), "'Not ok'");
/// # Ok::<(), countersign::etf::AtomTooLong>(())
/// ```
#[derive(Clone)]
pub struct Atom(Text);

/// Three forms of the same text; which one it is never shows. The tag is a byte and not a word, so that
/// a [`Term`](super::Term) can keep its own tag in it: both are 24 bytes.
#[derive(Clone)]
enum Text {
    Fixed(&'static str),
    Inline(u8, [u8; INLINE]),
    Shared(Arc<str>),
}

impl Atom {
    /// An atom from text that is known at run time.
    ///
    /// # Errors
    /// More than 255 characters.
    pub fn new(text: &str) -> Result<Self, AtomTooLong> {
        if text.len() > LONGEST && text.chars().count() > LONGEST { Err(AtomTooLong) } else { Ok(Self::of(text)) }
    }

    /// An atom from text in the program; takes no memory.
    ///
    /// # Panics
    /// With more than 255 bytes. In a `const` that is an error of the compiler.
    pub const fn fixed(text: &'static str) -> Self {
        assert!(text.len() <= LONGEST, "an atom has at most 255 characters");
        Self(Text::Fixed(text))
    }

    /// The name, without quotes.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Fixed(text) => text,
            Text::Inline(..) => std::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Text::Shared(text) => text,
        }
    }

    /// The name as UTF-8. Cheaper than [`Atom::as_str`] where a comparison is all that is wanted.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Text::Fixed(text) => text.as_bytes(),
            Text::Inline(length, bytes) => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Text::Shared(text) => text.as_bytes(),
        }
    }

    fn of(text: &str) -> Self {
        let mut bytes = [0; INLINE];
        match (u8::try_from(text.len()), bytes.get_mut(..text.len())) {
            (Ok(length), Some(room)) => {
                room.copy_from_slice(text.as_bytes());
                Self(Text::Inline(length, bytes))
            }
            _ => Self(Text::Shared(text.into())),
        }
    }
}

impl PartialEq for Atom {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            // Behind a short text there are zeros: two arrays are compared faster than two slices.
            (Text::Inline(one, bytes), Text::Inline(two, others)) => one == two && bytes == others,
            // What was copied from each other is the same place.
            _ => std::ptr::eq(self.as_bytes(), other.as_bytes()) || self.as_bytes() == other.as_bytes(),
        }
    }
}

impl Eq for Atom {}

impl PartialOrd for Atom {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Atom {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Atom {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl PartialEq<str> for Atom {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Atom {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl fmt::Debug for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Atom {
    type Err = AtomTooLong;

    fn from_str(text: &str) -> Result<Self, AtomTooLong> {
        Self::new(text)
    }
}

/// The text has more than 255 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an atom has at most 255 characters")]
pub struct AtomTooLong;

/// In characters, not bytes.
const LONGEST: usize = 255;
/// What a term of 24 bytes has room for beside a tag and a length.
const INLINE: usize = 22;
