//! What an epmd answers.

use super::Malformed;
use super::cursor::Cursor;
use super::entry::{Creation, NodeEntry};

/// The answer to `ALIVE2_REQ`: `ALIVE2_X_RESP` (118) with a creation of 32 bits, or `ALIVE2_RESP` (121)
/// with one of 16, from an old epmd or for an old node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alive2Resp {
    /// The node is registered.
    Registered {
        /// What it was given.
        creation: Creation,
        /// Whether that is written with 32 bits.
        long: bool,
    },
    /// It is not.
    Refused {
        /// Why; 1 says that the name is in use.
        result: u8,
        /// Whether the answer has the form with 32 bits.
        long: bool,
    },
}

impl Alive2Resp {
    /// The result that says that the name is in use.
    pub const NAME_IN_USE: u8 = 1;

    /// The acceptance of this node.
    pub const fn registered(entry: &NodeEntry, creation: Creation) -> Self {
        let long = entry.takes_long_creation();
        Self::Registered { creation: if long { creation } else { creation.short() }, long }
    }

    /// The refusal of this node, because another one has its name.
    pub const fn name_in_use(entry: &NodeEntry) -> Self {
        Self::Refused { result: Self::NAME_IN_USE, long: entry.takes_long_creation() }
    }

    /// How many bytes follow this first one. The connection stays open, so its end does not tell.
    ///
    /// # Errors
    /// An answer to something else.
    pub const fn length_after(tag: u8) -> Result<usize, Malformed> {
        match tag {
            ALIVE2_X_RESP => Ok(5),
            ALIVE2_RESP => Ok(3),
            got => Err(Malformed::UnexpectedAnswer { got, expected: "118 or 121" }),
        }
    }

    /// Reads a whole answer.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(bytes);
        let tag = cursor.u8("tag")?;
        Self::length_after(tag)?;
        let (long, result) = (tag == ALIVE2_X_RESP, cursor.u8("result")?);
        let creation = if long { cursor.u32("creation")? } else { cursor.u16("creation")?.into() };
        cursor.end()?;
        match result {
            0 => Ok(Self::Registered { creation: Creation::new(creation).ok_or(Malformed::CreationZero)?, long }),
            result => Ok(Self::Refused { result, long }),
        }
    }

    /// The bytes on the wire.
    pub fn encode(self) -> Vec<u8> {
        let (result, creation, long) = match self {
            Self::Registered { creation, long } => (0, creation.as_u32(), long),
            Self::Refused { result, long } => (result, CREATION_OF_THE_REFUSED, long),
        };
        if long {
            [&[ALIVE2_X_RESP, result], &creation.to_be_bytes()[..]].concat()
        } else {
            // An old node's creation is 1, 2 or 3.
            [&[ALIVE2_RESP, result], &u16::try_from(creation).unwrap_or(u16::MAX).to_be_bytes()[..]].concat()
        }
    }
}

/// The answer to `PORT_PLEASE2_REQ`: `PORT2_RESP` (119).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Port2Resp {
    /// The node is registered.
    Found(NodeEntry),
    /// It is not; the number is 1 or greater.
    NotFound(u8),
}

impl Port2Resp {
    /// Reads a whole answer.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(bytes);
        match cursor.u8("tag")? {
            PORT2_RESP => {}
            got => return Err(Malformed::UnexpectedAnswer { got, expected: "119" }),
        }
        match cursor.u8("result")? {
            0 => {
                let entry = NodeEntry::read(&mut cursor)?;
                cursor.end().map(|()| Self::Found(entry))
            }
            result => cursor.end().map(|()| Self::NotFound(result)),
        }
    }

    /// The bytes on the wire.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Found(entry) => {
                let mut out = vec![PORT2_RESP, 0];
                entry.write(&mut out);
                out
            }
            Self::NotFound(result) => vec![PORT2_RESP, *result],
        }
    }
}

/// The answer to `NAMES_REQ`: epmd's own port, and lines for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The port on which epmd says that it listens.
    pub epmd_port: u32,
    /// The nodes, in its order.
    pub nodes: Vec<Listed>,
    /// Lines that say nothing about a node. OTP's epmd takes names with line ends, and nobody can say where
    /// those begin.
    pub unreadable: usize,
}

/// A node of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What it calls itself: not an [`AliveName`](super::AliveName), because other epmds take any name.
    pub name: String,
    /// The port of its distribution listener.
    pub port: u16,
}

impl Names {
    /// Reads a whole answer.
    ///
    /// # Errors
    /// When even epmd's port is missing.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(bytes);
        let epmd_port = cursor.u32("port")?;
        let text = String::from_utf8_lossy(cursor.rest());
        let lines: Vec<Option<Listed>> = text.lines().map(listed).collect();
        let unreadable = lines.iter().filter(|line| line.is_none()).count();
        Ok(Self { epmd_port, nodes: lines.into_iter().flatten().collect(), unreadable })
    }

    /// The bytes on the wire.
    pub fn encode<'a>(epmd_port: u16, nodes: impl IntoIterator<Item = &'a NodeEntry>) -> Vec<u8> {
        let line = |node: &NodeEntry| format!("name {} at port {}\n", node.name, node.port);
        text_answer(epmd_port, nodes.into_iter().map(line))
    }
}

/// The answer to `DUMP_REQ`, in the words of OTP's epmd. It shows its descriptors; we have none to show.
pub fn dump_text<'a>(epmd_port: u16, nodes: impl IntoIterator<Item = &'a NodeEntry>) -> Vec<u8> {
    let line = |node: &NodeEntry| format!("active name     <{}> at port {}, fd = -1\n", node.name, node.port);
    text_answer(epmd_port, nodes.into_iter().map(line))
}

/// The answer to `KILL_REQ`.
pub const fn kill_resp(granted: bool) -> &'static [u8] {
    if granted { b"OK" } else { b"NO" }
}

fn text_answer(epmd_port: u16, lines: impl Iterator<Item = String>) -> Vec<u8> {
    let mut out = u32::from(epmd_port).to_be_bytes().to_vec();
    lines.for_each(|line| out.extend(line.into_bytes()));
    out
}

/// The last ` at port ` counts: what stands before it may be part of a name.
fn listed(line: &str) -> Option<Listed> {
    let (name, port) = line.strip_prefix("name ")?.rsplit_once(" at port ")?;
    Some(Listed { name: name.to_owned(), port: port.parse().ok()? })
}

const ALIVE2_X_RESP: u8 = 118;
const ALIVE2_RESP: u8 = 121;
const PORT2_RESP: u8 = 119;
/// What OTP's epmd writes there; nobody reads it.
const CREATION_OF_THE_REFUSED: u32 = 99;
