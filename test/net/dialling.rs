//! A dial that cannot succeed says where and why.

use crate::world::dialer;
use countersign::failure::{Code, Failure};
use countersign::net::dialer::DialReason;
use countersign::net::{DialError, Dialer};
use countersign::rt::block_on;
use countersign::testing::Ca;
use std::net::TcpListener;

#[test]
fn a_port_where_nobody_listens_is_unreachable() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (dialer, error) = refused_dial("127.0.0.1", free);
    assert_eq!(error.code(), Code::Unreachable);
    assert!(matches!(error.reason(), DialReason::Connect(_)), "{error}");
    assert_eq!(error.target(), format!("127.0.0.1:{free}"));
    assert_eq!(dialer.counters().refused(Code::Unreachable), 1);
}

#[test]
fn a_host_that_nobody_knows_is_unreachable() {
    // RFC 6761 reserves this domain, so that no resolver may know it.
    let (_, error) = refused_dial("nobody.invalid", 1);
    assert_eq!(error.code(), Code::Unreachable);
    assert!(matches!(error.reason(), DialReason::Resolve(_)), "{error}");
    assert!(error.hint().to_string().contains("spelling"), "{}", error.hint());
}

#[test]
fn what_is_no_host_is_refused_before_anyone_is_asked() {
    for host in ["", "two words", "http://host", "host:80", "-", "a..b"] {
        let (_, error) = refused_dial(host, 1);
        assert!(matches!(error.reason(), DialReason::NotAHost), "{host:?}: {error}");
    }
}

fn refused_dial(host: &str, port: u16) -> (Dialer, DialError) {
    let dialer = dialer(&Ca::new());
    let error = block_on(dialer.dial(host, port)).unwrap_err();
    (dialer, error)
}
