//! The deadline of a handshake, on both sides.

use crate::mute::{last_words, silent, stalled};
use crate::world::{bind, eventually, listening, mutual, roomy};
use countersign::failure::{Code, Failure};
use countersign::net::{Dialer, DialerOptions, Limits, Listener};
use countersign::rt::block_on;
use countersign::testing::Ca;
use countersign::tls::explain::Cause;
use std::net::TcpListener;
use std::time::Duration;

#[test]
fn a_silent_client_is_cut_at_the_deadline_and_counted() {
    let (ca, listener) = hasty();
    let mute = silent(&listener);
    assert_eq!(last_words(&mute), b"");
    settled(&listener);
    drop(ca);
}

#[test]
fn a_client_that_stops_after_its_hello_is_cut_at_the_deadline_and_counted() {
    let (ca, listener) = hasty();
    let half = stalled(&listener, &ca);
    assert_eq!(last_words(&half)[0], 0x16, "our half of the handshake came, and then the end");
    settled(&listener);
}

#[test]
fn a_client_that_connects_and_leaves_is_counted_as_gone_and_no_failure_as_probes_are_none() {
    let (_ca, listener) = hasty();
    drop(silent(&listener));
    eventually("it is counted", || listener.counters().refused(Code::PeerClosed) == 1);
    eventually("its place is free", || listener.connections() == 0);
    assert_eq!(listener.counters().last_failures().all().first().map(|failure| failure.reason.clone()), None);
}

#[test]
fn a_silent_server_is_left_at_the_deadline_with_the_step_that_took_too_long() {
    block_on(async {
        let ca = Ca::new();
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut options = DialerOptions::secure(mutual(ca.client("caller"), &ca));
        options.handshake_timeout = SHORT;
        let dialer = Dialer::new(options).unwrap();
        let error = dialer.dial("127.0.0.1", silent.local_addr().unwrap().port()).await.unwrap_err();
        assert_eq!(error.code(), Code::Timeout);
        assert_eq!(error.refused().unwrap().cause(), &Cause::Timeout("the handshake", SHORT));
        assert_eq!(dialer.counters().refused(Code::Timeout), 1);
    });
}

/// A listener with a deadline that a test can wait for.
fn hasty() -> (Ca, Listener) {
    let ca = Ca::new();
    let limits = Limits { handshake_timeout: SHORT, ..roomy() };
    let listener = block_on(bind(listening(&ca, limits)));
    (ca, listener)
}

fn settled(listener: &Listener) {
    eventually("it is counted", || listener.counters().refused(Code::Timeout) == 1);
    eventually("its place is free", || listener.connections() == 0);
    assert_eq!(listener.counters().refusals().len(), 1);
}

const SHORT: Duration = Duration::from_millis(200);
