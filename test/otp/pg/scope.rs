//! One scope, at one node.

use super::{holds, pg};
use crate::world::{NEVER, alone, idle, obedient};
use countersign::etf::{EncodeError, Term, atom, binary, list, tuple};
use countersign::failure::{Code, Failure};
use countersign::node::NameRefused;
use countersign::otp::pg::{Scope, ScopeError};
use countersign::rt::block_on;
use std::slice::from_ref;

#[test]
fn whoever_joins_is_a_member_until_it_leaves() {
    block_on(async {
        let node = alone().await;
        let (scope, one, other) = (pg(&node).await, idle(&node), idle(&node));
        scope.join(atom("g"), &one).await.unwrap();
        scope.join(atom("g"), &other).await.unwrap();
        scope.join(atom("h"), &other).await.unwrap();
        // At once: whoever has joined sees itself.
        assert_eq!(*scope.members(&atom("g")), [one.clone(), other.clone()]);
        assert_eq!(scope.local_members(&atom("g")), scope.members(&atom("g")));
        let mut groups = scope.groups();
        groups.sort();
        assert_eq!(groups, [atom("g"), atom("h")]);
        assert_eq!(scope.leave(atom("g"), &one).await, Ok(true));
        assert_eq!(scope.leave(atom("g"), &one).await, Ok(false));
        assert_eq!(*scope.members(&atom("g")), *from_ref(&other));
        assert_eq!(scope.leave(atom("g"), &other).await, Ok(true));
        assert_eq!(scope.groups(), [atom("h")]);
        assert_eq!(scope.local_groups(), [atom("h")]);
        node.stop().await;
    });
}

#[test]
fn who_joins_twice_leaves_twice() {
    block_on(async {
        let node = alone().await;
        let (scope, one, other) = (pg(&node).await, idle(&node), idle(&node));
        scope.join_many(atom("g"), [one.clone(), other.clone(), one.clone()]).await.unwrap();
        assert_eq!(*scope.members(&atom("g")), [one.clone(), one.clone(), other.clone()]);
        assert_eq!(scope.leave_many(atom("g"), [one.clone(), other.clone(), other.clone()]).await, Ok(true));
        assert_eq!(*scope.members(&atom("g")), *from_ref(&one));
        assert_eq!(scope.leave_many(atom("g"), []).await, Ok(false));
        scope.join_many(atom("empty"), []).await.unwrap();
        assert_eq!(scope.groups(), [atom("g")]);
        node.stop().await;
    });
}

#[test]
fn any_term_is_the_name_of_a_group_and_one_is_not_one_point_zero() {
    block_on(async {
        let node = alone().await;
        let (scope, one) = (pg(&node).await, idle(&node));
        let float = Term::try_from(1.0).unwrap();
        let names = [Term::from(1), float, binary("x"), Term::nil(), tuple([atom("room"), list([1, 2])]), one.clone().into()];
        for name in &names {
            scope.join(name.clone(), &one).await.unwrap();
        }
        assert_eq!(scope.groups().len(), names.len());
        assert!(names.iter().all(|name| *scope.members(name) == [one.clone()]));
        node.stop().await;
    });
}

#[test]
fn who_ends_leaves_every_group_and_who_has_ended_cannot_stay() {
    block_on(async {
        let node = alone().await;
        let (scope, one) = (pg(&node).await, obedient(&node));
        for group in [atom("g"), atom("g"), atom("h")] {
            scope.join(group, &one).await.unwrap();
        }
        node.send(&one, atom("normal")).await.unwrap();
        holds(&scope, &atom("g"), &[]);
        holds(&scope, &atom("h"), &[]);
        assert!(scope.groups().is_empty());
        scope.join(atom("g"), &one).await.unwrap();
        holds(&scope, &atom("g"), &[]);
        node.stop().await;
    });
}

