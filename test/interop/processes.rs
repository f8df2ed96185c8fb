//! Aliases, late answers, timers and supervisors, between us and OTP.

use crate::pair::each_way;
use crate::puppet::{Puppet, in_time};
use countersign::etf::{Atom, Term, atom, tuple};
use countersign::node::{Alias, CallError, Lasts, Mail, Request};
use countersign::otp::supervisor::{ChildSpec, ChildState, Strategy, Supervisor, SupervisorRef};
use std::time::Duration;

#[test]
fn they_send_to_an_alias_of_ours_until_it_has_ended() {
    each_way("they_send_to_an_alias_of_ours_until_it_has_ended", |pair| {
        for (lasts, expected) in [(Lasts::UntilReply, 1), (Lasts::UntilUnaliased, 3)] {
            let ours = Puppet::new(&pair.a);
            let alias = ours.tell(move |process| Box::pin(async move { process.alias(lasts) }));
            pair.eval("counterpart:forget()");
            ours.send(pair.there("collector"), alias.clone().into()).unwrap();
            let sent = "[Alias] = counterpart:collected(1), [erlang:send(Alias, {said, N}) || N <- [1, 2, 3]], \
                        counterpart:forget()";
            assert_eq!(pair.eval(sent), "ok");
            pair.settle();
            assert_eq!(ours.waiting(), expected, "{lasts:?}");
            assert_eq!(ours.term(), tuple([atom("said"), Term::from(1)]));
            let is_there = ours.tell(move |process| Box::pin(async move { process.unalias(&alias) }));
            assert_eq!(is_there, lasts == Lasts::UntilUnaliased);
        }
    });
}

#[test]
fn we_send_to_an_alias_of_theirs_until_it_has_ended() {
    each_way("we_send_to_an_alias_of_theirs_until_it_has_ended", |pair| {
        let (ours, theirs) = (Puppet::named(&pair.a, "us"), pair.puppet("theirs"));
        for (options, expected) in [("[explicit_unalias]", "3"), ("[reply]", "1")] {
            pair.tell("theirs", &format!("{{us, OUR}} ! alias({options})"));
            let alias = ours.term().as_reference().cloned().map(Alias::of).unwrap();
            for number in 0..3 {
                ours.send(&alias, Term::from(number)).unwrap();
            }
            // Behind these, from the same process.
            ours.send(&theirs, atom("last")).unwrap();
            let counted = "(fun Count(N) -> receive last -> N; I when is_integer(I) -> Count(N + 1) end end)(0)";
            assert_eq!(pair.tell("theirs", counted), expected, "{options}");
        }
        pair.tell("theirs", "exit(done)");
    });
}

#[test]
fn their_monitor_with_an_alias_ends_with_our_reply() {
    each_way("their_monitor_with_an_alias_ends_with_our_reply", |pair| {
        let ours = Puppet::named(&pair.a, "us");
        pair.puppet("theirs");
        let asked = "{us, OUR} ! {self(), erlang:monitor(process, {us, OUR}, [{alias, reply_demonitor}])}, ok";
        assert_eq!(pair.tell("theirs", asked), "ok");
        let term = ours.term();
        let Some([_, alias]) = term.as_tuple() else { panic!("{term}") };
        let watching = || pair.a.process_info(&ours.pid()).unwrap().monitored_by.len();
        assert_eq!(watching(), 1);
        ours.send(Alias::of(alias.as_reference().unwrap().clone()), atom("reply")).unwrap();
        assert_eq!(pair.tell("theirs", "receive reply -> ok end"), "ok");
        pair.settle();
        assert_eq!(watching(), 0);
        pair.tell("theirs", "exit(done)");
    });
}

