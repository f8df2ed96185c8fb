//! Messages by pid and by name.

use crate::pair::each_way;
use crate::puppet::Puppet;
use countersign::etf::{Atom, Term, atom, tuple};
use countersign::node::Destination;

#[test]
fn we_send_by_name_and_by_pid_and_they_reply() {
    each_way("we_send_by_name_and_by_pid_and_they_reply", |pair| {
        let asking = Puppet::new(&pair.a);
        asking.send(pair.there("echo"), tuple([Term::from(asking.pid()), atom("by_name")])).unwrap();
        let answer = asking.term();
        let [Term::Pid(echo), what] = answer.as_tuple().unwrap() else { panic!("{answer}") };
        assert!(what.is_atom("by_name"));
        asking.send(echo.as_ref(), tuple([Term::from(asking.pid()), atom("by_pid")])).unwrap();
        assert!(asking.term().as_tuple().unwrap()[1].is_atom("by_pid"));
    });
}

#[test]
fn they_send_by_name_and_by_pid_and_we_reply() {
    each_way("they_send_by_name_and_by_pid_and_we_reply", |pair| {
        let answering = Puppet::named(&pair.a, "answering");
        let asked = pair.begin("{answering, OUR} ! {self(), by_name}, receive {P, M} -> P ! {self(), by_pid, M}, receive R -> R end end");
        for _ in 0..2 {
            let request = answering.term();
            let parts = request.as_tuple().unwrap();
            let answer = parts.get(2).map_or_else(|| Term::from(answering.pid()), |_| atom("done"));
            let answer = if answer.is_atom("done") { answer } else { tuple([answer, parts[1].clone()]) };
            answering.send(parts[0].as_pid().unwrap(), answer).unwrap();
        }
        assert_eq!(asked.wait(), "done");
    });
}

#[test]
fn a_message_to_a_dead_pid_or_an_unknown_name_is_harmless() {
    each_way("a_message_to_a_dead_pid_or_an_unknown_name_is_harmless", |pair| {
        let (ours, theirs) = (Puppet::new(&pair.a), pair.puppet("theirs"));
        pair.introduce(&ours, "ours");
        assert_eq!(pair.tell("theirs", "exit(enough)"), "{ended,enough}");
        let dead = ours.pid();
        ours.end(&pair.a);

        let living = Puppet::named(&pair.a, "living");
        living.send(&theirs, atom("to_the_dead")).unwrap();
        living.send(pair.there("nobody"), atom("to_nobody")).unwrap();
        living.send(Destination::from(dead), atom("to_our_dead")).unwrap();
        pair.eval("persistent_term:get(ours) ! to_the_dead, {nobody, OUR} ! to_nobody, {living, OUR} ! still_here");
        assert!(living.term().is_atom("still_here"));
        living.send(pair.there("collector"), atom("still_here")).unwrap();
        assert_eq!(pair.eval("counterpart:collected(1)"), "[still_here]");
        assert_eq!(pair.eval("counterpart:forget()"), "ok");
    });
}

#[test]
fn terms_of_every_kind_come_back_as_they_went() {
    each_way("terms_of_every_kind_come_back_as_they_went", |pair| {
        let asking = Puppet::named(&pair.a, "asking");
        let made = "[atom, 'Ünï☃', 1, -1, 255, 256, 1 bsl 31, -(1 bsl 27), 1 bsl 64, -(1 bsl 4000), 1.5, -0.125, <<>>, <<1,2,3>>, <<5:3>>, [], [a|b], \
                    \"text\", lists:seq(1, 1000), {}, {a, {b, [c]}}, #{a => 1, {b} => [#{}]}, fun lists:map/2, make_ref(), self(), hd(erlang:ports())]";
        let same =
            pair.begin(&format!("T = {made}, {{asking, OUR}} ! {{self(), T}}, receive B -> {{B =:= T, erlang:external_size(T)}} end"));
        let request = asking.term();
        let parts = request.as_tuple().unwrap();
        asking.send(parts[0].as_pid().unwrap(), parts[1].clone()).unwrap();
        assert!(same.wait().starts_with("{true,"));
        // And through their echo.
        asking.send(pair.there("echo"), tuple([Term::from(asking.pid()), parts[1].clone()])).unwrap();
        assert_eq!(asking.term().as_tuple().unwrap()[1], parts[1]);
        assert!(Atom::new("asking").is_ok_and(|name| pair.a.registered().contains(&name)));
    });
}
