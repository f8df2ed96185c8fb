//! What processes do to each other across two nodes, over mutual TLS and over plain TCP.

use crate::world::{NEVER, World, eventually, found, name, next_term, obedient, there};
use countersign::dist::control::Proc;
use countersign::etf::{Atom, Term, atom, binary, tuple};
use countersign::node::{Mail, Node, NodeOptions, Request};
use countersign::rt::{self, block_on};
use std::future::Future;

/// Once over each transport: `a@localhost` and `b@localhost`, not connected yet.
fn over_both<Fut: Future<Output = ()>>(test: impl Fn(Node, Node) -> Fut) {
    block_on(async {
        let world = World::new().await;
        for options in [NodeOptions::clone(&world.secure()), world.plain()] {
            let a = Node::start("a@localhost", options.clone()).await.unwrap();
            let b = Node::start("b@localhost", options).await.unwrap();
            rt::timeout(NEVER, test(a.clone(), b.clone())).await.unwrap();
            a.stop().await;
            b.stop().await;
            eventually("the names are free", || world.epmd.registered().is_empty());
        }
    });
}

#[test]
fn the_first_message_connects_and_each_pair_keeps_its_order() {
    over_both(|a, b| async move {
        let sink = a.run(|mut process| async move {
            process.register(Atom::fixed("sink")).unwrap();
            let mut next = [0; 3];
            for _ in 0..3_000 {
                let term = next_term(&mut process).await;
                let [sender, number, rest] = term.as_tuple().unwrap() else { panic!("{term}") };
                let next = &mut next[usize::try_from(sender.as_i64().unwrap()).unwrap()];
                assert_eq!(number.as_i64(), Some(*next));
                assert_eq!(*rest, binary(vec![7; length(*next)]));
                *next += 1;
            }
        });
        eventually("somebody listens", || a.whereis("sink").is_some());
        assert!(b.peers().is_empty());
        for sender in 0..3 {
            let to = there("sink", &a);
            b.spawn(move |mut process| async move {
                for number in 0..1_000 {
                    let message = tuple([Term::from(sender), Term::from(number), binary(vec![7; length(number)])]);
                    process.send(to.clone(), message).await.unwrap();
                }
            });
        }
        found(sink).await;
        assert_eq!((a.peers().len(), b.peers().len(), a.counters().accepted()), (1, 1, 1));
    });
}

/// Most are short; some take several fragments.
fn length(number: i64) -> usize {
    if number % 50 == 0 { 200_000 } else { usize::try_from(number % 40).unwrap() }
}

#[test]
fn links_and_monitors_reach_across() {
    over_both(|a, b| async move {
        let (linked, watched) = (obedient(&a), obedient(&a));
        a.register("watched", &watched).unwrap();
        let by_name = there("watched", &a);
        found(b.run(move |mut process| async move {
            process.trap_exits(true);
            process.link(&linked).await;
            let pid = process.monitor(&watched).await;
            let named = process.monitor(by_name.clone()).await;
            process.send(&linked, tuple([atom("broken"), atom("here")])).await.unwrap();
            let Mail::Exit(exited) = process.receive().await else { panic!("no exit") };
            assert_eq!((&exited.from, exited.reason.to_string().as_str()), (&linked, "{broken,here}"));

            process.send(by_name, atom("over")).await.unwrap();
            for reference in [pid, named.clone()] {
                let mail = process.receive_where(|mail| mail.down(&reference).is_some()).await;
                let down = mail.down(&reference).unwrap();
                let object = if reference == named { Proc::Name(Atom::fixed("watched")) } else { Proc::Pid(watched.clone()) };
                assert!(down.reason.is_atom("over") && down.object.process == object, "{down:?}");
                assert_eq!(down.object.node.as_str(), "a@localhost");
            }

            let (again, nobody) = (process.monitor(&watched).await, process.monitor((Atom::fixed("nobody"), name("a@localhost"))).await);
            for reference in [again, nobody] {
                let mail = process.receive_where(|mail| mail.down(&reference).is_some()).await;
                assert!(mail.down(&reference).unwrap().reason.is_atom("noproc"));
            }
            process.link(&linked).await;
            let Mail::Exit(exited) = process.receive().await else { panic!("no exit") };
            assert!(exited.reason.is_atom("noproc"));
        }))
        .await;
    });
}

#[test]
fn exits_that_are_asked_for_and_those_that_cannot_be_trapped_reach_across() {
    over_both(|a, b| async move {
        let trapping = a.spawn(|mut process| async move {
            process.trap_exits(true);
            let Mail::Exit(first) = process.receive().await else { panic!("no exit") };
            assert!(first.reason.is_atom("normal"));
            process.send(&first.from, atom("trapped")).await.unwrap();
            process.receive_where(|_| false).await;
        });
        found(b.run(move |mut process| async move {
            let watched = process.monitor(&trapping).await;
            // It traps exits before anything else can reach it, or this is noticed by nobody.
            process.exit(&trapping, atom("normal")).await.unwrap();
            assert!(next_term(&mut process).await.is_atom("trapped"));
            process.exit(&trapping, atom("kill")).await.unwrap();
            assert!(process.receive().await.down(&watched).unwrap().reason.is_atom("killed"));
        }))
        .await;
    });
}

