//! Packets in all their forms, and messages in fragments.

use crate::support::{ALL_FORMS, FULL, cases, framed, hex, pid, send, write};
use bytes::Bytes;
use countersign::dist::control::{Control, Link, PayloadExit, SendSender};
use countersign::dist::{AssemblyLimits, Flags, Form, Message, PacketReader, PacketWriter, ReadLimits, Unsendable, Violation};
use countersign::etf::{Creation, Pid, Term, atom, list, tuple};
use countersign::failure::{Code, Failure};
use proptest::collection::vec;
use proptest::prelude::*;

fn reader() -> PacketReader {
    PacketReader::new(FULL, ReadLimits::default())
}

fn bounded(sequences: usize, bytes: usize) -> PacketReader {
    PacketReader::new(FULL, ReadLimits { assembly: AssemblyLimits { sequences, bytes }, ..ReadLimits::default() })
}

/// `131`, tag, sequence, number, and the rest.
fn fragment(tag: u8, sequence: u64, number: u64, rest: &[u8]) -> Bytes {
    [&[131, tag], &sequence.to_be_bytes()[..], &number.to_be_bytes(), rest].concat().into()
}

/// A first fragment of a SEND_SENDER, with the start of the payload.
fn first(sequence: u64, number: u64, payload: &[u8]) -> Bytes {
    let mut whole = write(&mut PacketWriter::new(Form::Header { cache: false, fragments: true }), send(), Some(&Term::nil())).remove(0);
    let head = whole.split_off(2);
    fragment(69, sequence, number, &[&head[..head.len() - 1], payload].concat())
}

fn continuation(sequence: u64, number: u64, payload: &[u8]) -> Bytes {
    fragment(70, sequence, number, payload)
}

#[test]
fn the_form_follows_from_what_both_can_do() {
    let form = |flags| Form::agreed(flags);
    assert_eq!(form(Flags::DEFAULT), Form::Header { cache: true, fragments: true });
    assert_eq!(form(Flags::DEFAULT.without(Flags::DIST_HDR_ATOM_CACHE)), Form::Header { cache: false, fragments: true });
    assert_eq!(form(Flags::DEFAULT.without(Flags::FRAGMENTS)), Form::Header { cache: true, fragments: false });
    assert_eq!(form(Flags::MANDATORY_25), Form::PassThrough);
}

/// `{1,A,B}` and, behind `{22,A,B}`, `term_to_binary(ok, [{minor_version,2}])`.
#[test]
fn without_cache_and_fragments_packets_are_passed_through() {
    let mut writer = PacketWriter::new(Form::PassThrough);
    let link = Control::from(Link { from: pid("a", 1), to: pid("b", 2) });
    assert_eq!(
        write(&mut writer, link.clone(), None)[0],
        hex("70 83 680361015877016100000001000000000000005458770162000000020000000000000054")
    );
    let packet = write(&mut writer, send(), Some(&atom("ok"))).remove(0);
    assert!(packet.ends_with(&hex("83 77 02 6f6b")));
    let mut reader = PacketReader::new(Form::PassThrough, ReadLimits::default());
    assert_eq!(reader.read(packet).unwrap(), Some(Message { control: send(), payload: Some(atom("ok")) }));
    assert_eq!(reader.read(hex("83 44 00").into()), Err(Violation::UnknownPacket { found: vec![131, 68] }));
}

/// Recorded from OTP 25: what arrives when its shell, connected to `rust@127.0.0.1`, says twice
/// `Pid ! {Pid, hello, 7}` to a process there. The second packet knows the atoms already.
#[test]
fn packets_of_otp_are_read_and_written_alike() {
    let recorded = [
        "83 44 03 af0f7c 0d 6f7470403132372e302e302e31 ea 0e 72757374403132372e302e302e31 cf 05 68656c6c6f
         6803 6116 58 5200 00000055 00000000 6b016c47 58 5201 00000001 00000000 00000054
         6803 58 5201 00000001 00000000 00000054 5202 6107",
        "83 44 03 2707 7c ea cf
         6803 6116 58 5200 00000055 00000000 6b016c47 58 5201 00000001 00000000 00000054
         6803 58 5201 00000001 00000000 00000054 5202 6107",
    ];
    let pid = |node, id, creation| Pid { creation: Creation(creation), ..pid(node, id) };
    let (otp, ours) = (pid("otp@127.0.0.1", 85, 0x6b01_6c47), pid("rust@127.0.0.1", 1, 84));
    let payload = tuple([ours.clone().into(), atom("hello"), Term::from(7)]);
    let message = Message { control: SendSender { from: otp, to: ours }.into(), payload: Some(payload) };
    let (mut reader, mut writer) = (reader(), PacketWriter::new(FULL));
    for packet in recorded {
        assert_eq!(reader.read(hex(packet).into()).unwrap().as_ref(), Some(&message));
        // Alike but for the places, which each sender chooses.
        assert_eq!(write(&mut writer, message.control.clone(), message.payload.as_ref())[0].len(), hex(packet).len());
    }
}

