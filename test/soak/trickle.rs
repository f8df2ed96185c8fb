//! What links cost that carry a little, again and again: a message every millisecond over each of them, too seldom for
//! anybody to wait for the next one awake.
//!
//! `rebar-like-scripts/soak trickle [LINKS]`

#![expect(clippy::unwrap_used, clippy::panic, reason = "a soak reports by panicking")]
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

#[path = "stalled/ticks.rs"]
mod ticks;

use countersign::dist::Cookie;
use countersign::etf::Atom;
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions, Route};
use countersign::rt::{block_on, sleep};
use countersign::testing::Ca;
use countersign::tls::CertAuth;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use ticks::ticks;

fn main() {
    let links = std::env::args().nth(1).map_or(10, |links| links.parse().unwrap_or_else(|_| panic!("{links} is no number of links")));
    block_on(run(links));
}

async fn run(links: u64) {
    let ca = Ca::new();
    let options = NodeOptions {
        cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
        cookie: Some(Cookie::new(b"cluster".to_vec())),
        acceptors: vec![Acceptor::at_port(0)],
        epmd: EpmdMode::Off,
        ..NodeOptions::default()
    };
    let sink = Node::start("sink@localhost", options.clone()).await.unwrap();
    let heard = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&heard);
    let counter = sink.spawn(move |mut process| async move {
        loop {
            process.receive().await;
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    sink.register("sink", &counter).unwrap();
    let routes = vec![Route::to(sink.name().clone(), "localhost", sink.local_addrs().first().unwrap().port())];
    let mut sources = Vec::new();
    for number in 0..links {
        let options = NodeOptions { routes: routes.clone(), ..options.clone() };
        let source = Node::start(&format!("source{number}@localhost"), options).await.unwrap();
        let to = (Atom::fixed("sink"), sink.name().clone());
        source.spawn(move |mut process| async move {
            while process.send(to.clone(), number).await.is_ok() {
                sleep(Duration::from_millis(1)).await;
            }
        });
        sources.push(source);
    }
    for second in 1..=5 {
        let (before, first) = (ticks(), heard.load(Ordering::Relaxed));
        sleep(Duration::from_secs(1)).await;
        let messages = heard.load(Ordering::Relaxed) - first;
        println!(
            "second {second}: {} hundredths of a second of processor time for {messages} messages over {links} links",
            ticks() - before
        );
    }
}
