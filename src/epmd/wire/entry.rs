//! What a node tells epmd about itself, and what it is given.

use super::Malformed;
use super::cursor::Cursor;
use super::name::AliveName;
use std::fmt;
use std::num::NonZeroU32;

/// A node as epmd knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeEntry {
    /// Its name, without the host.
    pub name: AliveName,
    /// The port of its distribution listener.
    pub port: u16,
    /// Whether other nodes should see it.
    pub kind: NodeType,
    /// Always 0: TCP over IPv4, which has come to mean all that there is.
    pub protocol: u8,
    /// The newest version of the distribution protocol that it speaks.
    pub highest: u16,
    /// The oldest one.
    pub lowest: u16,
    /// Anything else; epmd passes it on without reading it.
    pub extra: Extra,
}

impl NodeEntry {
    /// A node that others see, with the protocol of OTP 23 and newer.
    pub fn visible(name: AliveName, port: u16) -> Self {
        Self { name, port, kind: NodeType::Visible, protocol: 0, highest: VERSION, lowest: VERSION, extra: Extra::default() }
    }

    /// A node that others do not see in `nodes()`, with the protocol of OTP 23 and newer.
    pub fn hidden(name: AliveName, port: u16) -> Self {
        Self { kind: NodeType::Hidden, ..Self::visible(name, port) }
    }

    /// Whether it takes a creation of 32 bits. Older ones take two bits.
    pub const fn takes_long_creation(&self) -> bool {
        self.highest >= VERSION
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.port.to_be_bytes());
        out.extend([self.kind.tag(), self.protocol]);
        out.extend(self.highest.to_be_bytes());
        out.extend(self.lowest.to_be_bytes());
        write_counted(self.name.as_str().as_bytes(), out);
        write_counted(self.extra.as_bytes(), out);
    }

    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let port = cursor.u16("port")?;
        let kind = NodeType::from_tag(cursor.u8("node type")?);
        let protocol = cursor.u8("protocol")?;
        let (highest, lowest) = (cursor.u16("highest version")?, cursor.u16("lowest version")?);
        let name = AliveName::from_wire(cursor.counted("name")?)?;
        let extra = Extra::new(cursor.counted("extra data")?)?;
        Ok(Self { name, port, kind, protocol, highest, lowest, extra })
    }
}

/// Whether other nodes see a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeType {
    /// Tag 77: it is in their `nodes()`, and they connect to each other through it.
    Visible,
    /// Tag 72.
    Hidden,
    /// Another tag; Java nodes have 110.
    Other(u8),
}

impl NodeType {
    /// The byte on the wire.
    pub const fn tag(self) -> u8 {
        match self {
            Self::Visible => b'M',
            Self::Hidden => b'H',
            Self::Other(tag) => tag,
        }
    }

    /// The reverse of [`NodeType::tag`].
    pub const fn from_tag(tag: u8) -> Self {
        match tag {
            b'M' => Self::Visible,
            b'H' => Self::Hidden,
            tag => Self::Other(tag),
        }
    }
}

/// Tells the lives of a node apart: its identifiers carry it, so that those of an earlier life match nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Creation(NonZeroU32);

impl Creation {
    /// The first that an epmd gives to a node of today; 1 to 3 are for nodes that take two bits.
    pub const FIRST: Self = Self(NonZeroU32::MIN.saturating_add(3));

    /// `None` for 0, which no node can have.
    pub const fn new(creation: u32) -> Option<Self> {
        match NonZeroU32::new(creation) {
            Some(creation) => Some(Self(creation)),
            None => None,
        }
    }

    /// The number; never 0.
    pub const fn as_u32(self) -> u32 {
        self.0.get()
    }

    /// The next one; after the last comes [`Creation::FIRST`].
    #[must_use]
    pub fn next(self) -> Self {
        self.0.checked_add(1).map_or(Self::FIRST, Self).max(Self::FIRST)
    }

    /// As a node takes it that knows only 1, 2 and 3.
    #[must_use]
    pub const fn short(self) -> Self {
        Self(NonZeroU32::MIN.saturating_add(self.as_u32() % 3))
    }
}

impl fmt::Display for Creation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The part of an entry that nobody has a use for yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra(Vec<u8>);

impl Extra {
    /// The most bytes.
    pub const LONGEST: usize = 1_024;

    /// Checks the length.
    ///
    /// # Errors
    /// More than [`Extra::LONGEST`] bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, Malformed> {
        let (length, limit) = (bytes.len(), Self::LONGEST);
        if length > limit { Err(Malformed::TooLong { what: "extra data", length, limit }) } else { Ok(Self(bytes.to_vec())) }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// For parts whose type keeps them far below 64 KiB.
fn write_counted(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(bytes);
}

/// The version of the distribution protocol since OTP 23.
const VERSION: u16 = 6;
