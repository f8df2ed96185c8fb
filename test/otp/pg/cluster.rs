//! The same scope at several nodes.

use super::{curious, holds, patient, pg};
use crate::world::{World, eventually, idle, next_term, obedient};
use countersign::etf::{Atom, Pid, atom};
use countersign::node::{Node, NodeOptions, Visibility};
use countersign::otp::pg::Scope;
use countersign::rt::block_on;
use std::slice::from_ref;

/// Two nodes of these kinds, linked, with a scope each that never looks around of itself.
async fn two(world: &World, visible: bool) -> [(Node, Scope); 2] {
    let visibility = if visible { Visibility::Visible } else { Visibility::Hidden };
    let options = || NodeOptions { visibility, ..world.secure() };
    let a = Node::start("a@localhost", options()).await.unwrap();
    let b = Node::start("b@localhost", options()).await.unwrap();
    let (here, there) = (patient(&a).await, patient(&b).await);
    a.connect(b.name()).await.unwrap();
    [(a, here), (b, there)]
}

/// One process of each of two nodes, both of which are in the group `g`, as both nodes know.
async fn both_in_g(world: &World) -> ([(Node, Scope); 2], [Pid; 2]) {
    let [(a, here), (b, there)] = two(world, false).await;
    let (one, other) = (idle(&a), idle(&b));
    here.join(atom("g"), &one).await.unwrap();
    there.join(atom("g"), &other).await.unwrap();
    for scope in [&here, &there] {
        holds(scope, &atom("g"), &[&one, &other]);
    }
    ([(a, here), (b, there)], [one, other])
}

#[test]
fn every_node_sees_who_is_where_hidden_or_not() {
    block_on(async {
        for visible in [false, true] {
            let world = World::new().await;
            let [(a, here), (b, there)] = two(&world, visible).await;
            let (one, other) = (idle(&a), idle(&b));
            here.join(atom("g"), &one).await.unwrap();
            there.join_many(atom("g"), [other.clone(), other.clone()]).await.unwrap();
            for scope in [&here, &there] {
                holds(scope, &atom("g"), &[&one, &other, &other]);
            }
            assert_eq!(*here.local_members(&atom("g")), *from_ref(&one));
            assert_eq!(there.local_members(&atom("g")).len(), 2);
            there.leave(atom("g"), &other).await.unwrap();
            holds(&here, &atom("g"), &[&one, &other]);
            here.leave(atom("g"), &one).await.unwrap();
            there.leave(atom("g"), &other).await.unwrap();
            for scope in [&here, &there] {
                eventually("nobody is in any group", || scope.groups().is_empty());
            }
            assert_eq!((here.ignored(), there.ignored()), (0, 0));
            a.stop().await;
            b.stop().await;
        }
    });
}

#[test]
fn whoever_comes_later_is_told_all() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let (here, one) = (patient(&a).await, idle(&a));
        here.join_many(atom("g"), [one.clone(), one.clone()]).await.unwrap();
        here.join(atom("h"), &one).await.unwrap();
        a.connect(b.name()).await.unwrap();
        // The link is there before the scope.
        let (there, other) = (patient(&b).await, idle(&b));
        there.join(atom("g"), &other).await.unwrap();
        for scope in [&here, &there] {
            holds(scope, &atom("g"), &[&one, &one, &other]);
            holds(scope, &atom("h"), &[&one]);
        }
        a.stop().await;
        b.stop().await;
    });
}

#[test]
fn who_ends_is_gone_everywhere_and_from_every_group() {
    block_on(async {
        let world = World::new().await;
        let [(a, here), (b, there)] = two(&world, false).await;
        let (one, other) = (obedient(&a), idle(&a));
        for group in ["g", "g", "h"] {
            here.join_many(atom(group), [one.clone(), other.clone()]).await.unwrap();
        }
        holds(&there, &atom("h"), &[&one, &other]);
        b.send(&one, atom("normal")).await.unwrap();
        holds(&there, &atom("g"), &[&other, &other]);
        holds(&there, &atom("h"), &[&other]);
        a.stop().await;
        b.stop().await;
    });
}

