//! What a supervisor is told to do with its children, and who may tell it.

use super::stage::{NAME, Stage, end, pids};
use crate::raw::Raw;
use crate::world::{NEVER, World, alone, eventually, found};
use countersign::dist::control::{RegSend, Unused};
use countersign::etf::{Term, atom, tuple};
use countersign::failure::{Code, Failure};
use countersign::node::Node;
use countersign::node::rpc::Callers;
use countersign::otp::supervisor::{
    ChildError, ChildKind, ChildSpec, ChildState, Count, Restart, Started, Strategy, Supervisor, SupervisorRef,
};
use countersign::rt::block_on;

#[test]
fn a_child_can_be_added_stopped_started_and_forgotten() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let supervisor = Supervisor::new(Strategy::OneForOne).child(stage.child("a")).start(&node).await.unwrap();
        let Started::Running(b) = supervisor.start_child(&node, stage.child("b")).await.unwrap() else { panic!("ignored") };
        let again = supervisor.start_child(&node, stage.child("b")).await.unwrap_err();
        assert!(matches!(again, ChildError::AlreadyStarted { pid, .. } if pid == b));
        assert!(matches!(supervisor.restart_child(&node, atom("b")).await, Err(ChildError::Running(_))));
        assert!(matches!(supervisor.delete_child(&node, atom("b")).await, Err(ChildError::Running(_))));

        supervisor.terminate_child(&node, atom("b")).await.unwrap();
        assert!(!node.is_alive(&b));
        supervisor.terminate_child(&node, atom("b")).await.unwrap();
        assert!(matches!(supervisor.start_child(&node, stage.child("b")).await, Err(ChildError::AlreadyPresent(_))));
        stage.fail("b", 1);
        let failed = supervisor.restart_child(&node, atom("b")).await.unwrap_err();
        assert_eq!(failed.to_string(), "the child b does not start: not_today");
        assert!(matches!(supervisor.restart_child(&node, atom("b")).await, Ok(Started::Running(_))));
        supervisor.terminate_child(&node, atom("b")).await.unwrap();
        supervisor.delete_child(&node, atom("b")).await.unwrap();
        for error in [
            supervisor.terminate_child(&node, atom("b")).await.unwrap_err(),
            supervisor.restart_child(&node, atom("b")).await.unwrap_err(),
            supervisor.delete_child(&node, atom("b")).await.unwrap_err(),
        ] {
            assert!(matches!(error, ChildError::NotFound(_)) && error.code() == Code::Unreachable, "{error}");
        }
        let children = supervisor.which_children(&node).await.unwrap();
        assert!(matches!(&children[..], [a] if a.id.is_atom("a") && a.kind == ChildKind::Worker));
    });
}

#[test]
fn a_temporary_child_that_is_stopped_is_forgotten_with_its_specification() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let supervisor = Supervisor::new(Strategy::OneForOne).start(&node).await.unwrap();
        for _ in 0..3 {
            supervisor.start_child(&node, stage.child("job").restart(Restart::Temporary)).await.unwrap();
            supervisor.terminate_child(&node, atom("job")).await.unwrap();
        }
        supervisor.start_child(&node, stage.child("job").restart(Restart::Temporary)).await.unwrap();
        end(&node, &pids(&node, &supervisor).await[0], atom("broken")).await;
        assert_eq!(supervisor.count_children(&node).await.unwrap(), Count::default());
    });
}

#[test]
fn a_child_that_is_being_restarted_is_shown_as_such_and_can_be_stopped() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let supervisor = Supervisor::new(Strategy::OneForOne).intensity(usize::MAX, NEVER).child(stage.child("a")).child(stage.child("b"));
        let supervisor = supervisor.start(&node).await.unwrap();
        stage.fail("a", usize::from(u16::MAX));
        end(&node, &pids(&node, &supervisor).await[0], atom("broken")).await;
        let state = || block_on(supervisor.which_children(&node)).unwrap()[0].state.clone();
        assert_eq!(state(), ChildState::Restarting);
        assert!(matches!(supervisor.restart_child(&node, atom("a")).await, Err(ChildError::Restarting(_))));
        assert!(matches!(supervisor.delete_child(&node, atom("a")).await, Err(ChildError::Restarting(_))));
        supervisor.terminate_child(&node, atom("a")).await.unwrap();
        assert_eq!(state(), ChildState::Stopped);
        assert_eq!(supervisor.count_children(&node).await.unwrap(), Count { specs: 2, active: 1, supervisors: 0, workers: 2 });
    });
}

#[test]
fn a_supervisor_below_another_takes_children_by_its_pid_alone_and_from_its_own_processes() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let inner = ChildSpec::supervisor(atom("inner"), Supervisor::new(Strategy::OneForOne));
        let outer = Supervisor::new(Strategy::OneForOne).child(inner).start(&node).await.unwrap();
        let inner = SupervisorRef::of(pids(&node, &outer).await[0].clone());
        let child = stage.child("leaf");
        found(node.run({
            let inner = inner.clone();
            move |mut process| async move {
                inner.start_child(&mut process, child).await.unwrap();
                assert_eq!(inner.which_children(&mut process).await.unwrap().len(), 1);
            }
        }))
        .await;
        let count = outer.count_children(&node).await.unwrap();
        assert_eq!(count, Count { specs: 1, active: 1, supervisors: 1, workers: 0 });
        let leaf = pids(&node, &inner).await;
        outer.stop(&node).await.unwrap();
        assert!(!node.is_alive(&leaf[0]));
    });
}