#[test]
fn unlink_and_demonitor_end_what_reaches_across() {
    over_both(|a, b| async move {
        let (linked, last) = (obedient(&a), obedient(&a));
        found(b.run(move |mut process| async move {
            process.trap_exits(true);
            process.link(&linked).await;
            process.unlink(&linked);
            // Linked again while the first end is not acknowledged yet, and ended again.
            process.link(&linked).await;
            process.unlink(&linked);
            let (kept, called_off) = (process.monitor(&last).await, process.monitor(&linked).await);
            process.demonitor(&called_off);
            process.send(&linked, atom("over")).await.unwrap();
            let ended = process.monitor(&linked).await;
            process.receive_where(|mail| mail.down(&ended).is_some()).await;
            process.send(&last, atom("over")).await.unwrap();
            assert!(process.receive().await.down(&kept).is_some(), "what was called off came");
            assert_eq!(process.waiting(), 0);
        }))
        .await;
    });
}

#[test]
fn a_link_made_again_before_the_end_of_the_first_is_acknowledged_holds() {
    over_both(|a, b| async move {
        let linked = obedient(&a);
        found(b.run(move |mut process| async move {
            process.trap_exits(true);
            for _ in 0..50 {
                process.link(&linked).await;
                process.unlink(&linked);
            }
            process.link(&linked).await;
            process.send(&linked, atom("over")).await.unwrap();
            let Mail::Exit(exited) = process.receive().await else { panic!("no exit") };
            assert!(exited.reason.is_atom("over"));
        }))
        .await;
    });
}

#[test]
fn the_end_of_the_node_is_the_end_of_its_processes_with_shutdown() {
    over_both(|a, b| async move {
        // Many: the node must not close its links between the end of the last one and the word of it.
        let watched: Vec<_> = (0..200).map(|_| obedient(&a)).collect();
        let (there, node) = (a.name().clone(), b.clone());
        let watching = b.run(move |mut process| async move {
            for pid in &watched {
                process.monitor(pid).await;
            }
            // What is answered behind all that has come behind all that.
            node.ping(&there).await.unwrap();
            process.register(Atom::fixed("watching")).unwrap();
            for _ in &watched {
                let Mail::Down(down) = process.receive().await else { panic!("nobody ended") };
                assert!(down.reason.is_atom("shutdown"), "{down:?}");
            }
        });
        eventually("it watches", || b.whereis("watching").is_some());
        a.stop().await;
        found(watching).await;
    });
}

#[test]
fn a_lost_link_breaks_links_and_monitors_with_noconnection() {
    over_both(|a, b| async move {
        let (linked, watched) = (obedient(&a), obedient(&a));
        let there = a.name().clone();
        let node = b.clone();
        found(b.run(move |mut process| async move {
            process.trap_exits(true);
            process.link(&linked).await;
            let reference = process.monitor(&watched).await;
            node.disconnect(&there).await;
            let Mail::Exit(exited) = process.receive_where(|mail| matches!(mail, Mail::Exit(_))).await else { panic!("no exit") };
            assert!(exited.reason.is_atom("noconnection"));
            let mail = process.receive_where(|mail| mail.down(&reference).is_some()).await;
            assert!(mail.down(&reference).unwrap().reason.is_atom("noconnection"));
        }))
        .await;
    });
}

#[test]
fn calls_and_answers_reach_across() {
    over_both(|a, b| async move {
        let server = a.spawn(|mut server| async move {
            loop {
                let Mail::Message(message) = server.receive().await else { continue };
                let request = Request::parse(message).unwrap();
                assert_eq!(request.peer.as_ref().unwrap().name().as_str(), "b@localhost");
                server.reply(&request, tuple([atom("you_said"), request.request.clone()])).await.unwrap();
            }
        });
        a.register("server", &server).unwrap();
        for number in 0..100 {
            let answer = b.call(there("server", &a), number, NEVER).await.unwrap();
            assert_eq!(answer, tuple([atom("you_said"), Term::from(number)]));
        }
        assert!(b.ping(a.name()).await.is_ok() && a.ping(b.name()).await.is_ok());
        let ear = obedient(&a);
        a.register("ear", &ear).unwrap();
        b.post(a.name(), Atom::fixed("ear"), atom("x")).await.unwrap();
        eventually("it was heard", || !a.is_alive(&ear));
        assert!(b.post(a.name(), Atom::fixed("nobody"), atom("x")).await.is_err());
    });
}