#[test]
fn what_was_not_agreed_ends_the_link() {
    for packet in ["70 83 6a", "83", "83 47", "6a", "44 00"] {
        let found = hex(packet).into_iter().take(2).collect();
        assert_eq!(reader().read(hex(packet).into()), Err(Violation::UnknownPacket { found }), "{packet}");
    }
    let mut unfragmented = PacketReader::new(Form::Header { cache: true, fragments: false }, ReadLimits::default());
    assert_eq!(unfragmented.read(first(1, 2, b"")), Err(Violation::UnknownPacket { found: vec![131, 69] }));
}

#[test]
fn a_payload_is_there_exactly_where_it_belongs() {
    let mut writer = PacketWriter::new(FULL);
    let link = || Control::from(Link { from: pid("a", 1), to: pid("b", 2) });
    let refused = writer.write(link(), Some(&atom("x")), &mut Vec::new()).unwrap_err();
    assert_eq!(refused, Unsendable::Payload { name: "LINK", wanted: false });
    assert_eq!(writer.write(send(), None, &mut Vec::new()).unwrap_err().to_string(), "SEND_SENDER needs a payload");

    for form in ALL_FORMS {
        let mut reader = PacketReader::new(form, ReadLimits::default());
        let extra = [&write(&mut PacketWriter::new(form), link(), None)[0][..], &[131, 106]].concat();
        assert_eq!(reader.read(extra.into()), Err(Violation::Payload { name: "LINK", wanted: false }));
        let whole = write(&mut PacketWriter::new(form), send(), Some(&Term::nil())).remove(0);
        let cut = whole.slice(..whole.len() - if form == Form::PassThrough { 2 } else { 1 });
        let mut reader = PacketReader::new(form, ReadLimits::default());
        assert_eq!(reader.read(cut), Err(Violation::Payload { name: "SEND_SENDER", wanted: true }));
        let mut reader = PacketReader::new(form, ReadLimits::default());
        assert!(matches!(reader.read([&whole[..], &[106]].concat().into()), Err(Violation::NotATerm { part: "payload", .. })));
    }
}

#[test]
fn a_long_message_goes_in_fragments_that_count_down_to_one() {
    let payload = Term::from(&[7_u8; 1000][..]);
    let packets = write(&mut PacketWriter::new(FULL).with_fragments_of(300), send(), Some(&payload));
    let ids = |packet: &[u8]| {
        (packet[1], u64::from_be_bytes(packet[2..10].try_into().unwrap()), u64::from_be_bytes(packet[10..18].try_into().unwrap()))
    };
    assert_eq!(packets.iter().map(|packet| ids(packet)).collect::<Vec<_>>(), [(69, 1, 4), (70, 1, 3), (70, 1, 2), (70, 1, 1)]);
    assert_eq!(packets[1].len(), 18 + 300);
    let mut reader = reader();
    let read: Vec<_> = packets.into_iter().map(|packet| reader.read(packet).unwrap()).collect();
    assert_eq!(read, [None, None, None, Some(Message { control: send(), payload: Some(payload) })]);
}

#[test]
fn a_message_is_not_fragmented_if_it_fits_two_fragments() {
    let payload = |length: usize| Term::from(&vec![7_u8; length - 5][..]);
    let mut writer = PacketWriter::new(FULL);
    assert_eq!(write(&mut writer, send(), Some(&payload(131_072))).len(), 1);
    assert_eq!(write(&mut writer, send(), Some(&payload(131_073))).len(), 3);
    let mut unfragmented = PacketWriter::new(Form::Header { cache: true, fragments: false });
    assert_eq!(write(&mut unfragmented, send(), Some(&payload(1_000_000))).len(), 1);
}