#[test]
fn peers_may_look_and_no_more_unless_they_are_let() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let there = SupervisorRef::of((NAME, a.name()));
        for may_change in [false, true] {
            let stage = Stage::new();
            let supervisor = Supervisor::new(Strategy::OneForOne).named(NAME).peers_may_change(may_change).child(stage.child("x"));
            let here = supervisor.start(&a).await.unwrap();
            let mut seen = there.which_children(&b).await.unwrap();
            assert_eq!(seen.remove(0), here.which_children(&a).await.unwrap()[0]);
            assert_eq!(there.count_children(&b).await.unwrap().active, 1);
            assert!(matches!(there.start_child(&b, stage.child("y")).await, Err(ChildError::Elsewhere | ChildError::NotAllowed)));
            let stopped = there.terminate_child(&b, atom("x")).await;
            assert_eq!(matches!(stopped, Err(ChildError::NotAllowed)), !may_change, "{stopped:?}");
            assert_eq!(pids(&a, &here).await.is_empty(), may_change);
            // Nor can it be stopped, or be told to try something again.
            assert!(there.stop(&b).await.is_err());
            let again = tuple([atom("$gen_cast"), tuple([atom("try_again_restart"), atom("x")])]);
            b.send((NAME, a.name()), again).await.unwrap();
            assert_eq!(there.count_children(&b).await.unwrap().specs, 1);
            here.stop(&a).await.unwrap();
            eventually("the name is free", || a.whereis("sup").is_none());
        }
        a.stop().await;
        b.stop().await;
    });
}

#[test]
fn a_list_lets_some_peers_change_children_and_others_not() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let there = SupervisorRef::of((NAME, a.name()));
        for (entry, may_change) in [("dns:localhost", true), ("dns:elsewhere.example", false), ("uri:erl:b@localhost", false)] {
            let stage = Stage::new();
            let supervisor = Supervisor::new(Strategy::OneForOne).named(NAME).child(stage.child("x"));
            let here = supervisor.callers_may_change(Callers::matching([entry]).unwrap()).start(&a).await.unwrap();
            let stopped = there.terminate_child(&b, atom("x")).await;
            assert_eq!(stopped.is_ok(), may_change, "{entry}: {stopped:?}");
            here.stop(&a).await.unwrap();
            eventually("the name is free", || a.whereis("sup").is_none());
        }
        a.stop().await;
        b.stop().await;
    });
}

/// Its answers wait for it, and nobody else does.
#[test]
fn a_peer_that_asks_and_does_not_read_keeps_no_supervisor_from_its_children() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        let stage = Stage::new();
        let bulky = ChildSpec::worker(Term::from(vec![b'x'; 64 * 1024].as_slice()), |mut process| async move {
            process.receive_where(|_| false).await;
        });
        let supervisor = Supervisor::new(Strategy::OneForOne).named(NAME).child(bulky).child(stage.child("b"));
        let supervisor = supervisor.start(&a).await.unwrap();
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let from = raw.pid(1);
        let request = tuple([atom("$gen_call"), tuple([Term::from(from.clone()), atom("tag")]), atom("which_children")]);
        for _ in 0..500 {
            raw.say(RegSend { from: from.clone(), unused: Unused, to: NAME }, Some(&request)).await;
        }
        let before = pids(&a, &supervisor).await;
        end(&a, &before[1], atom("broken")).await;
        assert_ne!(pids(&a, &supervisor).await[1], before[1]);
        assert_eq!(a.peers().len(), 1, "it is still there");
        drop(raw);
        supervisor.stop(&a).await.unwrap();
        a.stop().await;
    });
}

#[test]
fn what_is_asked_in_other_words_is_refused_and_does_no_harm() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let supervisor = Supervisor::new(Strategy::OneForOne).child(stage.child("a")).start(&node).await.unwrap();
        let asked = |what: Term| async { node.call(supervisor.whom().clone(), what, NEVER).await.unwrap().to_string() };
        for what in [atom("nonsense"), tuple([atom("start_child"), atom("x")]), tuple([atom("start_child"), Term::from(1)]), Term::nil()] {
            assert_eq!(asked(what).await, "{error,notsup}");
        }
        assert_eq!(asked(tuple([atom("dance"), atom("a")])).await, "{error,notsup}");
        assert_eq!(asked(tuple([atom("delete_child"), atom("a")])).await, "{error,running}");
        assert_eq!(pids(&node, &supervisor).await.len(), 1);
    });
}

#[test]
fn whom_one_takes_for_a_supervisor_may_be_none() {
    block_on(async {
        let node: Node = alone().await;
        let none = SupervisorRef::of(countersign::etf::Atom::fixed("countersign"));
        assert!(matches!(none.which_children(&node).await, Err(ChildError::Strange { .. })));
        let nobody = SupervisorRef::of(countersign::etf::Atom::fixed("nobody"));
        assert!(matches!(nobody.count_children(&node).await, Err(ChildError::Call(_))));
    });
}
