//! A `gen_server` of theirs that we call.

use crate::otp::Transport;
use crate::pair::{Pair, each_way, name};
use crate::puppet::{Puppet, in_time};
use crate::world::World;
use countersign::etf::{Atom, Term, atom, list, tuple};
use countersign::failure::{Code, Failure};
use countersign::node::CallError;
use countersign::otp::gen_server::{abcast, multi_call};
use futures_util::future::join_all;
use std::time::Duration;

fn call(pair: &Pair<'_>, request: Term) -> Result<Term, CallError> {
    in_time(pair.a.call(pair.there("sums"), request, LONG))
}

/// Their server, from its beginning.
fn begin(pair: &Pair<'_>) {
    pair.eval("catch gen_server:stop(sums)");
    pair.eval("counterpart:server(sums)");
}

#[test]
fn their_server_answers_now_and_later_and_hears_casts() {
    each_way("their_server_answers_now_and_later_and_hears_casts", |pair| {
        begin(pair);
        assert_eq!(call(pair, tuple([atom("echo"), list([1, 300])])).unwrap(), list([1, 300]));
        assert!(call(pair, tuple([atom("later"), atom("at_last")])).unwrap().is_atom("at_last"));
        // Of one process, so that they come in this order.
        let (ours, there) = (Puppet::new(&pair.a), pair.there("sums"));
        let sum = ours.tell(|process| {
            Box::pin(async move {
                process.cast(there.clone(), tuple([atom("add"), Term::from(40)])).await.unwrap();
                process.cast(there.clone(), tuple([atom("add"), Term::from(2)])).await.unwrap();
                process.call(there, atom("sum"), LONG).await.unwrap()
            })
        });
        assert_eq!(sum, Term::from(42));
    });
}

#[test]
fn how_their_server_ends_is_why_there_is_no_answer() {
    each_way("how_their_server_ends_is_why_there_is_no_answer", |pair| {
        begin(pair);
        assert!(call(pair, tuple([atom("stop"), atom("normal"), atom("bye")])).unwrap().is_atom("bye"));
        begin(pair);
        match call(pair, tuple([atom("fail"), atom("badly")])) {
            Err(CallError::Exited { object, reason }) => {
                assert_eq!(object, pair.there("sums"));
                let Some([reason, stack]) = reason.as_tuple() else { panic!("{reason}") };
                assert!(reason.is_atom("badly") && stack.to_string().contains("counterpart,handle_call"), "{reason} {stack}");
            }
            other => panic!("{other:?}"),
        }
        let nobody = call(pair, atom("sum")).unwrap_err();
        assert!(matches!(nobody, CallError::NoProcess { .. }), "{nobody:?}");
        assert_eq!((nobody.code(), nobody.to_string().as_str()), (Code::Unreachable, "there is no process sums at x@localhost"));
    });
}

#[test]
fn a_time_out_leaves_nothing_behind_at_either_end() {
    each_way("a_time_out_leaves_nothing_behind_at_either_end", |pair| {
        begin(pair);
        let ours = Puppet::new(&pair.a);
        let late = ours.tell({
            let there = pair.there("sums");
            |process| Box::pin(process.call(there, atom("never"), Duration::from_millis(20)))
        });
        assert!(matches!(late, Err(CallError::Timeout(within)) if within == Duration::from_millis(20)), "{late:?}");
        // It was asked, nevertheless.
        assert_eq!(call(pair, atom("sum")).unwrap(), Term::from(1));
        assert_eq!(ours.waiting(), 0);
        pair.settle();
        assert_eq!(pair.eval("element(2, process_info(whereis(sums), monitored_by))"), "[]");
    });
}

#[test]
fn a_node_of_theirs_that_dies_is_why_there_is_no_answer() {
    let Some(world) = World::new("a_node_of_theirs_that_dies_is_why_there_is_no_answer") else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        let a = world.node("a@localhost", transport);
        x.eval("counterpart:server(sums)");
        let there = (Atom::fixed("sums"), name("x@localhost"));
        let lost = std::thread::scope(|scope| {
            let call = scope.spawn(|| in_time(a.call(there.clone(), atom("never"), LONG)));
            assert_eq!(x.eval("F = fun F() -> gen_server:call(sums, sum) =:= 1 orelse F() end, F()"), "true");
            x.kill();
            call.join().unwrap()
        });
        match lost {
            Err(CallError::NodeDown { object, reason: Some(reason) }) => {
                assert_eq!(object, there.clone().into());
                assert!(!reason.to_string().is_empty());
            }
            other => panic!("{transport:?} {other:?}"),
        }
        // And now it cannot be reached at all.
        let gone = in_time(a.call(there, atom("sum"), LONG)).unwrap_err();
        assert!(matches!(gone, CallError::Send(_)), "{gone:?}");
        in_time(a.stop());
    }
}

#[test]
fn a_thousand_callers_of_ours_get_each_their_own_answer() {
    each_way("a_thousand_callers_of_ours_get_each_their_own_answer", |pair| {
        begin(pair);
        let calls = (0..1_000).map(|number| {
            let (a, there) = (&pair.a, pair.there("sums"));
            async move {
                let word = if number % 2 == 0 { "echo" } else { "later" };
                let answer = a.call(there, tuple([atom(word), Term::from(number)]), LONG).await;
                assert_eq!(answer.unwrap(), Term::from(number));
            }
        });
        in_time(join_all(calls));
    });
}

#[test]
fn we_ask_and_tell_servers_of_theirs_at_many_nodes() {
    let Some(world) = World::new("we_ask_and_tell_servers_of_theirs_at_many_nodes") else { return };
    let (x, y) = world.two(Transport::Tls13);
    let a = world.node("a@localhost", Transport::Tls13);
    x.eval("counterpart:server(sums)");
    let nodes = [name(x.name()), name(y.name())];
    assert!(in_time(abcast(&a, &nodes, Atom::fixed("sums"), tuple([atom("add"), Term::from(7)]))).iter().all(Result::is_ok));
    in_time(a.ping(&nodes[0])).unwrap();
    let answers = in_time(multi_call(&a, &nodes, Atom::fixed("sums"), atom("sum"), LONG));
    assert_eq!(answers[0].as_ref().unwrap(), &Term::from(7));
    assert!(matches!(answers[1], Err(CallError::NoProcess { .. })), "{answers:?}");
    in_time(a.stop());
}

const LONG: Duration = Duration::from_secs(20);
