//! What a peer that does not read costs: processor time while senders wait, and the bytes that wait.
//!
//! `rebar-like-scripts/soak stalled`

#![expect(clippy::unwrap_used, clippy::panic, reason = "a soak reports by panicking")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

#[path = "../support/otp.rs"]
#[expect(dead_code, reason = "tests ask more of a node")]
mod otp;
#[path = "../support/pki.rs"]
#[expect(dead_code, reason = "tests issue more")]
mod pki;
#[path = "../support/scratch.rs"]
#[expect(dead_code, reason = "tests run commands there")]
mod scratch;
#[path = "stalled/ticks.rs"]
mod ticks;

use countersign::dist::Cookie;
use countersign::epmd::{Server, ServerOptions};
use countersign::etf::{Atom, binary};
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions};
use countersign::node_name::NodeName;
use countersign::rt::{block_on, sleep};
use otp::{Otp, otp_is_here};
use pki::Pki;
use std::time::Duration;
use ticks::ticks;

fn main() {
    if otp_is_here("soak stalled") {
        block_on(run());
    }
}

async fn run() {
    let (pki, epmd) = (Pki::new(), Server::bind(ServerOptions::loopback()).await.unwrap());
    let x = Otp::node("x@localhost", &pki, epmd.port()).start();
    let options = NodeOptions {
        cert_manager: Some(pki.auth("a")),
        cookie: Some(Cookie::new(b"cluster".to_vec())),
        acceptors: vec![Acceptor::at_port(0)],
        epmd: EpmdMode::At(epmd.port()),
        ..NodeOptions::default()
    };
    let node = Node::start("a@localhost", options).await.unwrap();
    let name: NodeName = "x@localhost".parse().unwrap();
    let peer = node.connect(&name).await.unwrap();
    x.pause();
    for _ in 0..50 {
        let to = (Atom::fixed("sink"), name.clone());
        node.spawn(move |mut process| async move { while process.send(to.clone(), binary(vec![0; 10_000])).await.is_ok() {} });
    }
    while peer.link().waiting() < 1024 * 1024 {
        sleep(Duration::from_millis(10)).await;
    }
    for second in 1..=5 {
        let before = ticks();
        sleep(Duration::from_secs(1)).await;
        println!("second {second}: {} of 100 ticks of processor time; {} bytes wait", ticks() - before, peer.link().waiting());
    }
    x.resume();
    node.disconnect(&name).await;
}
