//! Packets of a link that is up: a control message, and the payload if it has one.
//!
//! ```
//! use bytes::Bytes;
//! use countersign::dist::control::SendSender;
//! use countersign::dist::{Flags, Form, PacketReader, PacketWriter, ReadLimits};
//! use countersign::etf::{Atom, Creation, Pid, Term};
//!
//! let form = Form::agreed(Flags::DEFAULT);
//! let (mut writer, mut reader) = (PacketWriter::new(form), PacketReader::new(form, ReadLimits::default()));
//! let pid = |id| Pid { node: Atom::fixed("a@localhost"), id, serial: 0, creation: Creation(84) };
//!
//! let mut out = Vec::new();
//! writer.write(SendSender { from: pid(1), to: pid(2) }, Some(&Term::from("hello")), &mut out)?;
//! let message = reader.read(Bytes::from(out).slice(4..))?.ok_or("one packet is one message")?;
//! assert_eq!(message.payload, Some(Term::from("hello")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod reader;
mod writer;

pub use reader::{Heard, Message, PacketReader, ReadLimits};
pub use writer::{Continuation, PacketWriter, Unsendable};

use super::flags::Flags;

/// How packets look, as both sides agreed. It never changes while a transport lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `112`: neither cache nor fragments.
    PassThrough,
    /// `131,68`, `131,69` and `131,70`: with either of them, every packet has a header.
    Header {
        /// Atoms may travel by number.
        cache: bool,
        /// Messages may come in fragments.
        fragments: bool,
    },
}

impl Form {
    /// From the flags that both sides have.
    pub const fn agreed(flags: Flags) -> Self {
        match (flags.contains(Flags::DIST_HDR_ATOM_CACHE), flags.contains(Flags::FRAGMENTS)) {
            (false, false) => Self::PassThrough,
            (cache, fragments) => Self::Header { cache, fragments },
        }
    }
}

const PASS_THROUGH: u8 = 112;
const VERSION: u8 = 131;
/// Not fragmented.
const HEADER: u8 = 68;
/// The first fragment.
const FRAGMENT: u8 = 69;
/// Those behind it.
const CONTINUATION: u8 = 70;
