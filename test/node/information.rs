//! What can be seen of a process.

use crate::world::{World, alone, eventually, found, idle, next_term};
use countersign::dist::control::Proc;
use countersign::etf::{Term, atom};
use countersign::node::{Lasts, SpawnOptions};
use countersign::rt::block_on;
use std::collections::HashSet;

#[test]
fn a_process_shows_its_ties_its_mail_and_what_it_says_it_is() {
    block_on(async {
        let node = alone().await;
        let other = idle(&node);
        let (tell, told) = countersign::rt::channel::bounded(1);
        let watched = other.clone();
        let process = node.spawn(move |mut process| async move {
            process.trap_exits(true);
            process.set_label("a label");
            process.link(&watched).await;
            process.monitor(&watched).await;
            process.alias(Lasts::UntilUnaliased);
            tell.send(()).await.unwrap();
            process.receive_where(|_| false).await;
        });
        node.register("first", &process).unwrap();
        node.register("second", &process).unwrap();
        told.recv().await.unwrap();
        node.send(&process, atom("hello")).await.unwrap();
        let info = node.process_info(&process).unwrap();
        let names: HashSet<_> = info.names.iter().map(|name| name.as_str()).collect();
        assert_eq!(names, HashSet::from(["first", "second"]));
        assert_eq!((info.label, info.waiting, info.aliases, info.traps_exits), (Some(Term::from("a label")), 1, 1, true));
        assert_eq!(info.links, std::slice::from_ref(&other));
        assert_eq!(info.monitors[0].process, Proc::Pid(other.clone()));
        let theirs = node.process_info(&other).unwrap();
        assert_eq!((theirs.links, theirs.monitored_by), (vec![process.clone()], vec![process.clone()]));
        assert!(theirs.since <= info.since && !theirs.traps_exits && theirs.names.is_empty() && theirs.label.is_none());

        node.exit(&process, atom("kill")).await.unwrap();
        eventually("it is not seen any more", || node.process_info(&process).is_none() && !node.processes().contains(&process));
        let theirs = node.process_info(&other);
        assert!(theirs.is_none_or(|theirs| theirs.monitored_by.is_empty()), "a watcher that has ended still watches");
    });
}

#[test]
fn ties_of_peers_are_seen_and_gone_with_them() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let watched = idle(&a);
        let to = watched.clone();
        let watching = b.spawn(move |mut process| async move {
            process.monitor(&to).await;
            next_term(&mut process).await
        });
        let by = |pids: &[countersign::etf::Pid]| a.process_info(&watched).unwrap().monitored_by == pids;
        eventually("the peer watches", || by(std::slice::from_ref(&watching)));
        assert!(b.process_info(&watched).is_none(), "a process of another node");
        b.send(&watching, atom("normal")).await.unwrap();
        eventually("nobody watches", || by(&[]));
        a.stop().await;
        b.stop().await;
    });
}

#[test]
fn a_label_given_at_the_start_is_there_before_the_process_runs() {
    block_on(async {
        let node = alone().await;
        let options = SpawnOptions { label: Some(atom("worker")), ..SpawnOptions::default() };
        let label = found(node.run(move |mut process| async move {
            let spawned =
                process.spawn_with(countersign::node::Bound::Free, options, |mut child| async move { next_term(&mut child).await });
            spawned.unwrap().pid
        }))
        .await;
        assert_eq!(node.process_info(&label).unwrap().label, Some(atom("worker")));
        let all = node.processes();
        assert!(all.is_sorted() && all.len() >= 4, "{all:?}");
    });
}