#[test]
fn our_monitor_with_an_alias_ends_with_their_reply() {
    each_way("our_monitor_with_an_alias_ends_with_their_reply", |pair| {
        let (ours, theirs) = (Puppet::new(&pair.a), pair.puppet("theirs"));
        let to = theirs.clone();
        let alias = ours.tell(|process| Box::pin(process.monitor_with_alias(to, Lasts::UntilReply)));
        ours.send(&theirs, alias.into()).unwrap();
        assert_eq!(pair.tell("theirs", "receive Alias when is_reference(Alias) -> Alias ! one, Alias ! two, ok end"), "ok");
        assert!(ours.term().is_atom("one"));
        pair.settle();
        // By whoever told it that, and by nobody else.
        assert_eq!(pair.tell("theirs", "length(element(2, process_info(self(), monitored_by)))"), "1");
        pair.tell("theirs", "exit(done)");
        pair.settle();
        assert_eq!(ours.waiting(), 0);
    });
}

/// The answer comes after the time, while the caller still lives.
#[test]
fn their_call_that_we_answer_too_late_leaves_no_mail() {
    each_way("their_call_that_we_answer_too_late_leaves_no_mail", |pair| {
        let server = Puppet::named(&pair.a, "server");
        pair.puppet("theirs");
        let called = "try gen_server:call({server, OUR}, hello, 20) catch exit:{timeout, _} -> timeout end";
        assert_eq!(pair.tell("theirs", called), "timeout");
        let Mail::Message(message) = server.mail() else { panic!("no request") };
        let request = Request::parse(message).unwrap();
        server.tell(move |process| Box::pin(async move { process.reply(&request, atom("late")).await })).unwrap();
        pair.settle();
        assert_eq!(pair.tell("theirs", "receive Any -> Any after 0 -> nothing end"), "nothing");
        pair.tell("theirs", "exit(done)");
    });
}

#[test]
fn our_call_that_they_answer_too_late_leaves_no_mail_and_the_next_one_works() {
    each_way("our_call_that_they_answer_too_late_leaves_no_mail_and_the_next_one_works", |pair| {
        let (ours, theirs) = (Puppet::new(&pair.a), pair.puppet("theirs"));
        let to = theirs.clone();
        let called = ours.tell(move |process| Box::pin(process.call(to, atom("hello"), Duration::from_millis(20))));
        assert!(matches!(called, Err(CallError::Timeout(_))), "{called:?}");
        assert_eq!(pair.tell("theirs", "receive {'$gen_call', From, hello} -> gen_server:reply(From, late) end"), "ok");
        pair.settle();
        assert_eq!(ours.waiting(), 0);
        // From one that knows of no aliases.
        let (a, to) = (pair.a.clone(), theirs.clone());
        std::thread::scope(|scope| {
            let calling = scope.spawn(|| in_time(a.call(&to, atom("again"), LONG)));
            assert_eq!(pair.tell("theirs", "receive {'$gen_call', {Pid, Tag}, again} -> Pid ! {Tag, in_time}, ok end"), "ok");
            assert!(calling.join().unwrap().unwrap().is_atom("in_time"));
        });
        pair.tell("theirs", "exit(done)");
    });
}

#[test]
fn a_timer_of_ours_wakes_who_then_sends_to_them() {
    each_way("a_timer_of_ours_wakes_who_then_sends_to_them", |pair| {
        pair.eval("counterpart:forget()");
        let to = pair.there("collector");
        pair.a.spawn(|mut process| async move {
            let own = process.pid().clone();
            let timer = process.start_timer(Duration::from_millis(1), &own, atom("now")).unwrap();
            let mail = process.receive().await;
            assert_eq!(mail.term().unwrap().as_tuple().unwrap()[1], Term::from(timer));
            process.send(to, mail.into_term().unwrap()).await.unwrap();
        });
        assert_eq!(pair.eval("[{timeout, Ref, now}] = counterpart:collected(1), is_reference(Ref)"), "true");
    });
}

fn idle(id: &'static str) -> ChildSpec {
    ChildSpec::worker(atom(id), |mut process| async move { drop(process.receive_where(|_| false).await) })
}

