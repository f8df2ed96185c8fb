//! Links that both sides make and undo at once.

use crate::pair::each_way;
use crate::puppet::Puppet;
use countersign::etf::{Pid, Term, atom};
use countersign::node::{Mail, Process};

#[test]
fn both_sides_link_and_unlink_at_once() {
    each_way("both_sides_link_and_unlink_at_once", |pair| {
        let (ours, theirs) = (Puppet::new(&pair.a), pair.puppet("theirs"));
        ours.trap_exits();
        pair.introduce(&ours, "ours");
        pair.tell("theirs", "process_flag(trap_exit, true)");
        let both = pair.begin(&rounds_of_theirs());
        link_and_unlink(&ours, &theirs);
        assert_eq!(both.wait(), "{messages,[]}");
        pair.settle();
        // Whatever is left of all that, it still can be linked and unlinked.
        ours.link(&theirs);
        pair.settle();
        assert_eq!(pair.tell("theirs", "unlink(persistent_term:get(ours)), exit(over)"), "{ended,over}");
        let reference = ours.monitor(&theirs);
        assert_eq!((ours.down().reference, ours.waiting()), (reference, 0), "no exit came of a link that was undone");
    });
}

#[test]
fn a_link_that_both_have_undone_stays_undone() {
    each_way("a_link_that_both_have_undone_stays_undone", |pair| {
        let ours = Puppet::new(&pair.a);
        ours.trap_exits();
        pair.introduce(&ours, "ours");
        for _ in 0..40 {
            let theirs = pair.puppet("theirs");
            let both = pair.begin(&rounds_of_theirs());
            link_and_unlink(&ours, &theirs);
            both.wait();
            pair.eval("exit(whereis(theirs), over)");
            let reference = ours.monitor(&theirs);
            assert_eq!((ours.down().reference, ours.waiting()), (reference, 0));
        }
    });
}

#[test]
fn a_process_that_dies_while_it_is_linked_and_unlinked_is_heard_of_at_most_once_for_each_link() {
    each_way("a_process_that_dies_while_it_is_linked_and_unlinked_is_heard_of_at_most_once_for_each_link", |pair| {
        let ours = Puppet::new(&pair.a);
        ours.trap_exits();
        let _maker = pair.begin("register(maker, self()), F = fun F() -> receive {make, From} -> From ! spawn(fun() -> receive die -> exit(dead) end end), F(); stop -> ok end end, F()");
        pair.eval("F = fun F() -> whereis(maker) =/= undefined orelse F() end, F()");
        let maker = pair.there("maker");
        let outcome = ours.tell(|process| {
            Box::pin(async move {
                for round in 0..400_u32 {
                    process.send(maker.clone(), countersign::etf::tuple([atom("make"), Term::from(process.pid().clone())])).await.unwrap();
                    let theirs = process.receive().await.into_term().and_then(|term| term.as_pid().cloned()).unwrap();
                    let reference = process.monitor(&theirs).await;
                    play(process, &theirs, round).await;
                    let mail = process.receive_where(|mail| mail.down(&reference).is_some()).await;
                    assert!(mail.down(&reference).unwrap().reason.is_atom("dead"));
                    // It is unlinked since, so nothing of it may be left.
                    if let Some(mail) = process.take_where(|_| true) {
                        return Err((round, mail));
                    }
                }
                Ok(())
            })
        });
        outcome.map_err(|(round, mail)| format!("round {round}: {mail:?}")).unwrap();
        pair.eval("maker ! stop");
    });
}

#[test]
fn a_process_of_ours_that_dies_while_theirs_links_and_unlinks_leaves_nothing_behind() {
    each_way("a_process_of_ours_that_dies_while_theirs_links_and_unlinks_leaves_nothing_behind", |pair| {
        let maker = Puppet::named(&pair.a, "maker");
        let rounds = "process_flag(trap_exit, true), F = fun F(0) -> {messages, []} = process_info(self(), messages), done;
            F(Round) ->
                {maker, OUR} ! {self(), make}, P = receive {made, Made} -> Made end, R = monitor(process, P),
                [begin Step =:= Round rem 6 andalso (P ! die), link(P), Round rem 2 =:= 0 andalso unlink(P) end || Step <- lists:seq(0, 5)],
                receive {'DOWN', R, process, P, Why} -> dead = Why end,
                unlink(P), receive {'EXIT', P, _} -> ok after 0 -> ok end,
                case process_info(self(), messages) of {messages, []} -> F(Round - 1); Left -> {Round, Left} end end, F(400)";
        let done = pair.begin(rounds);
        maker.tell(|process| {
            Box::pin(async move {
                for _ in 0..400 {
                    let asked = process.receive().await.into_term().unwrap();
                    let made = process.spawn(|mut short| async move {
                        short.receive_where(|mail| mail.term().is_some()).await;
                        atom("dead")
                    });
                    let answer = countersign::etf::tuple([atom("made"), Term::from(made)]);
                    process.send(asked.as_tuple().unwrap()[0].as_pid().unwrap(), answer).await.unwrap();
                }
            })
        });
        assert_eq!(done.wait(), "done");
    });
}

/// Links and unlinks, and somewhere in between lets it die; at the end it is unlinked.
async fn play(process: &mut Process, theirs: &Pid, round: u32) {
    for step in 0..6 {
        if step == round % 6 {
            process.send(theirs, atom("die")).await.unwrap();
        }
        process.link(theirs).await;
        if round.is_multiple_of(2) {
            process.unlink(theirs);
        }
    }
    process.unlink(theirs);
}

fn link_and_unlink(ours: &Puppet, theirs: &Pid) {
    let theirs = theirs.clone();
    ours.tell(|process| {
        Box::pin(async move {
            for _ in 0..ROUNDS {
                process.link(&theirs).await;
                process.unlink(&theirs);
            }
            assert!(process.take_where(|mail| matches!(mail, Mail::Exit(_))).is_none(), "nobody has died");
        })
    });
}

fn rounds_of_theirs() -> String {
    format!(
        "counterpart:tell(theirs, fun() -> P = persistent_term:get(ours), [begin link(P), unlink(P) end || _ <- lists:seq(1, {ROUNDS})],
            process_info(self(), messages) end)"
    )
}

const ROUNDS: u32 = 300;
