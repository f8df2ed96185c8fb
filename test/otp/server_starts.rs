//! How servers begin, and how that fails.

use crate::desk::Desk;
use crate::world::{alone, eventually, found, next_term};
use countersign::etf::{Atom, Term, atom, tuple};
use countersign::failure::{Code, Failure};
use countersign::node::{Mail, Process};
use countersign::otp::gen_server::{GenServer, Launch, StartFailed, Step};
use countersign::otp::proc_lib;
use countersign::rt::block_on;
use std::time::Duration;

/// Begins as it is told to.
struct Beginner(&'static str);

impl GenServer for Beginner {
    type Call = Term;
    type Cast = Term;

    async fn init(&mut self, process: &mut Process) -> Result<Step, Term> {
        match self.0 {
            "refuse" => Err(tuple([atom("no"), atom("disk")])),
            "panic" => panic!("in the middle of it"),
            "hang" => {
                process.receive_where(|_| false).await;
                Ok(Step::Wait)
            }
            "stop" => Ok(Step::stop(atom("at_once"))),
            _ => Ok(Step::Wait),
        }
    }
}

fn beginner(how: &'static str) -> Launch<Beginner> {
    Launch::new(Beginner(how)).named(NAME)
}

#[test]
fn a_start_that_fails_says_how_and_frees_the_name() {
    block_on(async {
        let node = alone().await;
        let refused = beginner("refuse").start(&node).await.unwrap_err();
        assert_eq!(refused, StartFailed::Refused { reason: tuple([atom("no"), atom("disk")]) });
        let panicked = beginner("panic").start(&node).await.unwrap_err();
        assert_eq!(panicked, StartFailed::Ended { reason: tuple([atom("panic"), Term::from("in the middle of it")]) });
        let late = beginner("hang").within(Duration::from_millis(1)).start(&node).await.unwrap_err();
        assert_eq!((late.code(), late), (Code::Timeout, StartFailed::Timeout(Duration::from_millis(1))));

        // The name is free after each of them.
        let pid = beginner("well").start(&node).await.unwrap();
        assert_eq!(node.whereis("server"), Some(pid.clone()));
        let taken = beginner("well").start(&node).await.unwrap_err();
        assert_eq!((taken.code(), taken), (Code::NameInUse, StartFailed::NameTaken { name: NAME, holder: Some(pid) }));
    });
}

#[test]
fn a_server_that_ends_as_soon_as_it_is_ready_has_started() {
    block_on(async {
        let node = alone().await;
        let reason = found(node.run(|mut process| async move {
            let (_, watching) = beginner("stop").start_monitor(&mut process).await.unwrap();
            process.receive_where(|mail| mail.down(&watching).is_some()).await
        }))
        .await;
        assert!(matches!(reason, Mail::Down(down) if down.reason.is_atom("at_once")));
    });
}

#[test]
fn a_linked_start_that_fails_does_not_end_the_parent() {
    block_on(async {
        let node = alone().await;
        let failures = found(node.run(|mut process| async move {
            let mut failures = Vec::new();
            for (how, within) in [("refuse", LONG), ("panic", LONG), ("hang", SHORT)] {
                failures.push(beginner(how).within(within).start_link(&mut process).await.unwrap_err());
            }
            // Nothing of it is left in the mailbox either.
            assert_eq!(process.waiting(), 0);
            failures
        }))
        .await;
        let due = matches!(failures[..], [StartFailed::Refused { .. }, StartFailed::Ended { .. }, StartFailed::Timeout(SHORT)]);
        assert!(due, "{failures:?}");
    });
}

#[test]
fn a_linked_server_ends_its_parent_and_ends_with_it() {
    block_on(async {
        let node = alone().await;
        // It does not trap exits, and so does not say goodbye.
        let parent = node.spawn(|mut process| async move {
            Launch::new(Desk::default()).named(NAME).start_link(&mut process).await.unwrap();
            process.receive_where(|_| false).await;
        });
        eventually("the server is there", || node.whereis("server").is_some());
        node.cast(NAME, tuple([atom("stop"), atom("broken")])).await.unwrap();
        eventually("the parent has ended", || !node.is_alive(&parent));

        let ends = found(node.run(|mut process| async move {
            let own = process.pid().clone();
            let parent = process.spawn(|mut parent| async move {
                let server = Launch::new(Desk::before(&own)).start_link(&mut parent).await.unwrap();
                assert!(parent.call(&server, atom("trap_exits"), LONG).await.unwrap().is_atom("ok"));
                parent.send(&own, Term::from(server)).await.unwrap();
                parent.receive_where(|_| false).await;
            });
            let server = next_term(&mut process).await.as_pid().unwrap().clone();
            let watching = process.monitor(&server).await;
            process.exit(&parent, atom("over")).await.unwrap();
            let goodbye = next_term(&mut process).await;
            (goodbye, process.receive_where(|mail| mail.down(&watching).is_some()).await)
        }))
        .await;
        assert_eq!(ends.0.to_string(), "{terminated,over}");
        assert!(matches!(ends.1, Mail::Down(down) if down.reason.is_atom("over")));
    });
}

#[test]
fn exits_of_others_than_the_parent_are_mail() {
    block_on(async {
        let node = alone().await;
        let server = Launch::new(Desk::default()).start(&node).await.unwrap();
        node.call(&server, atom("trap_exits"), LONG).await.unwrap();
        node.exit(&server, atom("please")).await.unwrap();
        assert_eq!(node.call(&server, atom("heard"), LONG).await.unwrap().to_string(), "[{exit,please}]");
    });
}

#[test]
fn a_process_that_is_there_already_becomes_a_server_and_acknowledges() {
    block_on(async {
        let node = alone().await;
        let said = found(node.run(|mut process| async move {
            let own = process.pid().clone();
            let child = process.spawn({
                let own = own.clone();
                |process| beginner("well").run(process, own)
            });
            let well = proc_lib::await_ack(&mut process, &child, LONG).await.unwrap();
            assert_eq!(well, tuple([atom("ok"), Term::from(child)]));
            let refused = process.spawn(|process| Launch::new(Beginner("refuse")).run(process, own));
            proc_lib::await_ack(&mut process, &refused, LONG).await.unwrap()
        }))
        .await;
        assert_eq!(said.to_string(), "{error,{no,disk}}");
    });
}

#[test]
fn a_node_that_has_stopped_starts_no_server() {
    block_on(async {
        let node = alone().await;
        node.stop().await;
        assert!(matches!(beginner("well").start(&node).await, Err(StartFailed::Ended { .. })));
    });
}

const NAME: Atom = Atom::fixed("server");
const SHORT: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(30);
