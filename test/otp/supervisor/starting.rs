//! How a supervisor and its children begin, or do not.

use super::stage::Event::{Started, Stopped};
use super::stage::{NAME, Stage, pids};
use crate::world::{NEVER, OWN_PROCESSES, alone, eventually, found, next_term};
use countersign::etf::{Atom, Term, atom};
use countersign::failure::Failure;
use countersign::node::{Mail, Node};
use countersign::otp::supervisor::{
    AutoShutdown, ChildSpec, Restart, SpecRefused, Started as Outcome, Strategy, Supervisor, SupervisorError,
};
use countersign::rt::{self, block_on};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[test]
fn a_child_that_does_not_start_ends_those_before_it_and_the_reason_names_it() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        stage.fail("c", 1);
        let supervisor = ["a", "b", "c", "d"].iter().fold(Supervisor::new(Strategy::OneForOne), |all, id| all.child(stage.child(id)));
        let refused = supervisor.start(&node).await.unwrap_err();
        assert_eq!(refused.to_string(), "the supervisor does not start: {shutdown,{failed_to_start_child,c,not_today}}");
        assert_eq!(stage.events(), [Started("a"), Started("b"), Stopped("b"), Stopped("a")]);
        eventually("nothing is left of it", || node.processes().len() == OWN_PROCESSES);
        // The same, once it can.
        supervisor.start(&node).await.unwrap();
        assert_eq!(stage.events(), ["a", "b", "c", "d"].map(Started));
    });
}

#[test]
fn a_supervisor_under_another_says_which_grandchild_did_not_start() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        stage.fail("leaf", 1);
        let inner = Supervisor::new(Strategy::OneForOne).child(stage.child("leaf"));
        let outer = Supervisor::new(Strategy::OneForOne).child(stage.child("a")).child(ChildSpec::supervisor(atom("inner"), inner));
        let Err(SupervisorError::NotStarted { reason }) = outer.start(&node).await else { panic!("it started") };
        let expected = "{shutdown,{failed_to_start_child,inner,{shutdown,{failed_to_start_child,leaf,not_today}}}}";
        assert_eq!(reason.to_string(), expected);
        eventually("nothing is left of it", || node.processes().len() == OWN_PROCESSES);
    });
}

#[test]
fn a_child_that_panics_or_goes_before_it_is_ready_has_not_started_and_why() {
    block_on(async {
        let node = alone().await;
        let panics = ChildSpec::reporting(atom("x"), |_, ready| async move {
            let _ready = ready;
            panic!("before it was ready");
        });
        let goes = ChildSpec::reporting(atom("x"), |_, ready| async move {
            drop(ready);
            atom("gone")
        });
        for (child, reason) in [(panics, "before it was ready"), (goes, "gone")] {
            let refused = Supervisor::new(Strategy::OneForOne).child(child).start(&node).await.unwrap_err();
            assert!(refused.to_string().contains(reason), "{refused}");
        }
    });
}

#[test]
fn a_panic_in_the_function_that_starts_a_child_is_not_the_end_of_its_supervisor() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let supervisor = Supervisor::new(Strategy::OneForOne).child(stage.child("a")).start(&node).await.unwrap();
        let before = pids(&node, &supervisor).await;
        let at_once = ChildSpec::new(atom("x"), |_| panic!("at once"));
        let later = ChildSpec::new(atom("x"), |_| Box::pin(async { panic!("later") }));
        for (child, text) in [(at_once, "at once"), (later, "later")] {
            let refused = supervisor.start_child(&node, child).await.unwrap_err().to_string();
            assert!(refused.starts_with("the child x does not start: {panic,") && refused.contains(text), "{refused}");
        }
        assert_eq!(pids(&node, &supervisor).await, before);
    });
}