#[test]
fn fragments_of_several_senders_by_turns_keep_their_own_atoms() {
    let payload = |name: &'static str| list((0..40).map(|at| if at % 2 == 0 { atom(name) } else { Term::from(at) }));
    let mut writer = PacketWriter::new(FULL).with_fragments_of(30);
    let control = |id| Control::from(SendSender { from: pid("a", id), to: pid("b", 9) });
    let mut streams: Vec<_> = ["one", "two", "three"]
        .into_iter()
        .zip(1..)
        .map(|(name, id)| write(&mut writer, control(id), Some(&payload(name))).into_iter())
        .collect();
    let (mut reader, mut read) = (reader(), Vec::new());
    loop {
        let packets: Vec<_> = streams.iter_mut().filter_map(Iterator::next).collect();
        if packets.is_empty() {
            break;
        }
        read.extend(packets.into_iter().filter_map(|packet| reader.read(packet).unwrap()));
        // A short message between them, which may change the cache.
        let between = write(&mut writer, send(), Some(&atom("between"))).remove(0);
        assert!(reader.read(between).unwrap().is_some());
    }
    let wanted: Vec<_> = ["one", "two", "three"]
        .into_iter()
        .zip(1..)
        .map(|(name, id)| Message { control: control(id), payload: Some(payload(name)) })
        .collect();
    assert_eq!(read, wanted);
}

#[test]
fn a_single_fragment_is_a_whole_message() {
    for sequence in [0, 1] {
        assert!(reader().read(first(sequence, 1, &[106])).unwrap().is_some());
    }
}

#[test]
fn fragments_out_of_order_end_the_link() {
    let order = |sequence, found, wanted| Err(Violation::FragmentOrder { sequence, found, wanted });
    for (found, wanted) in [(1, 2), (3, 2), (0, 2), (u64::MAX, 2)] {
        let mut reader = reader();
        assert_eq!(reader.read(first(5, 3, b"")), Ok(None));
        assert_eq!(reader.read(continuation(5, found, b"")), order(5, found, wanted));
    }
    assert_eq!(reader().read(first(5, 0, &[106])), order(5, 0, 1));
    assert_eq!(reader().read(first(0, 2, &[106])), order(0, 2, 1));
    for sequence in [0, 5] {
        assert_eq!(reader().read(continuation(sequence, 1, &[106])), Err(Violation::UnknownSequence { sequence }));
    }
    let mut reader = reader();
    assert_eq!(reader.read(first(5, 3, b"")), Ok(None));
    assert_eq!(reader.read(first(5, 3, b"")), Err(Violation::DuplicateSequence { sequence: 5 }));
}

#[test]
fn a_sequence_that_is_done_may_be_used_again() {
    let mut reader = reader();
    for _ in 0..3 {
        assert_eq!(reader.read(first(5, 2, b"")), Ok(None));
        assert!(reader.read(continuation(5, 1, &[106])).unwrap().is_some());
    }
}

#[test]
fn a_count_of_64_bits_costs_nothing() {
    let mut reader = reader();
    assert_eq!(reader.read(first(5, u64::MAX, b"")), Ok(None));
    assert_eq!(reader.read(continuation(5, u64::MAX - 1, b"")), Ok(None));
}

#[test]
fn open_sequences_are_bounded() {
    let mut reader = bounded(2, 10_000);
    assert_eq!(reader.read(first(1, 2, b"")), Ok(None));
    assert_eq!(reader.read(first(2, 2, b"")), Ok(None));
    let refused = reader.read(first(3, 2, b"")).unwrap_err();
    assert_eq!((refused.code(), refused), (Code::TooMany, Violation::TooManySequences { limit: 2 }));
}