#[test]
fn a_lost_node_takes_its_processes_with_it_and_brings_them_back() {
    block_on(async {
        let world = World::new().await;
        let ([(a, here), (b, there)], [one, other]) = both_in_g(&world).await;
        for _ in 0..5 {
            holds(&here, &atom("g"), &[&one, &other]);
            holds(&there, &atom("g"), &[&one, &other]);
            a.disconnect(b.name()).await;
            holds(&here, &atom("g"), &[&one]);
            holds(&there, &atom("g"), &[&other]);
            b.connect(a.name()).await.unwrap();
        }
        b.stop().await;
        holds(&here, &atom("g"), &[&one]);
        a.stop().await;
    });
}

#[test]
fn a_scope_that_starts_again_is_told_all_and_what_it_had_is_gone() {
    block_on(async {
        let world = World::new().await;
        let ([(a, here), (b, there)], [one, other]) = both_in_g(&world).await;
        there.stop().await;
        holds(&here, &atom("g"), &[&one]);
        let again = patient(&b).await;
        holds(&again, &atom("g"), &[&one]);
        again.join(atom("h"), &other).await.unwrap();
        holds(&here, &atom("h"), &[&other]);
        holds(&here, &atom("g"), &[&one]);
        a.stop().await;
        b.stop().await;
    });
}

#[test]
fn scopes_of_other_names_hear_nothing() {
    block_on(async {
        let world = World::new().await;
        let [(a, here), (b, there)] = two(&world, false).await;
        let other = Scope::start(&b, "other").await.unwrap();
        let one = idle(&a);
        here.join(atom("g"), &one).await.unwrap();
        holds(&there, &atom("g"), &[&one]);
        assert!(other.groups().is_empty());
        a.stop().await;
        b.stop().await;
    });
}

/// OTP tells nobody of a hidden node, so a process of its that becomes a scope later does not look for us.
#[test]
fn one_that_does_not_look_for_us_is_looked_for() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let (here, one) = (curious(&a).await, idle(&a));
        here.join(atom("g"), &one).await.unwrap();
        a.connect(b.name()).await.unwrap();
        // One may be asked because the link is new; the others are because it is looked again.
        for _ in 0..3 {
            let silent = b.spawn(|mut process| async move {
                process.register(Atom::fixed("pg")).unwrap();
                next_term(&mut process).await
            });
            eventually("it has been asked", || b.whereis("pg").is_none() && !b.is_alive(&silent));
        }
        a.stop().await;
        b.stop().await;
    });
}

#[test]
fn a_peer_is_not_dialled_for_the_sake_of_a_group() {
    block_on(async {
        let world = World::new().await;
        let ([(a, here), (b, _there)], [one, _]) = both_in_g(&world).await;
        a.disconnect(b.name()).await;
        here.join(atom("h"), &one).await.unwrap();
        holds(&here, &atom("g"), &[&one]);
        // It is done with all of that when it answers this.
        here.leave(atom("h"), &one).await.unwrap();
        assert!(a.peers().is_empty() && b.peers().is_empty());
        a.stop().await;
        b.stop().await;
    });
}

#[test]
fn a_large_scope_arrives_whole() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let (here, there) = (pg(&a).await, pg(&b).await);
        let many: Vec<_> = (0..200).map(|_| idle(&a)).collect();
        for number in 0..500 {
            here.join_many(number, many.clone()).await.unwrap();
        }
        a.connect(b.name()).await.unwrap();
        eventually("all groups are there", || there.groups().len() == 500);
        assert!((0..500).all(|number| there.members(&number.into()).len() == 200));
        a.disconnect(b.name()).await;
        eventually("no group is there", || there.groups().is_empty());
        a.stop().await;
        b.stop().await;
    });
}
