//! A listener among many who do not behave, and what is left of them when it ends.

use crate::block_on;
use crate::foreign_tls;
use crate::links::{PATIENCE, accepted, dialling, listen};
use crate::logbook;
use countersign::failure::{Code, Failure};
use countersign::net::{Limits, Listener, ListenerOptions};
use countersign::rt::{self, TcpListener, TcpStream};
use countersign::testing::Ca;
use countersign::tls::{CertAuth, CertManager};
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use rustls::ClientConnection;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn good_ones_get_in_while_more_have_stopped_in_mid_handshake_than_there_are_turns() {
    block_on(async {
        let (ca, manager) = mutual();
        let listener = bind(&manager, Limits { handshakes: 2, ..patient() }).await;
        let mut stopped = Vec::new();
        for _ in 0..5 {
            stopped.push(stop_after_the_hello(&ca, &listener).await);
        }
        let dialer = dialling(manager);
        for _ in 0..2 {
            let dialled = dialer.dial("localhost", listener.local_addr().port()).await.unwrap();
            assert_eq!(accepted(&listener).await.unwrap().ends().peer, dialled.ends().local);
        }
        // One of them may hold the other turn still: nobody waits for that.
        until(|| listener.counters().refused(Code::Timeout) >= 4).await;
        let shown_out = stopped.iter_mut().filter(|tcp| logbook::has_refusal_of(tcp.local_addr().unwrap()));
        for tcp in shown_out {
            let line = logbook::refusal_of(tcp.local_addr().unwrap()).await.unwrap();
            assert!(line.reason.starts_with("a handshake that others waited for took longer"), "{line:?}");
            assert!(end_of(tcp).await > 0, "it was its turn: our half of the handshake came");
        }
        assert_eq!(listener.counters().refusals().into_keys().collect::<Vec<_>>(), ["timeout"]);
    });
}

#[test]
fn a_flood_over_the_limit_of_an_address_is_counted_wholly_and_logged_sparsely() {
    block_on(async {
        let (_ca, manager) = mutual();
        let listener = bind(&manager, Limits { per_address: 1, ..patient() }).await;
        let _inside = entered(&listener, 1).await;
        let mut flood = Vec::new();
        for _ in 0..FLOOD {
            flood.push(TcpStream::connect(listener.local_addr()).await.unwrap());
        }
        until(|| listener.counters().refused(Code::TooMany) == FLOOD).await;
        // Refusals are counted before they are logged; the end of a socket comes after both.
        for tcp in &mut flood {
            assert_eq!(end_of(tcp).await, 0);
        }
        let lines = flood.iter().filter(|tcp| logbook::has_refusal_of(tcp.local_addr().unwrap())).count();
        assert!((1..10).contains(&lines), "{lines}");
        assert_eq!(listener.counters().refused(Code::TooMany), FLOOD);
    });
}

#[test]
fn a_dropped_listener_shows_out_who_is_in_mid_handshake_and_calls_it_no_refusal() {
    block_on(async {
        let (ca, manager) = mutual();
        let listener = bind(&manager, Limits { handshakes: 1, ..patient() }).await;
        let address = listener.local_addr();
        let mut inside = vec![entered(&listener, 1).await, stop_after_the_hello(&ca, &listener).await];
        // The turn is taken by now, so that one more can only wait for it.
        assert_eq!(inside[1].peek(&mut [0]).await.unwrap(), 1);
        inside.push(stop_after_the_hello(&ca, &listener).await);
        until(|| listener.connections() == 3).await;
        drop(listener);
        for tcp in &mut inside {
            end_of(tcp).await;
            assert!(!logbook::has_refusal_of(tcp.local_addr().unwrap()));
        }
        again(address).await;
    });
}

#[test]
fn who_comes_while_a_listener_is_dropped_is_shown_out_as_well() {
    block_on(async {
        let (ca, manager) = mutual();
        let hello = hello(&ca);
        for _ in 0..20 {
            let listener = bind(&manager, Limits { handshakes: 2, ..patient() }).await;
            let mut inside = Vec::new();
            for number in 0..20 {
                inside.push(TcpStream::connect(listener.local_addr()).await.unwrap());
                if number % 2 == 0 {
                    inside[number].write_all(&hello).await.unwrap();
                }
            }
            drop(listener);
            for tcp in &mut inside {
                end_of(tcp).await;
            }
        }
    });
}

#[test]
fn a_dropped_listener_has_no_say_in_updates_although_handshakes_were_in_flight() {
    block_on(async {
        let (ca, manager) = mutual();
        let listener = bind(&manager, patient()).await;
        let stopped = stop_after_the_hello(&ca, &listener).await;
        let other = Ca::new();
        assert_eq!(manager.update(other.agent(&["localhost"])).unwrap_err().code(), Code::UnknownCa);
        drop(listener);
        assert_eq!(manager.update(other.agent(&["localhost"])).unwrap().0, 2);
        drop(stopped);
    });
}

fn mutual() -> (Ca, Arc<CertAuth>) {
    let ca = Ca::new();
    let manager = Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()));
    (ca, manager)
}

/// Limits whose deadlines no test waits for.
fn patient() -> Limits {
    Limits { handshake_timeout: Duration::from_secs(600), ..Limits::default() }
}

async fn bind(manager: &Arc<CertAuth>, limits: Limits) -> Listener {
    let mut options = ListenerOptions::secure(Arc::<CertAuth>::clone(manager));
    options.limits = limits;
    listen(options).await
}

/// A peer that says nothing, when the listener has seen it and so many with it.
async fn entered(listener: &Listener, with: usize) -> TcpStream {
    let tcp = connect(listener).await;
    until(|| listener.connections() == with).await;
    tcp
}

async fn connect(listener: &Listener) -> TcpStream {
    let tcp = TcpStream::connect(listener.local_addr()).await.unwrap();
    logbook::forget(tcp.local_addr().unwrap());
    tcp
}

async fn stop_after_the_hello(ca: &Ca, listener: &Listener) -> TcpStream {
    let mut tcp = connect(listener).await;
    tcp.write_all(&hello(ca)).await.unwrap();
    tcp
}

fn hello(ca: &Ca) -> Vec<u8> {
    let config = foreign_tls::client(ca, None);
    let mut session = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut bytes = Vec::new();
    session.write_tls(&mut bytes).unwrap();
    bytes
}

/// How many bytes came until the socket was closed. A reset counts as closed.
async fn end_of(tcp: &mut TcpStream) -> usize {
    let (mut count, mut buffer) = (0, [0; 4096]);
    while let Ok(more @ 1..) = rt::timeout(PATIENCE, tcp.read(&mut buffer)).await.unwrap_or_else(|_| panic!("the socket is still open")) {
        count += more;
    }
    count
}

/// The port can be had again.
async fn again(address: SocketAddr) {
    let free = async {
        while TcpListener::bind(address).await.is_err() {
            rt::sleep(Duration::from_millis(1)).await;
        }
    };
    rt::timeout(PATIENCE, free).await.unwrap();
}

/// Waits for what sends no event.
async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            rt::sleep(Duration::from_millis(1)).await;
        }
    };
    rt::timeout(PATIENCE, waiting).await.unwrap();
}

const FLOOD: u64 = 50;
