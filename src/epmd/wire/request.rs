//! What is asked of an epmd.

use super::Malformed;
use super::cursor::Cursor;
use super::entry::NodeEntry;
use super::name::AliveName;

/// One request.
///
/// ```
/// use countersign::epmd::wire::Request;
///
/// assert_eq!(Request::Names.encode(), [0, 1, b'n']);
/// assert_eq!(Request::parse(b"n"), Ok(Request::Names));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `ALIVE2_REQ`: register this node for as long as the connection lasts.
    Alive2(NodeEntry),
    /// `PORT_PLEASE2_REQ`: where does this node listen?
    PortPlease2(AliveName),
    /// `NAMES_REQ`: who is there?
    Names,
    /// `DUMP_REQ`: the same with everything that epmd knows.
    Dump,
    /// `KILL_REQ`: end.
    Kill,
    /// `STOP_REQ`: forget this node.
    Stop(AliveName),
}

impl Request {
    /// The longest body: an `ALIVE2_REQ` with the longest name and extra data.
    pub const LONGEST: usize = 13 + AliveName::LONGEST + super::Extra::LONGEST;

    /// How long the body is that follows these two bytes.
    ///
    /// # Errors
    /// Longer than any request.
    pub fn body_length(header: [u8; 2]) -> Result<usize, Malformed> {
        let (length, limit) = (usize::from(u16::from_be_bytes(header)), Self::LONGEST);
        if length > limit { Err(Malformed::TooLong { what: "body", length, limit }) } else { Ok(length) }
    }

    /// Reads a body.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        match cursor.u8("tag")? {
            ALIVE2_REQ => {
                let entry = NodeEntry::read(&mut cursor)?;
                cursor.end().map(|()| Self::Alive2(entry))
            }
            PORT_PLEASE2_REQ => Ok(Self::PortPlease2(AliveName::from_wire(cursor.rest())?)),
            NAMES_REQ => cursor.end().map(|()| Self::Names),
            DUMP_REQ => cursor.end().map(|()| Self::Dump),
            KILL_REQ => cursor.end().map(|()| Self::Kill),
            STOP_REQ => Ok(Self::Stop(AliveName::from_wire(cursor.rest())?)),
            tag => Err(Malformed::UnknownRequest(tag)),
        }
    }

    /// The bytes on the wire, with their length before them.
    pub fn encode(&self) -> Vec<u8> {
        let body = self.body();
        let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
        [&length.to_be_bytes()[..], &body].concat()
    }

    /// Its name in the protocol, for logs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Alive2(_) => "ALIVE2_REQ",
            Self::PortPlease2(_) => "PORT_PLEASE2_REQ",
            Self::Names => "NAMES_REQ",
            Self::Dump => "DUMP_REQ",
            Self::Kill => "KILL_REQ",
            Self::Stop(_) => "STOP_REQ",
        }
    }

    fn body(&self) -> Vec<u8> {
        match self {
            Self::Alive2(entry) => {
                let mut body = vec![ALIVE2_REQ];
                entry.write(&mut body);
                body
            }
            Self::PortPlease2(name) => named(PORT_PLEASE2_REQ, name),
            Self::Names => vec![NAMES_REQ],
            Self::Dump => vec![DUMP_REQ],
            Self::Kill => vec![KILL_REQ],
            Self::Stop(name) => named(STOP_REQ, name),
        }
    }
}

fn named(tag: u8, name: &AliveName) -> Vec<u8> {
    [&[tag], name.as_str().as_bytes()].concat()
}

const ALIVE2_REQ: u8 = 120;
const PORT_PLEASE2_REQ: u8 = 122;
const NAMES_REQ: u8 = 110;
const DUMP_REQ: u8 = 100;
const KILL_REQ: u8 = 107;
const STOP_REQ: u8 = 115;
