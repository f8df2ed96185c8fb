//! Functions of theirs that our processes call and spawn.

use crate::otp::Transport;
use crate::pair::{Pair, each_way};
use crate::puppet::{Puppet, in_time};
use crate::served::functions;
use crate::world::World;
use countersign::etf::{Term, atom, tuple};
use countersign::node::rpc::{Apply, ErpcError};
use countersign::node::{Mail, Node, NodeOptions};
use countersign::rt::block_on;
use std::time::Duration;

#[track_caller]
fn call(pair: &Pair<'_>, what: Apply) -> Result<Term, ErpcError> {
    in_time(pair.a.erpc(&pair.them(), what, LONG))
}

fn raise(kind: &'static str, value: &'static str) -> Apply {
    Apply::fixed("counterpart", "raise", [atom(kind), atom(value)])
}

fn nothing() -> [Term; 0] {
    []
}

#[test]
fn a_function_of_theirs_returns_to_us() {
    each_way("a_function_of_theirs_returns_to_us", |pair| {
        assert_eq!(call(pair, Apply::fixed("erlang", "node", nothing())).unwrap(), atom("x@localhost"));
        assert_eq!(call(pair, Apply::fixed("lists", "seq", [1, 3])).unwrap().to_string(), "[1,2,3]");
        let big = Term::from("x".repeat(3 << 20));
        assert_eq!(call(pair, Apply::fixed("lists", "duplicate", [Term::from(1), big.clone()])).unwrap(), countersign::etf::list([big]));
        assert_eq!(call(pair, Apply::fixed("io", "format", [Term::from("printed~n")])).unwrap(), atom("ok"));
        let input = call(pair, Apply::fixed("io", "get_line", [atom("")])).unwrap();
        assert_eq!(input.to_string(), "{error,enotsup}");
        in_time(pair.a.erpc_cast(&pair.them(), Apply::fixed("erlang", "send", [atom("collector"), atom("cast")]))).unwrap();
        assert_eq!(pair.eval("counterpart:collected(1)"), "[cast]");
        pair.eval("counterpart:forget()");
    });
}

