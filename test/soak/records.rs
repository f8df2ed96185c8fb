//! More TLS records over one link than AES-GCM keys may protect: between two nodes of ours, with OTP over ChaCha20,
//! and with OTP over AES-GCM, where the link must end in time.
//!
//! `rebar-like-scripts/soak records [ours] [otp] [otp-aes] [--records N]`

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

use countersign::dist::Cookie;
use countersign::epmd::{Server, ServerOptions};
use countersign::etf::{Atom, Pid, Term, atom, tuple};
use countersign::failure::Failure;
use countersign::net::Link;
use countersign::node::{Acceptor, EpmdMode, Mail, Node, NodeOptions, Process};
use countersign::node_name::NodeName;
use countersign::rt::{block_on, channel};
use countersign::tls::TlsPolicy;
use futures_util::future::join;
use otp::{Otp, otp_is_here};
use pki::Pki;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

fn main() {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    let mut records = (1 << 24) + (1 << 20);
    if let Some(at) = wanted.iter().position(|word| word == "--records") {
        records = wanted.drain(at..at + 2).next_back().unwrap().parse().unwrap();
    }
    let is_wanted = |word: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == word);
    let world = World { pki: Pki::new(), epmd: block_on(Server::bind(ServerOptions::loopback())).unwrap() };
    if is_wanted("ours") {
        block_on(ours(&world, records));
    }
    if is_wanted("otp") && otp_is_here("soak records otp") {
        block_on(with_otp(&world, records));
    }
    if is_wanted("otp-aes") && otp_is_here("soak records otp-aes") {
        block_on(with_otp_over_aes(&world));
    }
}

struct World {
    pki: Pki,
    epmd: Server,
}

impl World {
    async fn node(&self, name: &str, tls: TlsPolicy) -> Node {
        let options = NodeOptions {
            cert_manager: Some(self.pki.auth(name)),
            cookie: Some(Cookie::new(b"cluster".to_vec())),
            acceptors: vec![Acceptor::at_port(0)],
            epmd: EpmdMode::At(self.epmd.port()),
            tls,
            ..NodeOptions::default()
        };
        Node::start(&format!("{name}@localhost"), options).await.unwrap()
    }
}

/// Both directions at once.
async fn ours(world: &World, records: u64) {
    let (a, b) = (world.node("a", TlsPolicy::default()).await, world.node("b", TlsPolicy::default()).await);
    let (there, back) = (a.connect(b.name()).await.unwrap(), b.connect(a.name()).await.unwrap());
    println!("ours: {:?}", there.facts().tls.unwrap());
    let began = Instant::now();
    let (at_b, heard_by_b) = counting(&b, records);
    let (at_a, heard_by_a) = counting(&a, records);
    let (to_b, to_a) = (Arc::clone(there.link()), Arc::clone(back.link()));
    let sending = join(a.run(move |process| send(process, at_b, to_b, records)), b.run(move |process| send(process, at_a, to_a, records)));
    let (one, other) = sending.await;
    let heard = join(heard_by_a.recv(), heard_by_b.recv()).await;
    assert_eq!((one, other, heard.0.unwrap(), heard.1.unwrap()), (Some(records), Some(records), records, records));
    let seconds = began.elapsed().as_secs_f64();
    let is_same = a.connect(b.name()).await.unwrap().facts().id == there.facts().id && there.link().ended().is_none();
    assert!(is_same, "the link is another one");
    println!("ours: {records} records in each direction in {seconds:.0} s, 2^24 is {}; the link is still {:?}", 1 << 24, there.facts().id);
    join(a.stop(), b.stop()).await;
}

/// A process that takes so many messages, numbered from 0.
fn counting(node: &Node, messages: u64) -> (Pid, channel::Receiver<u64>) {
    let (sender, heard) = channel::bounded(1);
    let pid = node.spawn(move |mut process| async move {
        let mut next = 0;
        while next < messages {
            let Mail::Message(message) = process.receive().await else { continue };
            assert_eq!(message.term, Term::from(next));
            next += 1;
        }
        sender.send(next).await.unwrap();
    });
    (pid, heard)
}