#[test]
fn nothing_is_left_of_a_child_that_takes_too_long() {
    block_on(async {
        let node = alone().await;
        let begun = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&begun);
        let slow = ChildSpec::reporting(atom("slow"), move |mut process, ready| {
            noted.lock().unwrap().push(process.pid().clone());
            async move {
                process.receive_where(|_| false).await;
                ready.ok();
            }
        });
        let slow = slow.started_within(Duration::from_millis(20));
        let refused = Supervisor::new(Strategy::OneForOne).child(slow).start(&node).await.unwrap_err();
        assert!(refused.to_string().contains("{failed_to_start_child,slow,timeout}"), "{refused}");
        let begun = begun.lock().unwrap().clone();
        assert_eq!(begun.len(), 1);
        eventually("it has been ended", || !node.is_alive(&begun[0]));
    });
}

#[test]
fn who_links_to_a_supervisor_while_a_child_takes_too_long_is_not_ended_with_it() {
    block_on(async {
        let node = alone().await;
        let bystander = node.spawn(|mut process| async move {
            let supervisor = next_term(&mut process).await;
            process.trap_exits(true);
            process.link(supervisor.as_pid().unwrap()).await;
            drop(process.receive().await);
        });
        let told = bystander.clone();
        let slow = ChildSpec::new(atom("slow"), move |supervisor| {
            let told = told.clone();
            Box::pin(async move {
                let own = Term::from(supervisor.pid().clone());
                supervisor.send(&told, own).await.unwrap();
                while !supervisor.links().contains(&told) {
                    rt::yield_now().await;
                }
                std::future::pending().await
            })
        });
        let watching = found(node.run({
            let (node, bystander) = (node.clone(), bystander.clone());
            move |mut process| async move {
                let watched = process.monitor(&bystander).await;
                let slow = slow.started_within(Duration::from_millis(100));
                let refused = Supervisor::new(Strategy::OneForOne).child(slow).start(&node).await.unwrap_err();
                assert!(refused.to_string().contains("{failed_to_start_child,slow,timeout}"), "{refused}");
                let mail = process.receive().await;
                mail.down(&watched).unwrap().reason.to_string()
            }
        }));
        // It has heard of the supervisor's end, and was not killed before.
        assert_eq!(watching.await, "normal");
    });
}

#[test]
fn a_child_that_is_not_needed_is_kept_in_mind_unless_it_is_temporary() {
    block_on(async {
        let node = alone().await;
        let ignored = |id: &'static str| ChildSpec::new(atom(id), |_| Box::pin(async { Ok(Outcome::Ignored) }));
        let supervisor = Supervisor::new(Strategy::OneForOne).child(ignored("kept")).child(ignored("gone").restart(Restart::Temporary));
        let supervisor = supervisor.start(&node).await.unwrap();
        let children = supervisor.which_children(&node).await.unwrap();
        assert!(matches!(&children[..], [kept] if kept.id.is_atom("kept") && kept.pid().is_none()), "{children:?}");
        assert_eq!(supervisor.start_child(&node, ignored("temporary").restart(Restart::Temporary)).await.unwrap(), Outcome::Ignored);
        assert_eq!(supervisor.restart_child(&node, atom("kept")).await.unwrap(), Outcome::Ignored);
        assert_eq!(supervisor.count_children(&node).await.unwrap().specs, 1);
    });
}

#[test]
fn what_cannot_be_is_refused_before_anything_starts() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let one = || Supervisor::new(Strategy::OneForOne).child(stage.child("a"));
        let significant = || stage.child("b").restart(Restart::Transient).significant();
        for (supervisor, expected) in [
            (one().child(stage.child("a")), SpecRefused::Duplicate(atom("a"))),
            (one().child(significant()), SpecRefused::SignificantForNothing(atom("b"))),
            (
                one().auto_shutdown(AutoShutdown::AnySignificant).child(significant().restart(Restart::Permanent)),
                SpecRefused::SignificantAndPermanent(atom("b")),
            ),
        ] {
            let refused = supervisor.start(&node).await.unwrap_err();
            assert_eq!(refused, SupervisorError::Spec(expected));
            assert!(!refused.hint().as_str().is_empty());
            let outer = Supervisor::new(Strategy::OneForOne).child(ChildSpec::supervisor(atom("inner"), supervisor));
            assert!(matches!(outer.start(&node).await, Err(SupervisorError::NotStarted { .. })));
        }
        assert!(stage.events().is_empty());
    });
}

