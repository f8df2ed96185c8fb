//! The atom cache and the header of packets.

use crate::support::{cases, hex, send, write};
use bytes::Bytes;
use countersign::dist::{Form, PacketReader, PacketWriter, ReadLimits, ReceiveCache, SendCache, Violation};
use countersign::etf::{Atom, AtomIndex, Decoder, EncodeError, Term, atom, encode_bare, encode_bare_with, list, tuple};
use proptest::collection::vec;
use proptest::prelude::*;

const CACHED: Form = Form::Header { cache: true, fragments: false };

fn named(number: usize) -> Atom {
    Atom::new(&format!("atom_{number}")).unwrap()
}

/// Reads one header on its own.
fn references(cache: &mut ReceiveCache, header: &str) -> Result<String, Violation> {
    cache.read_references(&mut Bytes::from(hex(header))).map(|atoms| format!("{atoms:?}"))
}

/// By hand, from OTP's documentation: three references, new ones in segment 2 at 5 and in segment 0 at
/// 255, then the first once more by its place.
#[test]
fn a_header_is_read_as_the_documentation_has_it() {
    let mut cache = ReceiveCache::new();
    assert_eq!(references(&mut cache, "02 8a 00 05 02 6f6b ff 05 6572726f72").unwrap(), "[ok,error]".replace(',', ", "));
    assert_eq!(references(&mut cache, "02 20 00 ff 05").unwrap(), "[error, ok]");
    assert_eq!(references(&mut cache, "00").unwrap(), "[]");
    // A new atom takes the place over.
    assert_eq!(references(&mut cache, "01 0a 05 01 78").unwrap(), "[x]");
    assert_eq!(references(&mut cache, "01 02 05").unwrap(), "[x]");
}

#[test]
fn with_the_bit_for_long_atoms_every_length_has_two_bytes() {
    let mut cache = ReceiveCache::new();
    assert_eq!(references(&mut cache, "01 18 00 0002 6f6b").unwrap(), "[ok]");
    assert_eq!(references(&mut cache, "02 88 01 00 0002 6f6b 01 0001 61").unwrap(), "[ok, a]");
}

#[test]
fn a_header_that_is_none_ends_the_link() {
    let truncated = Err(Violation::BadHeader { what: "it ends too early" });
    for header in ["", "01", "01 08", "01 08 00", "01 08 00 02", "01 08 00 02 6f", "ff 00", "01 18 00 00"] {
        assert_eq!(references(&mut ReceiveCache::new(), header), truncated, "{header}");
    }
    assert_eq!(references(&mut ReceiveCache::new(), "01 07 09"), Err(Violation::EmptySlot { segment: 7, index: 9 }));
    let not_utf8 = references(&mut ReceiveCache::new(), "01 08 00 01 ff").unwrap_err();
    assert_eq!(not_utf8.to_string(), "the header of a packet is malformed: an atom is not UTF-8");
    let long = [hex("01 18 00 0100"), vec![b'x'; 256]].concat();
    let long = ReceiveCache::new().read_references(&mut long.into()).unwrap_err();
    assert_eq!(long, Violation::BadHeader { what: "an atom is longer than 255 characters" });
}

#[test]
fn an_atom_is_sent_once() {
    let mut writer = PacketWriter::new(CACHED);
    let payload = atom("a_rather_long_atom");
    let (first, second) = (write(&mut writer, send(), Some(&payload)), write(&mut writer, send(), Some(&payload)));
    let holds_name = |packet: &[u8]| packet.windows(18).any(|window| window == b"a_rather_long_atom");
    assert!(holds_name(&first[0]) && !holds_name(&second[0]));
    let mut reader = PacketReader::new(CACHED, ReadLimits::default());
    for packet in [first, second] {
        assert_eq!(reader.read(packet[0].clone()).unwrap().unwrap().payload, Some(payload.clone()));
    }
}

#[test]
fn three_times_as_many_atoms_as_there_are_places_arrive() {
    let (mut writer, mut reader) = (PacketWriter::new(CACHED), PacketReader::new(CACHED, ReadLimits::default()));
    for round in 0..2 {
        for start in (0..6_500).step_by(100) {
            let payload = list((start..start + 100).map(named));
            let packet = write(&mut writer, send(), Some(&payload));
            assert_eq!(reader.read(packet[0].clone()).unwrap().unwrap().payload, Some(payload), "round {round}");
        }
    }
}