#[test]
fn bytes_in_assembly_are_bounded_and_given_back() {
    let mut reader = bounded(10, 1_000);
    for _ in 0..10 {
        assert_eq!(reader.read(first(1, 2, &[109, 0, 0, 2, 188])), Ok(None));
        assert!(reader.read(continuation(1, 1, &[0; 700])).unwrap().is_some());
    }
    assert_eq!(reader.read(first(1, 3, &[0; 600])), Ok(None));
    assert_eq!(reader.read(continuation(1, 2, &[0; 600])), Err(Violation::TooManyBytes { limit: 1_000 }));
    assert!(matches!(bounded(10, 50).read(first(1, 2, b"")), Err(Violation::TooManyBytes { .. })), "the head counts too");
}

#[test]
fn a_message_without_payload_has_no_second_fragment() {
    let form = Form::Header { cache: false, fragments: true };
    let link = write(&mut PacketWriter::new(form), Link { from: pid("a", 1), to: pid("b", 2) }.into(), None).remove(0);
    let refused = reader().read(fragment(69, 1, 2, &link[2..])).unwrap_err();
    assert_eq!(refused, Violation::Payload { name: "LINK", wanted: false });
}

#[test]
fn an_exit_with_a_long_reason_goes_in_fragments_too() {
    let control = Control::from(PayloadExit { from: pid("a", 1), to: pid("b", 2) });
    let reason = tuple([atom("badarg"), Term::from(&[1_u8; 500][..])]);
    let mut reader = reader();
    let packets = write(&mut PacketWriter::new(FULL).with_fragments_of(100), control.clone(), Some(&reason));
    let last = packets.into_iter().map(|packet| reader.read(packet).unwrap()).last().unwrap();
    assert_eq!(last, Some(Message { control, payload: Some(reason) }));
}

fn payload() -> impl Strategy<Value = Term> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Term::from),
        "[a-z]{0,12}".prop_map(|name| Term::Atom(name.parse().unwrap())),
        vec(any::<u8>(), 0..300).prop_map(|bytes| Term::from(&bytes[..])),
    ];
    leaf.prop_recursive(3, 30, 6, |inner| prop_oneof![vec(inner.clone(), 0..6).prop_map(tuple), vec(inner, 0..6).prop_map(list)])
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn any_messages_survive_the_round_trip_in_any_form(payloads in vec(payload(), 1..8), form in 0usize..4, fragment in 1usize..200) {
        let form = ALL_FORMS[form];
        let mut writer = PacketWriter::new(form).with_fragments_of(fragment);
        let mut reader = PacketReader::new(form, ReadLimits::default());
        for payload in payloads {
            let packets = write(&mut writer, send(), Some(&payload));
            let read: Vec<_> = packets.into_iter().filter_map(|packet| reader.read(packet).unwrap()).collect();
            prop_assert_eq!(read, [Message { control: send(), payload: Some(payload) }]);
        }
    }

    #[test]
    fn damaged_packets_are_read_or_refused_without_a_panic(payload in payload(), form in 0usize..4, at: prop::sample::Index, byte: u8, cut: prop::sample::Index) {
        let form = ALL_FORMS[form];
        let mut reader = PacketReader::new(form, ReadLimits::default());
        for packet in write(&mut PacketWriter::new(form).with_fragments_of(20), send(), Some(&payload)) {
            let mut packet = packet.to_vec();
            let at = at.index(packet.len());
            packet[at] = byte;
            let _ = reader.read(Bytes::from(packet.clone()));
            packet.truncate(cut.index(packet.len()));
            let _ = reader.read(Bytes::from(packet));
        }
    }

    #[test]
    fn arbitrary_packets_are_read_or_refused_without_a_panic(starts in vec((prop_oneof![Just(68_u8), Just(69), Just(70), any::<u8>()], vec(any::<u8>(), 0..80)), 1..5)) {
        let (mut full, mut passed) = (reader(), PacketReader::new(Form::PassThrough, ReadLimits::default()));
        for (tag, rest) in starts {
            let _ = full.read([&[131, tag], &rest[..]].concat().into());
            let _ = passed.read([&[112, 131], &rest[..]].concat().into());
            let _ = full.read(rest.into());
        }
    }
}

#[test]
fn every_packet_has_its_length_in_front() {
    let mut out = Vec::new();
    let mut rest = PacketWriter::new(FULL).with_fragments_of(10).write(send(), Some(&Term::from(&[0_u8; 25][..])), &mut out).unwrap();
    while let Some(continuation) = rest {
        rest = continuation.write_next(&mut out);
    }
    assert_eq!(framed(&out).len(), 3);
}
