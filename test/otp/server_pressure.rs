//! Callers that do not mean well, and those that do not read.

use crate::arbitrary;
use crate::desk::Desk;
use crate::raw::Raw;
use crate::world::{World, found, name, there};
use bytes::Bytes;
use countersign::dist::control::{RegSend, Unused};
use countersign::etf::{Atom, Term, atom, binary, tuple};
use countersign::node::{Node, Process};
use countersign::otp::gen_server::{Answer, Caller, GenServer, Launch};
use countersign::rt::block_on;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::time::Duration;

/// A few of its answers are more than the sockets between two ends ever hold.
struct Loud(Bytes);

impl GenServer for Loud {
    type Call = Term;
    type Cast = Term;

    async fn handle_call(&mut self, request: Term, caller: Caller, process: &mut Process) -> Answer {
        match () {
            () if request.is_atom("loud") => caller.answer(binary(self.0.clone())),
            () if request.is_atom("loud_later") => {
                let (promise, answer) = caller.defer();
                promise.answer(process, binary(self.0.clone())).await;
                answer
            }
            () => caller.answer(atom("soft")),
        }
    }
}

#[test]
fn a_caller_that_does_not_read_does_not_keep_others_from_their_answers() {
    block_on(async {
        let world = World::new().await;
        let options = || world.plain();
        let (a, b) = (Node::start("a@localhost", options()).await.unwrap(), Node::start("b@localhost", options()).await.unwrap());
        // With this patience for each of its requests it would take longer than the other one waits.
        Launch::new(Loud(vec![7; 8 * 1024 * 1024].into())).named(SERVER).patience(Duration::from_millis(500)).start(&a).await.unwrap();
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        a.connect(&name("x@localhost")).await.unwrap();
        for word in ["loud", "loud_later"].iter().cycle().take(200) {
            let from = tuple([Term::from(raw.pid(1)), Term::from(raw.reference(1))]);
            let request = tuple([atom("$gen_call"), from, Term::from(Atom::new(word).unwrap())]);
            raw.say(RegSend { from: raw.pid(1), unused: Unused, to: SERVER }, Some(&request)).await;
        }
        assert!(b.call(there("server", &a), atom("x"), LONG).await.unwrap().is_atom("soft"));
        b.stop().await;
        a.stop().await;
    });
}

/// What looks like something that a server takes, and what does not.
fn hostile(own: &Term, any: Term, other: Term, kind: usize) -> Term {
    let from = tuple([own.clone(), other.clone()]);
    match kind % 8 {
        0 => tuple([atom("$gen_call"), from, any]),
        1 => tuple([atom("$gen_call"), other, any]),
        2 => tuple([atom("system"), from, any]),
        3 => tuple([atom("system"), other, any]),
        4 => tuple([atom("system"), from, tuple([atom("debug"), any])]),
        5 => tuple([atom("$gen_cast"), any]),
        6 => tuple([atom("ack"), own.clone(), any]),
        _ => any,
    }
}

#[test]
fn nothing_that_a_peer_says_ends_a_server_or_keeps_it_from_answering() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let desk = Launch::new(Desk::default()).named(SERVER).start(&a).await.unwrap();
        let node = a.name().clone();
        found(b.run(move |mut process| async move {
            let (mut runner, own) = (TestRunner::deterministic(), Term::from(process.pid().clone()));
            for kind in 0..800 {
                let mut any = || arbitrary::term().new_tree(&mut runner).unwrap().current();
                let said = hostile(&own, any(), any(), kind);
                process.send((SERVER, node.clone()), said).await.unwrap();
            }
            let answer = process.call((SERVER, node), tuple([atom("echo"), atom("well")]), LONG).await;
            assert!(answer.unwrap().is_atom("well"));
        }))
        .await;
        assert!(a.is_alive(&desk));
        b.stop().await;
        a.stop().await;
    });
}

const SERVER: Atom = Atom::fixed("server");
const LONG: Duration = Duration::from_secs(60);