#[test]
fn one_packet_with_more_atoms_than_a_header_lists_arrives() {
    let (mut writer, mut reader) = (PacketWriter::new(CACHED), PacketReader::new(CACHED, ReadLimits::default()));
    let payload = list((0..3_000).map(named));
    for _ in 0..3 {
        let packet = write(&mut writer, send(), Some(&payload));
        assert_eq!(packet[0][2], 255, "as many as there can be");
        assert_eq!(reader.read(packet[0].clone()).unwrap().unwrap().payload, Some(payload.clone()));
    }
}

#[test]
fn an_atom_of_1020_bytes_goes_through_the_cache() {
    let (mut writer, mut reader) = (PacketWriter::new(CACHED), PacketReader::new(CACHED, ReadLimits::default()));
    let payload = tuple([Term::Atom(Atom::new(&"\u{1F600}".repeat(255)).unwrap()), atom("short")]);
    for _ in 0..2 {
        let packet = write(&mut writer, send(), Some(&payload));
        assert_eq!(reader.read(packet[0].clone()).unwrap().unwrap().payload, Some(payload.clone()));
    }
}

#[test]
fn a_message_that_cannot_be_encoded_leaves_no_trace() {
    let (mut writer, mut reader) = (PacketWriter::new(CACHED), PacketReader::new(CACHED, ReadLimits::default()));
    let local = || Term::Local(Box::new(Bytes::from_static(b"x")));
    for payload in [local(), tuple([atom("never_sent"), local()])] {
        let mut out = b"before".to_vec();
        let refused = writer.write(send(), Some(&payload), &mut out).unwrap_err();
        assert_eq!((refused, &out[..]), (EncodeError::LocalInside.into(), &b"before"[..]));
    }
    let packet = write(&mut writer, send(), Some(&atom("never_sent")));
    assert_eq!(reader.read(packet[0].clone()).unwrap().unwrap().payload, Some(atom("never_sent")));
}

#[test]
fn a_header_lists_nothing_where_no_cache_was_agreed() {
    let form = Form::Header { cache: false, fragments: true };
    let packet = write(&mut PacketWriter::new(form), send(), Some(&atom("ok")));
    assert_eq!(packet[0][..3], [131, 68, 0]);
    assert!(PacketReader::new(form, ReadLimits::default()).read(packet[0].clone()).is_ok());
    let cached = write(&mut PacketWriter::new(CACHED), send(), Some(&atom("ok")));
    let refused = PacketReader::new(form, ReadLimits::default()).read(cached[0].clone()).unwrap_err();
    assert_eq!(refused, Violation::BadHeader { what: "no atom cache was agreed" });
}

/// A table that knows one atom: the hook of the encoder, without a cache.
struct OnlyOk;

impl AtomIndex for OnlyOk {
    fn index(&mut self, atom: &Atom) -> Option<u8> {
        (*atom == "ok").then_some(3)
    }
}

#[test]
fn the_encoder_refers_to_what_is_listed_and_writes_out_what_is_not() {
    let mut out = Vec::new();
    encode_bare_with(&tuple([atom("ok"), atom("no")]), &mut OnlyOk, &mut out).unwrap();
    assert_eq!(out, hex("68 02 52 03 77 02 6e6f"));
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn both_caches_agree_over_any_packets(packets in vec(vec(0usize..4_000, 0..60), 1..30)) {
        let (mut ours, mut theirs) = (SendCache::new(), ReceiveCache::new());
        for numbers in packets {
            let term = list(numbers.into_iter().map(named));
            let (mut body, mut packet) = (Vec::new(), Vec::new());
            encode_bare_with(&term, &mut ours, &mut body).unwrap();
            ours.write_references(&mut packet);
            packet.extend(body);
            let mut packet = Bytes::from(packet);
            let atoms = theirs.read_references(&mut packet).unwrap();
            prop_assert_eq!(Decoder::new().with_atoms(&atoms).bare(&mut packet).unwrap(), term);
            prop_assert!(packet.is_empty());
        }
    }

    #[test]
    fn arbitrary_headers_are_read_or_refused_without_a_panic(bytes in vec(any::<u8>(), 0..600)) {
        let mut cache = ReceiveCache::new();
        let mut packet = Bytes::from(bytes);
        while !packet.is_empty() && cache.read_references(&mut packet).is_ok() {}
    }
}

#[test]
fn without_a_cache_encoding_is_as_ever() {
    let (mut plain, mut with) = (Vec::new(), Vec::new());
    struct Nothing;
    impl AtomIndex for Nothing {
        fn index(&mut self, _: &Atom) -> Option<u8> {
            None
        }
    }
    encode_bare(&atom("ok"), &mut plain).unwrap();
    encode_bare_with(&atom("ok"), &mut Nothing, &mut with).unwrap();
    assert_eq!(plain, with);
}
