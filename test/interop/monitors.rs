//! Monitors of processes there and here.

use crate::pair::each_way;
use crate::puppet::{Puppet, in_time};
use countersign::dist::control::Proc;
use countersign::etf::{Atom, Term, atom, tuple};

#[test]
fn we_learn_why_their_process_has_ended() {
    each_way("we_learn_why_their_process_has_ended", |pair| {
        for (ending, reason) in [
            ("exit(normal)", "normal"),
            ("exit({why, #{a => <<1>>}})", "{why,#{a => <<1>>}}"),
            ("exit(self(), kill), receive after infinity -> ok end", "killed"),
        ] {
            let (ours, theirs) = (Puppet::new(&pair.a), pair.puppet("theirs"));
            let by_pid = ours.monitor(&theirs);
            let by_name = ours.monitor(pair.there("theirs"));
            pair.settle();
            pair.tell("theirs", ending);
            let mut downs = [ours.down(), ours.down()];
            downs.sort_by_key(|down| down.reference != by_pid);
            assert_eq!((&downs[0].reference, &downs[1].reference), (&by_pid, &by_name));
            assert!(downs.iter().all(|down| down.reason.to_string() == reason), "{downs:?}");
            assert_eq!(downs[0].object.process, Proc::Pid(theirs));
            assert_eq!(downs[1].object.process, Proc::Name(Atom::fixed("theirs")));
        }
    });
}

#[test]
fn they_learn_why_our_process_has_ended() {
    each_way("they_learn_why_our_process_has_ended", |pair| {
        let watch = |what: &str| {
            format!(
                "R = monitor(process, {what}), {{inbox, OUR}} ! watching, receive {{'DOWN', R, process, What, Why}} -> {{What, Why}} end"
            )
        };
        let inbox = Puppet::named(&pair.a, "inbox");
        for (reason, shown) in [(tuple([atom("why"), Term::from(7)]), "{why,7}"), (atom("kill"), "killed"), (atom("normal"), "normal")] {
            let ours = Puppet::named(&pair.a, "ours");
            pair.introduce(&ours, "ours");
            let by_pid = pair.begin(&watch("persistent_term:get(ours)"));
            let by_name = pair.begin(&watch("{ours, OUR}"));
            assert!(inbox.term().is_atom("watching") && inbox.term().is_atom("watching"));
            if reason.is_atom("normal") {
                drop(ours);
            } else {
                in_time(pair.a.exit(&ours.pid(), reason)).unwrap();
            }
            assert!(by_pid.wait().ends_with(&format!(",{shown}}}")));
            assert_eq!(by_name.wait(), format!("{{{{ours,{}}},{shown}}}", pair.a.name()));
        }
    });
}

#[test]
fn what_is_not_there_is_noproc() {
    each_way("what_is_not_there_is_noproc", |pair| {
        let (ours, theirs) = (Puppet::new(&pair.a), pair.puppet("theirs"));
        pair.tell("theirs", "exit(normal)");
        let by_name = ours.monitor(pair.there("nobody"));
        let down = ours.down();
        assert_eq!((down.reference, down.reason), (by_name, atom("noproc")));
        let by_pid = ours.monitor(&theirs);
        let down = ours.down();
        assert_eq!((down.reference, down.reason), (by_pid, atom("noproc")));

        pair.introduce(&ours, "ours");
        ours.end(&pair.a);
        let down = "R = monitor(process, What), receive {'DOWN', R, process, Object, Why} -> {Object =:= What, Why} end";
        assert_eq!(pair.eval(&format!("What = {{nobody, OUR}}, {down}")), "{true,noproc}");
        assert_eq!(pair.eval(&format!("What = persistent_term:get(ours), {down}")), "{true,noproc}");
    });
}

#[test]
fn a_monitor_that_was_called_off_says_nothing() {
    each_way("a_monitor_that_was_called_off_says_nothing", |pair| {
        let (ours, theirs) = (Puppet::named(&pair.a, "ours"), pair.puppet("theirs"));
        let (off, off_by_name, on) = (ours.monitor(&theirs), ours.monitor(pair.there("theirs")), ours.monitor(&theirs));
        ours.demonitor(&off);
        ours.demonitor(&off_by_name);
        pair.tell("theirs", "exit(over)");
        assert_eq!((ours.down().reference, ours.waiting()), (on, 0));

        pair.introduce(&ours, "ours");
        let watching = pair.begin(
            "P = persistent_term:get(ours), [demonitor(monitor(process, W)) || W <- [P, {ours, OUR}]], R = monitor(process, P), P ! watching,
             receive {'DOWN', R, _, _, Why} -> {Why, process_info(self(), messages)} end",
        );
        assert!(ours.term().is_atom("watching"));
        drop(ours);
        assert_eq!(watching.wait(), "{normal,{messages,[]}}");
    });
}

#[test]
fn a_monitor_by_name_keeps_to_the_process_that_had_the_name() {
    each_way("a_monitor_by_name_keeps_to_the_process_that_had_the_name", |pair| {
        let (first, inbox) = (Puppet::named(&pair.a, "ours"), Puppet::named(&pair.a, "inbox"));
        let watching = pair.begin("R = monitor(process, {ours, OUR}), {inbox, OUR} ! watching, receive {'DOWN', R, _, _, Why} -> Why end");
        assert!(inbox.term().is_atom("watching"));
        assert!(pair.a.unregister("ours"));
        let second = Puppet::named(&pair.a, "ours");
        in_time(pair.a.exit(&second.pid(), atom("second"))).unwrap();
        in_time(pair.a.exit(&first.pid(), atom("first"))).unwrap();
        assert_eq!(watching.wait(), "first");
    });
}