#[test]
fn an_erlang_shell_looks_at_our_supervisors() {
    each_way("an_erlang_shell_looks_at_our_supervisors", |pair| {
        let inner = Supervisor::new(Strategy::OneForAll).child(idle("leaf"));
        let tree = Supervisor::new(Strategy::OneForOne)
            .named(Atom::fixed("tree"))
            .child(idle("first"))
            .child(ChildSpec::supervisor(atom("inner"), inner));
        let tree = in_time(tree.start(&pair.a)).unwrap();
        let shown = "[{inner, I, supervisor, []}, {first, F, worker, []}] = supervisor:which_children({tree, OUR}), \
                     [{leaf, _, worker, []}] = supervisor:which_children(I), [node(P) =:= OUR || P <- [I, F]]";
        assert_eq!(pair.eval(shown), "[true,true]");
        assert_eq!(pair.eval("supervisor:count_children({tree, OUR})"), "[{specs,2},{active,2},{supervisors,1},{workers,1}]");
        assert_eq!(pair.eval("supervisor:terminate_child({tree, OUR}, first)"), "{error,not_allowed}");
        let spec = "#{id => theirs, start => {m, f, []}}";
        assert_eq!(pair.eval(&format!("supervisor:start_child({{tree, OUR}}, {spec})")), "{error,not_allowed}");
        assert_eq!(in_time(tree.count_children(&pair.a)).unwrap().active, 2);
    });
}

#[test]
fn an_erlang_shell_changes_those_that_let_it() {
    each_way("an_erlang_shell_changes_those_that_let_it", |pair| {
        let tree = Supervisor::new(Strategy::OneForOne).named(Atom::fixed("tree")).peers_may_change(true).child(idle("first"));
        let tree = in_time(tree.start(&pair.a)).unwrap();
        assert_eq!(pair.eval("supervisor:restart_child({tree, OUR}, first)"), "{error,running}");
        assert_eq!(pair.eval("supervisor:terminate_child({tree, OUR}, first)"), "ok");
        assert_eq!(pair.eval("supervisor:which_children({tree, OUR})"), "[{first,undefined,worker,[]}]");
        assert_eq!(pair.eval("{ok, P} = supervisor:restart_child({tree, OUR}, first), node(P) =:= OUR"), "true");
        assert_eq!(pair.eval("supervisor:terminate_child({tree, OUR}, first), supervisor:delete_child({tree, OUR}, first)"), "ok");
        assert_eq!(pair.eval("supervisor:delete_child({tree, OUR}, first)"), "{error,not_found}");
        let spec = "#{id => theirs, start => {m, f, []}}";
        assert_eq!(pair.eval(&format!("supervisor:start_child({{tree, OUR}}, {spec})")), "{error,notsup}");
        assert_eq!(in_time(tree.which_children(&pair.a)).unwrap(), []);
    });
}

#[test]
fn we_look_at_their_supervisors_and_change_them() {
    each_way("we_look_at_their_supervisors_and_change_them", |pair| {
        let theirs = SupervisorRef::of(pair.there("kernel_sup"));
        let children = in_time(theirs.which_children(&pair.a)).unwrap();
        assert!(children.iter().any(|child| child.id.is_atom("kernel_safe_sup") && child.pid().is_some()), "{children:?}");
        assert!(in_time(theirs.count_children(&pair.a)).unwrap().supervisors > 0);
        let spec = "#{id => sleeper, start => {proc_lib, start_link, [erlang, apply, [fun() -> proc_lib:init_ack({ok, self()}), \
                    receive after infinity -> ok end end, []]]}}";
        assert!(pair.eval(&format!("supervisor:start_child(kernel_sup, {spec})")).starts_with("{ok,"));
        in_time(theirs.terminate_child(&pair.a, atom("sleeper"))).unwrap();
        let state = || in_time(theirs.which_children(&pair.a)).unwrap().into_iter().find(|child| child.id.is_atom("sleeper"));
        assert_eq!(state().unwrap().state, ChildState::Stopped);
        in_time(theirs.restart_child(&pair.a, atom("sleeper"))).unwrap();
        assert!(state().unwrap().pid().is_some());
        in_time(theirs.terminate_child(&pair.a, atom("sleeper"))).unwrap();
        in_time(theirs.delete_child(&pair.a, atom("sleeper"))).unwrap();
        assert_eq!(state(), None);
        assert!(in_time(theirs.start_child(&pair.a, idle("x"))).is_err());
    });
}

const LONG: Duration = Duration::from_secs(20);
