//! Whoever calls a server gets an answer, or learns why not.

use crate::desk::Desk;
use crate::world::{World, alone, found, idle, name, next_term, there};
use countersign::etf::{Atom, Term, atom, improper, list, tuple};
use countersign::node::{CallError, Node, SendError};
use countersign::otp::gen_server::{GenServer, Launch, abcast, multi_call};
use countersign::rt::{self, block_on};
use std::time::Duration;

/// Over mutual TLS, over plain TCP, and within one node.
async fn everywhere(test: impl AsyncFn(&Node, &Node)) {
    let world = World::new().await;
    for options in [world.secure(), world.plain()] {
        let a = Node::start("a@localhost", options.clone()).await.unwrap();
        let b = Node::start("b@localhost", options).await.unwrap();
        test(&a, &b).await;
        b.stop().await;
        test(&a, &a).await;
        a.stop().await;
    }
}

async fn call(from: &Node, to: &Node, request: Term) -> Result<Term, CallError> {
    from.call(there("desk", to), request, LONG).await
}

async fn desk(node: &Node) -> countersign::etf::Pid {
    Launch::new(Desk::default()).named(Atom::fixed("desk")).start(node).await.unwrap()
}

#[test]
fn a_server_answers_by_name_and_by_pid_wherever_the_caller_is() {
    block_on(everywhere(async |a, b| {
        let pid = desk(b).await;
        let answer = call(a, b, tuple([atom("echo"), list([1, 2])])).await.unwrap();
        assert_eq!(answer, list([1, 2]));
        let answer = a.call(&pid, tuple([atom("echo"), Term::from("x")]), LONG).await.unwrap();
        assert_eq!(answer.as_text(), Some("x"));
        let whence = call(a, b, atom("whence")).await.unwrap();
        assert_eq!(whence, if a.name() == b.name() { atom("here") } else { Term::from("a@localhost") });
        call(a, b, tuple([atom("quit"), atom("normal")])).await.unwrap_err();
    }));
}

#[test]
fn an_answer_that_was_promised_comes_when_the_server_gives_it() {
    block_on(everywhere(async |a, b| {
        desk(b).await;
        let waiting = [call(a, b, atom("later")), call(a, b, atom("later"))];
        let release = async {
            while call(a, b, atom("waiting")).await.unwrap().as_u64() != Some(2) {
                rt::yield_now().await;
            }
            a.cast(there("desk", b), tuple([atom("release"), atom("now")])).await.unwrap();
        };
        let (answers, ()) = futures_util::join!(futures_util::future::join_all(waiting), release);
        assert!(answers.into_iter().all(|answer| answer.unwrap().is_atom("now")));
        assert!(call(a, b, atom("elsewhere")).await.unwrap().is_atom("from_elsewhere"));
        call(a, b, tuple([atom("quit"), atom("normal")])).await.unwrap_err();
    }));
}

#[test]
fn a_promise_that_is_dropped_is_answered_all_the_same() {
    block_on(everywhere(async |a, b| {
        desk(b).await;
        assert_eq!(call(a, b, atom("forget")).await.unwrap().to_string(), "{error,unanswered}");
        // And the server goes on.
        assert_eq!(call(a, b, atom("waiting")).await.unwrap(), Term::from(0));
        call(a, b, tuple([atom("quit"), atom("normal")])).await.unwrap_err();
    }));
}

#[test]
fn who_waits_for_a_promise_sees_why_the_server_has_ended() {
    block_on(everywhere(async |a, b| {
        desk(b).await;
        let end = async {
            while call(a, b, atom("waiting")).await.unwrap().as_u64() != Some(1) {
                rt::yield_now().await;
            }
            call(a, b, tuple([atom("stop"), atom("enough"), atom("bye")])).await.unwrap()
        };
        let (waiting, bye) = futures_util::join!(call(a, b, atom("later")), end);
        assert!(bye.is_atom("bye"));
        assert!(matches!(waiting, Err(CallError::Exited { reason, .. }) if reason.is_atom("enough")));
    }));
}

#[test]
fn a_request_that_the_server_does_not_know_is_refused_and_not_met_with_silence() {
    block_on(everywhere(async |a, b| {
        desk(b).await;
        assert_eq!(call(a, b, atom("dance")).await.unwrap().to_string(), "{error,notsup}");
        call(a, b, tuple([atom("quit"), atom("normal")])).await.unwrap_err();
    }));
}

/// Knows numbers only.
struct Numbers;

#[derive(Debug)]
struct Number;

impl TryFrom<Term> for Number {
    type Error = &'static str;

    fn try_from(term: Term) -> Result<Self, &'static str> {
        term.as_i64().map(|_| Self).ok_or("no number")
    }
}

impl GenServer for Numbers {
    type Call = Number;
    type Cast = Number;
}

