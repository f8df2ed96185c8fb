//! Peers that stop in mid-handshake hold their turns only as long as nobody else wants one.

use crate::mute::{last_words, silent, stalled};
use crate::world::{bind, dialer, eventually, listening, roomy};
use countersign::failure::Code;
use countersign::net::Limits;
use countersign::rt::block_on;
use countersign::testing::Ca;
use std::io::Write;

#[test]
fn more_stalled_handshakes_than_turns_keep_no_good_one_out() {
    block_on(async {
        let ca = Ca::new();
        let listener = bind(listening(&ca, Limits { handshakes: 2, ..roomy() })).await;
        let mut half: Vec<_> = (0..6).map(|_| stalled(&listener, &ca)).collect();
        eventually("all are in", || listener.connections() == 6);
        let dialer = dialer(&ca);
        for _ in 0..3 {
            let _dialled = dialer.dial("localhost", listener.local_addr().port()).await.unwrap();
            listener.accept().await.unwrap();
        }
        eventually("those who had stopped made way", || listener.counters().refused(Code::Timeout) > 0);
        half.clear();
        eventually("and nothing is left of them", || listener.connections() == 0);
    });
}

#[test]
fn a_peer_that_is_refused_can_read_why() {
    block_on(async {
        let ca = Ca::new();
        let listener = bind(listening(&ca, roomy())).await;
        let mut http = silent(&listener);
        // More than the listener reads before it refuses: closing at once would reset the connection.
        http.write_all(&[b"GET / HTTP/1.1\r\n", &[b'x'; 60_000][..]].concat()).unwrap();
        let words = last_words(&http);
        assert_eq!(words.first(), Some(&0x15), "an alert, although much of what was sent was never read: {words:?}");
        eventually("it is counted", || listener.counters().refused(Code::PlaintextPeer) == 1);
        drop(http);
        eventually("its place is free", || listener.connections() == 0);
    });
}
