//! Links and exits within a node, as Erlang has them.

use crate::world::{NEVER, OWN_PROCESSES, alone, eventually, found, idle, next_term, obedient};
use countersign::etf::{Atom, Pid, Term, atom};
use countersign::node::{Exited, Mail, NameRefused, Process};
use countersign::rt::{self, block_on};

async fn exited(process: &mut Process) -> (Pid, Term) {
    match process.receive().await {
        Mail::Exit(exited) => {
            let Exited { from, reason } = *exited;
            (from, reason)
        }
        other => panic!("no exit, but {other:?}"),
    }
}

#[test]
fn the_end_of_a_process_ends_whoever_is_linked_to_it() {
    block_on(async {
        let node = alone().await;
        let reason = found(node.run(|mut process| async move {
            let linked = process.spawn(|mut outer| async move {
                next_term(&mut outer).await;
                outer.spawn_link(|_| async { atom("broken") });
                outer.receive_where(|_| false).await;
            });
            let watched = process.monitor(&linked).await;
            process.send(linked, atom("go")).await.unwrap();
            process.receive_where(|mail| mail.down(&watched).is_some()).await
        }))
        .await;
        assert!(matches!(reason, Mail::Down(down) if down.reason.is_atom("broken")));
    });
}

#[test]
fn a_normal_end_ends_nobody_else() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let (own, watched) = (process.pid().clone(), obedient_child(&process));
            let linked = process.spawn(move |mut linked| async move {
                linked.link(&watched).await;
                linked.send(&own, Term::from(watched)).await.unwrap();
                next_term(&mut linked).await
            });
            let ending = next_term(&mut process).await.as_pid().unwrap().clone();
            let (ends, lives) = (process.monitor(&ending).await, process.monitor(&linked).await);
            process.send(ending, atom("normal")).await.unwrap();
            assert!(process.receive().await.down(&ends).is_some());
            process.send(linked, atom("survived")).await.unwrap();
            assert!(process.receive().await.down(&lives).unwrap().reason.is_atom("survived"));
        }))
        .await;
    });
}

fn obedient_child(process: &Process) -> Pid {
    process.spawn(|mut child| async move { next_term(&mut child).await })
}

#[test]
fn whoever_traps_exits_gets_mail_even_of_a_normal_end() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            process.trap_exits(true);
            for reason in ["normal", "broken", "kill"] {
                let child = process.spawn_link(move |_| async move { atom(reason) });
                let (from, why) = exited(&mut process).await;
                assert!(from == child && why.is_atom(reason), "{from} {why}");
            }
        }))
        .await;
    });
}

#[test]
fn kill_cannot_be_trapped_and_others_learn_that_it_was_killed() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            process.trap_exits(true);
            let child = process.spawn_link(|mut child| async move {
                child.trap_exits(true);
                child.receive_where(|_| false).await;
            });
            process.exit(&child, atom("kill")).await.unwrap();
            let (from, why) = exited(&mut process).await;
            assert!(from == child && why.is_atom("killed"), "{why}");
        }))
        .await;
    });
}

#[test]
fn an_exit_that_somebody_asks_for_is_mail_to_whoever_traps_and_normal_ends_nobody() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let own = process.pid().clone();
            let child = process.spawn(move |mut child| async move {
                child.trap_exits(true);
                child.send(&own, atom("ready")).await.unwrap();
                for reason in ["normal", "please"] {
                    let (from, why) = exited(&mut child).await;
                    assert!(from == own && why.is_atom(reason), "{why}");
                }
                child.send(&own, atom("done")).await.unwrap();
            });
            assert!(next_term(&mut process).await.is_atom("ready"));
            process.exit(&child, atom("normal")).await.unwrap();
            process.exit(&child, atom("please")).await.unwrap();
            assert!(next_term(&mut process).await.is_atom("done"));

            let bystander = process.spawn(|mut bystander| async move { next_term(&mut bystander).await });
            let watched = process.monitor(bystander.clone()).await;
            process.exit(&bystander, atom("normal")).await.unwrap();
            process.send(bystander, atom("lived")).await.unwrap();
            let down = process.receive().await;
            assert!(down.down(&watched).unwrap().reason.is_atom("lived"));
        }))
        .await;
    });
}

#[test]
fn a_process_may_end_itself_even_normally() {
    block_on(async {
        let node = alone().await;
        for reason in ["normal", "tired"] {
            let ended = node.run(move |mut process| async move {
                let child = process.spawn(move |mut child| async move {
                    let own = child.pid().clone();
                    child.exit(&own, atom(reason)).await.unwrap();
                    child.receive_where(|_| false).await;
                });
                let watched = process.monitor(child).await;
                process.receive().await.down(&watched).unwrap().reason.clone()
            });
            let why = found(ended).await;
            // One that had ended before it was watched cannot say why any more.
            assert!(why.is_atom(reason) || why.is_atom("noproc"), "{why}");
        }
    });
}

