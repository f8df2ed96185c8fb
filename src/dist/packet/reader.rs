//! Packets to messages.

use super::{CONTINUATION, FRAGMENT, Form, HEADER, PASS_THROUGH, VERSION};
use crate::dist::atom_cache::{PacketAtoms, ReceiveCache};
use crate::dist::control::Control;
use crate::dist::extension::{EXTENSION, Extension};
use crate::dist::fragment::{Assembled, Assembly, AssemblyLimits, Opening};
use crate::dist::take;
use crate::dist::violation::Violation;
use crate::etf::{Atom, AtomTable, DecodeError, Decoder, Limits, Piece, Term};
use bytes::Bytes;

/// What a peer told us to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What.
    pub control: Control,
    /// With what; there exactly if the control message has one.
    pub payload: Option<Term>,
}

/// A message, told as shortly as what came before it allows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "it is moved once, and what is in no box costs no allocation")]
pub enum Heard {
    /// All of it.
    Message(Message),
    /// The same control message as that of the message before, which carries a term to somebody, with this payload.
    Again(Term),
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
    /// Where the atoms of the packet at hand are; the room serves the next one.
    places: Vec<u16>,
    last: Last,
    /// Whether the peer is of our own kind, and may send what OTP does not know.
    is_extended: bool,
    /// What it has sent of that kind.
    extension: Option<Extension>,
}

/// How the last message began, if it carries a term to somebody: in a burst the next ones begin alike, and then
/// their atoms are those of the last one, too. No place of the cache has been filled since.
#[derive(Debug, Default)]
struct Last {
    is_there: bool,
    /// The list of atoms and the control message.
    start: Vec<u8>,
}

impl Last {
    fn begins(&self, rest: &[u8]) -> bool {
        self.is_there && rest.starts_with(&self.start)
    }

    fn keep(&mut self, start: &[u8]) {
        self.is_there = true;
        self.start.clear();
        self.start.extend_from_slice(start);
    }
}

impl PacketReader {
    /// For a new transport.
    pub fn new(form: Form, limits: ReadLimits) -> Self {
        Self {
            form,
            limits: limits.term,
            cache: ReceiveCache::new(),
            assembly: Assembly::new(limits.assembly),
            places: Vec::new(),
            last: Last::default(),
            is_extended: false,
            extension: None,
        }
    }

    /// The same for a peer of our own kind: its frames may be extensions, too.
    pub(crate) const fn extended(mut self, is_extended: bool) -> Self {
        self.is_extended = is_extended;
        self
    }

    /// What the packet was that was read last, if it was no message and no part of one.
    pub(crate) const fn take_extension(&mut self) -> Option<Extension> {
        self.extension.take()
    }

    /// Takes a packet, without the length in front. `None`: its message is not complete.
    ///
    /// # Errors
    /// The peer breaks the protocol, and the link has to end.
    pub fn read(&mut self, packet: Bytes) -> Result<Option<Message>, Violation> {
        self.begin();
        Ok(match self.read_in(Piece::all(&packet))? {
            Some(Heard::Message(message)) => Some(message),
            // There is nothing before it.
            Some(Heard::Again(_)) | None => None,
        })
    }

    /// Whatever comes next is told whole.
    pub(crate) const fn begin(&mut self) {
        self.last.is_there = false;
    }

    /// As [`PacketReader::read`], of a packet in a buffer with others, and not repeating what was just said.
    pub(crate) fn read_in(&mut self, mut packet: Piece<'_>) -> Result<Option<Heard>, Violation> {
        if let (Form::Header { .. }, [VERSION, HEADER, ..]) = (self.form, packet.bytes()) {
            packet.skip(2);
            return self.read_whole(packet).map(Some);
        }
        self.begin();
        self.read_other(packet).map(|message| message.map(Heard::Message))
    }

    fn read_whole(&mut self, mut rest: Piece<'_>) -> Result<Heard, Violation> {
        if self.last.begins(&rest) {
            rest.skip(self.last.start.len());
            let atoms = self.atoms();
            return whole(rest, |rest| self.decoder(&atoms).bare_in(rest)).map(Heard::Again);
        }
        self.begin();
        let start = rest.bytes();
        self.read_atoms(&mut rest)?;
        let control = self.read_control(&mut rest)?;
        if control.carries_a_term() {
            self.last.keep(start.get(..start.len() - rest.len()).unwrap_or_default());
        }
        self.finish(control, rest).map(Heard::Message)
    }

