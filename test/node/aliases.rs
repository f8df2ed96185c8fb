//! Aliases, and calls that nobody answers twice.

use crate::raw::Raw;
use crate::world::{NEVER, OWN_PROCESSES, World, alone, eventually, found, idle, next_term};
use countersign::dist::control::{AliasSend, AliasSendTt};
use countersign::etf::{Atom, Reference, Term, atom, improper, tuple};
use countersign::node::{Alias, CallError, Lasts, Mail, Node, Process, Request};
use countersign::rt::{self, block_on};
use std::time::Duration;

#[test]
fn an_alias_lasts_until_it_is_taken_back() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let alias = process.alias(Lasts::UntilUnaliased);
            for number in 0..3 {
                process.send(&alias, number).await.unwrap();
            }
            assert_eq!(process.waiting(), 3);
            assert!(process.unalias(&alias) && !process.unalias(&alias));
            process.send(&alias, 3).await.unwrap();
            assert_eq!(process.waiting(), 3, "what came before stays, and nothing comes after");
        }))
        .await;
    });
}

#[test]
fn an_alias_that_waits_for_a_reply_takes_one_message_of_many() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let (alias, own) = (process.alias(Lasts::UntilReply), process.pid().clone());
            for number in 0..8 {
                let (alias, own) = (alias.clone(), own.clone());
                process.spawn(move |mut sender| async move {
                    sender.send(alias, number).await.unwrap();
                    sender.send(own, atom("sent")).await.unwrap();
                });
            }
            let mut replies = 0;
            let mut sent = 0;
            while sent < 8 {
                if next_term(&mut process).await.is_atom("sent") { sent += 1 } else { replies += 1 }
            }
            assert_eq!((replies, process.waiting()), (1, 0));
        }))
        .await;
    });
}

#[test]
fn an_alias_ends_with_its_process_and_is_nobodys_after() {
    block_on(async {
        let node = alone().await;
        let alias = found(node.run(|mut process| async move { process.alias(Lasts::UntilUnaliased) })).await;
        eventually("its process has ended", || node.processes().len() == OWN_PROCESSES);
        node.send(&alias, atom("hello")).await.unwrap();
        assert_eq!(node.dropped_messages(), 0);
    });
}

#[test]
fn nobody_ends_the_alias_of_another_process() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let alias = process.alias(Lasts::UntilUnaliased);
            let (to, theirs) = (process.pid().clone(), alias.clone());
            process.spawn(move |mut other| async move {
                let ended = other.unalias(&theirs);
                other.send(to, ended).await.unwrap();
            });
            assert!(next_term(&mut process).await.is_atom("false"));
            assert!(process.unalias(&alias));
        }))
        .await;
    });
}

#[test]
fn a_reply_ends_the_monitor_that_was_made_with_its_alias() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let server = process.spawn(|mut server| async move { next_term(&mut server).await });
            let alias = process.monitor_with_alias(&server, Lasts::UntilReply).await;
            process.send(&alias, atom("reply")).await.unwrap();
            let watched = process.monitor(&server).await;
            process.send(server, atom("over")).await.unwrap();
            assert!(next_term(&mut process).await.is_atom("reply"));
            assert!(process.receive().await.down(&watched).is_some(), "the monitor of the alias went on");
            assert_eq!(process.waiting(), 0);
        }))
        .await;
    });
}

#[test]
fn the_end_of_the_monitor_ends_the_alias_that_waits_for_a_reply_and_no_other() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            for (lasts, comes) in [(Lasts::UntilReply, 0), (Lasts::UntilUnaliased, 1)] {
                let (dead, watched) = process.spawn_monitor(|_| async {});
                process.receive_where(|mail| mail.down(&watched).is_some()).await;
                // It is not there; it ends meanwhile; it is watched no more.
                let gone = process.monitor_with_alias(&dead, lasts).await;
                assert!(process.receive().await.down(gone.reference()).unwrap().reason.is_atom("noproc"));
                let server = process.spawn(|mut server| async move { next_term(&mut server).await });
                let ending = process.monitor_with_alias(&server, lasts).await;
                let called_off = process.monitor_with_alias(&server, lasts).await;
                process.demonitor(called_off.reference());
                process.send(server, atom("over")).await.unwrap();
                assert!(process.receive().await.down(ending.reference()).unwrap().reason.is_atom("over"));
                for alias in [gone, ending, called_off] {
                    process.send(&alias, atom("late")).await.unwrap();
                    assert_eq!(process.waiting(), comes, "{lasts:?}");
                    process.take_where(|_| true);
                }
            }
        }))
        .await;
    });
}

