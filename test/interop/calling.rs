//! Calls of ours to servers of theirs.

use crate::pair::each_way;
use crate::puppet::{Puppet, in_time};
use countersign::etf::{Atom, Term, atom, tuple};
use countersign::node::CallError;
use std::time::Duration;

#[test]
fn we_call_a_server_of_theirs() {
    each_way("we_call_a_server_of_theirs", |pair| {
        let children = in_time(pair.a.call(pair.there("kernel_sup"), atom("which_children"), LONG)).unwrap();
        assert!(children.as_list().unwrap().len() > 3, "{children}");
        let request = tuple([atom("is_auth"), atom("me")]);
        assert!(in_time(pair.a.call(pair.there("net_kernel"), request, LONG)).unwrap().is_atom("yes"));
    });
}

#[test]
fn a_call_to_nobody_says_so_at_once() {
    each_way("a_call_to_nobody_says_so_at_once", |pair| {
        match in_time(pair.a.call(pair.there("nobody"), atom("x"), LONG)) {
            Err(CallError::NoProcess { object }) => assert_eq!(object.to_string(), "nobody at x@localhost"),
            other => panic!("{other:?}"),
        }
        let nowhere = (Atom::fixed("some"), crate::pair::name("nowhere@localhost"));
        assert!(in_time(pair.a.call(nowhere, atom("x"), LONG)).is_err());
    });
}

#[test]
fn a_server_of_theirs_that_ends_meanwhile_ends_the_call() {
    each_way("a_server_of_theirs_that_ends_meanwhile_ends_the_call", |pair| {
        let theirs = pair.puppet("theirs");
        let a = pair.a.clone();
        std::thread::scope(|scope| {
            let call = scope.spawn(|| in_time(a.call(&theirs, atom("x"), LONG)));
            // It has the question.
            assert_eq!(pair.tell("theirs", "receive {'$gen_call', _, x} -> ok end"), "ok");
            pair.tell("theirs", "exit(enough)");
            match call.join().unwrap() {
                Err(CallError::Exited { reason, .. }) => assert!(reason.is_atom("enough")),
                other => panic!("{other:?}"),
            }
        });
    });
}

#[test]
fn a_server_of_theirs_that_says_nothing_is_given_up() {
    each_way("a_server_of_theirs_that_says_nothing_is_given_up", |pair| {
        let (ours, theirs) = (Puppet::new(&pair.a), pair.puppet("theirs"));
        let called = ours.tell(move |process| Box::pin(process.call(theirs, atom("x"), Duration::from_millis(50))));
        assert!(matches!(called, Err(CallError::Timeout(_))), "{called:?}");
        assert_eq!(pair.tell("theirs", "receive {'$gen_call', From, x} -> gen_server:reply(From, late) end"), "ok");
        pair.settle();
        // By whoever told it that, and by nobody else.
        assert_eq!(pair.tell("theirs", "length(element(2, process_info(self(), monitored_by)))"), "1");
        pair.tell("theirs", "exit(done)");
        let again = ours.tell({
            let to = pair.there("kernel_sup");
            |process| Box::pin(process.call(to, atom("which_children"), LONG))
        });
        assert!(matches!(again, Ok(Term::List(_))), "{again:?}");
    });
}

const LONG: Duration = Duration::from_secs(20);