    fn read_other(&mut self, mut packet: Piece<'_>) -> Result<Option<Message>, Violation> {
        match (self.form, packet.bytes()) {
            (Form::PassThrough, [PASS_THROUGH, ..]) => {
                packet.skip(1);
                self.read_passed_through(packet).map(Some)
            }
            (Form::Header { fragments: true, .. }, [VERSION, FRAGMENT, ..]) => {
                packet.skip(2);
                self.read_first(packet)
            }
            (Form::Header { fragments: true, .. }, [VERSION, CONTINUATION, ..]) => {
                packet.skip(2);
                self.read_continuation(packet)
            }
            (_, [EXTENSION, rest @ ..]) if self.is_extended => {
                self.extension = Some(Extension::read(rest)?);
                Ok(None)
            }
            (_, other) => Err(Violation::UnknownPacket { found: other.iter().take(2).copied().collect() }),
        }
    }

    /// The only form in which both terms have their version byte.
    fn read_passed_through(&self, mut rest: Piece<'_>) -> Result<Message, Violation> {
        let decoder = Decoder::new().with_limits(self.limits);
        if take::byte(&mut rest) != Some(VERSION) {
            return Err(Violation::BadHeader { what: "the control message has no version" });
        }
        let control = Control::decode_in(&decoder, &mut rest)?;
        finish(control, rest, |rest| decoder.versioned_in(rest))
    }

    fn read_first(&mut self, mut rest: Piece<'_>) -> Result<Option<Message>, Violation> {
        let length = rest.len();
        let (sequence, count) = read_ids(&mut rest)?;
        if self.assembly.is_open(sequence) {
            return Err(Violation::DuplicateSequence { sequence });
        }
        self.read_atoms(&mut rest)?;
        let control = self.read_control(&mut rest)?;
        if count == 1 {
            return self.finish(control, rest).map(Some);
        }
        // To OTP the sequence 0 is no sequence: nothing can continue it.
        if sequence == 0 || count == 0 {
            return Err(Violation::FragmentOrder { sequence, found: count, wanted: 1 });
        }
        expect_payload(&control, true)?;
        let atoms = self.atoms().to_vec();
        let overhead = length.saturating_sub(rest.len()).saturating_add(atoms.len().saturating_mul(size_of::<Atom>()));
        self.assembly.open(sequence, count, Opening { control, atoms, payload: rest.bytes(), overhead })?;
        Ok(None)
    }

    fn read_continuation(&mut self, mut rest: Piece<'_>) -> Result<Option<Message>, Violation> {
        let (sequence, found) = read_ids(&mut rest)?;
        let Some(Assembled { control, atoms, payload }) = self.assembly.go_on(sequence, found, rest.bytes())? else { return Ok(None) };
        finish(control, Piece::all(&payload), |rest| self.decoder(&atoms).bare_in(rest)).map(Some)
    }

    fn read_atoms(&mut self, rest: &mut Piece<'_>) -> Result<(), Violation> {
        if let (Form::Header { cache: false, .. }, Some(1..)) = (self.form, rest.first()) {
            return Err(Violation::BadHeader { what: "no atom cache was agreed" });
        }
        self.cache.read_places(rest, &mut self.places)
    }

    fn read_control(&self, rest: &mut Piece<'_>) -> Result<Control, Violation> {
        Control::decode_in(&self.decoder(&self.atoms()), rest)
    }

    fn finish(&self, control: Control, rest: Piece<'_>) -> Result<Message, Violation> {
        let atoms = self.atoms();
        finish(control, rest, |rest| self.decoder(&atoms).bare_in(rest))
    }

    fn atoms(&self) -> PacketAtoms<'_> {
        self.cache.at(&self.places)
    }

    fn decoder<'a>(&self, atoms: &'a dyn AtomTable) -> Decoder<'a> {
        Decoder::new().with_limits(self.limits).with_atoms(atoms)
    }
}

