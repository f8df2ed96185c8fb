//! Who watches hears of every change, in order, or that it will hear of no more.

use super::pg;
use crate::world::{World, alone, alone_with, found, idle};
use countersign::etf::{Pid, Term, atom, tuple};
use countersign::node::Process;
use countersign::otp::pg::{Change, Watching};
use countersign::rt::block_on;

fn joined(group: &'static str, pids: &[&Pid]) -> Option<Change> {
    Some(Change::Joined { group: atom(group), pids: pids.iter().copied().cloned().collect() })
}

fn left(group: &'static str, pids: &[&Pid]) -> Option<Change> {
    Some(Change::Left { group: atom(group), pids: pids.iter().copied().cloned().collect() })
}

async fn next(process: &mut Process, watching: &Watching) -> Option<Change> {
    watching.change(&process.receive().await)
}

#[test]
fn changes_come_in_order_and_begin_after_what_was_known() {
    block_on(async {
        let node = alone().await;
        let (scope, one, other) = (pg(&node).await, idle(&node), idle(&node));
        let (room, ender) = (scope.clone(), node.clone());
        found(node.run(move |mut process| async move {
            room.join(atom("g"), &one).await.unwrap();
            let (watching, known) = room.watch(process.pid()).await.unwrap();
            assert_eq!(
                known.iter().map(|(group, pids)| (group.clone(), pids.to_vec())).collect::<Vec<_>>(),
                [(atom("g"), vec![one.clone()])]
            );
            let (of_one, members) = room.watch_group(atom("h"), process.pid()).await.unwrap();
            assert!(members.is_empty());
            room.join_many(atom("g"), [one.clone(), other.clone()]).await.unwrap();
            assert_eq!(next(&mut process, &watching).await, joined("g", &[&one, &other]));
            room.leave(atom("g"), &one).await.unwrap();
            assert_eq!(next(&mut process, &watching).await, left("g", &[&one]));
            // Who leaves what it is not in moves nobody.
            room.leave(atom("nothing"), &one).await.unwrap();
            room.join(atom("h"), &other).await.unwrap();
            assert_eq!(next(&mut process, &watching).await, joined("h", &[&other]));
            assert_eq!(next(&mut process, &of_one).await, joined("h", &[&other]));
            assert_eq!(room.unwatch(&of_one).await, Ok(true));
            assert_eq!(room.unwatch(&of_one).await, Ok(false));
            room.leave(atom("h"), &other).await.unwrap();
            assert_eq!(next(&mut process, &watching).await, left("h", &[&other]));
            ender.exit(&one, atom("kill")).await.unwrap();
            assert_eq!(next(&mut process, &watching).await, left("g", &[&one]));
            assert_eq!(process.waiting(), 0);
        }))
        .await;
        node.stop().await;
    });
}

#[test]
fn the_end_of_a_scope_is_told() {
    block_on(async {
        let node = alone().await;
        let (scope, one) = (pg(&node).await, idle(&node));
        let room = scope.clone();
        found(node.run(move |mut process| async move {
            room.join(atom("g"), &one).await.unwrap();
            let (watching, _) = room.watch(process.pid()).await.unwrap();
            room.stop().await;
            assert_eq!(next(&mut process, &watching).await, Some(Change::Lost));
        }))
        .await;
        node.stop().await;
    });
}

#[test]
fn who_has_no_room_is_told_once_and_may_watch_again() {
    block_on(async {
        let node = alone_with(|options| options.limits.mailbox = 3).await;
        let (scope, one) = (pg(&node).await, idle(&node));
        let room = scope.clone();
        found(node.run(move |mut process| async move {
            let (watching, _) = room.watch(process.pid()).await.unwrap();
            for _ in 0..10 {
                room.join(atom("g"), &one).await.unwrap();
            }
            for _ in 0..3 {
                assert_eq!(next(&mut process, &watching).await, joined("g", &[&one]));
            }
            assert_eq!(next(&mut process, &watching).await, Some(Change::Lost));
            assert_eq!(process.waiting(), 0);
            let (again, known) = room.watch(process.pid()).await.unwrap();
            assert_eq!(known[0].1.len(), 10);
            room.leave(atom("g"), &one).await.unwrap();
            assert_eq!(next(&mut process, &again).await, left("g", &[&one]));
        }))
        .await;
        node.stop().await;
    });
}

#[test]
fn changes_at_peers_are_told_and_those_that_a_peer_makes_up_are_not() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let (here, there) = (pg(&a).await, pg(&b).await);
        let guest = idle(&b);
        b.connect(a.name()).await.unwrap();
        let (from, liar) = (guest.clone(), b.clone());
        found(a.run(move |mut process| async move {
            let (watching, _) = here.watch_group(atom("g"), process.pid()).await.unwrap();
            there.join(atom("g"), &from).await.unwrap();
            assert_eq!(next(&mut process, &watching).await, joined("g", &[&from]));
            let forged = [watching.reference().clone().into(), atom("leave"), atom("g"), Term::from(vec![from.clone().into()])];
            liar.send(process.pid(), tuple(forged)).await.unwrap();
            let mail = process.receive().await;
            assert!(mail.term().is_some() && watching.change(&mail).is_none());
            // All that a lost node had at once.
            liar.disconnect(process.node()).await;
            assert_eq!(next(&mut process, &watching).await, left("g", &[&from]));
        }))
        .await;
        a.stop().await;
        b.stop().await;
    });
}
