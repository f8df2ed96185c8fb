//! What programs do on a node of ours: sends and spawns within it, and calls of a server, here and at the peer.

use crate::ours::median;
use countersign::etf::{Atom, Pid, Term, atom, tuple};
use countersign::node::{Destination, Node, Process};
use countersign::otp::gen_server::{Answer, Caller, GenServer, Launch};
use countersign::rt::block_on;
use std::time::{Duration, Instant};

/// Answers with what it is asked.
struct Mirror;

impl GenServer for Mirror {
    type Call = Term;
    type Cast = Term;

    async fn handle_call(&mut self, request: Term, caller: Caller, _: &mut Process) -> Answer {
        caller.answer(request)
    }
}

/// The server that is called, under the name `mirror`.
pub(crate) fn serve(node: &Node) {
    block_on(Launch::new(Mirror).named(MIRROR).start(node)).unwrap();
}

/// How long it takes until so many messages have gone from one process to another.
pub(crate) fn local_send(node: &Node, count: usize) -> Duration {
    let sink = node.spawn(|mut process| async move {
        loop {
            let Some(term) = process.receive().await.into_term() else { continue };
            if let Term::Pid(from) = term {
                return process.send(from.as_ref(), atom("done")).await.unwrap();
            }
        }
    });
    let sending = node.run(move |mut process| async move {
        let began = Instant::now();
        let message = tuple([atom("message"), Term::from([7; 64].as_slice())]);
        for _ in 0..count {
            process.send(&sink, message.clone()).await.unwrap();
        }
        process.send(&sink, process.pid().clone()).await.unwrap();
        process.receive().await;
        began.elapsed()
    });
    block_on(sending).unwrap()
}

/// How long it takes until so many processes have been started, and each has said that it was.
pub(crate) fn spawns(node: &Node, count: usize) -> Duration {
    let spawning = node.run(move |mut process| async move {
        let began = Instant::now();
        for _ in 0..count {
            let parent: Pid = process.pid().clone();
            process.spawn(|mut child| async move { child.send(&parent, atom("here")).await.unwrap() });
        }
        for _ in 0..count {
            process.receive().await;
        }
        began.elapsed()
    });
    block_on(spawning).unwrap()
}

/// The median of so many calls, in microseconds.
pub(crate) fn calls(node: &Node, whom: impl Into<Destination>, count: usize) -> f64 {
    let whom = whom.into();
    let calling = node.run(move |mut process| async move {
        let mut times = Vec::new();
        for _ in 0..count + count / 10 {
            let before = Instant::now();
            process.call(whom.clone(), atom("question"), PATIENCE).await.unwrap();
            times.push(before.elapsed());
        }
        times.split_off(count / 10)
    });
    median(block_on(calling).unwrap())
}

pub(crate) const MIRROR: Atom = Atom::fixed("mirror");
const PATIENCE: Duration = Duration::from_secs(5);