#[test]
fn whatever_a_function_of_theirs_raises_is_told_apart() {
    each_way("whatever_a_function_of_theirs_raises_is_told_apart", |pair| {
        assert!(matches!(call(pair, raise("throw", "ball")), Err(ErpcError::Throw(value)) if value.is_atom("ball")));
        assert!(matches!(call(pair, raise("exit", "enough")), Err(ErpcError::Exit(reason)) if reason.is_atom("enough")));
        match call(pair, raise("error", "bad")) {
            Err(ErpcError::Error { reason, stack }) => {
                assert!(reason.is_atom("bad") && stack.to_string().starts_with("[{counterpart,raise,2,"), "{reason} {stack}");
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(call(pair, Apply::fixed("nowhere", "nothing", [1])), Err(ErpcError::Undef { arity: 1, .. })));
        // One that is there and calls one that is not.
        let inside = Apply::fixed("erlang", "apply", [atom("nowhere"), atom("nothing"), Term::nil()]);
        assert!(matches!(call(pair, inside), Err(ErpcError::Error { reason, .. }) if reason.is_atom("undef")));
        assert!(
            matches!(call(pair, Apply::fixed("counterpart", "die", nothing())), Err(ErpcError::Signal(reason)) if reason.is_atom("killed"))
        );
        let many = Apply::fixed("lists", "seq", 1..=300);
        assert!(matches!(call(pair, many), Err(ErpcError::Undef { arity: 300, .. })));
    });
}

#[test]
fn a_call_of_ours_that_is_given_up_leaves_nothing_behind_at_either_end() {
    each_way("a_call_of_ours_that_is_given_up_leaves_nothing_behind_at_either_end", |pair| {
        let (puppet, them) = (Puppet::new(&pair.a), pair.them());
        let late = puppet.tell({
            let them = them.clone();
            |process| {
                Box::pin(async move { process.erpc(&them, Apply::fixed("timer", "sleep", [300_000]), Duration::from_millis(50)).await })
            }
        });
        assert!(matches!(late, Err(ErpcError::Timeout(_))), "{late:?}");
        pair.settle();
        let watched = "[P || P <- processes(), {monitored_by, By} <- [process_info(P, monitored_by)], M <- By, is_pid(M), node(M) =:= OUR]";
        assert_eq!(pair.eval(watched), "[]");
        let sleepers = "[exit(P, kill) || P <- processes(), {current_function, {timer, sleep, 1}} <- [process_info(P, current_function)]]";
        assert_eq!(pair.eval(sleepers), "[true]");
        pair.settle();
        assert_eq!(puppet.tell(|process| Box::pin(async { process.waiting() })), 0);
    });
}

#[test]
fn a_process_of_theirs_is_spawned_by_us() {
    each_way("a_process_of_theirs_is_spawned_by_us", |pair| {
        let (puppet, them) = (Puppet::new(&pair.a), pair.them());
        puppet.tell({
            let them = them.clone();
            |process| {
                Box::pin(async move {
                    process.trap_exits(true);
                    let puppet = || Apply::fixed("counterpart", "obey", nothing());
                    let plain = process.spawn_at(&them, puppet(), LONG).await.unwrap();
                    let linked = process.spawn_link_at(&them, puppet(), LONG).await.unwrap();
                    let (watched, reference) = process.spawn_monitor_at(&them, puppet(), LONG).await.unwrap();
                    assert!([&plain, &linked, &watched].iter().all(|child| child.node == them.as_str()));
                    process.exit(&plain, atom("enough")).await.unwrap();
                    process.exit(&linked, atom("enough")).await.unwrap();
                    assert!(
                        matches!(process.receive().await, Mail::Exit(exited) if exited.from == linked && exited.reason.is_atom("enough"))
                    );
                    process.exit(&watched, atom("enough")).await.unwrap();
                    let mail = process.receive().await;
                    assert!(mail.down(&reference).is_some_and(|down| down.reason.is_atom("enough")), "{mail:?}");
                    // A function that is not there: a process all the same.
                    let (_, reference) = process.spawn_monitor_at(&them, Apply::fixed("nowhere", "nothing", [1]), LONG).await.unwrap();
                    let mail = process.receive().await;
                    assert!(mail.down(&reference).unwrap().reason.to_string().starts_with("{undef,["));
                })
            }
        });
        assert_eq!(puppet.tell(|process| Box::pin(async { process.waiting() })), 0);
    });
}

#[test]
fn a_child_of_theirs_ends_with_its_parent() {
    each_way("a_child_of_theirs_ends_with_its_parent", |pair| {
        let (parent, them) = (Puppet::new(&pair.a), pair.them());
        let child = parent.tell(|process| {
            Box::pin(async move { process.spawn_link_at(&them, Apply::fixed("counterpart", "obey", nothing()), LONG).await.unwrap() })
        });
        let watcher = Puppet::new(&pair.a);
        let reference = watcher.tell({
            let child = child.clone();
            |process| Box::pin(async move { process.monitor(&child).await })
        });
        in_time(pair.a.exit(&parent.pid(), atom("enough"))).unwrap();
        let mail = watcher.mail();
        assert!(mail.down(&reference).is_some_and(|down| down.reason.is_atom("enough")), "{mail:?}");
    });
}

#[test]
fn one_of_ours_and_one_of_theirs_are_called_at_once() {
    let Some(world) = World::new("one_of_ours_and_one_of_theirs_are_called_at_once") else { return };
    let x = world.otp("x@localhost").start();
    let options = NodeOptions { functions: functions(), ..world.options("b@localhost", Transport::Tls13) };
    let b = block_on(Node::start("b@localhost", options)).unwrap();
    let a = world.node("a@localhost", Transport::Tls13);
    let nodes = [x.name(), "b@localhost", "nobody@localhost"].map(crate::pair::name);
    let sums = in_time(a.erpc_multicall(&nodes, &Apply::fixed("counterpart", "add", [40, 2]), LONG));
    assert!(matches!(sums.as_slice(), [Ok(Term::Integer(42)), Ok(Term::Integer(42)), Err(ErpcError::Send(_))]), "{sums:?}");
    let thrown = in_time(a.erpc_multicall(&nodes[..2], &raise("throw", "ball"), LONG));
    assert!(thrown.iter().all(|thrown| matches!(thrown, Err(ErpcError::Throw(_)))), "{thrown:?}");
    in_time(a.stop());
    in_time(b.stop());
}

#[test]
fn a_call_ends_with_the_node_that_was_called() {
    let Some(world) = World::new("a_call_ends_with_the_node_that_was_called") else { return };
    let x = world.otp("x@localhost").start();
    let a = world.node("a@localhost", Transport::Tls13);
    let puppet = Puppet::named(&a, "told");
    let them = crate::pair::name(x.name());
    std::thread::scope(|scope| {
        let call = scope.spawn(|| {
            in_time(a.erpc(&them, Apply::fixed("counterpart", "tell_and_wait", [tuple([atom("told"), atom("a@localhost")])]), LONG))
        });
        assert!(puppet.term().is_atom("waits"));
        x.kill();
        let outcome = call.join().unwrap();
        assert!(matches!(outcome, Err(ErpcError::NoConnection { .. })), "{outcome:?}");
    });
    in_time(a.stop());
}

const LONG: Duration = Duration::from_secs(20);
