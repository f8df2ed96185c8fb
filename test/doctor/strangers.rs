//! Peers that are no nodes at all.

use crate::otp::{Otp, Transport, otp_is_here};
use crate::pki::Pki;
use crate::world::{World, found, only_wrong};
use countersign::doctor::{Check, Report, visit};
use countersign::epmd::{AliveName, Client, Server, ServerOptions};
use countersign::failure::Code;
use countersign::rt::block_on;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Serves each connection like this, for as long as the test runs.
fn serving(serve: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(serve));
    address
}

/// With so short a patience that the silent do not hold up the test.
fn visit_soon(world: &World, address: SocketAddr) -> Report {
    let text = format!(
        r#"{{ "node": {{ "name": "a@localhost", "cookie": "cluster", "setup_seconds": 1 }}, "tls": {{ {} }}, "epmd": {{ "mode": "off" }} }}"#,
        crate::world::TLS
    );
    let case = countersign::doctor::Case::of_json(&text, &world.directory);
    block_on(visit(&case, &address.to_string().parse().unwrap()))
}

fn read_some(stream: &mut TcpStream) {
    assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
}

#[test]
fn a_server_of_http_is_recognised() {
    let address = serving(|mut stream| {
        read_some(&mut stream);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });
    let report = World::new().visit(&address.to_string());
    let finding = only_wrong(&report, Check::Handshake, Code::PlaintextPeer);
    assert!(finding.said.contains("HTTP"), "{finding:?}");
}

#[test]
fn a_server_of_ssh_is_recognised() {
    let address = serving(|mut stream| {
        stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").unwrap();
        read_some(&mut stream);
    });
    let report = World::new().visit(&address.to_string());
    let finding = only_wrong(&report, Check::Handshake, Code::PlaintextPeer);
    assert!(finding.said.contains("SSH"), "{finding:?}");
}

#[test]
fn who_closes_at_once_is_said_to_close() {
    let address = serving(|mut stream| read_some(&mut stream));
    let report = World::new().visit(&address.to_string());
    let finding = only_wrong(&report, Check::Handshake, Code::PeerClosed);
    assert!(finding.also_seen_as.contains(&"EOF"), "{finding:?}");
}

#[test]
fn who_says_nothing_is_not_waited_for_without_end() {
    let (sender, kept) = std::sync::mpsc::channel();
    let address = serving(move |stream| sender.send(stream).unwrap());
    let report = visit_soon(&World::new(), address);
    let finding = only_wrong(&report, Check::Handshake, Code::Timeout);
    assert!(finding.hint.as_ref().unwrap().as_str().contains("inet_tls"), "{finding:?}");
    drop(kept);
}

#[test]
fn a_plain_node_of_erlang_does_not_answer_a_hello_of_tls() {
    if !otp_is_here("a_plain_node_of_erlang_does_not_answer_a_hello_of_tls") {
        return;
    }
    let (pki, epmd) = (Pki::new(), block_on(Server::bind(ServerOptions::loopback())).unwrap());
    let x = Otp::node("x@localhost", &pki, epmd.port()).over(Transport::Tcp).start();
    let entry = block_on(Client::at(epmd.port()).lookup(&AliveName::new("x").unwrap(), "127.0.0.1")).unwrap();
    let report = visit_soon(&World::new(), SocketAddr::from(([127, 0, 0, 1], entry.port)));
    let finding = found(&report, Check::Handshake);
    assert!(matches!(finding.code, Some(Code::Timeout | Code::PeerClosed)), "{report:#?}");
    assert!(finding.also_seen_as.contains(&"EOF"), "{finding:?}");
    assert_eq!(x.eval("nodes(hidden)"), "[]");
}
