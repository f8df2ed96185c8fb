//! What a server does when it has done something.

use crate::desk::Desk;
use crate::world::{NEVER, alone, eventually, found, next_term};
use countersign::etf::{Term, atom, list, tuple};
use countersign::node::{Mail, Node, Process};
use countersign::otp::gen_server::{Answer, Caller, GenServer, Launch, Step};
use countersign::rt::channel::{Sender, bounded};
use countersign::rt::{self, block_on};
use std::time::Duration;

fn heard(node: &Node, desk: &countersign::etf::Pid) -> Term {
    block_on(node.call(desk, atom("heard"), LONG)).unwrap()
}

#[test]
fn what_is_left_to_do_is_done_before_the_next_mail() {
    block_on(async {
        let node = alone().await;
        let desk = Launch::new(Desk::default()).start(&node).await.unwrap();
        let heard = found(node.run(|mut process| async move {
            let from = tuple([Term::from(process.pid().clone()), atom("tag")]);
            process.send(&desk, tuple([atom("$gen_call"), from, atom("go_on")])).await.unwrap();
            process.send(&desk, atom("and_then")).await.unwrap();
            next_term(&mut process).await;
            process.call(&desk, atom("heard"), LONG).await.unwrap()
        }))
        .await;
        assert_eq!(heard.to_string(), "[went_on,{info,and_then}]");
    });
}

#[test]
fn silence_is_told_once_and_only_if_it_lasts() {
    let node = block_on(alone());
    let desk = block_on(Launch::new(Desk::default()).start(&node)).unwrap();
    block_on(node.call(&desk, tuple([atom("silence"), Term::from(1)]), LONG)).unwrap();
    // By sys, which does not break the silence.
    eventually("the silence was told", || {
        let asked = block_on(node.run({
            let desk = desk.clone();
            |mut process| async move {
                let from = tuple([Term::from(process.pid().clone()), atom("tag")]);
                process.send(&desk, tuple([atom("system"), from, atom("get_state")])).await.unwrap();
                next_term(&mut process).await
            }
        }));
        asked.unwrap().to_string().contains("silence")
    });
    assert_eq!(heard(&node, &desk), list([atom("silence")]));

    // What comes in time takes the place of it.
    block_on(node.call(&desk, tuple([atom("silence"), Term::from(3_600_000)]), LONG)).unwrap();
    assert_eq!(heard(&node, &desk), list([atom("silence")]));
}

#[test]
fn a_server_says_goodbye_before_its_last_answer() {
    block_on(async {
        let node = alone().await;
        let said = found(node.run(|mut process| async move {
            let desk = Launch::new(Desk::before(process.pid())).start_link(&mut process).await.unwrap();
            process.trap_exits(true);
            let from = tuple([Term::from(process.pid().clone()), atom("tag")]);
            let stop = tuple([atom("stop"), tuple([atom("shutdown"), Term::from(7)]), atom("bye")]);
            process.send(&desk, tuple([atom("$gen_call"), from, stop])).await.unwrap();
            let (first, then) = (next_term(&mut process).await.to_string(), next_term(&mut process).await.to_string());
            let Mail::Exit(exited) = process.receive().await else { panic!("they were linked") };
            [first, then, exited.reason.to_string()]
        }))
        .await;
        assert_eq!(said, ["{terminated,{shutdown,7}}", "{tag,bye}", "{shutdown,7}"]);
    });
}

/// Goes on for ever, and never waits. What it holds is dropped with it.
struct Busy(#[expect(dead_code, reason = "it is there to be dropped")] Sender<()>);

impl GenServer for Busy {
    type Call = Term;
    type Cast = Term;

    async fn handle_call(&mut self, _: Term, caller: Caller, _: &mut Process) -> Answer {
        caller.answer(atom("ok")).then(Step::Continue)
    }

    async fn handle_continue(&mut self, _: &mut Process) -> Step {
        Step::Continue
    }
}

#[test]
fn a_server_that_never_waits_can_be_ended() {
    block_on(async {
        let node = alone().await;
        let (held, ended) = bounded(1);
        let busy = Launch::new(Busy(held)).start(&node).await.unwrap();
        node.call(&busy, atom("begin"), LONG).await.unwrap();
        node.exit(&busy, atom("kill")).await.unwrap();
        assert!(rt::timeout(NEVER, ended.recv()).await.unwrap().is_err());
    });
}

const LONG: Duration = Duration::from_secs(30);