fn finish<'a>(
    control: Control,
    rest: Piece<'a>,
    read: impl FnOnce(&mut Piece<'a>) -> Result<Term, DecodeError>,
) -> Result<Message, Violation> {
    expect_payload(&control, !rest.is_empty())?;
    let payload = if rest.is_empty() { None } else { Some(whole(rest, read)?) };
    Ok(Message { control, payload })
}

fn whole<'a>(mut rest: Piece<'a>, read: impl FnOnce(&mut Piece<'a>) -> Result<Term, DecodeError>) -> Result<Term, Violation> {
    let payload = read(&mut rest).map_err(in_payload)?;
    match rest.len() {
        0 => Ok(payload),
        left => Err(in_payload(DecodeError::Trailing { at: 0, left })),
    }
}

fn read_ids(rest: &mut Piece<'_>) -> Result<(u64, u64), Violation> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::control::{Exit2, RegSend, SendSender, Unused};
    use crate::dist::{Framing, PacketWriter, Splitter};
    use crate::etf::{Creation, Pid, atom, tuple};
    use bytes::BytesMut;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn pid(id: u32) -> Pid {
        Pid { node: Atom::fixed("a@localhost"), id, serial: 0, creation: Creation(84) }
    }

    /// Two names that want the same place in the cache.
    fn rivals() -> [Atom; 2] {
        let mut by_place = HashMap::new();
        (0..)
            .find_map(|number| {
                let name = Atom::new(&format!("name{number}")).unwrap();
                let (mut writer, mut reader) = (PacketWriter::new(FORM), PacketReader::new(FORM, ReadLimits::default()));
                let mut out = Vec::new();
                writer.write(RegSend { from: pid(1), unused: Unused, to: name.clone() }, Some(&Term::nil()), &mut out).unwrap();
                reader.read(Bytes::from(out).slice(4..)).unwrap();
                by_place.insert(reader.places.clone(), name.clone()).map(|other| [other, name])
            })
            .unwrap()
    }

    /// Few of each, so that the same comes again; and some are long.
    fn message(names: [Atom; 2]) -> impl Strategy<Value = (Control, Option<Term>)> {
        (0..8_u8, 0..2_u32, 0..2_usize, 0..6_usize).prop_map(move |(kind, to, name, length)| {
            let (name, payload) = (names[name].clone(), tuple([atom("word"), Term::from(vec![7; length * 16].as_slice())]));
            match kind {
                0 => (Exit2 { from: pid(1), to: pid(to), reason: name.into() }.into(), None),
                1..4 => (SendSender { from: pid(1), to: pid(to) }.into(), Some(payload)),
                _ => (RegSend { from: pid(1), unused: Unused, to: name }.into(), Some(payload)),
            }
        })
    }

    /// As a peer would write it, in one read.
    fn written(writer: &mut PacketWriter, messages: &[(Control, Option<Term>)]) -> BytesMut {
        let mut out = Vec::new();
        for (control, payload) in messages {
            let mut rest = writer.write_control(control, payload.as_ref(), &mut out).unwrap();
            while let Some(more) = rest {
                rest = more.write_next(&mut out);
            }
        }
        out.as_slice().into()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn what_is_told_shortly_is_what_was_said(messages in prop::collection::vec(message(rivals()), 1..60), batch in 1..20_usize) {
            let mut writer = PacketWriter::new(FORM).with_fragments_of(30);
            let mut reader = PacketReader::new(FORM, ReadLimits::default());
            let mut heard = Vec::new();
            for messages in messages.chunks(batch) {
                let mut frames = Splitter::new(Framing::Four, 1024).take_whole(&mut written(&mut writer, messages));
                reader.begin();
                while let Some(packet) = frames.next_packet() {
                    match reader.read_in(packet).unwrap() {
                        None => {}
                        Some(Heard::Message(Message { control, payload })) => heard.push((control, payload)),
                        Some(Heard::Again(term)) => heard.push((heard.last().unwrap().0.clone(), Some(term))),
                    }
                }
            }
            prop_assert_eq!(heard, messages);
        }
    }

    const FORM: Form = Form::Header { cache: true, fragments: true };
}
