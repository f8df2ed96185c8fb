//! Messages to packets.

use super::{CONTINUATION, FRAGMENT, Form, HEADER, PASS_THROUGH, VERSION};
use crate::dist::atom_cache::SendCache;
use crate::dist::control::Control;
use crate::etf::{AtomIndex, EncodeError, Term, TermWriter};
use crate::failure::{Code, Failure};
use bytes::{Buf, Bytes};

/// Why a message cannot be sent. Nothing of it was, and the link is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsendable {
    /// A term does not fit the format.
    #[error("the message is no term that can travel")]
    Encode(#[from] EncodeError),
    /// The message does not fit a packet, and the peer takes no fragments.
    #[error("{length} bytes do not fit one packet")]
    TooLong {
        /// How many it has.
        length: usize,
    },
    /// A payload where none belongs, or none where one does.
    #[error("{name} {}", if *.wanted { "needs a payload" } else { "has no payload" })]
    Payload {
        /// Which message.
        name: &'static str,
        /// Whether one belongs there.
        wanted: bool,
    },
}

impl Failure for Unsendable {
    fn code(&self) -> Code {
        Code::ProtocolViolation
    }
}

/// Writes the packets of one transport.
#[derive(Debug)]
pub struct PacketWriter {
    form: Form,
    cache: SendCache,
    fragment: usize,
    last_sequence: u64,
    /// The terms of the message in the making: its header can be written only when they are.
    body: Vec<u8>,
}

impl PacketWriter {
    /// For a new transport, with fragments of 64 KiB as OTP has them.
    pub fn new(form: Form) -> Self {
        Self { form, cache: SendCache::new(), fragment: FRAGMENT_BYTES, last_sequence: 0, body: Vec::new() }
    }

    /// With fragments of so many bytes of payload; at least one.
    #[must_use]
    pub fn with_fragments_of(mut self, bytes: usize) -> Self {
        self.fragment = bytes.max(1);
        self
    }

    /// Writes a message behind what is in the buffer, with the four bytes of the length in front. Of a
    /// long message only the first fragment: the rest is the caller's to write, between other messages if
    /// it likes, but before the next message of the same sender. Packets leave in the order of the calls:
    /// the peer's atom cache follows it.
    ///
    /// # Errors
    /// The message cannot be sent. The buffer is as it was.
    pub fn write(
        &mut self,
        control: impl Into<Control>,
        payload: Option<&Term>,
        out: &mut Vec<u8>,
    ) -> Result<Option<Continuation>, Unsendable> {
        self.write_control(&control.into(), payload, out)
    }

    /// The same for a message that the caller keeps.
    ///
    /// # Errors
    /// As [`PacketWriter::write`].
    pub fn write_control(
        &mut self,
        control: &Control,
        payload: Option<&Term>,
        out: &mut Vec<u8>,
    ) -> Result<Option<Continuation>, Unsendable> {
        let (name, wanted) = (control.name(), control.has_payload());
        if payload.is_some() != wanted {
            return Err(Unsendable::Payload { name, wanted });
        }
        // It would be a whole term, and so could be encoded, but only its own node can read it.
        if matches!(payload, Some(Term::Local(_))) {
            return Err(EncodeError::LocalInside.into());
        }
        self.body.clear();
        let written = self.write_body(control, payload).and_then(|head| self.write_packet(head, out));
        if written.is_err() {
            self.cache.abandon();
        }
        written
    }

    /// Returns where the payload begins.
    fn write_body(&mut self, control: &Control, payload: Option<&Term>) -> Result<usize, Unsendable> {
        let is_versioned = self.form == Form::PassThrough;
        let atoms: Option<&mut dyn AtomIndex> = match self.form {
            Form::Header { cache: true, .. } => Some(&mut self.cache),
            _ => None,
        };
        let mut writer = TermWriter::new(&mut self.body, atoms);
        if is_versioned {
            writer.version();
        }
        control.put(&mut writer)?;
        let head = writer.written();
        if let Some(payload) = payload {
            if is_versioned {
                writer.version();
            }
            writer.term(payload)?;
        }
        Ok(head)
    }