#[test]
fn a_name_is_the_supervisors_from_the_first_moment_and_free_after() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let supervisor = Supervisor::new(Strategy::OneForOne).named(NAME).child(stage.child("a"));
        let first = supervisor.start(&node).await.unwrap();
        assert!(matches!(supervisor.start(&node).await, Err(SupervisorError::Name(_))));
        assert_eq!(stage.events().len(), 1);
        let label = node.process_info(&node.whereis("sup").unwrap()).unwrap().label;
        assert_eq!(label, Some(atom("supervisor")));
        first.stop(&node).await.unwrap();
        supervisor.start(&node).await.unwrap();
    });
}

#[test]
fn a_linked_supervisor_ends_with_its_parent_for_whatever_reason() {
    block_on(async {
        let node = alone().await;
        for reason in ["normal", "broken"] {
            let stage = Stage::new();
            let supervisor = Supervisor::new(Strategy::OneForOne).named(NAME).child(stage.child("a"));
            let parent = node.spawn(move |mut process| async move {
                supervisor.start_link(&mut process).await.unwrap();
                process.register(Atom::fixed("parent")).unwrap();
                next_term(&mut process).await
            });
            eventually("it is started", || node.whereis("parent").is_some());
            let supervisor = node.whereis("sup").unwrap();
            let ended = super::stage::watch(&node, &countersign::otp::supervisor::SupervisorRef::of(supervisor));
            node.send(&parent, atom(reason)).await.unwrap();
            assert!(ended.await.is_atom(reason));
            assert_eq!(stage.events(), [Started("a"), Stopped("a")]);
        }
    });
}

#[test]
fn a_process_that_traps_exits_outlives_a_supervisor_that_does_not_start() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        stage.fail("a", 1);
        let supervisor = Supervisor::new(Strategy::OneForOne).child(stage.child("a"));
        found(node.run(move |mut process| async move {
            process.trap_exits(true);
            supervisor.start_link(&mut process).await.unwrap_err();
            assert!(matches!(process.receive().await, Mail::Exit(_)));
            let supervisor = supervisor.start_link(&mut process).await.unwrap();
            assert_eq!(supervisor.count_children(&mut process).await.unwrap().active, 1);
        }))
        .await;
    });
}

/// As after any other crash: the whole tree goes.
#[test]
fn a_supervisor_that_is_killed_takes_its_children_along_even_while_it_stops_one() {
    block_on(async {
        let node = alone().await;
        let (tell, told) = rt::channel::unbounded();
        let stubborn = ChildSpec::reporting(atom("stubborn"), move |mut process, ready| {
            let tell = tell.clone();
            async move {
                process.trap_exits(true);
                ready.ok();
                // It is asked to stop, and does not; but its supervisor's end is another matter.
                while let Mail::Exit(exited) = process.receive().await {
                    tell.send(exited.reason.clone()).await.unwrap();
                    if exited.reason.is_atom("killed") {
                        return;
                    }
                }
            }
        });
        let stubborn = stubborn.shutdown(countersign::otp::supervisor::Shutdown::Infinity);
        let supervisor = Supervisor::new(Strategy::OneForOne).named(NAME).child(stubborn).start(&node).await.unwrap();
        let child = pids(&node, &supervisor).await[0].clone();
        let stopping = node.run({
            let (node, supervisor): (Node, _) = (node.clone(), supervisor.clone());
            move |_| async move { supervisor.terminate_child(&node, atom("stubborn")).await }
        });
        assert!(rt::timeout(NEVER, told.recv()).await.unwrap().unwrap().is_atom("shutdown"));
        node.exit(&node.whereis("sup").unwrap(), atom("kill")).await.unwrap();
        assert!(rt::timeout(NEVER, told.recv()).await.unwrap().unwrap().is_atom("killed"));
        found(stopping).await.unwrap_err();
        eventually("the child has ended", || !node.is_alive(&child));
    });
}