/// One message in each record: the next is written when the link has got rid of the last.
async fn send(mut process: Process, to: Pid, link: Arc<Link>, messages: u64) -> u64 {
    for number in 0..messages {
        if process.send(&to, Term::from(number)).await.is_err() {
            return number;
        }
        until_written(&link).await;
    }
    messages
}

async fn until_written(link: &Link) {
    poll_fn(|cx| {
        if link.waiting() == 0 || link.ended().is_some() {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn peer() -> NodeName {
    "x@localhost".parse().unwrap()
}

/// Asks OTP for a process that counts, and for its answer when it has counted enough.
fn start_counting(x: &Otp) {
    x.eval("F = fun F(N) -> receive {From, counted} -> From ! N, F(N); _ -> F(N + 1) end end, register(counter, spawn(fun() -> F(0) end))");
}

async fn counted(node: &Node) -> i64 {
    let asking = node.run(|mut process| async move {
        let own = Term::from(process.pid().clone());
        process.send((Atom::fixed("counter"), peer()), tuple([own, atom("counted")])).await.unwrap();
        process.receive().await.term().and_then(Term::as_i64)
    });
    asking.await.flatten().unwrap()
}

async fn send_to_otp(mut process: Process, link: Arc<Link>, messages: u64) -> u64 {
    for number in 0..messages {
        if process.send((Atom::fixed("counter"), peer()), Term::from(number)).await.is_err() {
            return number;
        }
        until_written(&link).await;
        if link.ended().is_some() {
            return number;
        }
    }
    messages
}

async fn with_otp(world: &World, records: u64) {
    let x = world.pki_node("{key_update_at, 1000000}");
    let a = world.node("a", TlsPolicy::default()).await;
    let linked = a.connect(&peer()).await.unwrap();
    println!("otp: {:?}", linked.facts().tls.unwrap());
    start_counting(&x);
    let (began, link) = (Instant::now(), Arc::clone(linked.link()));
    assert_eq!(a.run(move |process| send_to_otp(process, link, records)).await, Some(records));
    assert_eq!(u64::try_from(counted(&a).await).unwrap(), records);
    println!("otp: {records} records to OTP in {:.0} s", began.elapsed().as_secs_f64());

    let began = Instant::now();
    let (sink, heard) = counting(&a, records);
    a.register("from_otp", &sink).unwrap();
    // What OTP has at hand it puts into one record, so this is a number of messages.
    let sent = x.begin(&format!("F = fun F({records}) -> ok; F(N) -> {{from_otp, 'a@localhost'}} ! N, F(N + 1) end, F(0)"));
    heard.recv().await.unwrap();
    println!(
        "otp: {} , {records} messages from OTP in {:.0} s, {} bytes, its keys renewed every megabyte",
        sent.wait(),
        began.elapsed().as_secs_f64(),
        linked.link().traffic().received
    );
    assert_eq!(a.connect(&peer()).await.unwrap().facts().id, linked.facts().id);
    println!("otp: the link is still {:?}", linked.facts().id);
    a.stop().await;
}

async fn with_otp_over_aes(world: &World) {
    let x = world.pki_node("");
    let aes = TlsPolicy::default().suites(&["TLS13_AES_256_GCM_SHA384", "TLS13_AES_128_GCM_SHA256"]).unwrap();
    let a = world.node("c", aes).await;
    let linked = a.connect(&peer()).await.unwrap();
    println!("otp-aes: {:?}", linked.facts().tls.unwrap());
    start_counting(&x);
    let (began, link) = (Instant::now(), Arc::clone(linked.link()));
    let sent = a.run(move |process| send_to_otp(process, link, 1 << 25)).await.unwrap();
    let closed = linked.link().closed().await;
    println!("otp-aes: after {sent} records and {:.0} s the link ended: {closed}; {}", began.elapsed().as_secs_f64(), closed.hint());
    assert!(sent < 1 << 24, "too late");
    let came = counted(&a).await;
    println!("otp-aes: the next message made {:?}; {came} of {sent} messages came", a.connect(&peer()).await.unwrap().facts().id);
    a.stop().await;
}

impl World {
    fn pki_node(&self, ssl: &str) -> Otp {
        let builder = Otp::node("x@localhost", &self.pki, self.epmd.port());
        if ssl.is_empty() { builder.start() } else { builder.ssl(ssl).start() }
    }
}
