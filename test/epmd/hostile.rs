//! Bytes of strangers: the parsers with anything at all, the server with whole and half requests.

use crate::world::{NEVER, eventually, name, node, server, server_with};
use countersign::epmd::wire::{Alive2Resp, Extra, InvalidName, Malformed, Names, Port2Resp, Request};
use countersign::epmd::{AliveName, NodeEntry, NodeType, Server, ServerOptions};
use countersign::failure::Code;
use countersign::rt::block_on;
use proptest::prelude::*;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn names() -> impl Strategy<Value = AliveName> {
    "[a-zA-Z0-9_é中-]{1,60}".prop_map(|text| text.parse().unwrap())
}

fn entries() -> impl Strategy<Value = NodeEntry> {
    let numbers = (any::<u16>(), any::<u8>(), any::<u8>(), any::<u16>(), any::<u16>());
    (names(), numbers, prop::collection::vec(any::<u8>(), 0..Extra::LONGEST)).prop_map(
        |(name, (port, tag, protocol, highest, lowest), extra)| NodeEntry {
            name,
            port,
            kind: NodeType::from_tag(tag),
            protocol,
            highest,
            lowest,
            extra: Extra::new(&extra).unwrap(),
        },
    )
}

fn requests() -> impl Strategy<Value = Request> {
    prop_oneof![
        entries().prop_map(Request::Alive2),
        names().prop_map(Request::PortPlease2),
        names().prop_map(Request::Stop),
        Just(Request::Names),
        Just(Request::Dump),
        Just(Request::Kill),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = (Request::parse(&bytes), Alive2Resp::parse(&bytes), Port2Resp::parse(&bytes), Names::parse(&bytes));
    }

    #[test]
    fn any_request_after_a_known_letter_is_read_without_panic(tag in prop::sample::select(&b"xzndksvwy"[..]), rest in prop::collection::vec(any::<u8>(), 0..600)) {
        let bytes = [&[tag], &rest[..]].concat();
        // What is understood is understood completely: it has these bytes and no others.
        if let Ok(request) = Request::parse(&bytes) {
            prop_assert_eq!(&request.encode()[2..], &bytes[..]);
        }
        if let Ok(answer) = Port2Resp::parse(&bytes) {
            prop_assert_eq!(answer.encode(), bytes);
        }
    }

    #[test]
    fn a_request_survives_the_wire(request in requests()) {
        let bytes = request.encode();
        prop_assert_eq!(Request::body_length([bytes[0], bytes[1]]), Ok(bytes.len() - 2));
        prop_assert_eq!(Request::parse(&bytes[2..]), Ok(request));
    }

    #[test]
    fn an_entry_survives_the_wire(entry in entries()) {
        prop_assert_eq!(Port2Resp::parse(&Port2Resp::Found(entry.clone()).encode()), Ok(Port2Resp::Found(entry)));
    }

    #[test]
    fn half_a_registration_is_none(entry in entries(), cut in any::<prop::sample::Index>()) {
        let bytes = Request::Alive2(entry).encode();
        let body = &bytes[2..];
        let half = &body[..cut.index(body.len())];
        prop_assert!(matches!(Request::parse(half), Err(Malformed::Truncated(_))));
    }
}

#[test]
fn names_that_no_node_has_are_refused() {
    let of = |text: &str| text.parse::<AliveName>();
    assert_eq!(of(""), Err(InvalidName::Empty));
    assert_eq!(of(&"a".repeat(256)), Err(InvalidName::TooLong(256)));
    assert!(of(&"a".repeat(255)).is_ok());
    for text in ["a b", "a@host", "a\nname b at port 1", "a\0", "a\u{2028}b"] {
        assert!(matches!(of(text), Err(InvalidName::Character(_))), "{text:?}");
    }
    assert_eq!(Request::parse(b"z\xff\xfe"), Err(Malformed::Name(InvalidName::NotText)));
}

#[test]
fn what_is_too_long_is_refused_before_it_comes() {
    assert!(matches!(Request::body_length([0xff, 0xff]), Err(Malformed::TooLong { length: 65_535, .. })));
    let (server, _) = block_on(server());
    // The body is never sent: the length is enough.
    assert_eq!(reaction(&server, &[0xff, 0xff]), b"");
    assert_eq!(server.counters().refused(Code::ProtocolViolation), 1);
}

