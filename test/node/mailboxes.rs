//! Order in a mailbox, and what happens when it is full.

use crate::world::{NEVER, World, alone, alone_with, eventually, found, idle, next_term, there};
use countersign::etf::{Atom, Pid, Term, atom, tuple};
use countersign::node::{Node, Overflow};
use countersign::rt::block_on;
use countersign::rt::channel::bounded;

#[test]
fn what_is_passed_over_keeps_its_order() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let own = process.pid().clone();
            for number in 0..100 {
                process.send(&own, number).await.unwrap();
            }
            let wanted = |number: i64| process_term(number);
            for number in [50, 10, 99] {
                assert_eq!(process.receive_where(wanted(number)).await.into_term(), Some(Term::from(number)));
            }
            assert!(process.take_where(wanted(50)).is_none());
            assert_eq!(process.waiting(), 97);
            let mut rest = Vec::new();
            while let Some(mail) = process.take_where(|_| true) {
                rest.push(mail.into_term().unwrap().as_i64().unwrap());
            }
            let expected: Vec<i64> = (0..100).filter(|number| ![50, 10, 99].contains(number)).collect();
            assert_eq!((rest, process.waiting()), (expected, 0));
        }))
        .await;
    });
}

/// What each of them costs must not grow with what waits: then these would take minutes.
#[test]
fn who_lets_much_mail_wait_can_call_others_all_the_same() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let own = process.pid().clone();
            for number in 0..200_000 {
                process.send(&own, number).await.unwrap();
            }
            for _ in 0..10_000 {
                let answer = process.call(Atom::fixed("net_kernel"), tuple([atom("is_auth"), atom("x")]), NEVER).await;
                assert!(answer.unwrap().is_atom("yes"));
            }
            assert_eq!((process.waiting(), next_term(&mut process).await.as_i64()), (200_000, Some(0)));
        }))
        .await;
    });
}

fn process_term(number: i64) -> impl FnMut(&countersign::node::Mail) -> bool {
    move |mail| mail.term().is_some_and(|term| term.as_i64() == Some(number))
}

#[test]
fn senders_of_the_same_node_wait_for_room_and_nothing_is_lost() {
    block_on(async {
        let node = alone_with(|options| options.limits.mailbox = 10).await;
        let (go, gone) = bounded::<()>(1);
        let slow = node.run(move |mut process| async move {
            gone.recv().await.unwrap_err();
            let mut last = [-1; 4];
            for _ in 0..4_000 {
                let term = next_term(&mut process).await;
                let [sender, number] = term.as_tuple().unwrap() else { panic!("{term}") };
                let last = &mut last[usize::try_from(sender.as_i64().unwrap()).unwrap()];
                assert_eq!(number.as_i64(), Some(*last + 1));
                *last += 1;
                assert!(process.waiting() <= 10, "{}", process.waiting());
            }
        });
        let pid = newest(&node);
        for sender in 0..4 {
            let to = pid.clone();
            node.spawn(move |mut process| async move {
                for number in 0..1_000 {
                    process.send(&to, tuple([sender, number])).await.unwrap();
                }
            });
        }
        drop(go);
        found(slow).await;
        assert_eq!(node.dropped_messages(), 0);
    });
}

/// The process that was started last: one before the next.
fn newest(node: &Node) -> Pid {
    let next = node.spawn(|_| async {});
    Pid { id: next.id - 1, ..next }
}

#[test]
fn a_waiting_sender_gets_room_though_some_mail_stays_for_later() {
    block_on(async {
        let node = alone_with(|options| options.limits.mailbox = 3).await;
        let server = node.run(|mut process| async move {
            // Passed over for ever, so there is room for two.
            for number in 0..100 {
                process.receive_where(process_term(number)).await;
            }
            process.waiting()
        });
        let pid = newest(&node);
        found(node.run(|mut process| async move {
            process.send(&pid, atom("for_later")).await.unwrap();
            for number in 0..100 {
                process.send(&pid, number).await.unwrap();
            }
        }))
        .await;
        assert_eq!(found(server).await, 1);
    });
}

#[test]
fn two_that_wait_for_each_other_go_on_as_soon_as_one_has_read_a_single_mail() {
    block_on(async {
        let node = alone_with(|options| options.limits.mailbox = 3).await;
        let (tell, told) = bounded::<Pid>(1);
        let sending = node.run(move |mut process| async move {
            let other = told.recv().await.unwrap();
            for number in 0..4 {
                process.send(&other, number).await.unwrap();
            }
            for _ in 0..4 {
                next_term(&mut process).await;
            }
        });
        let sender = newest(&node);
        found(node.run(move |mut process| async move {
            tell.send(process.pid().clone()).await.unwrap();
            while process.waiting() < 3 {
                countersign::rt::sleep(std::time::Duration::from_millis(1)).await;
            }
            // Room for the fourth; and then this one waits in its turn.
            next_term(&mut process).await;
            for number in 0..4 {
                process.send(&sender, number).await.unwrap();
            }
        }))
        .await;
        found(sending).await;
    });
}

#[test]
fn a_process_never_waits_for_room_in_its_own_mailbox() {
    block_on(async {
        let node = alone_with(|options| options.limits.mailbox = 2).await;
        found(node.run(|mut process| async move {
            let own = process.pid().clone();
            for number in 0..10 {
                process.send(&own, number).await.unwrap();
            }
            for number in 0..10 {
                assert_eq!(next_term(&mut process).await, Term::from(number));
            }
        }))
        .await;
    });
}

#[test]
fn a_sender_that_waits_goes_on_when_the_receiver_ends() {
    block_on(async {
        let node = alone_with(|options| options.limits.mailbox = 1).await;
        let stuck = idle(&node);
        let to = stuck.clone();
        let (sender, sent) = bounded(1);
        let sending = node.run(move |mut process| async move {
            process.send(&to, 1).await.unwrap();
            sender.send(()).await.unwrap();
            process.send(&to, 2).await.unwrap();
        });
        sent.recv().await.unwrap();
        node.exit(&stuck, atom("kill")).await.unwrap();
        found(sending).await;
    });
}

/// A node whose mailboxes hold ten, another that sends it a hundred, and what is left.
async fn flood(overflow: Overflow) -> (World, Node, Pid) {
    let world = World::new().await;
    let mut options = world.secure();
    (options.limits.mailbox, options.limits.overflow) = (10, overflow);
    let (a, b) = (Node::start("a@localhost", options).await.unwrap(), world.node("b@localhost").await);
    let full = idle(&a);
    a.register("full", &full).unwrap();
    let to = there("full", &a);
    found(b.run(|mut process| async move {
        for number in 0..100 {
            process.send(to.clone(), number).await.unwrap();
        }
    }))
    .await;
    b.ping(a.name()).await.unwrap();
    (world, a, full)
}

#[test]
fn what_a_peer_sends_beyond_the_bound_is_dropped_and_counted() {
    block_on(async {
        let (_world, a, full) = flood(Overflow::Report).await;
        eventually("all has come", || a.dropped_messages() == 90);
        assert!(a.is_alive(&full));
    });
}

#[test]
fn a_process_that_does_not_read_can_be_ended_instead() {
    block_on(async {
        let (_world, a, full) = flood(Overflow::Exit).await;
        eventually("it has ended", || !a.is_alive(&full));
    });
}
