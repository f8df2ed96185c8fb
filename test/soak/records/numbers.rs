//! Processes that send numbers, a TLS record for each, and processes that count them.

use countersign::etf::{Pid, Term, atom, tuple};
use countersign::net::Link;
use countersign::node::{Destination, Mail, Node, Process};
use countersign::rt::channel;
use futures_util::future::{Either, select};
use std::pin::pin;
use std::sync::Arc;

/// A process that takes so many numbers, in order from 0, and says how far it is to whoever asks.
pub(crate) fn counting(node: &Node, numbers: u64) -> (Pid, channel::Receiver<u64>) {
    let (sender, heard) = channel::bounded(1);
    let pid = node.spawn(move |mut process| async move {
        let mut next = 0;
        while next < numbers {
            let Mail::Message(message) = process.receive().await else { continue };
            if let Some([Term::Pid(from), _]) = message.term.as_tuple() {
                process.send(&**from, next).await.unwrap();
            } else {
                assert_eq!(message.term, Term::from(next));
                next += 1;
            }
        }
        sender.send(next).await.unwrap();
    });
    (pid, heard)
}

/// Sends the numbers below `count`, as long as the link is up, and returns how many. Every so often it waits until all have
/// been counted: nobody's mailbox grows.
pub(crate) async fn send(mut process: Process, to: Destination, link: Arc<Link>, count: u64) -> u64 {
    for number in 0..count {
        if number.is_multiple_of(WINDOW) && link.is_up() {
            let Some(counted) = counted(&mut process, &to, &link).await else { return number };
            assert_eq!(counted, number);
        }
        if !link.is_up() || process.send(to.clone(), number).await.is_err() {
            return number;
        }
    }
    count
}

/// How many have been counted there; nothing if the link ends before the answer comes.
pub(crate) async fn counted(process: &mut Process, to: &Destination, link: &Link) -> Option<u64> {
    let own = Term::from(process.pid().clone());
    process.send(to.clone(), tuple([own, atom("counted")])).await.ok()?;
    match select(pin!(process.receive()), pin!(link.closed())).await {
        Either::Left((mail, _)) => mail.term().and_then(Term::as_i64)?.try_into().ok(),
        Either::Right(_) => None,
    }
}

const WINDOW: u64 = 10_000;