#[test]
fn a_process_that_panics_says_so_to_its_links_and_watchers() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            process.trap_exits(true);
            let child = process.spawn_link(|mut child| async move {
                let what = next_term(&mut child).await;
                assert!(what.is_atom("nothing"), "it got {what}");
            });
            let watched = process.monitor(child.clone()).await;
            process.send(child, atom("something")).await.unwrap();
            let (_, why) = exited(&mut process).await;
            let [kind, text] = why.as_tuple().unwrap() else { panic!("{why}") };
            assert!(kind.is_atom("panic") && text.to_string().contains("it got something"), "{why}");
            assert_eq!(process.receive().await.down(&watched).unwrap().reason, why);
        }))
        .await;
        assert_eq!(node.registered().len(), OWN_PROCESSES, "the node lives, with its own processes");
    });
}

#[test]
fn after_unlink_nothing_of_the_other_matters() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            process.trap_exits(true);
            let child = process.spawn_link(|mut child| async move { next_term(&mut child).await });
            let watched = process.monitor(child.clone()).await;
            process.unlink(&child);
            process.send(&child, atom("broken")).await.unwrap();
            assert!(process.receive().await.down(&watched).is_some(), "an exit came in spite of unlink");

            // One that has come already is forgotten, too.
            let child = process.spawn_link(|_| async { atom("broken") });
            let mail = process.monitor(child.clone()).await;
            process.receive_where(|mail_| mail_.down(&mail).is_some()).await;
            process.unlink(&child);
            assert_eq!(process.waiting(), 0);
        }))
        .await;
    });
}

#[test]
fn a_link_to_nobody_is_an_exit_with_noproc() {
    block_on(async {
        let node = alone().await;
        let dead = node.spawn(|_| async {});
        eventually("it has ended", || !node.is_alive(&dead));
        found(node.run(|mut process| async move {
            process.trap_exits(true);
            process.link(&dead).await;
            let (from, why) = exited(&mut process).await;
            assert!(from == dead && why.is_atom("noproc"), "{why}");
        }))
        .await;
    });
}

#[test]
fn a_name_is_one_process_and_ends_with_it() {
    block_on(async {
        let node = alone().await;
        let (first, second) = (obedient(&node), idle(&node));
        node.register("it", &first).unwrap();
        assert_eq!(node.whereis("it"), Some(first.clone()));
        assert!(matches!(node.register("it", &second), Err(NameRefused::Taken(_))));
        assert!(node.unregister("it") && !node.unregister("it"));
        node.register("it", &first).unwrap();
        node.send(&first, atom("normal")).await.unwrap();
        eventually("the name is free", || node.whereis("it").is_none());
        assert!(matches!(node.register("it", &first), Err(NameRefused::NoProcess(_))));
        node.register("it", &second).unwrap();
        assert!(node.registered().iter().any(|name| name.as_str() == "it"));
        assert!(matches!(node.register(&"x".repeat(256), &second), Err(NameRefused::TooLong)));
    });
}

/// Panics with this text.
fn fail(text: &str) {
    assert!(text.is_empty(), "{text}");
}

#[test]
fn a_panic_before_the_first_wait_is_the_processs_own() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            process.trap_exits(true);
            let child = process.spawn_link(|_| {
                fail("at once");
                std::future::pending::<()>()
            });
            let (from, why) = exited(&mut process).await;
            assert!(from == child && why.to_string().contains("at once"), "{why}");
        }))
        .await;
        rt::timeout(NEVER, node.stop()).await.unwrap();
    });
}

#[test]
fn a_destructor_that_panics_does_not_keep_a_process_from_its_end() {
    struct Trap;
    impl Drop for Trap {
        fn drop(&mut self) {
            fail("while it was dropped");
        }
    }
    block_on(async {
        let node = alone().await;
        let (tell, told) = rt::channel::bounded(1);
        let trapped = node.spawn(|mut process| async move {
            let _trap = Trap;
            process.register(Atom::fixed("trapped")).unwrap();
            tell.send(()).await.unwrap();
            process.receive_where(|_| false).await;
        });
        told.recv().await.unwrap();
        let to = trapped.clone();
        let watching = node.run(|mut process| async move {
            let reference = process.monitor(to).await;
            process.receive_where(|mail| mail.down(&reference).is_some()).await
        });
        node.exit(&trapped, atom("over")).await.unwrap();
        let Mail::Down(down) = found(watching).await else { panic!("no end") };
        assert!(down.reason.is_atom("over") || down.reason.is_atom("noproc"), "{}", down.reason);
        assert!(node.whereis("trapped").is_none());
        rt::timeout(NEVER, node.stop()).await.unwrap();
    });
}

#[test]
fn a_name_that_was_taken_away_outlives_its_first_holder() {
    block_on(async {
        let node = alone().await;
        let (first, second) = (idle(&node), idle(&node));
        for name in ["kept", "given"] {
            node.register(name, &first).unwrap();
        }
        assert!(node.unregister("given"));
        node.register("given", &second).unwrap();
        node.exit(&first, atom("over")).await.unwrap();
        eventually("its name is free", || node.whereis("kept").is_none());
        assert_eq!(node.whereis("given"), Some(second));
    });
}
