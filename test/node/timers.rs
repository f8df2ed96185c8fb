//! Messages that come later. Nothing here says when: only what comes before what, and what does not come.

use crate::world::{alone, alone_with, eventually, found, idle, name, next_term, obedient, there};
use countersign::etf::{Atom, Pid, Term, atom};
use countersign::node::{Lasts, Process, Timer, TimerRefused};
use countersign::rt::block_on;
use std::time::Duration;

const SOON: Duration = Duration::from_millis(1);
const LATER: Duration = Duration::from_millis(3);
/// No test waits for so long.
const FAR_OFF: Duration = Duration::from_secs(3_600);

#[test]
fn what_is_due_first_comes_first_however_it_was_asked_for() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let own = process.pid().clone();
            for number in [30, 10, 0, 20] {
                process.send_after(Duration::from_millis(number), &own, number as i64).unwrap();
            }
            for number in [0, 10, 20, 30] {
                assert_eq!(next_term(&mut process).await.as_i64(), Some(number));
            }
        }))
        .await;
    });
}

#[test]
fn a_timer_that_is_cancelled_says_nothing_and_how_much_was_left() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let own = process.pid().clone();
            let timer = process.start_timer(FAR_OFF, &own, atom("never")).unwrap();
            let left = process.read_timer(&timer).unwrap();
            assert!(left <= FAR_OFF && left > FAR_OFF / 2, "{left:?}");
            assert!(process.cancel_timer(&timer).unwrap() <= left);
            assert_eq!((process.cancel_timer(&timer), process.read_timer(&timer)), (None, None));

            let soon = process.start_timer(LATER, &own, atom("cancelled")).unwrap();
            assert!(process.cancel_timer(&soon).is_some());
            let after = process.start_timer(LATER, &own, atom("after")).unwrap();
            assert_eq!(next_term(&mut process).await, timeout(&after, atom("after")));
            assert_eq!(process.waiting(), 0);
        }))
        .await;
    });
}

fn timeout(timer: &Timer, term: Term) -> Term {
    countersign::etf::tuple([atom("timeout"), Term::from(timer.clone()), term])
}

#[test]
fn anybody_may_cancel_a_timer_whose_reference_he_has_got() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let own = process.pid().clone();
            let timer = process.send_after(FAR_OFF, &own, atom("never")).unwrap();
            process.spawn(move |mut other| async move {
                let (same, unknown) = (Timer::of(timer.reference().clone()), Timer::of(other.monitor(&own).await));
                let cancelled = other.cancel_timer(&same).is_some() && other.cancel_timer(&unknown).is_none();
                other.send(own, cancelled).await.unwrap();
            });
            assert!(next_term(&mut process).await.is_atom("true"));
        }))
        .await;
    });
}

#[test]
fn a_timer_ends_with_whom_it_is_for_and_not_with_its_maker() {
    block_on(async {
        let node = alone().await;
        let target = obedient(&node);
        let to = target.clone();
        let timers = found(node.run(move |mut process| async move {
            [FAR_OFF, FAR_OFF, SOON].map(|after| process.send_after(after, &to, atom("normal")).unwrap())
        }))
        .await;
        eventually("the last one has ended its target", || !node.is_alive(&target));
        found(node.run(move |mut process| async move {
            for timer in &timers {
                assert_eq!(process.read_timer(timer), None);
            }
            // As if it had ended already.
            let dead = process.send_after(FAR_OFF, &target, atom("x")).unwrap();
            assert_eq!(process.cancel_timer(&dead), None);
        }))
        .await;
    });
}

#[test]
fn a_timer_for_a_name_finds_whoever_has_it_then() {
    block_on(async {
        let node = alone().await;
        let to = there("later", &node);
        found(node.run(move |mut process| async move {
            process.send_after(Duration::ZERO, Atom::fixed("nobody"), atom("x")).unwrap();
            process.send_after(LATER, Atom::fixed("later"), atom("by name")).unwrap();
            process.send_after(LATER, to, atom("by name at a node")).unwrap();
            process.register(Atom::fixed("later")).unwrap();
            assert!(next_term(&mut process).await.is_atom("by name"));
            assert!(next_term(&mut process).await.is_atom("by name at a node"));
        }))
        .await;
    });
}

#[test]
fn a_timer_for_an_alias_finds_nobody_once_that_has_ended() {
    block_on(async {
        let node = alone().await;
        found(node.run(move |mut process| async move {
            let (kept, ended, own) = (process.alias(Lasts::UntilReply), process.alias(Lasts::UntilReply), process.pid().clone());
            for alias in [&ended, &kept, &kept] {
                process.send_after(SOON, alias, atom("by alias")).unwrap();
            }
            process.unalias(&ended);
            process.send_after(LATER, &own, atom("last")).unwrap();
            assert!(next_term(&mut process).await.is_atom("by alias"));
            assert!(next_term(&mut process).await.is_atom("last"));
        }))
        .await;
    });
}