#[test]
fn scopes_know_nothing_of_each_other_and_a_name_is_for_one() {
    block_on(async {
        let node = alone().await;
        let (scope, other, one) = (pg(&node).await, Scope::start(&node, "other").await.unwrap(), idle(&node));
        scope.join(atom("g"), &one).await.unwrap();
        assert!(other.members(&atom("g")).is_empty());
        let refused = Scope::start(&node, "pg").await.unwrap_err();
        assert!(matches!(refused, ScopeError::Name(NameRefused::Taken(_))));
        assert_eq!(refused.code(), Code::NameInUse);
        assert_eq!(node.whereis("pg"), Some(scope.pid().clone()));
        node.stop().await;
    });
}

#[test]
fn only_processes_of_the_node_join() {
    block_on(async {
        let node = alone().await;
        let (scope, one) = (pg(&node).await, idle(&node));
        let mut earlier = one.clone();
        earlier.creation.0 ^= 1;
        let refused = scope.join_many(atom("g"), [one.clone(), earlier.clone()]).await;
        assert_eq!(refused, Err(ScopeError::NotLocal(earlier.clone())));
        assert_eq!(scope.leave(atom("g"), &earlier).await, Err(ScopeError::NotLocal(earlier.clone())));
        assert!(scope.watch(&earlier).await.is_err());
        assert!(scope.groups().is_empty());
        node.stop().await;
    });
}

#[test]
fn a_name_of_which_no_peer_could_be_told_is_refused() {
    block_on(async {
        let node = alone().await;
        let (scope, one) = (pg(&node).await, idle(&node));
        let unsendable = tuple([Term::Local(Box::new(vec![131, 121].into()))]);
        assert_eq!(scope.join(unsendable, &one).await, Err(ScopeError::Group(EncodeError::LocalInside)));
        assert!(scope.groups().is_empty());
        node.stop().await;
    });
}

#[test]
fn a_scope_that_stops_knows_nobody_and_its_name_is_free_at_once() {
    block_on(async {
        let node = alone().await;
        let (scope, one) = (pg(&node).await, idle(&node));
        scope.join(atom("g"), &one).await.unwrap();
        scope.stop().await;
        assert!(scope.groups().is_empty());
        assert_eq!(scope.join(atom("g"), &one).await, Err(ScopeError::Ended));
        scope.stop().await;
        let next = pg(&node).await;
        assert!(next.groups().is_empty());
        next.join(atom("g"), &one).await.unwrap();
        assert!(node.is_alive(&one));
        node.stop().await;
        assert!(next.groups().is_empty());
        assert_eq!(next.leave(atom("g"), &one).await, Err(ScopeError::Ended));
    });
}

#[test]
fn a_scope_outlives_its_handles_and_takes_no_exit() {
    block_on(async {
        let node = alone().await;
        let (scope, one) = (pg(&node).await, idle(&node));
        scope.join(atom("g"), &one).await.unwrap();
        let pid = scope.pid().clone();
        drop(scope);
        node.exit(&pid, atom("kill")).await.unwrap();
        // It is there, and answers.
        let answer = node.call(&pid, atom("monitor"), NEVER).await;
        assert_eq!(answer.unwrap(), tuple([atom("error"), atom("notsup")]));
        assert_eq!(node.whereis("pg"), Some(pid));
        node.stop().await;
    });
}

#[test]
fn a_thousand_at_a_time_lose_no_change() {
    block_on(async {
        let node = alone().await;
        let scope = pg(&node).await;
        let pids: Vec<_> = (0..1000).map(|_| idle(&node)).collect();
        let joins = pids.iter().map(|pid| scope.join(atom("g"), pid));
        futures_util::future::join_all(joins).await.into_iter().for_each(Result::unwrap);
        assert_eq!(scope.members(&atom("g")).len(), 1000);
        let leaves = pids.iter().skip(1).map(|pid| scope.leave(atom("g"), pid));
        assert!(futures_util::future::join_all(leaves).await.into_iter().all(|left| left == Ok(true)));
        holds(&scope, &atom("g"), &[&pids[0]]);
        node.stop().await;
    });
}
