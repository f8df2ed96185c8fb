//! Forms that OTP still reads, that old nodes and libraries write, and that come inside packets. They
//! are read only: what is written again is the new form.

use crate::{hex, read};
use bytes::Bytes;
use countersign::etf::{
    Atom, AtomTable, Creation, DecodeError, Decoder, Pid, Port, Reference, Term, atom, binary, encode, improper, list, string, tuple,
};

#[track_caller]
fn reads(digits: &str, term: impl Into<Term>) {
    let term = term.into();
    assert_eq!(read(digits), Ok(term.clone()), "{digits}");
    assert_eq!(crate::decode(&encode(&term).unwrap().into()), Ok(term), "{digits}, written anew");
}

#[test]
fn printed_floats_are_read() {
    // term_to_binary(1.5, [{minor_version, 0}]).  term_to_binary(-0.001, [{minor_version, 0}]).
    reads("8363 312e3530303030303030303030303030303030303030652b3030 0000000000", Term::try_from(1.5).unwrap());
    reads("8363 2d312e3030303030303030303030303030303032303832652d3033 00000000", Term::try_from(-0.001).unwrap());
}

#[test]
fn atoms_of_latin_1_are_read() {
    // term_to_binary('ä', [{minor_version, 1}]).
    reads("83640001e4", atom("ä"));
    reads("837301e4", atom("ä"));
    reads("83640002c3a4", atom("Ã¤"));
    reads(&format!("836400ff{}", "e4".repeat(255)), Atom::new(&"ä".repeat(255)).unwrap());
    reads("83760002cebb", atom("λ"));
    reads("8376000161", atom("a"));
}

#[test]
fn compressed_terms_are_read() {
    // term_to_binary(lists:duplicate(100, a), [compressed, {minor_version, 2}]).
    reads("83 50 00000132 789ccb6160604829674c1c4544a22c002e3f55ff", list(vec![atom("a"); 100]));
    // term_to_binary(binary:copy(<<"abc">>, 50), [compressed, {minor_version, 2}]).
    reads("83 50 0000009b 789ccb656060989698943c0811008b093a70", "abc".repeat(50));
}

#[test]
fn behind_a_compressed_term_the_packet_goes_on() {
    let mut packet = Bytes::from(hex("8350 00000002 789c4b640400 00c50063 8361 07"));
    assert_eq!(Decoder::new().versioned(&mut packet), Ok(Term::from(1)));
    assert_eq!(Decoder::new().versioned(&mut packet), Ok(Term::from(7)));
    assert!(packet.is_empty());
}

#[test]
fn old_identifiers_are_read() {
    let node = || Atom::fixed("a@foo");
    let a_foo = "7705 6140666f6f";
    reads(&format!("8367 {a_foo} 00000054 00000001 02"), Pid { node: node(), id: 84, serial: 1, creation: Creation(2) });
    reads(&format!("8366 {a_foo} ffffffff 03"), Port { node: node(), id: 0xffff_ffff, creation: Creation(3) });
    reads(&format!("8359 {a_foo} ffffffff 00000009"), Port { node: node(), id: 0xffff_ffff, creation: Creation(9) });
    reads(&format!("8365 {a_foo} 00000054 02"), Reference::new(node(), Creation(2), &[84]).unwrap());
    reads(&format!("8372 0003 {a_foo} 01 00000001 00000002 00000003"), Reference::new(node(), Creation(1), &[1, 2, 3]).unwrap());
    let five = Reference::new(node(), Creation(u32::MAX), &[1, 2, 3, 4, 5]).unwrap();
    reads(&format!("835a 0005 {a_foo} ffffffff 00000001 00000002 00000003 00000004 00000005"), five);
}

#[test]
fn longer_forms_than_needed_are_read() {
    reads("836200000001", 1);
    reads("836e0000", 0);
    reads("836e0001", 0);
    reads("836e020005 00", 5);
    reads("836e010705", -5);
    reads("836f00000001 00 05", 5);
    reads("8369000000016101", tuple([1]));
    reads("836b0000", Term::nil());
    reads("836c00000000 6a", Term::nil());
    reads("834d00000001 08 ff", binary(&[255][..]));
    reads("834d00000000 00", "");
}

#[test]
fn a_list_whose_tail_is_a_list_is_one_list() {
    reads("836c00000001 6101 6c00000001 6102 6a", list([1, 2]));
    reads("836c00000001 6101 6b0002 0203", list([1, 2, 3]));
    reads("836c00000001 6101 6c00000000 6c00000001 7701 61 6102", improper([Term::from(1), atom("a")], 2));
    reads("836c00000000 6101", 1);
    reads("836c00000000 6b0001 61", string("a"));
}

#[test]
fn unused_bits_are_made_zero() {
    assert_eq!(read("834d00000001 03 ff"), read("834d00000001 03 e0"));
    assert_eq!(read("834d00000001 03 ff").unwrap().to_string(), "<<7:3>>");
}

#[test]
fn atoms_of_the_cache_are_looked_up() {
    let table = vec![Atom::fixed("a@foo"), Atom::fixed("ok")];
    let decoder = Decoder::new().with_atoms(&table);
    let packet = |digits| decoder.bare(&mut Bytes::from(hex(digits))).map(|term| term.to_string());
    assert_eq!(packet("6803 5201 5201 58 5200 00000054 00000000 00000001").as_deref(), Ok("{ok,ok,<a@foo.84.0>}"));
    assert_eq!(packet("71 5201 5201 6102").as_deref(), Ok("fun ok:ok/2"));
    assert_eq!(packet("6801 5202"), Err(DecodeError::UnknownAtom { at: 2, index: 2 }));
    assert_eq!(table.atom(1), Some(Atom::fixed("ok")));
}

#[test]
fn a_local_term_is_kept_as_it_is() {
    let bytes = hex("8379 01020304 6101");
    let term = crate::decode(&bytes.clone().into()).unwrap();
    assert_eq!(term, Term::Local(Box::new(Bytes::from(hex("010203046101")))));
    assert_eq!(encode(&term), Ok(bytes));
    assert_eq!(term.to_string(), "#Local<6 bytes>");
}

#[test]
fn a_binary_is_a_slice_of_its_frame() {
    let frame = Bytes::from(hex("836802 6d00000003616263 6d00000001 64"));
    let term = crate::decode(&frame).unwrap();
    let Some([first, second]) = term.as_tuple() else { panic!("{term}") };
    let range = frame.as_ptr_range();
    for binary in [first, second] {
        assert!(range.contains(&binary.as_binary().unwrap().as_ptr()));
    }
}
