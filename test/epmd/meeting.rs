//! Our client and our server.

use crate::world::{eventually, name, node, server, soon};
use countersign::epmd::wire::Listed;
use countersign::epmd::{Client, EpmdError, NodeEntry, Server, ServerOptions};
use countersign::failure::{Code, Failure};
use countersign::rt::{TcpListener, block_on};
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use std::time::Duration;

const HOST: &str = "127.0.0.1";

#[test]
fn a_node_is_found_from_its_registration_to_its_end() {
    block_on(async {
        let (server, client) = server().await;
        let entry = NodeEntry::hidden(name("db"), 15_000);
        let registration = client.register(&entry).await.unwrap();
        assert_eq!(client.lookup(&name("db"), HOST).await.unwrap(), entry);
        let names = client.names(HOST).await.unwrap();
        assert_eq!(names.nodes, [Listed { name: "db".to_owned(), port: 15_000 }]);
        assert_eq!((names.epmd_port, names.unreadable), (server.port().into(), 0));

        drop(registration);
        eventually("the name is free", || server.registered().is_empty());
        let error = client.lookup(&name("db"), HOST).await.unwrap_err();
        assert!(matches!(error, EpmdError::NotRegistered { .. }), "{error}");
        assert!(client.names(HOST).await.unwrap().nodes.is_empty());
    });
}

#[test]
fn a_name_has_one_holder_at_a_time() {
    block_on(async {
        let (server, client) = server().await;
        let first = client.register(&node("db", 1)).await.unwrap();
        let error = client.register(&node("db", 2)).await.unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), (Code::NameInUse, "the name db is registered already"));
        assert_eq!(client.lookup(&name("db"), HOST).await.unwrap().port, 1);
        drop(first);
        eventually("the name is free", || server.registered().is_empty());
        let _second = client.register(&node("db", 2)).await.unwrap();
        assert_eq!(client.lookup(&name("db"), HOST).await.unwrap().port, 2);
    });
}

#[test]
fn every_life_of_a_node_has_a_creation_of_its_own() {
    block_on(async {
        let (server, client) = server().await;
        let mut seen = Vec::new();
        for _ in 0..5 {
            let registration = client.register(&node("db", 1)).await.unwrap();
            seen.push(registration.creation().as_u32());
            drop(registration);
            eventually("the name is free", || server.registered().is_empty());
        }
        assert!(seen.iter().all(|&creation| creation >= 4), "{seen:?}");
        assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
    });
}

#[test]
fn an_old_node_gets_a_creation_that_it_understands() {
    block_on(async {
        let (_server, client) = server().await;
        let registration = client.register(&NodeEntry { highest: 5, lowest: 5, ..node("old", 1) }).await.unwrap();
        assert!((1..=3).contains(&registration.creation().as_u32()));
    });
}

#[test]
fn the_loss_of_the_epmd_is_noticed() {
    block_on(async {
        let (server, client) = server().await;
        let registration = client.register(&node("db", 1)).await.unwrap();
        let early = countersign::rt::timeout(Duration::from_millis(20), registration.lost()).await;
        assert!(early.is_err(), "it is there");
        drop(server);
        soon("the loss", registration.lost()).await;
        let error = client.register(&node("db", 1)).await.unwrap_err();
        assert_eq!(error.code(), Code::Unreachable);
    });
}

#[test]
fn an_epmd_that_ends_lets_go_of_its_port() {
    block_on(async {
        let (server, client) = server().await;
        let registration = client.register(&node("db", 1)).await.unwrap();
        let port = server.port();
        drop(server);
        soon("the loss", registration.lost()).await;
        let options = ServerOptions { port, ..ServerOptions::loopback() };
        let again = Server::bind(options).await.unwrap();
        assert!(again.registered().is_empty());
    });
}

#[test]
fn what_is_no_epmd_is_told_from_what_is_silent() {
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let foreign = countersign::rt::spawn("foreign", async move {
            let mut silent = Vec::new();
            loop {
                let (mut tcp, _) = listener.accept().await.unwrap();
                let mut request = [0; 64];
                let count = tcp.read(&mut request).await.unwrap();
                // Read whole: closing with bytes unread would reset the connection.
                match request[..count][2] {
                    b'n' => {}
                    b'z' => tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap(),
                    _ => silent.push(tcp),
                }
            }
        });
        let client = Client::at(port).with_patience(crate::world::NEVER);
        let code = |error: EpmdError| error.code();
        assert_eq!(client.names(HOST).await.map_err(code), Err(Code::PeerClosed));
        assert_eq!(client.lookup(&name("db"), HOST).await.map_err(code), Err(Code::ProtocolViolation));
        let hasty = client.with_patience(Duration::from_millis(100));
        assert_eq!(hasty.register(&node("db", 1)).await.unwrap_err().code(), Code::Timeout);
        drop(foreign);
    });
}

#[test]
fn every_error_has_a_sentence_and_a_hint() {
    block_on(async {
        let client = Client::at(crate::world::free_port());
        let error = client.names(HOST).await.unwrap_err();
        assert_eq!(error.to_string(), format!("no epmd answers at 127.0.0.1 port {}", client.port()));
        assert!(error.hint().as_str().contains("countersign epmd"));
    });
}
