//! Processes that begin with a name, a mailbox, a link or a monitor.

use crate::raw::Raw;
use crate::world::{World, alone, eventually, found, idle, next_term, there};
use countersign::etf::{Atom, atom};
use countersign::node::{Bound, Mail, NameRefused, Overflow, SpawnOptions, Spawned};
use countersign::rt::block_on;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn called(name: &'static str) -> SpawnOptions {
    SpawnOptions { name: Some(Atom::fixed(name)), ..SpawnOptions::default() }
}

#[test]
fn a_process_that_ends_at_once_has_been_watched_from_before_that() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            for _ in 0..200 {
                let (pid, watched) = process.spawn_monitor(|_| async { atom("brief") });
                let mail = process.receive().await;
                let down = mail.down(&watched).unwrap();
                assert!(down.reason.is_atom("brief"), "{}", down.reason);
                assert_eq!(down.object.process, countersign::dist::control::Proc::Pid(pid));
            }
            assert_eq!(process.waiting(), 0);
        }))
        .await;
    });
}

#[test]
fn one_that_is_linked_and_monitored_tells_both_in_that_order() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            process.trap_exits(true);
            let Spawned { pid, monitor } =
                process.spawn_with(Bound::LinkedAndMonitored, SpawnOptions::default(), |_| async { atom("over") }).unwrap();
            let Mail::Exit(exited) = process.receive().await else { panic!("no exit") };
            assert!(exited.from == pid && exited.reason.is_atom("over"));
            assert!(process.receive().await.down(&monitor.unwrap()).is_some());
        }))
        .await;
    });
}

#[test]
fn one_that_is_free_tells_nobody() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            process.trap_exits(true);
            let free = process.spawn_with(Bound::Free, SpawnOptions::default(), |mut free| async move { next_term(&mut free).await });
            let Spawned { pid, monitor: None } = free.unwrap() else { panic!("it is monitored") };
            let watched = process.monitor(&pid).await;
            process.send(pid, atom("broken")).await.unwrap();
            assert!(process.receive().await.down(&watched).is_some());
            assert_eq!(process.waiting(), 0);
        }))
        .await;
    });
}

#[test]
fn a_name_is_there_from_the_first_moment_and_refused_before_the_process_runs() {
    block_on(async {
        let node = alone().await;
        let first = node.spawn_with(called("server"), |mut process| async move { next_term(&mut process).await }).unwrap();
        assert_eq!(node.whereis("server"), Some(first.clone()));
        let before = node.processes();
        let ran = Arc::new(AtomicBool::new(false));
        for own in [true, false] {
            let (node, inner, ran) = (node.clone(), node.clone(), Arc::clone(&ran));
            let run = move |_| async move { ran.store(true, Ordering::SeqCst) };
            let refused = if own {
                inner.spawn_with(called("server"), run).map(drop)
            } else {
                found(node.run(|mut process| async move { process.spawn_with(Bound::LinkedAndMonitored, called("server"), run).map(drop) }))
                    .await
            };
            assert_eq!(refused, Err(NameRefused::Taken(Atom::fixed("server"))));
        }
        assert!(!ran.load(Ordering::SeqCst), "it ran");
        eventually("nothing is left of those that were refused", || node.processes() == before);
        node.send(&first, atom("normal")).await.unwrap();
        eventually("the name is free", || node.whereis("server").is_none());
        node.spawn_with(called("server"), |_| async {}).unwrap();
        // Also: nobody waits for the end of those that never began.
        node.stop().await;
    });
}

#[test]
fn of_many_that_want_one_name_one_gets_it() {
    block_on(async {
        let node = alone().await;
        let (node, running) =
            (&node, |node: &countersign::node::Node| node.spawn_with(called("one"), |mut p| async move { next_term(&mut p).await }));
        for _ in 0..50 {
            let got = std::thread::scope(|scope| {
                let racing: Vec<_> = (0..4).map(|_| scope.spawn(|| running(node))).collect();
                racing.into_iter().filter_map(|racing| racing.join().unwrap().ok()).collect::<Vec<_>>()
            });
            let [winner] = &got[..] else { panic!("{got:?}") };
            assert_eq!(node.whereis("one").as_ref(), Some(winner));
            node.send(winner, atom("normal")).await.unwrap();
            eventually("the name is free", || node.whereis("one").is_none());
        }
    });
}

#[test]
fn a_mailbox_of_its_own_size_ends_its_process_and_no_other() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        let (small, large) =
            (SpawnOptions { mailbox: NonZeroUsize::new(2), overflow: Some(Overflow::Exit), ..called("small") }, called("large"));
        let never_reads = |mut process: countersign::node::Process| async move { drop(process.receive_where(|_| false).await) };
        let (small, large) = (a.spawn_with(small, never_reads).unwrap(), a.spawn_with(large, never_reads).unwrap());
        assert_eq!(a.process_info(&small).unwrap().mailbox, 2);
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        for to in ["large", "small"] {
            for _ in 0..3 {
                let from = raw.pid(1);
                let send = countersign::dist::control::RegSend { from, unused: countersign::dist::control::Unused, to: Atom::fixed(to) };
                raw.say(send, Some(&atom("hello"))).await;
            }
        }
        eventually("the small one has ended", || !a.is_alive(&small));
        eventually("the large one has all of it", || a.process_info(&large).is_some_and(|info| info.waiting == 3));
        assert_eq!(a.dropped_messages(), 1);
        a.stop().await;
    });
}

#[test]
fn a_process_may_end_while_another_one_is_told_that_its_name_is_taken() {
    block_on(async {
        let (world, busy) = (World::new().await, "busy");
        let (a, b) = world.two().await;
        a.spawn_with(called(busy), |mut process| async move { next_term(&mut process).await }).unwrap();
        b.send(there(busy, &a), atom("normal")).await.unwrap();
        eventually("the name can be had", || a.spawn_with(called(busy), |_| async {}).is_ok());
        drop(idle(&b));
        a.stop().await;
        b.stop().await;
    });
}
