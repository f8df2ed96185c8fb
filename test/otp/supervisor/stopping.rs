//! How children are stopped.

use super::stage::Event::Stopped;
use super::stage::{Stage, pids};
use crate::world::{NEVER, OWN_PROCESSES, alone, eventually};
use countersign::etf::{Term, atom};
use countersign::node::{Mail, Node};
use countersign::otp::supervisor::{ChildSpec, Shutdown, Strategy, Supervisor};
use countersign::rt::{self, block_on};
use std::time::Duration;

/// A child that never ends by itself, whoever asks; and what it is asked for.
fn deaf(shutdown: Shutdown) -> (ChildSpec, rt::channel::Receiver<Term>) {
    let (tell, told) = rt::channel::unbounded();
    let spec = ChildSpec::reporting(atom("deaf"), move |mut process, ready| {
        let tell = tell.clone();
        async move {
            process.trap_exits(true);
            ready.ok();
            loop {
                if let Mail::Exit(exited) = process.receive().await {
                    tell.send(exited.reason).await.unwrap();
                }
            }
        }
    });
    (spec.shutdown(shutdown), told)
}

async fn stopped(node: &Node, spec: ChildSpec) -> bool {
    let supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start(node).await.unwrap();
    let child = pids(node, &supervisor).await[0].clone();
    rt::timeout(NEVER, supervisor.stop(node)).await.unwrap().unwrap();
    !node.is_alive(&child)
}

#[test]
fn a_child_that_does_not_end_in_its_time_is_killed() {
    block_on(async {
        let node = alone().await;
        let (spec, asked) = deaf(Shutdown::Within(Duration::from_millis(20)));
        assert!(stopped(&node, spec).await);
        assert!(asked.recv().await.unwrap().is_atom("shutdown"));
    });
}

#[test]
fn a_child_that_is_to_be_killed_is_not_asked() {
    block_on(async {
        let node = alone().await;
        let (spec, asked) = deaf(Shutdown::Brutal);
        assert!(stopped(&node, spec).await);
        assert!(asked.try_recv().is_err());
    });
}

#[test]
fn a_child_that_needs_its_time_is_waited_for() {
    block_on(async {
        let node = alone().await;
        let (tell, told) = rt::channel::unbounded();
        let (go, gone) = rt::channel::bounded::<()>(1);
        let thorough = ChildSpec::reporting(atom("thorough"), move |mut process, ready| {
            let (tell, gone) = (tell.clone(), gone.clone());
            async move {
                process.trap_exits(true);
                ready.ok();
                process.receive().await;
                tell.send("asked").await.unwrap();
                gone.recv().await.unwrap_err();
                tell.send("done").await.unwrap();
            }
        });
        let supervisor = Supervisor::new(Strategy::OneForOne).child(thorough.shutdown(Shutdown::Infinity)).start(&node).await.unwrap();
        let stopping = node.run({
            let node = node.clone();
            move |_| async move { supervisor.stop(&node).await }
        });
        assert_eq!(rt::timeout(NEVER, told.recv()).await.unwrap(), Ok("asked"));
        drop(go);
        assert_eq!(rt::timeout(NEVER, told.recv()).await.unwrap(), Ok("done"));
        crate::world::found(stopping).await.unwrap();
    });
}

#[test]
fn a_whole_tree_stops_from_its_last_leaf_to_its_first() {
    block_on(async {
        let (node, stage) = (alone().await, Stage::new());
        let inner = Supervisor::new(Strategy::OneForOne).child(stage.child("b")).child(stage.child("c"));
        let tree = Supervisor::new(Strategy::OneForOne)
            .child(stage.child("a"))
            .child(ChildSpec::supervisor(atom("inner"), inner))
            .child(stage.child("d"));
        let tree = tree.start(&node).await.unwrap();
        stage.events();
        tree.stop(&node).await.unwrap();
        assert_eq!(stage.events(), ["d", "c", "b", "a"].map(Stopped));
        eventually("only the node's own processes are left", || node.processes().len() == OWN_PROCESSES);
    });
}
