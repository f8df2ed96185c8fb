//! A listener of several addresses, and one that knows from where peers may come.

use crate::mute::{is_unanswered, last_words};
use crate::world::{NEVER, bind, eventually, listening, roomy};
use countersign::failure::Code;
use countersign::net::{Limits, Listener, ListenerError};
use countersign::rt::block_on;
use countersign::testing::Ca;
use std::net::{SocketAddr, TcpStream};

fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn connected(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(NEVER)).unwrap();
    socket
}

#[test]
fn several_addresses_have_one_port_and_the_limits_are_for_all_together() {
    let ca = Ca::new();
    let two = addresses(&["127.0.0.1:0", "127.0.0.2:0"]);
    let listener = block_on(Listener::bind_all(&two, listening(&ca, Limits { connections: 1, ..roomy() }))).unwrap();
    let [first, second] = *listener.local_addrs() else { panic!("{:?}", listener.local_addrs()) };
    assert_eq!((first.ip(), second.ip(), first.port()), (two[0].ip(), two[1].ip(), second.port()));
    assert_eq!(listener.local_addr(), first);

    let inside = connected(second);
    eventually("the place is taken", || listener.connections() == 1);
    assert_eq!(last_words(&connected(first)), b"");
    drop(inside);
    eventually("the place comes back", || listener.connections() == 0);
    assert!(is_unanswered(&connected(first)));

    drop(listener);
    eventually("both ports close", || TcpStream::connect(first).is_err() && TcpStream::connect(second).is_err());
}

#[test]
fn all_addresses_are_listened_on_or_none_and_the_error_names_the_one() {
    let ca = Ca::new();
    let held = std::net::TcpListener::bind("127.0.0.2:0").unwrap();
    let taken = held.local_addr().unwrap();
    // An address that nobody else chooses, so that the port is free there.
    let first = SocketAddr::new("127.0.0.77".parse().unwrap(), taken.port());
    let error = block_on(Listener::bind_all(&[first, taken], listening(&ca, roomy()))).unwrap_err();
    assert!(matches!(error, ListenerError::Port { address, .. } if address == taken), "{error:?}");
    assert!(TcpStream::connect(first).is_err());
    drop(held);
    assert!(matches!(block_on(Listener::bind_all(&[], listening(&ca, roomy()))), Err(ListenerError::NoAddress)));
}

#[test]
fn who_comes_from_elsewhere_is_closed_at_once_counted_and_has_no_place() {
    let ca = Ca::new();
    let mut options = listening(&ca, Limits { connections: 1, ..roomy() });
    options.networks = Some(vec!["192.0.2.0/24".parse().unwrap()]);
    let listener = block_on(bind(options));
    for count in 1..=3 {
        // Nothing was said by either side: no cryptography yet.
        assert_eq!(last_words(&connected(listener.local_addr())), b"");
        eventually("it is counted", || listener.counters().refused(Code::NotAllowed) == count);
    }
    assert_eq!((listener.connections(), listener.counters().refused(Code::TooMany)), (0, 0));
}
