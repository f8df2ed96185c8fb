//! Bytes that Erlang's own nodes and epmd have sent (OTP 25.2.3), and ours beside them.

use crate::world::{name, node};
use countersign::epmd::wire::{Alive2Resp, Extra, Listed, Malformed, Names, Port2Resp, Request, dump_text};
use countersign::epmd::{Creation, NodeEntry, NodeType};

/// erl -sname abc -noshell -start_epmd false, at a socket that only listened
#[test]
fn what_erl_says_first_is_a_registration() {
    let bytes = b"\x00\x10x\x8aOM\x00\x00\x06\x00\x05\x00\x03abc\x00\x00";
    let entry = NodeEntry { lowest: 5, ..node("abc", 0x8a4f) };
    assert_eq!(Request::body_length([bytes[0], bytes[1]]), Ok(16));
    assert_eq!(Request::parse(&bytes[2..]), Ok(Request::Alive2(entry.clone())));
    assert_eq!(Request::Alive2(entry).encode(), bytes);
}

#[test]
fn our_nodes_register_with_version_six_only() {
    let visible = Request::Alive2(node("abc", 4711)).encode();
    assert_eq!(visible, b"\x00\x10x\x12\x67M\x00\x00\x06\x00\x06\x00\x03abc\x00\x00");
    let hidden = Request::Alive2(NodeEntry::hidden(name("abc"), 4711)).encode();
    assert_eq!(hidden, b"\x00\x10x\x12\x67H\x00\x00\x06\x00\x06\x00\x03abc\x00\x00");
}

#[test]
fn the_other_requests_are_a_letter_and_perhaps_a_name() {
    let abc = || name("abc");
    let requests: [(Request, &[u8]); 5] = [
        (Request::PortPlease2(abc()), b"\x00\x04zabc"),
        (Request::Names, b"\x00\x01n"),
        (Request::Dump, b"\x00\x01d"),
        (Request::Kill, b"\x00\x01k"),
        (Request::Stop(abc()), b"\x00\x04sabc"),
    ];
    for (request, bytes) in requests {
        assert_eq!(request.encode(), bytes);
        assert_eq!(Request::parse(&bytes[2..]), Ok(request));
    }
}

#[test]
fn a_registration_is_answered_with_a_creation_of_32_bits() {
    let bytes = b"v\x00k\x01g\x7f";
    let answer = Alive2Resp::Registered { creation: Creation::new(0x6b01_677f).unwrap(), long: true };
    assert_eq!(Alive2Resp::length_after(bytes[0]), Ok(bytes.len() - 1));
    assert_eq!(Alive2Resp::parse(bytes), Ok(answer));
    assert_eq!(Alive2Resp::registered(&node("abc", 1), Creation::new(0x6b01_677f).unwrap()).encode(), bytes);
}

#[test]
fn a_node_of_version_five_gets_two_bits_in_sixteen() {
    let bytes = b"y\x00\x00\x03";
    let old = NodeEntry { highest: 5, lowest: 5, ..node("old", 4711) };
    assert_eq!(Alive2Resp::length_after(bytes[0]), Ok(bytes.len() - 1));
    assert_eq!(Alive2Resp::parse(bytes), Ok(Alive2Resp::Registered { creation: Creation::new(3).unwrap(), long: false }));
    assert_eq!(Alive2Resp::registered(&old, Creation::new(5).unwrap()).encode(), bytes);
    let all: Vec<u32> = (4..7).map(|long| Creation::new(long).unwrap().short().as_u32()).collect();
    assert_eq!(all, [2, 3, 1]);
}

#[test]
fn a_name_in_use_is_result_one() {
    let bytes = b"v\x01\x00\x00\x00c";
    assert_eq!(Alive2Resp::parse(bytes), Ok(Alive2Resp::Refused { result: 1, long: true }));
    assert_eq!(Alive2Resp::name_in_use(&node("abc", 1)).encode(), bytes);
}

#[test]
fn a_creation_of_nought_is_refused() {
    assert_eq!(Alive2Resp::parse(b"v\x00\x00\x00\x00\x00"), Err(Malformed::CreationZero));
    assert_eq!(Alive2Resp::parse(b"y\x00\x00\x00"), Err(Malformed::CreationZero));
}

#[test]
fn a_lookup_is_answered_with_the_whole_entry() {
    let bytes = b"w\x00\x12gM\x00\x00\x06\x00\x05\x00\x03abc\x00\x02xy";
    let entry = NodeEntry { lowest: 5, extra: Extra::new(b"xy").unwrap(), ..node("abc", 4711) };
    assert_eq!(Port2Resp::parse(bytes), Ok(Port2Resp::Found(entry.clone())));
    assert_eq!(Port2Resp::Found(entry).encode(), bytes);
    assert_eq!(Port2Resp::parse(b"w\x01"), Ok(Port2Resp::NotFound(1)));
    assert_eq!(Port2Resp::NotFound(1).encode(), b"w\x01");
}

#[test]
fn names_are_lines_after_the_port() {
    let bytes = b"\x00\x00\xc3aname def at port 4711\nname abc at port 4712\n";
    let listed = |name: &str, port| Listed { name: name.to_owned(), port };
    let nodes = vec![listed("def", 4711), listed("abc", 4712)];
    assert_eq!(Names::parse(bytes), Ok(Names { epmd_port: 0xc361, nodes, unreadable: 0 }));
    assert_eq!(Names::encode(0xc361, [&node("def", 4711), &node("abc", 4712)]), bytes);
}

/// Erlang's epmd ends each of these lines with a zero byte too, which epmd -d would print.
#[test]
fn a_dump_is_the_same_with_more_words() {
    assert_eq!(dump_text(0xc361, [&node("def", 4711)]), b"\x00\x00\xc3aactive name     <def> at port 4711, fd = -1\n");
}

#[test]
fn a_name_of_another_epmd_may_contain_what_ours_would_refuse() {
    let names = Names::parse(b"\x00\x00\x11\x11name a b at port 1 at port 4711\nname x\nname \xff at port 2\n").unwrap();
    let found: Vec<(&str, u16)> = names.nodes.iter().map(|node| (node.name.as_str(), node.port)).collect();
    assert_eq!(found, [("a b at port 1", 4711), ("\u{fffd}", 2)]);
    assert_eq!(names.unreadable, 1);
}

#[test]
fn the_type_of_a_java_node_is_kept() {
    assert_eq!(NodeType::from_tag(110), NodeType::Other(110));
    assert_eq!(NodeType::from_tag(NodeType::Other(77).tag()), NodeType::Visible);
}
