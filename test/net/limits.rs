//! Limits are exact, act before any cryptography, and give places back.

use crate::mute::{is_unanswered, last_words, silent};
use crate::world::{bind, dialer, eventually, listening, roomy};
use countersign::failure::{Code, Failure};
use countersign::net::{Connection, Limits, Listener};
use countersign::rt::block_on;
use countersign::testing::Ca;

#[test]
fn one_address_gets_exactly_its_places() {
    exactly(Limits { per_address: 3, ..roomy() }, 3);
}

#[test]
fn all_together_get_exactly_the_places_there_are() {
    exactly(Limits { connections: 4, ..roomy() }, 4);
}

fn exactly(limits: Limits, places: usize) {
    let ca = Ca::new();
    let listener = block_on(bind(listening(&ca, limits)));
    let mut inside: Vec<_> = (0..places).map(|_| silent(&listener)).collect();
    eventually("all places are taken", || listener.connections() == places);

    assert_eq!(last_words(&silent(&listener)), b"", "one more is closed at once");
    eventually("it is counted", || listener.counters().refused(Code::TooMany) == 1);
    assert!(inside.iter().all(is_unanswered));

    drop(inside.pop());
    eventually("a place comes back", || listener.connections() == places - 1);
    let again = silent(&listener);
    eventually("it is taken again", || listener.connections() == places);
    assert!(is_unanswered(&again));
}

#[test]
fn an_open_connection_holds_its_place_until_it_is_dropped() {
    block_on(async {
        let ca = Ca::new();
        let listener = bind(listening(&ca, Limits { per_address: 1, ..roomy() })).await;
        let (first, accepted) = connect(&listener, &ca).await;
        let refused = dialer(&ca).dial("127.0.0.1", listener.local_addr().port()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PeerClosed, "{refused}");

        drop(accepted);
        assert_eq!(listener.connections(), 0);
        connect(&listener, &ca).await;
        drop(first);
    });
}

#[test]
fn every_refusal_is_counted_under_its_code() {
    block_on(async {
        let (ca, stranger) = (Ca::new(), Ca::new());
        let listener = bind(listening(&ca, roomy())).await;
        let port = listener.local_addr().port();
        drop(connect(&listener, &ca).await);
        let foreign = crate::world::mutual(stranger.client("caller"), &ca);
        let dialer = countersign::net::Dialer::new(countersign::net::DialerOptions::secure(foreign)).unwrap();
        for _ in 0..3 {
            assert_eq!(dialer.dial("127.0.0.1", port).await.unwrap_err().code(), Code::UnknownCa);
        }
        assert_eq!(dialer.counters().refused(Code::UnknownCa), 3);
        eventually("all three are counted", || listener.counters().refused(Code::UnknownCa) == 3);
        assert_eq!(listener.counters().accepted(), 1);
        assert_eq!(listener.counters().refusals().into_iter().collect::<Vec<_>>(), [("unknown_ca", 3)]);
    });
}

async fn connect(listener: &Listener, ca: &Ca) -> (Connection, Connection) {
    let dialled = dialer(ca).dial("127.0.0.1", listener.local_addr().port()).await.unwrap();
    (dialled, listener.accept().await.unwrap())
}