    fn write_packet(&mut self, head: usize, out: &mut Vec<u8>) -> Result<Option<Continuation>, Unsendable> {
        // Two pieces, of which the second is a scrap, are more work for both ends than a longer one.
        let is_long = self.body.len().saturating_sub(head) > self.fragment.saturating_mul(2);
        let is_fragmented = is_long && matches!(self.form, Form::Header { fragments: true, .. });
        let end = if is_fragmented { head.saturating_add(self.fragment) } else { self.body.len() };
        if end > LONGEST_BODY {
            return Err(Unsendable::TooLong { length: self.body.len() });
        }
        let rest = if is_fragmented { self.begin_sequence(end) } else { None };
        let start = out.len();
        out.extend([0; 4]);
        self.write_header(rest.as_ref(), out);
        match &rest {
            Some(rest) => out.extend_from_slice(rest.body.get(..end).unwrap_or_default()),
            None => out.extend_from_slice(&self.body),
        }
        write_length(start, out);
        Ok(rest.map(|rest| rest.behind(end)))
    }

    fn begin_sequence(&mut self, end: usize) -> Option<Continuation> {
        // 0 would mean that there is no sequence.
        self.last_sequence = self.last_sequence.checked_add(1).unwrap_or(1);
        let body = Bytes::from(std::mem::take(&mut self.body));
        let left = body.len().saturating_sub(end).div_ceil(self.fragment) as u64;
        Some(Continuation { sequence: self.last_sequence, left, fragment: self.fragment, body })
    }

    fn write_header(&mut self, rest: Option<&Continuation>, out: &mut Vec<u8>) {
        match (self.form, rest) {
            (Form::PassThrough, _) => return out.push(PASS_THROUGH),
            (Form::Header { .. }, None) => out.extend([VERSION, HEADER]),
            (Form::Header { .. }, Some(rest)) => rest.write_ids(FRAGMENT, rest.left.saturating_add(1), out),
        }
        self.cache.write_references(out);
    }
}

/// The fragments of a message behind its first.
#[derive(Debug)]
#[must_use = "a message whose fragments are not all sent never arrives"]
pub struct Continuation {
    sequence: u64,
    left: u64,
    fragment: usize,
    body: Bytes,
}

impl Continuation {
    /// Writes the next fragment, with the four bytes of the length in front. `None`: it was the last.
    pub fn write_next(mut self, out: &mut Vec<u8>) -> Option<Self> {
        let start = out.len();
        out.extend([0; 4]);
        self.write_ids(CONTINUATION, self.left, out);
        let piece = self.body.split_to(self.fragment.min(self.body.len()));
        out.extend_from_slice(&piece);
        write_length(start, out);
        self.left = self.left.saturating_sub(1);
        (self.left > 0).then_some(self)
    }

    /// How many bytes of the message are still to be written.
    pub fn remaining(&self) -> usize {
        self.body.len()
    }

    fn behind(mut self, end: usize) -> Self {
        self.body.advance(end.min(self.body.len()));
        self
    }

    fn write_ids(&self, tag: u8, number: u64, out: &mut Vec<u8>) {
        out.extend([VERSION, tag]);
        out.extend(self.sequence.to_be_bytes());
        out.extend(number.to_be_bytes());
    }
}

/// Into the four bytes at `start`. What is behind them has been kept below 4 GiB.
fn write_length(start: usize, out: &mut [u8]) {
    let length = out.len().saturating_sub(start).saturating_sub(4) as u32;
    if let Some(place) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
        *place = length.to_be_bytes();
    }
}

const FRAGMENT_BYTES: usize = 64 * 1024;
/// A header lists 255 atoms of 1020 bytes at most, so this leaves room for any.
const LONGEST_BODY: usize = u32::MAX as usize - 1024 * 1024;
