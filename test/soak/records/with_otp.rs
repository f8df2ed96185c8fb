//! The soaks with a node of OTP at the other end.

use crate::World;
use crate::numbers::{counted, counting, send};
use crate::otp::Otp;
use crate::progress::Progress;
use countersign::etf::Atom;
use countersign::failure::Failure;
use countersign::net::Link;
use countersign::node::{Destination, Node};
use countersign::node_name::NodeName;
use countersign::tls::TlsPolicy;
use futures_util::future::join;
use std::sync::Arc;
use std::time::Instant;

/// Without a new key. OTP numbers the records of a key, and so says itself how many there were.
pub(crate) async fn over_one_key(world: &World, records: u64) {
    let (written, read) = both_ways("otp", world, ("", TlsPolicy::default()), records).await;
    // Theirs may share a record now and then, see `counterpart:send_numbers`.
    assert!(written >= records - records / 100 && read >= records, "several messages went into one record");
}

/// OTP takes new keys after every megabyte that it writes, and asks us to do the same. Of ChaCha20 it never does.
pub(crate) async fn over_many_keys(world: &World, records: u64) {
    let (written, _) = both_ways("otp-rekeying", world, ("{key_update_at, 1000000}", aes()), records).await;
    assert!(records < 100_000 || written < records, "the keys were never renewed");
}

/// Returns how many records OTP has written and read under the last keys.
async fn both_ways(what: &str, world: &World, (theirs, ours): (&str, TlsPolicy), records: u64) -> (u64, u64) {
    let x = world.otp(theirs);
    let a = world.node("a", ours).await;
    let linked = a.connect(&peer()).await.unwrap();
    println!("{what}: {:?}", linked.transport().tls.unwrap());
    x.eval("counterpart:counter(counter)");
    let (sink, heard) = counting(&a, records);
    a.register("from_otp", &sink).unwrap();
    let (began, link) = (Instant::now(), Arc::clone(linked.link()));
    let watched = Arc::clone(linked.link());
    let progress = Progress::watch(&format!("{what}: messages to OTP"), records, move || watched.traffic().messages_sent);
    let sent = x.begin(&format!("counterpart:send_numbers({{from_otp, 'a@localhost'}}, {records})"));
    let there = async {
        assert_eq!(a.run(move |process| send(process, counter(), link, records)).await, Some(records));
        assert_eq!(at_counter(&a, linked.link()).await, Some(records));
        println!("{what}: {records} messages to OTP in {:.0} s", began.elapsed().as_secs_f64());
    };
    let back = async {
        assert_eq!(heard.recv().await, Ok(records));
        println!("{what}: {records} messages from OTP in {:.0} s", began.elapsed().as_secs_f64());
    };
    join(there, back).await;
    assert_eq!(sent.wait(), records.to_string());
    drop(progress);
    let (written, read) = records_of(&x);
    println!("{what}: OTP says that under its keys of now it has written {written} records and read {read}; 2^24 is {}", 1 << 24);
    println!("{what}: {:?}; {}", linked.link().traffic(), memory_of(&x));
    let is_same = a.connect(&peer()).await.unwrap().facts().id == linked.facts().id && linked.link().is_up();
    assert!(is_same, "the link is another one");
    println!("{what}: the link is still {:?}", linked.facts().id);
    a.stop().await;
    (written, read)
}

/// With suites of which none lasts: the node warns, the link ends in time, and is made anew.
pub(crate) async fn over_aes(world: &World) {
    let x = world.otp("");
    let c = world.node("c", aes()).await;
    let linked = c.connect(&peer()).await.unwrap();
    println!("otp-aes: {:?}, {:?}", linked.transport().tls.unwrap(), linked.facts().id);
    x.eval("counterpart:counter(counter)");
    let (began, link, watched) = (Instant::now(), Arc::clone(linked.link()), Arc::clone(linked.link()));
    let progress = Progress::watch("otp-aes: messages", 1 << 24, move || watched.traffic().messages_sent);
    let sent = c.run(move |process| send(process, counter(), link, 1 << 25)).await.unwrap();
    let closed = linked.link().closed().await;
    drop(progress);
    println!("otp-aes: after {sent} messages and {:.0} s the link ended: {closed}; {}", began.elapsed().as_secs_f64(), closed.hint());
    assert!(sent < 1 << 24, "too late");
    let next = c.connect(&peer()).await.unwrap();
    assert_ne!(next.facts().id, linked.facts().id);
    let counted = at_counter(&c, next.link()).await.unwrap();
    println!("otp-aes: {counted} of them came; the link is now {:?}, {:?} after the start", next.facts().id, began.elapsed());
    c.stop().await;
}

fn aes() -> TlsPolicy {
    TlsPolicy::default().suites(&["TLS13_AES_256_GCM_SHA384", "TLS13_AES_128_GCM_SHA256"]).unwrap()
}

fn peer() -> NodeName {
    "x@localhost".parse().unwrap()
}

fn counter() -> Destination {
    (Atom::fixed("counter"), peer()).into()
}

async fn at_counter(node: &Node, link: &Arc<Link>) -> Option<u64> {
    let link = Arc::clone(link);
    node.run(|mut process| async move { counted(&mut process, &counter(), &link).await }).await.flatten()
}

fn records_of(x: &Otp) -> (u64, u64) {
    let said = x.eval("counterpart:records('a@localhost')");
    let (written, read) = said.trim_matches(['{', '}']).split_once(',').unwrap();
    (written.parse().unwrap(), read.parse().unwrap())
}

fn memory_of(x: &Otp) -> String {
    format!("OTP has {} bytes of memory in use", x.eval("erlang:memory(total)"))
}
