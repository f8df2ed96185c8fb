//! A panic in a process is the reason of its end, wherever in it that happens, and nobody else's end.

use crate::world::{NEVER, alone, found, next_term};
use countersign::etf::{Term, atom, tuple};
use countersign::node::{Node, Outcome, Process};
use countersign::rt::{self, block_on};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Panics with this text when it is dropped.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            fail(self.0);
        }
    }
}

fn fail(text: &str) {
    assert!(text.is_empty(), "{text}");
}

/// Panics when it is polled for the second time.
struct Fails(bool);

impl Future for Fails {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            fail("in a poll");
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// The reason with which it ended, as somebody who was there from the start learns it.
async fn reason<F, Fut>(node: &Node, run: F) -> Term
where
    F: FnOnce(Process) -> Fut + Send + 'static,
    Fut: Future<Output: Outcome> + Send + 'static,
{
    let reason = found(node.run(|mut process| async move {
        let (_, watched) = process.spawn_monitor(run);
        let mail = process.receive().await;
        mail.down(&watched).unwrap().reason.clone()
    }))
    .await;
    found(node.run(|_| async {})).await;
    reason
}

fn panicked(text: &str) -> Term {
    tuple([atom("panic"), Term::from(text)])
}

#[test]
fn wherever_it_panics_the_reason_says_so() {
    block_on(async {
        let node = alone().await;
        assert_eq!(reason(&node, |_| -> std::future::Ready<()> { panic!("in the closure") }).await, panicked("in the closure"));
        assert_eq!(reason(&node, |_| async { fail("in the function") }).await, panicked("in the function"));
        assert_eq!(reason(&node, |_| Fails(false)).await, panicked("in a poll"));
        let in_drop = reason(&node, |_| async {
            let _bomb = Bomb("in a destructor");
            rt::sleep(std::time::Duration::ZERO).await;
        });
        assert_eq!(in_drop.await, panicked("in a destructor"));
        rt::timeout(NEVER, node.stop()).await.unwrap();
    });
}

#[test]
fn a_return_value_whose_reason_panics_is_the_processs_own_too() {
    struct Unreasonable;
    impl From<Unreasonable> for Term {
        fn from(_: Unreasonable) -> Self {
            panic!("in the reason")
        }
    }
    block_on(async {
        let node = alone().await;
        assert_eq!(reason(&node, |_| async { Err::<(), _>(Unreasonable) }).await, panicked("in the reason"));
    });
}

#[test]
fn a_panic_that_carries_no_text_and_panics_when_dropped_is_a_reason_as_well() {
    block_on(async {
        let node = alone().await;
        let strange = reason(&node, |_| async { std::panic::panic_any(7_u8) }).await;
        assert!(strange.to_string().contains("nothing that can be shown"), "{strange}");
        for _ in 0..20 {
            let bomb = reason(&node, |_| async { std::panic::panic_any(Bomb("what the panic carries")) }).await;
            assert!(bomb.to_string().contains("nothing that can be shown"), "{bomb}");
        }
        rt::timeout(NEVER, node.stop()).await.unwrap();
    });
}

#[test]
fn what_a_closure_holds_that_never_ran_may_panic_when_it_is_dropped() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            process.trap_exits(true);
            let bomb = Bomb("dropped with the future");
            let child = process.spawn_link(move |mut child| async move {
                let _bomb = bomb;
                next_term(&mut child).await
            });
            process.exit(&child, atom("kill")).await.unwrap();
            let countersign::node::Mail::Exit(exited) = process.receive().await else { panic!("no exit") };
            assert!(exited.reason.is_atom("killed"), "{}", exited.reason);
        }))
        .await;
    });
}

#[test]
fn many_that_panic_at_once_leave_the_node_as_it_was() {
    block_on(async {
        let node = alone().await;
        let before = node.processes();
        found(node.run(|mut process| async move {
            for _ in 0..500 {
                process.spawn_monitor(|mut child: Process| async move {
                    child.monitor_nodes(true);
                    fail("one of many");
                });
            }
            for _ in 0..500 {
                let countersign::node::Mail::Down(down) = process.receive().await else { panic!("no end") };
                assert_eq!(down.reason, panicked("one of many"));
            }
        }))
        .await;
        crate::world::eventually("nothing is left of them", || node.processes() == before);
        rt::timeout(NEVER, node.stop()).await.unwrap();
    });
}
