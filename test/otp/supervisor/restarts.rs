//! Who is started again, and when it is too much.

use super::stage::Event::{Started, Stopped};
use super::stage::{Event, Stage, end, pids, watch};
use crate::world::{alone, eventually};
use countersign::etf::{Term, atom, tuple};
use countersign::node::Node;
use countersign::otp::supervisor::{AutoShutdown, ChildSpec, ChildState, Restart, Strategy, Supervisor, SupervisorRef};
use countersign::rt::block_on;
use std::time::Duration;

const THREE: [&str; 3] = ["a", "b", "c"];

async fn three(node: &Node, stage: &Stage, strategy: Strategy, restart: Restart) -> SupervisorRef {
    let supervisor = Supervisor::new(strategy).timed_by(stage.clock()).intensity(2, Duration::from_secs(5));
    let supervisor = THREE.iter().fold(supervisor, |supervisor, id| supervisor.child(stage.child(id).restart(restart)));
    let started = supervisor.start(node).await.unwrap();
    assert_eq!(stage.events(), THREE.map(Started));
    started
}

#[test]
fn each_strategy_starts_again_whom_it_should() {
    let expected: [(Strategy, &[Event]); 3] = [
        (Strategy::OneForOne, &[Started("b")]),
        (Strategy::OneForAll, &[Stopped("c"), Stopped("a"), Started("a"), Started("b"), Started("c")]),
        (Strategy::RestForOne, &[Stopped("c"), Started("b"), Started("c")]),
    ];
    block_on(async {
        let node = alone().await;
        for (strategy, events) in expected {
            let stage = Stage::new();
            let supervisor = three(&node, &stage, strategy, Restart::Permanent).await;
            let before = pids(&node, &supervisor).await;
            end(&node, &before[1], atom("broken")).await;
            let after = pids(&node, &supervisor).await;
            assert_eq!(stage.events(), events, "{strategy:?}");
            assert!(after.len() == 3 && after[1] != before[1]);
            assert_eq!(after[0] == before[0], strategy != Strategy::OneForAll);
            supervisor.stop(&node).await.unwrap();
            assert_eq!(stage.events(), [Stopped("c"), Stopped("b"), Stopped("a")]);
        }
    });
}

#[test]
fn a_transient_child_is_started_again_if_it_ended_badly_and_a_temporary_one_never() {
    block_on(async {
        let node = alone().await;
        let reasons =
            [(atom("normal"), false), (atom("shutdown"), false), (tuple([atom("shutdown"), atom("x")]), false), (atom("broken"), true)];
        for (reason, is_again) in reasons {
            for restart in [Restart::Transient, Restart::Temporary] {
                let stage = Stage::new();
                let supervisor = three(&node, &stage, Strategy::OneForAll, restart).await;
                end(&node, &pids(&node, &supervisor).await[0], reason.clone()).await;
                let children = supervisor.which_children(&node).await.unwrap();
                let again = restart == Restart::Transient && is_again;
                assert_eq!(stage.events().is_empty(), !again, "{restart:?} {reason}");
                assert_eq!(children.len(), if restart == Restart::Temporary { 2 } else { 3 });
                assert_eq!(children[0].state == ChildState::Stopped, restart == Restart::Transient && !again);
                supervisor.stop(&node).await.unwrap();
            }
        }
    });
}

#[test]
fn temporary_children_that_are_stopped_with_others_are_forgotten() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let supervisor = Supervisor::new(Strategy::OneForAll)
            .child(stage.child("a").restart(Restart::Temporary))
            .child(stage.child("b"))
            .child(stage.child("c").restart(Restart::Temporary));
        let supervisor = supervisor.start(&node).await.unwrap();
        stage.events();
        end(&node, &pids(&node, &supervisor).await[1], atom("broken")).await;
        assert_eq!(pids(&node, &supervisor).await.len(), 1);
        assert_eq!(stage.events(), [Stopped("c"), Stopped("a"), Started("b")]);
    });
}

#[test]
fn with_one_restart_too_many_in_its_period_it_gives_up_and_ends_everything() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let supervisor = three(&node, &stage, Strategy::OneForOne, Restart::Permanent).await;
        let ended = watch(&node, &supervisor);
        for seconds in [0, 3, 3, 3] {
            stage.later(Duration::from_secs(seconds));
            end(&node, &pids(&node, &supervisor).await[2], atom("broken")).await;
            assert_eq!(pids(&node, &supervisor).await.len(), 3);
        }
        stage.events();
        // The third within five seconds.
        let children = pids(&node, &supervisor).await;
        end(&node, &children[2], atom("broken")).await;
        assert!(ended.await.is_atom("shutdown"));
        assert_eq!(stage.events(), [Stopped("b"), Stopped("a")]);
        assert!(children.iter().all(|child| !node.is_alive(child)));
    });
}