#[test]
fn garbage_gets_no_answer_and_harms_nobody() {
    block_on(async {
        let (server, client) = server().await;
        let registration = client.register(&node("steady", 1)).await.unwrap();
        let garbage: [&[u8]; 7] = [
            b"\x00\x00",
            b"\x00\x01?",
            b"\x00\x02nn",
            b"\x00\x01x",
            b"\x00\x01z",
            b"\x00\x03z a",
            b"\x00\x10x\x12gM\x00\x00\x06\x00\x05\x00\xffabc\x00\x00",
        ];
        for bytes in garbage {
            assert_eq!(reaction(&server, bytes), b"", "{bytes:?}");
        }
        eventually("all are counted", || server.counters().refused(Code::ProtocolViolation) == 7);
        assert_eq!(client.lookup(&name("steady"), "127.0.0.1").await.unwrap().port, 1);
        drop(registration);
    });
}

#[test]
fn half_a_request_ends_at_its_deadline_and_a_registered_node_does_not() {
    block_on(async {
        let options = ServerOptions { request_timeout: Duration::from_millis(250), ..ServerOptions::loopback() };
        let (server, client) = server_with(options).await;
        let registration = client.register(&node("patient", 1)).await.unwrap();
        for half in [&b""[..], b"\x00", b"\x00\x10x\x12"] {
            // The server hangs up: this reads to the end.
            let mut guest = connect(&server);
            guest.write_all(half).unwrap();
            assert_eq!(guest.read(&mut [0; 1]).unwrap(), 0);
        }
        eventually("all are counted", || server.counters().refused(Code::Timeout) == 3);
        assert_eq!(server.registered().len(), 1, "by now the deadline has passed three times");
        drop(registration);
    });
}

#[test]
fn a_registered_node_that_goes_on_talking_is_shown_out() {
    let (server, _) = block_on(server());
    let mut guest = connect(&server);
    guest.write_all(&Request::Alive2(node("chatty", 1)).encode()).unwrap();
    guest.read_exact(&mut [0; 6]).unwrap();
    assert_eq!(server.registered().len(), 1);
    guest.write_all(b"\x00").unwrap();
    assert_eq!(guest.read(&mut [0; 1]).unwrap(), 0);
    eventually("the name is free", || server.registered().is_empty());
}

#[test]
fn nobody_can_end_it_or_remove_a_node() {
    block_on(async {
        let (server, client) = server().await;
        assert_eq!(reaction(&server, b"\x00\x01k"), b"NO", "even when no node is registered");
        let registration = client.register(&node("a", 1)).await.unwrap();
        assert_eq!(reaction(&server, b"\x00\x01k"), b"NO");
        assert_eq!(reaction(&server, b"\x00\x02sa"), b"");
        assert_eq!(server.counters().refused(Code::NotAllowed), 3);
        assert_eq!(server.registered(), [node("a", 1)]);
        drop(registration);
    });
}

#[test]
fn who_finds_every_place_taken_is_closed_and_a_place_comes_back() {
    block_on(async {
        let options = ServerOptions { local_connections: 2, ..ServerOptions::loopback() };
        let (server, client) = server_with(options).await;
        let first = client.register(&node("a", 1)).await.unwrap();
        let second = client.register(&node("b", 2)).await.unwrap();
        assert_eq!(reaction(&server, b""), b"");
        assert_eq!(server.counters().refused(Code::TooMany), 1);
        drop(first);
        eventually("a place is free", || server.connections() == 1);
        assert_eq!(client.names("127.0.0.1").await.unwrap().nodes.len(), 1);
        drop(second);
    });
}

fn connect(server: &Server) -> TcpStream {
    let socket = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    socket.set_read_timeout(Some(NEVER)).unwrap();
    socket
}

/// Everything that the server says to these bytes, until it closes.
fn reaction(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut socket = connect(server);
    socket.write_all(bytes).unwrap();
    let mut said = Vec::new();
    match socket.read_to_end(&mut said) {
        // It closed with bytes of ours unread.
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        outcome => drop(outcome.unwrap()),
    }
    said
}
