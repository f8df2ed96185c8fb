//! More TLS records over one link than AES-GCM keys may protect: between two nodes of ours, with OTP over ChaCha20,
//! and with OTP over AES-GCM, where the link must end in time. And fewer, while OTP renews its keys every megabyte.
//!
//! `rebar-like-scripts/soak records [ours] [otp] [otp-rekeying] [otp-aes] [--records N]`

#![expect(clippy::unwrap_used, clippy::panic, reason = "a soak reports by panicking")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

#[path = "records/numbers.rs"]
mod numbers;
#[path = "../support/otp.rs"]
#[expect(dead_code, reason = "tests ask more of a node")]
mod otp;
#[path = "../support/pki.rs"]
#[expect(dead_code, reason = "tests issue more")]
mod pki;
#[path = "../support/progress.rs"]
mod progress;
#[path = "../support/scratch.rs"]
#[expect(dead_code, reason = "tests run commands there")]
mod scratch;
#[path = "records/with_otp.rs"]
mod with_otp;

use countersign::dist::Cookie;
use countersign::epmd::{Server, ServerOptions};
use countersign::node::{Acceptor, EpmdMode, Node, NodeLimits, NodeOptions};
use countersign::rt::block_on;
use countersign::tls::TlsPolicy;
use futures_util::future::join;
use otp::{Otp, otp_is_here};
use pki::Pki;
use progress::Progress;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    let mut records = (1 << 24) + (1 << 20);
    if let Some(at) = wanted.iter().position(|word| word == "--records") {
        records = wanted.drain(at..at + 2).next_back().unwrap().parse().unwrap();
    }
    let is_wanted = |word: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == word);
    let is_wanted_with_otp = |word: &str| is_wanted(word) && otp_is_here(&format!("soak records {word}"));
    let world = World { pki: Pki::new(), epmd: block_on(Server::bind(ServerOptions::loopback())).unwrap() };
    if is_wanted("ours") {
        block_on(ours(&world, records));
    }
    if is_wanted_with_otp("otp") {
        block_on(with_otp::over_one_key(&world, records));
    }
    if is_wanted_with_otp("otp-rekeying") {
        block_on(with_otp::over_many_keys(&world, records));
    }
    if is_wanted_with_otp("otp-aes") {
        block_on(with_otp::over_aes(&world));
    }
}

struct World {
    pki: Pki,
    epmd: Server,
}

impl World {
    /// With no room for a second message before the first one is written: so each is a write, and a record, of its own.
    async fn node(&self, name: &str, tls: TlsPolicy) -> Node {
        let options = NodeOptions {
            cert_manager: Some(self.pki.auth(name)),
            cookie: Some(Cookie::new(b"cluster".to_vec())),
            acceptors: vec![Acceptor::at_port(0)],
            epmd: EpmdMode::At(self.epmd.port()),
            limits: NodeLimits { send_buffer: 1, ..NodeLimits::default() },
            tls,
            ..NodeOptions::default()
        };
        Node::start(&format!("{name}@localhost"), options).await.unwrap()
    }

    /// With these options of `ssl`, each with a comma behind it.
    fn otp(&self, ssl: &str) -> Otp {
        let builder = Otp::node("x@localhost", &self.pki, self.epmd.port());
        if ssl.is_empty() { builder.start() } else { builder.ssl(ssl).start() }
    }
}

/// Both directions at once.
async fn ours(world: &World, records: u64) {
    let (a, b) = (world.node("a", TlsPolicy::default()).await, world.node("b", TlsPolicy::default()).await);
    let (there, back) = (a.connect(b.name()).await.unwrap(), b.connect(a.name()).await.unwrap());
    println!("ours: {:?}", there.transport().tls.unwrap());
    let (began, watched) = (Instant::now(), Arc::clone(there.link()));
    let progress = Progress::watch("records there", records, move || watched.traffic().messages_sent);
    let (at_b, heard_by_b) = numbers::counting(&b, records);
    let (at_a, heard_by_a) = numbers::counting(&a, records);
    let (to_b, to_a) = (Arc::clone(there.link()), Arc::clone(back.link()));
    let sending = join(
        a.run(move |process| numbers::send(process, at_b.into(), to_b, records)),
        b.run(move |process| numbers::send(process, at_a.into(), to_a, records)),
    );
    assert_eq!(sending.await, (Some(records), Some(records)));
    assert_eq!(join(heard_by_a.recv(), heard_by_b.recv()).await, (Ok(records), Ok(records)));
    let seconds = began.elapsed().as_secs_f64();
    drop(progress);
    let is_same = a.connect(b.name()).await.unwrap().facts().id == there.facts().id && there.link().is_up();
    assert!(is_same, "the link is another one");
    println!("ours: {records} records in each direction in {seconds:.0} s, 2^24 is {}; the link is still {:?}", 1 << 24, there.facts().id);
    join(a.stop(), b.stop()).await;
}