/// Both race for it: whoever is first has it, and the process hears of one thing.
#[test]
fn either_the_reply_comes_or_the_end_of_the_monitor() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let (mut replies, mut ends) = (0, 0);
            for _ in 0..500 {
                let server = process.spawn(|mut server| async move { next_term(&mut server).await });
                let alias = process.monitor_with_alias(&server, Lasts::UntilReply).await;
                let (to, own) = (alias.clone(), process.pid().clone());
                process.spawn(move |mut sender| async move {
                    sender.send(to, atom("reply")).await.unwrap();
                    sender.send(own, atom("sent")).await.unwrap();
                });
                process.exit(&server, atom("kill")).await.unwrap();
                process.receive_where(|mail| mail.term().is_some_and(|term| term.is_atom("sent"))).await;
                match process.receive().await {
                    Mail::Down(down) => ends += usize::from(down.reference == *alias.reference()),
                    mail => replies += usize::from(mail.term().unwrap().is_atom("reply")),
                }
                assert_eq!(process.waiting(), 0, "both came");
            }
            assert_eq!(replies + ends, 500);
        }))
        .await;
    });
}

#[test]
fn a_reply_has_room_in_a_mailbox_that_is_full() {
    block_on(async {
        let world = World::new().await;
        let mut options = world.secure();
        options.limits.mailbox = 1;
        let a = Node::start("a@localhost", options).await.unwrap();
        let b = world.node("b@localhost").await;
        for node in [&a, &b] {
            let server = answering(node);
            let asking = a.run(move |mut process| async move {
                let own = process.pid().clone();
                for _ in 0..3 {
                    process.send(&own, atom("filling")).await.unwrap();
                }
                process.call(server, atom("hello"), NEVER).await
            });
            assert!(found(asking).await.unwrap().is_atom("hello"));
        }
        assert_eq!(a.dropped_messages(), 0);
        a.stop().await;
        b.stop().await;
    });
}

/// A server that answers with what it is asked.
fn answering(node: &Node) -> countersign::etf::Pid {
    node.spawn(|mut process| async move {
        loop {
            let Some(request) = next_request(&mut process).await else { continue };
            let answer = request.request.clone();
            process.reply(&request, answer).await.unwrap();
        }
    })
}

async fn next_request(process: &mut Process) -> Option<Request> {
    let Mail::Message(message) = process.receive().await else { return None };
    Request::parse(message).ok()
}

#[test]
fn an_answer_that_comes_too_late_finds_nobody() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        for node in [&a, &b] {
            let (tell, told) = rt::channel::bounded::<()>(1);
            let server = node.spawn(move |mut process| async move {
                let request = next_request(&mut process).await.unwrap();
                told.recv().await.unwrap_err();
                process.reply(&request, atom("late")).await.unwrap();
                // And by its pid, as who waits to hear that it was said.
                process.send(request.from(), atom("said")).await.unwrap();
            });
            found(a.run(move |mut process| async move {
                let called = process.call(server, atom("hello"), Duration::from_millis(10)).await;
                assert!(matches!(called, Err(CallError::Timeout(_))), "{called:?}");
                drop(tell);
                assert!(next_term(&mut process).await.is_atom("said"));
                assert_eq!(process.waiting(), 0);
            }))
            .await;
        }
        a.stop().await;
        b.stop().await;
    });
}

#[test]
fn a_call_that_its_caller_drops_leaves_nothing_behind() {
    block_on(async {
        let node = alone().await;
        let server = idle(&node);
        found(node.run({
            let (node, server) = (node.clone(), server.clone());
            move |mut process| async move {
                for _ in 0..10 {
                    let call = process.call(&server, atom("hello"), NEVER);
                    assert!(rt::timeout(Duration::from_millis(1), call).await.is_err());
                }
                let info = node.process_info(process.pid()).unwrap();
                assert!(info.monitors.is_empty() && info.aliases == 0, "{info:?}");
            }
        }))
        .await;
        assert!(node.process_info(&server).unwrap().monitored_by.is_empty());
    });
}

