//! Packets to messages.

use super::{CONTINUATION, FRAGMENT, Form, HEADER, PASS_THROUGH, VERSION};
use crate::dist::atom_cache::ReceiveCache;
use crate::dist::control::Control;
use crate::dist::fragment::{Assembled, Assembly, AssemblyLimits, Opening};
use crate::dist::take;
use crate::dist::violation::Violation;
use crate::etf::{Atom, AtomTable, DecodeError, Decoder, Limits, Term};
use bytes::Bytes;

/// What a peer told us to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What.
    pub control: Control,
    /// With what; there exactly if the control message has one.
    pub payload: Option<Term>,
}

/// How much a peer may ask of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadLimits {
    /// Of each term.
    pub term: Limits,
    /// Of messages in fragments.
    pub assembly: AssemblyLimits,
}

/// Reads the packets of one transport, in the order in which they come.
#[derive(Debug)]
pub struct PacketReader {
    form: Form,
    limits: Limits,
    cache: ReceiveCache,
    assembly: Assembly,
    /// The atoms of the packet at hand; their room serves the next one.
    atoms: Vec<Atom>,
}

impl PacketReader {
    /// For a new transport.
    pub fn new(form: Form, limits: ReadLimits) -> Self {
        Self { form, limits: limits.term, cache: ReceiveCache::new(), assembly: Assembly::new(limits.assembly), atoms: Vec::new() }
    }

    /// Takes a packet, without the length in front. `None`: its message is not complete.
    ///
    /// # Errors
    /// The peer breaks the protocol, and the link has to end.
    pub fn read(&mut self, mut packet: Bytes) -> Result<Option<Message>, Violation> {
        match (self.form, packet.as_ref()) {
            (Form::PassThrough, [PASS_THROUGH, ..]) => {
                take::byte(&mut packet);
                self.read_passed_through(packet).map(Some)
            }
            (Form::Header { .. }, [VERSION, HEADER, ..]) => {
                take::short(&mut packet);
                self.read_whole(packet).map(Some)
            }
            (Form::Header { fragments: true, .. }, [VERSION, FRAGMENT, ..]) => {
                take::short(&mut packet);
                self.read_first(packet)
            }
            (Form::Header { fragments: true, .. }, [VERSION, CONTINUATION, ..]) => {
                take::short(&mut packet);
                self.read_continuation(packet)
            }
            (_, other) => Err(Violation::UnknownPacket { found: other.iter().take(2).copied().collect() }),
        }
    }

    /// The only form in which both terms have their version byte.
    fn read_passed_through(&self, mut rest: Bytes) -> Result<Message, Violation> {
        let decoder = Decoder::new().with_limits(self.limits);
        if take::byte(&mut rest) != Some(VERSION) {
            return Err(Violation::BadHeader { what: "the control message has no version" });
        }
        let control = Control::decode(&decoder, &mut rest)?;
        expect_payload(&control, !rest.is_empty())?;
        let payload = if rest.is_empty() { None } else { Some(decoder.decode(&rest).map_err(in_payload)?) };
        Ok(Message { control, payload })
    }

    fn read_whole(&mut self, mut rest: Bytes) -> Result<Message, Violation> {
        let control = self.read_head(&mut rest)?;
        finish(self.limits, control, &self.atoms, rest)
    }

    fn read_first(&mut self, mut rest: Bytes) -> Result<Option<Message>, Violation> {
        let length = rest.len();
        let (sequence, count) = read_ids(&mut rest)?;
        if self.assembly.is_open(sequence) {
            return Err(Violation::DuplicateSequence { sequence });
        }
        let control = self.read_head(&mut rest)?;
        if count == 1 {
            return finish(self.limits, control, &self.atoms, rest).map(Some);
        }
        // To OTP the sequence 0 is no sequence: nothing can continue it.
        if sequence == 0 || count == 0 {
            return Err(Violation::FragmentOrder { sequence, found: count, wanted: 1 });
        }
        expect_payload(&control, true)?;
        let atoms = std::mem::take(&mut self.atoms);
        let overhead = length.saturating_sub(rest.len()).saturating_add(atoms.len().saturating_mul(size_of::<Atom>()));
        self.assembly.open(sequence, count, Opening { control, atoms, payload: rest, overhead })?;
        Ok(None)
    }

    fn read_continuation(&mut self, mut rest: Bytes) -> Result<Option<Message>, Violation> {
        let (sequence, found) = read_ids(&mut rest)?;
        let done = self.assembly.go_on(sequence, found, &rest)?;
        done.map(|Assembled { control, atoms, payload }| finish(self.limits, control, &atoms, payload)).transpose()
    }

    fn read_head(&mut self, rest: &mut Bytes) -> Result<Control, Violation> {
        if let (Form::Header { cache: false, .. }, Some(1..)) = (self.form, rest.first()) {
            return Err(Violation::BadHeader { what: "no atom cache was agreed" });
        }
        self.cache.read_references_into(rest, &mut self.atoms)?;
        Control::decode(&Decoder::new().with_limits(self.limits).with_atoms(&self.atoms), rest)
    }
}

fn finish(limits: Limits, control: Control, atoms: &dyn AtomTable, mut rest: Bytes) -> Result<Message, Violation> {
    expect_payload(&control, !rest.is_empty())?;
    if rest.is_empty() {
        return Ok(Message { control, payload: None });
    }
    let payload = Decoder::new().with_limits(limits).with_atoms(atoms).bare(&mut rest).map_err(in_payload)?;
    match rest.len() {
        0 => Ok(Message { control, payload: Some(payload) }),
        left => Err(in_payload(DecodeError::Trailing { at: 0, left })),
    }
}

fn read_ids(rest: &mut Bytes) -> Result<(u64, u64), Violation> {
    let ids = take::long(rest).zip(take::long(rest));
    ids.ok_or(Violation::BadHeader { what: "it ends too early" })
}

fn expect_payload(control: &Control, is_there: bool) -> Result<(), Violation> {
    let wanted = control.has_payload();
    if wanted == is_there { Ok(()) } else { Err(Violation::Payload { name: control.name(), wanted }) }
}

const fn in_payload(source: DecodeError) -> Violation {
    Violation::NotATerm { part: "payload", source }
}
