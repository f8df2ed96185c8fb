//! `exit/2`, and reasons that are more than an atom.

use crate::pair::each_way;
use crate::puppet::Puppet;
use countersign::etf::{Term, atom, binary, list, map, tuple};

#[test]
fn we_ask_their_processes_to_end() {
    each_way("we_ask_their_processes_to_end", |pair| {
        let ours = Puppet::new(&pair.a);
        for (reason, shown) in [(atom("please"), "please"), (atom("kill"), "killed")] {
            let theirs = pair.puppet("theirs");
            let reference = ours.monitor(&theirs);
            ours.exit(&theirs, atom("normal")).unwrap();
            ours.exit(&theirs, reason).unwrap();
            let down = ours.down();
            assert_eq!((down.reference, down.reason.to_string()), (reference, shown.to_owned()));
        }
        // One that traps exits is told who asks.
        let theirs = pair.puppet("theirs");
        pair.introduce(&ours, "ours");
        pair.tell("theirs", "process_flag(trap_exit, true)");
        ours.exit(&theirs, tuple([atom("please"), Term::from(1)])).unwrap();
        let heard = pair.tell("theirs", "receive {'EXIT', P, R} -> {P =:= persistent_term:get(ours), R} end");
        assert_eq!(heard, "{true,{please,1}}");
        ours.exit(&theirs, atom("kill")).unwrap();
        let reference = ours.monitor(&theirs);
        assert_eq!(ours.down().reference, reference);
    });
}

#[test]
fn they_ask_our_processes_to_end() {
    each_way("they_ask_our_processes_to_end", |pair| {
        let watching = Puppet::new(&pair.a);
        for (reason, shown) in [("please", "please"), ("kill", "killed")] {
            let ours = Puppet::new(&pair.a);
            pair.introduce(&ours, "ours");
            let reference = watching.monitor(ours.pid());
            pair.eval("exit(persistent_term:get(ours), normal)");
            pair.eval(&format!("exit(persistent_term:get(ours), {reason})"));
            let down = watching.down();
            assert_eq!((down.reference, down.reason.to_string()), (reference, shown.to_owned()));
            ours.ended();
        }
        let (ours, theirs) = (Puppet::new(&pair.a), pair.puppet("theirs"));
        ours.trap_exits();
        pair.introduce(&ours, "ours");
        pair.tell("theirs", "exit(persistent_term:get(ours), {please, 1})");
        let exited = ours.exited();
        assert_eq!((exited.from, exited.reason.to_string()), (theirs, "{please,1}".to_owned()));
        pair.tell("theirs", "exit(persistent_term:get(ours), kill)");
        ours.ended();
        pair.tell("theirs", "exit(done)");
    });
}

#[test]
fn a_reason_arrives_as_it_was_however_large() {
    each_way("a_reason_arrives_as_it_was_however_large", |pair| {
        // By a link, by a monitor, and by exit/2; longer than a fragment.
        let made = "#{big => binary:copy(<<7>>, 300000), list => lists:seq(1, 5000), deep => {[{}]}, number => 1 bsl 900}";
        let expected = map([
            (atom("big"), binary(vec![7; 300_000])),
            (atom("list"), list((1..=5000).map(Term::from))),
            (atom("deep"), tuple([list([tuple([] as [Term; 0])])])),
            (atom("number"), countersign::etf::integer(false, &one_shifted_by(900))),
        ])
        .unwrap();

        let (ours, theirs) = (Puppet::new(&pair.a), pair.puppet("theirs"));
        ours.trap_exits();
        pair.introduce(&ours, "ours");
        ours.link(&theirs);
        let reference = ours.monitor(&theirs);
        pair.settle();
        pair.tell("theirs", &format!("exit(persistent_term:get(ours), {made}), exit({made})"));
        let reasons = [ours.mail(), ours.mail(), ours.mail()].map(|mail| match mail {
            countersign::node::Mail::Exit(exited) => exited.reason,
            countersign::node::Mail::Down(down) if down.reference == reference => down.reason,
            other => panic!("{other:?}"),
        });
        assert!(reasons.iter().all(|reason| *reason == expected));

        let theirs = pair.puppet("theirs");
        pair.tell("theirs", "process_flag(trap_exit, true), link(persistent_term:get(ours)), monitor(process, persistent_term:get(ours))");
        ours.exit(&theirs, expected.clone()).unwrap();
        pair.settle();
        crate::puppet::in_time(pair.a.exit(&ours.pid(), atom("kill"))).unwrap();
        let (last, reason) = (Puppet::new(&pair.a), expected);
        pair.introduce(&last, "ours");
        pair.tell("theirs", "link(persistent_term:get(ours)), monitor(process, persistent_term:get(ours))");
        pair.settle();
        crate::puppet::in_time(pair.a.exit(&last.pid(), reason)).unwrap();
        let heard = "F = fun F(0, Same) -> lists:sort(Same); F(N, Same) -> receive
            {'EXIT', _, killed} -> F(N, Same); {'DOWN', _, _, _, killed} -> F(N, Same);
            {'EXIT', _, R} -> F(N - 1, [R =:= Made | Same]); {'DOWN', _, _, _, R} -> F(N - 1, [R =:= Made | Same]) end end, F(3, [])";
        assert_eq!(pair.tell("theirs", &format!("Made = {made}, {heard}")), "[true,true,true]");
        pair.tell("theirs", "exit(done)");
    });
}

/// The magnitude of `1 bsl bits`, its least byte first.
fn one_shifted_by(bits: usize) -> Vec<u8> {
    [vec![0; bits / 8], vec![1 << (bits % 8)]].concat()
}
