//! Those who connect and say nothing, or next to nothing, delay nobody.

use crate::mute::{Slow, is_unanswered, last_words, silent};
use crate::world::{bind, dialer, eventually, listening, roomy};
use countersign::failure::Code;
use countersign::net::{Limits, Listener};
use countersign::rt::block_on;
use countersign::testing::Ca;
use std::net::TcpStream;

#[test]
fn fifty_silent_clients_and_one_that_sends_a_byte_a_second_delay_no_good_one() {
    block_on(async {
        let ca = Ca::new();
        let listener = bind(listening(&ca, roomy())).await;
        let mute: Vec<TcpStream> = (0..50).map(|_| silent(&listener)).collect();
        let slow = Slow::new(&listener, &ca);
        eventually("all 51 are in", || listener.connections() == 51);

        good_handshakes(&listener, &ca, 20).await;

        // No deadline and no limit had to make way for the good ones: all are still where they were.
        assert_eq!(listener.connections(), 51);
        assert!(mute.iter().chain([&slow.socket]).all(is_unanswered));
        assert!(listener.counters().refusals().is_empty());
    });
}

#[test]
fn who_has_been_silent_longest_is_shown_out_for_who_comes_new() {
    block_on(async {
        let ca = Ca::new();
        let listener = bind(listening(&ca, Limits { silent: 5, ..roomy() })).await;
        let mut mute = Vec::new();
        for expected in 1..=5 {
            mute.push(silent(&listener));
            eventually("one more is in", || listener.connections() == expected);
        }
        let _sixth = silent(&listener);

        assert_eq!(last_words(&mute[0]), b"", "the first who came is closed without a word of TLS");
        eventually("it is counted", || listener.counters().refused(Code::TooMany) == 1);
        assert!(mute[1..].iter().all(is_unanswered));
    });
}

#[test]
fn a_room_full_of_the_silent_keeps_no_good_one_out() {
    block_on(async {
        let ca = Ca::new();
        let listener = bind(listening(&ca, Limits { silent: 5, ..roomy() })).await;
        let _mute: Vec<TcpStream> = (0..50).map(|_| silent(&listener)).collect();
        good_handshakes(&listener, &ca, 20).await;
    });
}

/// So many handshakes one after the other, each with a certificate on both ends.
async fn good_handshakes(listener: &Listener, ca: &Ca, count: usize) {
    let dialer = dialer(ca);
    for _ in 0..count {
        let dialled = dialer.dial("localhost", listener.local_addr().port()).await.unwrap();
        let accepted = listener.accept().await.unwrap();
        assert_eq!(accepted.ends().peer, dialled.ends().local);
        assert!(accepted.peer_certificate().unwrap().verified);
        // The listener's end goes first, so that its place is free for certain.
        drop(accepted);
    }
}
