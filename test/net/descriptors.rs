//! Connections leave no descriptor behind. Alone in its process, because it counts all of them.

#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]
#![cfg(target_os = "linux")]

#[path = "../support/world.rs"]
mod world;

use countersign::net::Listener;
use countersign::rt::block_on;
use countersign::testing::Ca;
use std::net::TcpStream;
use world::{bind, dialer, eventually, listening, mutual, roomy};

#[test]
fn a_thousand_connections_of_every_kind_leave_no_descriptor_behind() {
    let ca = Ca::new();
    let listener = block_on(bind(listening(&ca, roomy())));
    // The first round opens what stays: the runtime's own descriptors.
    round(&listener, &ca, 4);
    let before = descriptors();
    round(&listener, &ca, 250);
    eventually("all descriptors are closed", || descriptors() <= before);
    assert_eq!(listener.counters().accepted(), 254);
}

/// Per turn: one good handshake, one that is refused, one who leaves without a word, and one who talks nonsense.
fn round(listener: &Listener, ca: &Ca, turns: usize) {
    let (good, bad) = (dialer(ca), stranger(ca));
    let port = listener.local_addr().port();
    for _ in 0..turns {
        block_on(async {
            let _dialled = good.dial("127.0.0.1", port).await.unwrap();
            listener.accept().await.unwrap();
            bad.dial("127.0.0.1", port).await.unwrap_err();
        });
        drop(TcpStream::connect(listener.local_addr()).unwrap());
        let mut nonsense = TcpStream::connect(listener.local_addr()).unwrap();
        std::io::Write::write_all(&mut nonsense, b"nonsense").unwrap();
    }
    eventually("all have left", || listener.connections() == 0);
}

fn stranger(ca: &Ca) -> countersign::net::Dialer {
    let manager = mutual(Ca::new().client("stranger"), ca);
    countersign::net::Dialer::new(countersign::net::DialerOptions::secure(manager)).unwrap()
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