#[test]
fn a_server_that_knows_no_aliases_answers_to_the_pid_with_the_whole_tag() {
    block_on(async {
        let node = alone().await;
        let server = node.spawn(|mut process| async move {
            let term = next_term(&mut process).await;
            let [_, from, _] = term.as_tuple().unwrap() else { panic!("{term}") };
            let [pid, tag] = from.as_tuple().unwrap() else { panic!("{from}") };
            process.send(pid.as_pid().unwrap(), tuple([tag.clone(), atom("plainly")])).await.unwrap();
        });
        found(node.run({
            let node = node.clone();
            move |mut process| async move {
                assert!(process.call(&server, atom("hello"), NEVER).await.unwrap().is_atom("plainly"));
                let info = node.process_info(process.pid()).unwrap();
                assert!(info.monitors.is_empty() && info.aliases == 0 && info.waiting == 0, "{info:?}");
            }
        }))
        .await;
    });
}

#[test]
fn what_a_peer_says_to_aliases_comes_in_order_and_unknown_ones_are_passed_over() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let (tell, told) = rt::channel::bounded(1);
        let hearing = a.run(move |mut process| async move {
            let lasting = process.alias(Lasts::UntilUnaliased);
            let waiting = process.alias(Lasts::UntilReply);
            tell.send((lasting, waiting)).await.unwrap();
            let mut heard = Vec::new();
            while heard.len() < 4 {
                heard.push(next_term(&mut process).await.as_i64().unwrap());
            }
            heard
        });
        let (lasting, waiting) = told.recv().await.unwrap();
        let own = lasting.reference().clone();
        let words = |words: &[u32]| Reference::new(own.node().clone(), own.creation(), words).unwrap();
        let short = words(&own.words()[..3]);
        let [first, second, third, id, serial] = *own.words() else { panic!("{own}") };
        let unknown =
            [short, words(&[first ^ 1, second, third, id, serial]), words(&[first, second, third, id + 1_000, serial]), raw.reference(9)];
        for alias in unknown {
            say(&mut raw, Alias::of(alias), 99).await;
        }
        for (alias, number) in [(&lasting, 0), (&waiting, 1), (&waiting, 98), (&lasting, 2), (&lasting, 3)] {
            say(&mut raw, alias.clone(), number).await;
        }
        assert_eq!(found(hearing).await, [0, 1, 2, 3]);
        a.stop().await;
    });
}

/// With and without a trace token, in turns.
async fn say(raw: &mut Raw, alias: Alias, number: i64) {
    let (from, alias, term) = (raw.pid(1), alias.reference().clone(), Term::from(number));
    match number % 2 {
        0 => raw.say(AliasSend { from, alias }, Some(&term)).await,
        _ => raw.say(AliasSendTt { from, alias, token: Term::nil() }, Some(&term)).await,
    }
}

/// It would have us say to another node, in our name, what it may not say itself.
#[test]
fn a_peer_that_asks_for_an_answer_at_the_alias_of_another_node_gets_it_itself() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let (tell, told) = rt::channel::bounded(1);
        let victim = a.spawn(move |mut process| async move {
            tell.send(process.alias(Lasts::UntilUnaliased)).await.unwrap();
            process.receive_where(|_| false).await;
        });
        let alias = told.recv().await.unwrap();
        let tag = improper([atom("alias")], alias);
        let request = tuple([atom("$gen_call"), tuple([Term::from(raw.pid(1)), tag.clone()]), atom("ping")]);
        let from = raw.pid(1);
        let send = countersign::dist::control::RegSend { from, unused: countersign::dist::control::Unused, to: Atom::fixed("countersign") };
        raw.say(send, Some(&request)).await;
        let answer = raw.hear_term().await.unwrap();
        assert_eq!(answer, tuple([tag, atom("pong")]));
        assert_eq!(a.process_info(&victim).unwrap().waiting, 0);
        a.stop().await;
    });
}

#[test]
fn an_alias_can_be_watched_as_whose_it_is() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let (tell, told) = rt::channel::bounded(1);
        let server = a.spawn(move |mut process| async move {
            tell.send(process.alias(Lasts::UntilUnaliased)).await.unwrap();
            next_term(&mut process).await
        });
        let alias = told.recv().await.unwrap();
        for node in [&a, &b] {
            let (alias, own) = (alias.clone(), a.clone());
            let server = server.clone();
            found(node.run(move |mut process| async move {
                let watched = process.monitor(&alias).await;
                eventually("it is watched", || own.process_info(&server).unwrap().monitored_by.contains(process.pid()));
                process.demonitor(&watched);
            }))
            .await;
        }
        b.send(&alias, atom("by alias")).await.unwrap();
        eventually("it has heard it", || !a.is_alive(&server));
        a.stop().await;
        b.stop().await;
    });
}
