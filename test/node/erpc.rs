//! Functions of one of our nodes, called by another one.

use crate::raw::Raw;
use crate::served::{Runs, functions, only};
use crate::world::{NEVER, World, alone, eventually, found, name};
use countersign::dist::control::{RegSend, Unused};
use countersign::etf::{Atom, Pid, Term, atom, list, tuple};
use countersign::node::rpc::{Apply, Callers, ErpcError};
use countersign::node::{Mail, Node, NodeOptions};
use countersign::rt::block_on;
use futures_util::FutureExt;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// `a@localhost` with functions for `b@localhost`, which is there too.
async fn two(world: &World) -> (Node, Node, Runs) {
    let runs = Runs::default();
    let options = NodeOptions { functions: functions(&only("b@localhost"), &runs), ..world.secure() };
    (Node::start("a@localhost", options).await.unwrap(), world.node("b@localhost").await, runs)
}

fn nothing() -> [Term; 0] {
    []
}

#[test]
fn a_function_returns_raises_and_is_told_who_calls() {
    block_on(async {
        let world = World::new().await;
        let (a, b, _) = two(&world).await;
        let call = async |what| b.erpc(a.name(), what, NEVER).await;
        let raised = async |kind, value| call(Apply::fixed("math", "raise", [atom(kind), atom(value)])).await.unwrap_err();
        assert_eq!(call(Apply::fixed("math", "add", [40, 2])).await.unwrap(), Term::from(42));
        assert_eq!(call(Apply::fixed("math", "sum", 1..=300)).await.unwrap(), Term::from(45_150));
        assert!(matches!(raised("throw", "ball").await, ErpcError::Throw(value) if value.is_atom("ball")));
        assert!(matches!(raised("exit", "enough").await, ErpcError::Exit(value) if value.is_atom("enough")));
        match raised("error", "badarg").await {
            ErpcError::Error { reason, stack } => assert_eq!((reason, stack.to_string().as_str()), (atom("badarg"), "[{math,raise,2,[]}]")),
            other => panic!("{other:?}"),
        }
        // What it calls itself may be missing; then it is there all the same.
        assert!(matches!(raised("error", "undef").await, ErpcError::Undef { .. }));
        let who = call(Apply::fixed("math", "who", nothing())).await.unwrap();
        let [node, pid, verified] = who.as_tuple().unwrap() else { panic!("{who}") };
        assert_eq!((node.as_text(), verified.as_bool()), (Some("b@localhost"), Some(true)));
        assert!(pid.as_pid().unwrap().node == "b@localhost");
    });
}

