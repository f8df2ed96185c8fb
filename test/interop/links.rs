//! Links of processes here and there.

use crate::pair::{Pair, each_way};
use crate::puppet::Puppet;
use countersign::etf::{Pid, Term, atom, tuple};

#[test]
fn the_end_of_their_process_reaches_ours_by_a_link() {
    each_way("the_end_of_their_process_reaches_ours_by_a_link", |pair| {
        for (ending, reason) in [
            ("exit(normal)", "normal"),
            ("exit({because, <<1>>})", "{because,<<1>>}"),
            ("exit(self(), kill), receive after infinity -> ok end", "killed"),
        ] {
            let (ours, theirs) = (trapping(pair), pair.puppet("theirs"));
            ours.link(&theirs);
            pair.settle();
            pair.tell("theirs", ending);
            let exited = ours.exited();
            assert_eq!((exited.from, exited.reason.to_string()), (theirs, reason.to_owned()), "we linked");

            let theirs = their_link_to(pair, &ours);
            pair.tell("theirs", ending);
            let exited = ours.exited();
            assert_eq!((exited.from, exited.reason.to_string()), (theirs, reason.to_owned()), "they linked");
        }
    });
}

#[test]
fn the_end_of_our_process_reaches_theirs_by_a_link() {
    each_way("the_end_of_our_process_reaches_theirs_by_a_link", |pair| {
        let theirs = pair.puppet("theirs");
        pair.tell("theirs", "process_flag(trap_exit, true)");
        for (reason, shown) in
            [(atom("normal"), "normal"), (tuple([atom("because"), Term::from(1)]), "{because,1}"), (atom("kill"), "killed")]
        {
            for they_link in [false, true] {
                let ours = Puppet::new(&pair.a);
                pair.introduce(&ours, "ours");
                if they_link {
                    assert_eq!(pair.tell("theirs", "link(persistent_term:get(ours))"), "true");
                } else {
                    ours.link(&theirs);
                }
                pair.settle();
                end(pair, ours, &reason);
                let heard = pair.tell("theirs", "receive {'EXIT', P, R} -> {P =:= persistent_term:get(ours), R} end");
                assert_eq!(heard, format!("{{true,{shown}}}"), "they linked: {they_link}");
            }
        }
        pair.tell("theirs", "exit(done)");
    });
}

#[test]
fn a_process_that_does_not_trap_exits_ends_with_the_other_one() {
    each_way("a_process_that_does_not_trap_exits_ends_with_the_other_one", |pair| {
        let (ours, theirs) = (Puppet::new(&pair.a), pair.puppet("theirs"));
        ours.link(&theirs);
        pair.settle();
        pair.tell("theirs", "exit(boom)");
        ours.ended();

        let (ours, theirs) = (Puppet::new(&pair.a), pair.puppet("theirs"));
        ours.link(&theirs);
        let watching = pair.begin("R = monitor(process, theirs), register(watching, self()), receive {'DOWN', R, _, _, Why} -> Why end");
        pair.eval("F = fun F() -> whereis(watching) =/= undefined orelse F() end, F()");
        crate::puppet::in_time(pair.a.exit(&ours.pid(), atom("boom"))).unwrap();
        assert_eq!(watching.wait(), "boom");

        // The end of one that ends well harms nobody.
        let (ours, theirs) = (Puppet::new(&pair.a), pair.puppet("theirs"));
        ours.link(&theirs);
        pair.settle();
        pair.tell("theirs", "exit(normal)");
        let reference = ours.monitor(&theirs);
        assert_eq!((ours.down().reference, ours.waiting()), (reference, 0));
    });
}

#[test]
fn a_link_to_a_process_that_has_ended_is_answered_with_noproc() {
    each_way("a_link_to_a_process_that_has_ended_is_answered_with_noproc", |pair| {
        let (ours, theirs) = (trapping(pair), pair.puppet("theirs"));
        pair.tell("theirs", "exit(normal)");
        ours.link(&theirs);
        let exited = ours.exited();
        assert_eq!((exited.from, exited.reason), (theirs, atom("noproc")));

        pair.introduce(&ours, "ours");
        ours.end(&pair.a);
        let heard = pair.eval("process_flag(trap_exit, true), P = persistent_term:get(ours), link(P), receive {'EXIT', P, R} -> R end");
        assert_eq!(heard, "noproc");
    });
}

#[test]
fn nothing_comes_over_a_link_that_was_undone() {
    each_way("nothing_comes_over_a_link_that_was_undone", |pair| {
        let (ours, theirs) = (trapping(pair), pair.puppet("theirs"));
        ours.link(&theirs);
        ours.unlink(&theirs);
        pair.settle();
        pair.tell("theirs", "exit(boom)");
        let reference = ours.monitor(&theirs);
        assert_eq!((ours.down().reference, ours.waiting()), (reference, 0), "we undid it");

        their_link_to(pair, &ours);
        pair.tell("theirs", "unlink(persistent_term:get(ours)), exit(boom)");
        let reference = ours.monitor(pair.there("theirs"));
        assert_eq!((ours.down().reference, ours.waiting()), (reference, 0), "they undid it");

        // Nor to them.
        let theirs = pair.puppet("theirs");
        ours.link(&theirs);
        ours.unlink(&theirs);
        pair.settle();
        pair.tell("theirs", "process_flag(trap_exit, true), link(persistent_term:get(ours)), unlink(persistent_term:get(ours))");
        ours.end(&pair.a);
        let down =
            "P = persistent_term:get(ours), R = monitor(process, P), receive {'DOWN', R, _, _, _} -> process_info(self(), messages) end";
        assert_eq!(pair.tell("theirs", down), "{messages,[]}");
        pair.tell("theirs", "exit(done)");
    });
}

/// A process of ours that traps exits.
fn trapping(pair: &Pair<'_>) -> Puppet {
    let puppet = Puppet::new(&pair.a);
    puppet.trap_exits();
    puppet
}

/// A new puppet of theirs that has linked itself to ours.
#[track_caller]
fn their_link_to(pair: &Pair<'_>, ours: &Puppet) -> Pid {
    pair.introduce(ours, "ours");
    let theirs = pair.puppet("theirs");
    assert_eq!(pair.tell("theirs", "link(persistent_term:get(ours)), persistent_term:get(ours) ! linked, true"), "true");
    assert!(ours.term().is_atom("linked"));
    theirs
}

/// Ends a puppet of ours: one that is asked to end normally returns.
fn end(pair: &Pair<'_>, puppet: Puppet, reason: &Term) {
    if reason.is_atom("normal") {
        return drop(puppet);
    }
    crate::puppet::in_time(pair.a.exit(&puppet.pid(), reason.clone())).unwrap();
    puppet.ended();
}