#[test]
fn a_timer_is_for_a_process_of_its_own_node() {
    block_on(async {
        let node = alone().await;
        found(node.run(move |mut process| async move {
            let theirs = Pid { node: Atom::fixed("b@localhost"), ..process.pid().clone() };
            assert!(matches!(process.send_after(SOON, theirs, 1), Err(TimerRefused::NotHere(_))));
            let there = (Atom::fixed("x"), name("b@localhost"));
            let refused = process.start_timer(SOON, there, 1).unwrap_err();
            assert_eq!(refused.to_string(), "x at b@localhost is at another node");
        }))
        .await;
    });
}

#[test]
fn a_process_has_so_many_timers_and_no_more_until_some_have_ended() {
    block_on(async {
        let node = alone_with(|options| options.limits.timers_per_process = 2).await;
        found(node.run(move |mut process| async move {
            let own = process.pid().clone();
            let one = process.send_after(FAR_OFF, &own, atom("x")).unwrap();
            process.send_after(SOON, &own, atom("soon")).unwrap();
            let refused = process.send_after(SOON, &own, atom("x"));
            assert_eq!(refused, Err(TimerRefused::TooMany { limit: 2 }));
            let (child, ended) = process.spawn_monitor({
                let own = own.clone();
                move |mut child: Process| async move { drop(child.send_after(SOON, own, atom("the child's own")).unwrap()) }
            });
            process.receive_where(|mail| mail.down(&ended).is_some()).await;
            assert_ne!(child, own);
            for _ in 0..2 {
                next_term(&mut process).await;
            }
            process.cancel_timer(&one);
            for _ in 0..2 {
                process.send_after(FAR_OFF, &own, atom("x")).unwrap();
            }
        }))
        .await;
    });
}

#[test]
fn many_thousands_of_timers_come_each_once() {
    block_on(async {
        let node = alone().await;
        found(node.run(move |mut process| async move {
            let own = process.pid().clone();
            let timers: Vec<Timer> =
                (0..20_000).map(|number| process.send_after(Duration::from_micros(number % 7_000), &own, number).unwrap()).collect();
            let far: Vec<Timer> = (0..20_000).map(|_| process.send_after(FAR_OFF, &own, atom("never")).unwrap()).collect();
            assert!(far.iter().all(|timer| process.cancel_timer(timer).is_some()));
            let mut seen = vec![false; timers.len()];
            for _ in &timers {
                let number = usize::try_from(next_term(&mut process).await.as_i64().unwrap()).unwrap();
                assert!(!std::mem::replace(&mut seen[number], true), "{number} came twice");
            }
            assert!(timers.iter().all(|timer| process.cancel_timer(timer).is_none()));
        }))
        .await;
    });
}

#[test]
fn a_node_that_stops_waits_for_no_timer_and_a_longer_wait_than_any_is_none() {
    block_on(async {
        let node = alone().await;
        let target = idle(&node);
        found(node.run(move |mut process| async move {
            for after in [FAR_OFF, Duration::MAX] {
                process.send_after(after, &target, atom("x")).unwrap();
            }
        }))
        .await;
        countersign::rt::timeout(crate::world::NEVER, node.stop()).await.unwrap();
    });
}

#[test]
fn a_mail_that_is_wanted_comes_in_time_or_not_at_all() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let own = process.pid().clone();
            process.send(&own, atom("unwanted")).await.unwrap();
            let is_wanted = |mail: &countersign::node::Mail| mail.term().is_some_and(|term| term.is_atom("wanted"));
            assert!(process.receive_where_within(SOON, is_wanted).await.is_none());
            assert_eq!(process.waiting(), 1, "what is passed over stays");
            process.send_after(SOON, &own, atom("wanted")).unwrap();
            assert!(process.receive_where_within(crate::world::NEVER, is_wanted).await.is_some());
            assert!(next_term(&mut process).await.is_atom("unwanted"));
        }))
        .await;
    });
}

#[test]
fn no_timer_outlives_a_process_that_ends_while_it_is_started() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            for _ in 0..5_000 {
                let (brief, watched) = process.spawn_monitor(|_| async {});
                let mut timers = Vec::new();
                // So that its end falls between two steps of one of them, now and then.
                while process.take_where(|mail| mail.down(&watched).is_some()).is_none() {
                    timers.push(process.start_timer(FAR_OFF, &brief, atom("late")).unwrap());
                }
                eventually("its timers have ended, too", || timers.iter().all(|timer| process.read_timer(timer).is_none()));
            }
        }))
        .await;
    });
}