#[test]
fn a_request_that_cannot_be_read_is_answered_with_what_is_wrong() {
    block_on(async {
        let node = alone().await;
        let numbers = Launch::new(Numbers).start(&node).await.unwrap();
        node.cast(&numbers, atom("x")).await.unwrap();
        let answer = node.call(&numbers, atom("x"), LONG).await.unwrap();
        assert_eq!(answer.to_string(), r#"{error,{bad_request,<<"no number">>}}"#);
        assert_eq!(node.call(&numbers, 7, LONG).await.unwrap().to_string(), "{error,notsup}");
    });
}

#[test]
fn a_panic_in_a_handler_is_what_callers_see_and_the_node_goes_on() {
    block_on(everywhere(async |a, b| {
        let pid = desk(b).await;
        match call(a, b, atom("panic")).await {
            Err(CallError::Exited { reason, .. }) => assert_eq!(reason.to_string(), r#"{panic,<<"as the test wants it">>}"#),
            other => panic!("{other:?}"),
        }
        assert!(!b.is_alive(&pid));
        assert!(matches!(call(a, b, atom("heard")).await, Err(CallError::NoProcess { .. })));
        desk(b).await;
        call(a, b, tuple([atom("quit"), atom("normal")])).await.unwrap_err();
    }));
}

#[test]
fn a_server_that_stops_answers_first_or_not_at_all_as_it_says() {
    block_on(everywhere(async |a, b| {
        desk(b).await;
        assert!(call(a, b, tuple([atom("stop"), atom("done"), atom("bye")])).await.unwrap().is_atom("bye"));
        let mut restarted = Launch::new(Desk::default()).named(Atom::fixed("desk")).start(b).await;
        // It may have its name for a moment after its last words.
        while restarted.is_err() {
            restarted = Launch::new(Desk::default()).named(Atom::fixed("desk")).start(b).await;
        }
        match call(a, b, tuple([atom("quit"), atom("enough")])).await {
            Err(CallError::Exited { object, reason }) => {
                assert_eq!((object, reason), (there("desk", b).into(), atom("enough")));
            }
            other => panic!("{other:?}"),
        }
    }));
}

#[test]
fn a_call_says_what_kept_its_answer_away() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        assert!(matches!(call(&a, &b, atom("x")).await, Err(CallError::NoProcess { .. })));
        let nowhere = a.call((Atom::fixed("desk"), name("nowhere@localhost")), atom("x"), LONG).await;
        assert!(matches!(nowhere, Err(CallError::Send(SendError::Unreachable(_)))), "{nowhere:?}");
        let silent = a.call(idle(&b), atom("x"), Duration::from_millis(1)).await;
        assert!(matches!(silent, Err(CallError::Timeout(_))), "{silent:?}");

        desk(&b).await;
        let leave = async {
            while call(&b, &b, atom("waiting")).await.unwrap().as_u64() != Some(1) {
                rt::yield_now().await;
            }
            a.disconnect(b.name()).await;
        };
        let (lost, ()) = futures_util::join!(call(&a, &b, atom("later")), leave);
        match lost {
            Err(CallError::NodeDown { object, reason: Some(reason) }) => {
                assert_eq!(object, there("desk", &b).into());
                assert_eq!(reason.to_string(), "it was disconnected");
            }
            other => panic!("{other:?}"),
        }
        b.stop().await;
        a.stop().await;
    });
}

#[test]
fn an_answer_has_the_tag_of_the_question_whatever_it_is() {
    block_on(async {
        let node = alone().await;
        let pid = desk(&node).await;
        let answers = found(node.run(|mut process| async move {
            let mut answers = Vec::new();
            for tag in [atom("tag"), list([1, 2]), improper([atom("other")], atom("tail")), tuple([1])] {
                let from = tuple([Term::from(process.pid().clone()), tag]);
                process.send(&pid, tuple([atom("$gen_call"), from, tuple([atom("echo"), atom("x")])])).await.unwrap();
                answers.push(next_term(&mut process).await.to_string());
            }
            answers
        }))
        .await;
        assert_eq!(answers, ["{tag,x}", "{[1,2],x}", "{[other|tail],x}", "{{1},x}"]);
    });
}

#[test]
fn what_only_looks_like_a_request_is_a_message() {
    block_on(async {
        let node = alone().await;
        let pid = desk(&node).await;
        let odd = [
            tuple([atom("$gen_call"), atom("x"), atom("y")]),
            tuple([atom("$gen_call"), tuple([1, 2]), atom("y")]),
            tuple([atom("$gen_call")]),
            tuple([atom("system"), atom("x"), atom("y")]),
            tuple([atom("system"), atom("x")]),
            Term::nil(),
        ];
        for term in odd.clone() {
            node.send(&pid, term).await.unwrap();
        }
        let heard = node.call(&pid, atom("heard"), LONG).await.unwrap();
        assert_eq!(heard, list(odd.map(|term| tuple([atom("info"), term]))));
    });
}

#[test]
fn a_cast_is_no_cast_unless_it_carries_one_thing() {
    block_on(async {
        let node = alone().await;
        let pid = desk(&node).await;
        for odd in [tuple([atom("$gen_cast")]), tuple([atom("$gen_cast"), atom("x"), atom("y")])] {
            node.send(&pid, odd).await.unwrap();
        }
        node.cast(&pid, atom("real")).await.unwrap();
        let heard = node.call(&pid, atom("heard"), LONG).await.unwrap();
        assert_eq!(heard.to_string(), "[{info,{'$gen_cast'}},{info,{'$gen_cast',x,y}},{cast,real,true}]");
    });
}

#[test]
fn many_nodes_are_asked_at_once_and_each_answers_for_itself() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        desk(&b).await;
        let nodes = [a.name().clone(), b.name().clone(), name("nowhere@localhost")];
        let told = abcast(&a, &nodes, Atom::fixed("desk"), atom("psst")).await;
        assert!(matches!(told[..], [Err(SendError::NoSuchName(_)), Ok(()), Err(SendError::Unreachable(_))]), "{told:?}");
        let answers = multi_call(&a, &nodes, Atom::fixed("desk"), atom("heard"), LONG).await;
        assert!(matches!(answers[0], Err(CallError::NoProcess { .. })));
        assert_eq!(answers[1].as_ref().unwrap().to_string(), "[{cast,psst,false}]");
        assert!(matches!(answers[2], Err(CallError::Send(_))));
        b.stop().await;
        a.stop().await;
    });
}

const LONG: Duration = Duration::from_secs(30);
