//! Nodes that dial each other at the same time, and what is known of nodes that come and go.

use crate::world::{NEVER, World, eventually, found, idle, name, next_term, there};
use countersign::etf::{Atom, atom};
use countersign::node::{Mail, Node};
use countersign::rt::{self, block_on};
use futures_util::future::{join, join_all};

/// Both ends have one link to each other, the same, and talk over it.
async fn is_one_link(one: &Node, other: &Node) {
    let (here, far) = (one.connect(other.name()).await.unwrap(), other.connect(one.name()).await.unwrap());
    assert_ne!(here.facts().dialled, far.facts().dialled);
    assert_eq!(here.transport().ends.local, far.transport().ends.peer, "two links instead of one");
    let (there, back) = join(one.ping(other.name()), other.ping(one.name())).await;
    assert!(there.is_ok() && back.is_ok(), "{there:?} {back:?}");
}

#[test]
fn two_nodes_that_dial_each_other_at_once_have_one_link() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let mut dialled_by_a = 0;
        for round in 0..200 {
            let both = rt::timeout(NEVER, join(a.connect(b.name()), b.connect(a.name()))).await.unwrap();
            assert!(both.0.is_ok() && both.1.is_ok(), "round {round}: {both:?}");
            is_one_link(&a, &b).await;
            assert_eq!((a.peers().len(), b.peers().len()), (1, 1), "round {round}");
            dialled_by_a += i32::from(a.peers()[0].facts().dialled);
            join(a.disconnect(b.name()), b.disconnect(a.name())).await;
        }
        // The larger name goes on when the two attempts do meet.
        assert!(dialled_by_a < 200, "they never met");
        assert_eq!(a.counters().accepted(), 200);
    });
}

#[test]
fn three_nodes_that_dial_each_other_at_once_have_three_links() {
    block_on(async {
        let world = World::new().await;
        let nodes = [world.node("a@localhost").await, world.node("b@localhost").await, world.node("c@localhost").await];
        for round in 0..50 {
            let pairs = || {
                nodes.iter().flat_map(|one| nodes.iter().map(move |other| (one, other))).filter(|(one, other)| one.name() != other.name())
            };
            let dials = rt::timeout(NEVER, join_all(pairs().map(|(one, other)| one.connect(other.name())))).await.unwrap();
            assert!(dials.iter().all(Result::is_ok), "round {round}: {dials:?}");
            for (one, other) in pairs() {
                is_one_link(one, other).await;
            }
            assert!(nodes.iter().all(|node| node.peers().len() == 2), "round {round}");
            join_all(pairs().map(|(one, other)| one.disconnect(other.name()))).await;
        }
    });
}

#[test]
fn messages_sent_from_both_sides_while_they_collide_all_arrive() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        for _ in 0..50 {
            let talk = |from: &Node, to: &Node| {
                let there = (Atom::fixed("net_kernel"), to.name().clone());
                from.run(move |mut process| async move {
                    let question = countersign::etf::tuple([atom("is_auth"), atom("x")]);
                    process.call(there, question, NEVER).await.map(|answer| answer.is_atom("yes"))
                })
            };
            let (one, other) = join(found(talk(&a, &b)), found(talk(&b, &a))).await;
            assert!(one.unwrap() && other.unwrap());
            a.disconnect(b.name()).await;
            eventually("both know that it is over", || b.peers().is_empty());
        }
    });
}

#[test]
fn a_node_is_up_then_heard_then_lost_then_down_and_then_up_again() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let far = idle(&b);
        let (near, node) = (a.name().clone(), b.name().clone());
        let leaving = b.clone();
        let watching = a.run(move |mut process| async move {
            process.trap_exits(true);
            process.monitor_nodes(true);
            process.register(Atom::fixed("watching")).unwrap();
            assert!(matches!(process.receive().await, Mail::NodeUp(event) if event.node == node && event.reason.is_none()));
            assert!(next_term(&mut process).await.is_atom("first"));
            process.link(&far).await;
            let reference = process.monitor(&far).await;
            rt::spawn("leaving", async move {
                leaving.disconnect(&near).await;
            })
            .unwrap()
            .detach();
            let losses = [process.receive().await, process.receive().await];
            assert!(losses.iter().any(|mail| matches!(mail, Mail::Exit(exited) if exited.reason.is_atom("noconnection"))), "{losses:?}");
            assert!(losses.iter().any(|mail| mail.down(&reference).is_some_and(|down| down.reason.is_atom("noconnection"))), "{losses:?}");
            assert!(matches!(process.receive().await, Mail::NodeDown(event) if event.node == node && event.reason.is_some()));
            process.send(&far, atom("again")).await.unwrap();
            assert!(matches!(process.receive().await, Mail::NodeUp(event) if event.node == node));
            process.monitor_nodes(false);
        });
        eventually("it watches", || a.whereis("watching").is_some());
        b.send(there("watching", &a), atom("first")).await.unwrap();
        found(watching).await;
    });
}

#[test]
fn a_node_that_comes_and_goes_is_never_up_twice_nor_down_twice() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let watching = a.run(|mut process| async move {
            process.monitor_nodes(true);
            process.register(Atom::fixed("watching")).unwrap();
            for round in 0..100 {
                let mail = process.receive().await;
                assert!(matches!((&mail, round % 2), (Mail::NodeUp(_), 0) | (Mail::NodeDown(_), 1)), "{round}: {mail:?}");
            }
        });
        eventually("it watches", || a.whereis("watching").is_some());
        for round in 0..50 {
            let (one, other) = if round % 2 == 0 { (&a, &b) } else { (&b, &a) };
            one.ping(other.name()).await.unwrap();
            other.disconnect(one.name()).await;
        }
        found(watching).await;
    });
}

#[test]
fn whoever_watches_a_node_is_told_once_of_its_end_and_at_once_if_it_cannot_be_reached() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let node = a.clone();
        let far = b.name().clone();
        found(a.run(move |mut process| async move {
            let nobody = name("nobody@localhost");
            process.monitor_node(&nobody).await;
            assert!(matches!(process.receive().await, Mail::NodeDown(event) if event.node == nobody));
            process.monitor_node(&far).await;
            process.monitor_node(&far).await;
            process.monitor_node(&far).await;
            process.demonitor_node(&far);
            node.disconnect(&far).await;
            for _ in 0..2 {
                assert!(matches!(process.receive().await, Mail::NodeDown(event) if event.node == far));
            }
            node.ping(&far).await.unwrap();
            node.disconnect(&far).await;
            assert_eq!(process.waiting(), 0);
        }))
        .await;
    });
}