#[test]
fn a_supervisor_that_gives_up_is_started_again_by_its_own() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let inner = Supervisor::new(Strategy::OneForOne).intensity(0, Duration::from_secs(1)).child(stage.child("leaf"));
        let outer = Supervisor::new(Strategy::RestForOne)
            .timed_by(stage.clock())
            .child(stage.child("first"))
            .child(ChildSpec::supervisor(atom("inner"), inner))
            .child(stage.child("last"));
        let outer = outer.start(&node).await.unwrap();
        assert_eq!(stage.events(), ["first", "leaf", "last"].map(Started));
        let ended = watch(&node, &outer);
        for is_last in [false, true] {
            let inner = SupervisorRef::of(pids(&node, &outer).await[1].clone());
            let (leaf, gone) = (pids(&node, &inner).await, watch(&node, &inner));
            end(&node, &leaf[0], atom("broken")).await;
            assert!(gone.await.is_atom("shutdown"));
            if !is_last {
                assert_eq!(pids(&node, &outer).await.len(), 3);
                assert_eq!(stage.events(), [Stopped("last"), Started("leaf"), Started("last")]);
            }
        }
        // One restart is what it bears.
        assert!(ended.await.is_atom("shutdown"));
        assert_eq!(stage.events(), [Stopped("last"), Stopped("first")]);
    });
}

#[test]
fn a_child_that_does_not_start_again_is_tried_again_and_each_time_counts() {
    block_on(async {
        let node = alone().await;
        for (strategy, failures) in
            [(Strategy::OneForOne, 2), (Strategy::RestForOne, 2), (Strategy::OneForAll, 2), (Strategy::OneForAll, 9)]
        {
            let stage = Stage::new();
            let supervisor = Supervisor::new(strategy).timed_by(stage.clock()).intensity(5, Duration::from_secs(5));
            let supervisor = THREE.iter().fold(supervisor, |supervisor, id| supervisor.child(stage.child(id)));
            let supervisor = supervisor.start(&node).await.unwrap();
            let ended = watch(&node, &supervisor);
            stage.fail("b", failures);
            end(&node, &pids(&node, &supervisor).await[1], atom("broken")).await;
            if failures > 5 {
                assert!(ended.await.is_atom("shutdown"));
                continue;
            }
            eventually("all run", || block_on(pids(&node, &supervisor)).len() == 3);
            supervisor.stop(&node).await.unwrap();
        }
    });
}

#[test]
fn significant_children_take_their_supervisor_along() {
    block_on(async {
        let node = alone().await;
        for (auto_shutdown, needed) in [(AutoShutdown::AnySignificant, 1), (AutoShutdown::AllSignificant, 2)] {
            let stage = Stage::new();
            let supervisor = Supervisor::new(Strategy::OneForOne)
                .auto_shutdown(auto_shutdown)
                .timed_by(stage.clock())
                .child(stage.child("a").restart(Restart::Transient).significant())
                .child(stage.child("b"))
                .child(stage.child("c").restart(Restart::Temporary).significant());
            let supervisor = supervisor.start(&node).await.unwrap();
            let ended = watch(&node, &supervisor);
            // One that is started again has not done what it was for.
            end(&node, &pids(&node, &supervisor).await[0], atom("broken")).await;
            assert_eq!(pids(&node, &supervisor).await.len(), 3);
            let children = pids(&node, &supervisor).await;
            end(&node, &children[2], atom("broken")).await;
            if needed == 2 {
                assert_eq!(pids(&node, &supervisor).await.len(), 2);
                end(&node, &children[0], atom("normal")).await;
            }
            assert!(ended.await.is_atom("shutdown"));
            assert!(!node.is_alive(&children[1]));
        }
    });
}

#[test]
fn the_end_of_a_process_that_is_no_child_means_nothing() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let supervisor = three(&node, &stage, Strategy::OneForAll, Restart::Permanent).await;
        let whom = supervisor.whom().clone();
        let countersign::node::Destination::Pid(pid) = whom else { panic!("{whom}") };
        crate::world::found(node.run(move |mut process| async move {
            process.link(&pid).await;
            process.exit(&pid, atom("shutdown")).await.unwrap();
            process.send(&pid, Term::from("nonsense")).await.unwrap();
            process.send(&pid, tuple([atom("$gen_cast"), tuple([atom("try_again_restart"), atom("a")])])).await.unwrap();
        }))
        .await;
        assert_eq!(pids(&node, &supervisor).await.len(), 3);
        assert!(stage.events().is_empty());
    });
}
