//! What is left when something is dropped: nothing.

use crate::mute::silent;
use crate::world::{bind, dialer, eventually, listening, roomy};
use countersign::net::ListenerOptions;
use countersign::rt::block_on;
use countersign::testing::Ca;
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use std::net::{TcpListener, TcpStream};

#[test]
fn a_dropped_listener_closes_its_port() {
    let ca = Ca::new();
    let listener = block_on(bind(listening(&ca, roomy())));
    let address = listener.local_addr();
    drop(silent(&listener));
    drop(listener);
    eventually("nobody answers there", || TcpStream::connect(address).is_err());
    TcpListener::bind(address).unwrap();
}

#[test]
fn a_dropped_listener_leaves_its_connections_alone() {
    block_on(async {
        let ca = Ca::new();
        let listener = bind(listening(&ca, roomy())).await;
        let mut dialled = dialer(&ca).dial("localhost", listener.local_addr().port()).await.unwrap();
        let mut accepted = listener.accept().await.unwrap();
        drop(listener);
        dialled.write_all(b"still here").await.unwrap();
        dialled.flush().await.unwrap();
        let mut heard = [0; 10];
        accepted.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"still here");
    });
}

#[test]
fn a_dropped_connection_frees_its_place_and_ends_the_peers_read() {
    block_on(async {
        let ca = Ca::new();
        let listener = bind(listening(&ca, roomy())).await;
        let mut dialled = dialer(&ca).dial("localhost", listener.local_addr().port()).await.unwrap();
        let accepted = listener.accept().await.unwrap();
        assert_eq!(listener.connections(), 1);
        drop(accepted);
        assert_eq!(listener.connections(), 0);
        // Dropped, not closed: TLS tells an end that was cut off from one that was meant.
        let end = dialled.read(&mut [0; 1]).await;
        assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
    });
}

#[test]
fn a_closed_connection_ends_the_peers_read_in_peace() {
    block_on(async {
        let ca = Ca::new();
        let listener = bind(listening(&ca, roomy())).await;
        let mut dialled = dialer(&ca).dial("localhost", listener.local_addr().port()).await.unwrap();
        let mut accepted = listener.accept().await.unwrap();
        accepted.close().await.unwrap();
        assert_eq!(dialled.read(&mut [0; 1]).await.unwrap(), 0);
    });
}

#[test]
fn a_port_that_is_taken_is_said_at_once() {
    block_on(async {
        let listener = bind(ListenerOptions::plain()).await;
        let error = countersign::net::Listener::bind(listener.local_addr(), ListenerOptions::plain()).await.unwrap_err();
        assert!(error.to_string().starts_with("cannot listen on 127.0.0.1:"), "{error}");
    });
}
