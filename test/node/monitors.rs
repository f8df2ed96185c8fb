//! Monitors, requests and the end of a node, within it.

use crate::world::{alone, eventually, found, idle, next_term, obedient};
use countersign::dist::control::Proc;
use countersign::etf::{Atom, atom, tuple};
use countersign::failure::{Code, Failure};
use countersign::node::{CallError, Mail, Request};
use countersign::rt::block_on;
use std::time::Duration;

#[test]
fn a_monitor_tells_the_end_once_and_why() {
    block_on(async {
        let node = alone().await;
        let watched = obedient(&node);
        found(node.run(|mut process| async move {
            let one = process.monitor(&watched).await;
            let two = process.monitor(&watched).await;
            process.send(&watched, tuple([atom("why"), atom("so")])).await.unwrap();
            for reference in [one, two] {
                let mail = process.receive_where(|mail| mail.down(&reference).is_some()).await;
                let down = mail.down(&reference).unwrap();
                assert_eq!((down.reason.to_string().as_str(), &down.object.process), ("{why,so}", &Proc::Pid(watched.clone())));
            }
            assert_eq!(process.waiting(), 0);
        }))
        .await;
    });
}

#[test]
fn nothing_comes_of_what_is_called_off_while_the_other_one_ends() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            process.trap_exits(true);
            for round in 0..5_000 {
                let short = process.spawn(|mut short| async move { next_term(&mut short).await });
                let reference = process.monitor(&short).await;
                process.link(&short).await;
                process.send(&short, atom("over")).await.unwrap();
                // Now it ends, on another thread if there is one, and each round a little later for this one.
                (0..round % 500).for_each(|_| std::hint::spin_loop());
                process.unlink(&short);
                process.demonitor(&reference);
            }
            let (_, last) = process.spawn_monitor(|_| async {});
            let mail = process.receive().await;
            assert!(mail.down(&last).is_some(), "what was called off came: {mail:?}");
        }))
        .await;
    });
}

#[test]
fn a_monitor_by_name_keeps_the_process_that_had_the_name() {
    block_on(async {
        let node = alone().await;
        let (first, second) = (obedient(&node), idle(&node));
        node.register("it", &first).unwrap();
        found(node.clone().run(move |mut process| async move {
            let reference = process.monitor(Atom::fixed("it")).await;
            node.unregister("it");
            node.register("it", &second).unwrap();
            process.send(first, atom("over")).await.unwrap();
            let mail = process.receive().await;
            let down = mail.down(&reference).unwrap();
            assert_eq!(down.object.process, Proc::Name(Atom::fixed("it")));
            assert_eq!(down.object.node.as_str(), "a@localhost");
            assert!(down.reason.is_atom("over"));
        }))
        .await;
    });
}

#[test]
fn a_monitor_of_nobody_says_noproc_at_once() {
    block_on(async {
        let node = alone().await;
        let dead = node.spawn(|_| async {});
        eventually("it has ended", || !node.is_alive(&dead));
        found(node.run(|mut process| async move {
            let by_name = process.monitor(Atom::fixed("nobody")).await;
            assert!(process.receive().await.down(&by_name).unwrap().reason.is_atom("noproc"));
            let by_pid = process.monitor(dead).await;
            assert!(process.receive().await.down(&by_pid).unwrap().reason.is_atom("noproc"));
        }))
        .await;
    });
}

#[test]
fn demonitor_flushes_what_has_come_already() {
    block_on(async {
        let node = alone().await;
        let (ended, living) = (obedient(&node), obedient(&node));
        found(node.run(|mut process| async move {
            let (one, other) = (process.monitor(&ended).await, process.monitor(&ended).await);
            process.send(&ended, atom("over")).await.unwrap();
            process.receive_where(|mail| mail.down(&other).is_some()).await;
            process.demonitor(&one);
            assert_eq!(process.waiting(), 0);

            let (called_off, kept) = (process.monitor(&living).await, process.monitor(&living).await);
            process.demonitor(&called_off);
            process.send(&living, atom("over")).await.unwrap();
            assert!(process.receive().await.down(&kept).is_some());
            assert_eq!(process.waiting(), 0);
        }))
        .await;
    });
}

#[test]
fn a_call_is_answered_by_whoever_parses_it() {
    block_on(async {
        let node = alone().await;
        let server = node.spawn(|mut server| async move {
            loop {
                let Mail::Message(message) = server.receive().await else { continue };
                let request = Request::parse(message).unwrap();
                server.reply(&request, tuple([atom("you_said"), request.request.clone()])).await.unwrap();
            }
        });
        node.register("server", &server).unwrap();
        let answer = node.call(Atom::fixed("server"), atom("hello"), PATIENT).await.unwrap();
        assert_eq!(answer.to_string(), "{you_said,hello}");
    });
}

#[test]
fn a_call_that_nobody_can_answer_says_why() {
    block_on(async {
        let node = alone().await;
        let error = node.call(Atom::fixed("nobody"), atom("hello"), PATIENT).await.unwrap_err();
        assert!(matches!(&error, CallError::NoProcess { object } if object.to_string() == "nobody"), "{error}");
        assert_eq!(error.code(), Code::Unreachable);

        let dying = node.spawn(|mut process| async move {
            next_term(&mut process).await;
            atom("broken")
        });
        let error = node.call(dying, atom("hello"), PATIENT).await.unwrap_err();
        assert!(matches!(&error, CallError::Exited { reason, .. } if reason.is_atom("broken")), "{error}");

        let error = node.call(idle(&node), atom("hello"), Duration::from_millis(1)).await.unwrap_err();
        assert!(matches!(error, CallError::Timeout(_)));
        assert_eq!(error.code(), Code::Timeout);
    });
}

#[test]
fn stop_ends_every_process_and_lets_none_begin() {
    block_on(async {
        let node = alone().await;
        let stubborn = node.spawn(|mut process| async move {
            process.trap_exits(true);
            process.receive_where(|_| false).await;
        });
        node.stop().await;
        assert!(!node.is_alive(&stubborn));
        let late = node.spawn(|_| async { panic!("it began") });
        assert!(!node.is_alive(&late));
        assert!(node.registered().is_empty() && node.peers().is_empty());
    });
}

#[test]
fn a_node_that_is_dropped_takes_its_processes_with_it() {
    block_on(async {
        let node = alone().await;
        let (sender, ends) = countersign::rt::channel::bounded::<()>(1);
        node.spawn(|mut process| async move {
            let _held = sender;
            process.receive_where(|_| false).await;
        });
        drop(node);
        assert!(ends.recv().await.is_err());
    });
}

const PATIENT: Duration = Duration::from_secs(30);