#[test]
fn a_function_that_is_not_there_is_undef_and_a_node_without_any_supports_nothing() {
    block_on(async {
        let world = World::new().await;
        let (a, b, runs) = two(&world).await;
        for what in [Apply::fixed("math", "add", [1]), Apply::fixed("math", "nothing", [1]), Apply::fixed("other", "add", [1, 2])] {
            match b.erpc(a.name(), what, NEVER).await {
                Err(ErpcError::Undef { node, .. }) => assert_eq!(node, *a.name()),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((runs.count(), a.refused_calls()), (0, 3));
        let from_a = a.erpc(b.name(), Apply::fixed("math", "add", [1, 2]), NEVER).await;
        assert!(matches!(from_a, Err(ErpcError::NotSupported { node }) if node == *b.name()));
        assert_eq!(b.refused_calls(), 1);
    });
}

#[test]
fn a_process_of_the_node_itself_calls_what_is_exported_whatever_the_list_says() {
    block_on(async {
        let world = World::new().await;
        let runs = Runs::default();
        let options = NodeOptions { functions: functions(&Callers::nobody(), &runs), ..world.secure() };
        let a = Node::start("a@localhost", options).await.unwrap();
        assert_eq!(a.erpc(a.name(), Apply::fixed("math", "add", [1, 2]), NEVER).await.unwrap(), Term::from(3));
        let raised = a.erpc(a.name(), Apply::fixed("math", "raise", [atom("throw"), atom("ball")]), NEVER).await;
        assert!(matches!(raised, Err(ErpcError::Throw(_))));
        assert!(matches!(a.erpc(a.name(), Apply::fixed("math", "none", [1]), NEVER).await, Err(ErpcError::Undef { .. })));
        let ended = found(a.run(|mut process| async move {
            let own = process.node().clone();
            let (child, reference) = process.spawn_monitor_at(&own, Apply::fixed("math", "wait", nothing()), NEVER).await.unwrap();
            process.send(&child, atom("go")).await.unwrap();
            let mail = process.receive_where(|mail| mail.down(&reference).is_some()).await;
            let Mail::Down(down) = mail else { panic!("{mail:?}") };
            down.reason
        }));
        assert!(ended.await.is_atom("normal"));
        let from_alone = alone().await;
        let none = from_alone.erpc(from_alone.name(), Apply::fixed("math", "add", [1, 2]), NEVER).await;
        assert!(matches!(none, Err(ErpcError::Undef { .. })));
    });
}

#[test]
fn a_call_that_takes_too_long_is_given_up_and_leaves_nothing_behind() {
    block_on(async {
        let world = World::new().await;
        let (a, b, _) = two(&world).await;
        let there = a.name().clone();
        let left = found(b.run(move |mut process| async move {
            // First: to connect may take longer than the call has.
            assert_eq!(process.erpc(&there, Apply::fixed("math", "add", [1, 2]), NEVER).await.unwrap(), Term::from(3));
            let short = Duration::from_millis(50);
            let late = process.erpc(&there, Apply::fixed("math", "wait", nothing()), short).await;
            assert!(matches!(late, Err(ErpcError::Timeout(given)) if given == short), "{late:?}");
            let child = waiting(&mut process).await;
            process.send(&child, atom("late")).await.unwrap();
            // Whatever it says, it says before this.
            assert_eq!(process.erpc(&there, Apply::fixed("math", "add", [1, 2]), NEVER).await.unwrap(), Term::from(3));
            process.waiting()
        }));
        assert_eq!(left.await, 0);
    });
}

/// How a call that was begun ends if nobody cares to wait for it.
fn dropped<T>(mut calling: impl Future<Output = T> + Unpin) {
    assert!((&mut calling).now_or_never().is_none(), "it is not through at once");
}

#[test]
fn a_call_that_nobody_waits_for_any_more_leaves_nothing_behind() {
    block_on(async {
        let world = World::new().await;
        let (a, b, _) = two(&world).await;
        let there = a.name().clone();
        let left = found(b.run(move |mut process| async move {
            process.trap_exits(true);
            assert_eq!(process.erpc(&there, Apply::fixed("math", "add", [1, 2]), NEVER).await.unwrap(), Term::from(3));
            dropped(pin!(process.erpc(&there, Apply::fixed("math", "wait", nothing()), NEVER)));
            let called = waiting(&mut process).await;
            // One that is through at once is there, and not what this is about.
            loop {
                let through = Box::pin(process.spawn_link_at(&there, Apply::fixed("math", "wait", nothing()), NEVER)).now_or_never();
                let Some(child) = through else { break };
                let child = child.unwrap();
                process.exit(&child, atom("kill")).await.unwrap();
                process.receive_where(|mail| matches!(mail, Mail::Exit(exited) if exited.from == child)).await;
            }
            // That of a link says so, too, unless it has been ended before it could.
            assert_eq!(process.erpc(&there, Apply::fixed("math", "add", [1, 2]), NEVER).await.unwrap(), Term::from(3));
            process.send(&called, atom("late")).await.unwrap();
            // Whatever they say, they say before this.
            assert_eq!(process.erpc(&there, Apply::fixed("math", "add", [1, 2]), NEVER).await.unwrap(), Term::from(3));
            while process.take_where(|mail| mail.term().is_some_and(|term| term.to_string().starts_with("{waits,"))).is_some() {}
            (process.waiting(), process.links())
        }))
        .await;
        assert_eq!(left, (0, Vec::new()));
        eventually("all have ended", || running(&a) == 0);
    });
}

#[test]
fn a_call_by_rex_that_a_node_without_functions_refuses_is_counted() {
    block_on(async {
        let world = World::new().await;
        let b = world.node("b@localhost").await;
        let mut raw = Raw::meet(&world, &b, "x@localhost").await;
        let call = tuple([atom("call"), atom("math"), atom("add"), list([1, 2]), Term::from(raw.pid(1))]);
        let from = tuple([Term::from(raw.pid(1)), atom("tag")]);
        let send = RegSend { from: raw.pid(1), unused: Unused, to: Atom::fixed("rex") };
        raw.say(send, Some(&tuple([atom("$gen_call"), from, call]))).await;
        assert_eq!(raw.hear_term().await.unwrap().to_string(), "{tag,{badrpc,notsup}}");
        assert_eq!(b.refused_calls(), 1);
    });
}

/// The pid that `math:wait` says.
async fn waiting(process: &mut countersign::node::Process) -> Pid {
    let mail = process.receive_where(|mail| mail.term().is_some_and(|term| term.to_string().starts_with("{waits,"))).await;
    let term = mail.into_term().unwrap();
    term.as_tuple().unwrap()[1].as_pid().unwrap().clone()
}

#[test]
fn whenever_a_parent_gives_up_no_child_that_was_to_be_linked_to_it_is_left() {
    block_on(async {
        let world = World::new().await;
        let (a, b, _) = two(&world).await;
        let there = a.name().clone();
        let (begun, late) = found(b.run(move |mut process| async move {
            process.trap_exits(true);
            let (mut begun, mut late) = (Vec::new(), 0);
            for round in 0..200 {
                let within = Duration::from_micros(10 * round);
                match process.spawn_link_at(&there, Apply::fixed("math", "wait", nothing()), within).await {
                    Ok(child) => begun.push(child),
                    Err(ErpcError::Timeout(_)) => late += 1,
                    Err(error) => panic!("{error}"),
                }
            }
            for child in &begun {
                process.send(child, atom("go")).await.unwrap();
                let mail = process.receive_where(|mail| matches!(mail, Mail::Exit(exited) if exited.from == *child)).await;
                assert!(matches!(mail, Mail::Exit(exited) if exited.reason.is_atom("normal")));
            }
            assert!(process.take_where(|mail| matches!(mail, Mail::Exit(_))).is_none(), "one that is not known was linked");
            (begun.len(), late)
        }))
        .await;
        assert_eq!(begun + late, 200);
        eventually("all have ended", || running(&a) == 0);
    });
}

/// How many calls of peers run, as the node says.
fn running(node: &Node) -> i64 {
    let status = block_on(node.call(Atom::fixed("countersign"), atom("status"), NEVER)).unwrap();
    status.as_map().unwrap().field("calls_running").unwrap().as_i64().unwrap()
}

#[test]
fn a_child_ends_with_its_parent_if_they_are_linked_and_only_then() {
    block_on(async {
        let world = World::new().await;
        let (a, b, _) = two(&world).await;
        for is_linked in [false, true] {
            let there = a.name().clone();
            let child = found(b.run(move |mut process| async move {
                let wait = Apply::fixed("math", "wait", nothing());
                let child = if is_linked {
                    process.spawn_link_at(&there, wait, NEVER).await.unwrap()
                } else {
                    process.spawn_at(&there, wait, NEVER).await.unwrap()
                };
                assert_eq!(waiting(&mut process).await, child);
                let own = process.pid().clone();
                process.exit(&own, atom("enough")).await.unwrap();
                child
            }))
            .await;
            let watched = b.run(move |mut process| async move {
                let reference = process.monitor(&child).await;
                // Of the end of its parent a linked child hears from somebody else, and perhaps later.
                if !is_linked {
                    process.send(&child, atom("go")).await.unwrap();
                }
                let mail = process.receive_where(|mail| mail.down(&reference).is_some()).await;
                let Mail::Down(down) = mail else { panic!("{mail:?}") };
                down.reason
            });
            let reason = found(watched).await;
            let wanted: &[&str] = if is_linked { &["enough", "noproc"] } else { &["normal"] };
            assert!(wanted.iter().any(|wanted| reason.is_atom(wanted)), "{is_linked}: {reason}");
        }
    });
}

#[test]
fn a_parent_learns_how_its_child_ended() {
    block_on(async {
        let world = World::new().await;
        let (a, b, _) = two(&world).await;
        let there = a.name().clone();
        let reasons = found(b.run(move |mut process| async move {
            process.trap_exits(true);
            let raise = |kind, value| Apply::fixed("math", "raise", [atom(kind), atom(value)]);
            let mut reasons = Vec::new();
            for what in [
                raise("error", "bad"),
                raise("throw", "ball"),
                raise("exit", "enough"),
                Apply::fixed("math", "add", [1, 2]),
                Apply::fixed("no", "such", [7]),
            ] {
                let (_, reference) = process.spawn_monitor_at(&there, what.clone(), NEVER).await.unwrap();
                let Mail::Down(down) = process.receive_where(|mail| mail.down(&reference).is_some()).await else { panic!("{what}") };
                let child = process.spawn_link_at(&there, what, NEVER).await.unwrap();
                let Mail::Exit(exited) = process.receive_where(|mail| matches!(mail, Mail::Exit(_))).await else { panic!("no exit") };
                assert_eq!((exited.from, exited.reason), (child, down.reason.clone()));
                reasons.push(down.reason.to_string());
            }
            assert_eq!(process.waiting(), 0);
            reasons
        }));
        let wanted =
            ["{bad,[{math,raise,2,[]}]}", "{{nocatch,ball},[{math,raise,2,[]}]}", "enough", "normal", "{undef,[{no,such,[7],[]}]}"];
        assert_eq!(reasons.await, wanted);
    });
}

#[test]
fn whoever_waits_learns_that_the_process_was_ended_or_panicked() {
    block_on(async {
        let world = World::new().await;
        let (a, b, _) = two(&world).await;
        let killed = b.erpc(a.name(), Apply::fixed("math", "die", nothing()), NEVER).await;
        assert!(matches!(&killed, Err(ErpcError::Signal(reason)) if reason.is_atom("killed")), "{killed:?}");
        let panicked = b.erpc(a.name(), Apply::fixed("math", "raise", [atom("nothing"), atom("x")]), NEVER).await;
        assert!(matches!(&panicked, Err(ErpcError::Signal(reason)) if reason.to_string().starts_with("{panic,")), "{panicked:?}");
    });
}

#[test]
fn whoever_waits_learns_that_the_link_has_ended() {
    block_on(async {
        let world = World::new().await;
        let (a, b, runs) = two(&world).await;
        for is_call in [true, false] {
            let (there, before) = (a.name().clone(), runs.count());
            let waiting = b.run(move |mut process| async move {
                let wait = Apply::fixed("math", "wait", nothing());
                if is_call {
                    return matches!(process.erpc(&there, wait, NEVER).await, Err(ErpcError::NoConnection { .. }));
                }
                let (_, reference) = process.spawn_monitor_at(&there, wait, NEVER).await.unwrap();
                let mail = process.receive_where(|mail| mail.down(&reference).is_some()).await;
                mail.down(&reference).is_some_and(|down| down.reason.is_atom("noconnection"))
            });
            eventually("it runs", || runs.count() > before);
            assert!(a.disconnect(b.name()).await);
            assert!(found(waiting).await);
        }
    });
}

#[test]
fn a_cast_runs_and_nobody_hears_of_it() {
    block_on(async {
        let world = World::new().await;
        let (a, b, runs) = two(&world).await;
        for what in
            [Apply::fixed("math", "add", [1, 2]), Apply::fixed("math", "raise", [atom("exit"), atom("x")]), Apply::fixed("no", "such", [1])]
        {
            b.erpc_cast(a.name(), what).await.unwrap();
        }
        eventually("both have run", || runs.count() == 2);
        b.ping(a.name()).await.unwrap();
        let nobody = b.erpc_cast(&name("nobody@localhost"), Apply::fixed("math", "add", [1, 2])).await;
        assert!(matches!(nobody, Err(ErpcError::Send(_))));
    });
}

#[test]
fn many_nodes_are_called_at_once_and_answer_in_their_order() {
    block_on(async {
        let world = World::new().await;
        let (a, b, _) = two(&world).await;
        let nodes = [a.name().clone(), name("nobody@localhost"), b.name().clone(), a.name().clone()];
        let answers = b.erpc_multicall(&nodes, &Apply::fixed("math", "add", [1, 2]), NEVER).await;
        assert!(
            matches!(
                answers.as_slice(),
                [Ok(Term::Integer(3)), Err(ErpcError::Send(_)), Err(ErpcError::Undef { .. }), Ok(Term::Integer(3))]
            ),
            "{answers:?}"
        );
    });
}
