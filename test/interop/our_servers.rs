//! Servers of ours that they call.

use crate::desk::Desk;
use crate::pair::{Pair, each_way};
use crate::puppet::{Puppet, in_time};
use countersign::etf::{Atom, Pid, Term};
use countersign::node::Mail;
use countersign::otp::gen_server::Launch;

/// A server of ours under the name `desk`, which they know as the persistent term `desk`.
pub(crate) fn desk(pair: &Pair<'_>) -> Pid {
    let pid = in_time(Launch::new(Desk::default()).named(Atom::fixed("desk")).start(&pair.a)).unwrap();
    pair.eval("counterpart:forget()");
    in_time(pair.a.send(pair.there("collector"), Term::from(pid.clone()))).unwrap();
    assert_eq!(pair.eval("[Pid] = counterpart:collected(1), persistent_term:put(desk, Pid), counterpart:forget()"), "ok");
    pid
}

/// Returns when so many callers wait for a promised answer.
fn wait_for(pair: &Pair<'_>, count: usize) {
    let counting = format!("F = fun F() -> gen_server:call({{desk, OUR}}, waiting) =:= {count} orelse F() end, F()");
    assert_eq!(pair.eval(&counting), "true");
}

#[test]
fn they_call_a_server_of_ours_by_name_and_by_pid() {
    each_way("they_call_a_server_of_ours_by_name_and_by_pid", |pair| {
        desk(pair);
        assert_eq!(pair.eval("gen_server:call({desk, OUR}, {echo, [1, 2]})"), "[1,2]");
        assert_eq!(pair.eval("gen_server:call(persistent_term:get(desk), {echo, \"text\"})"), "\"text\"");
        assert_eq!(pair.eval("gen_server:call({desk, OUR}, {echo, binary:copy(<<7>>, 1000000)}) =:= binary:copy(<<7>>, 1000000)"), "true");
        assert_eq!(pair.eval("gen_server:call({desk, OUR}, whence)"), "<<\"x@localhost\">>");
        assert_eq!(pair.eval("gen_server:call({desk, OUR}, dance)"), "{error,notsup}");
    });
}

#[test]
fn every_way_in_which_otp_asks_is_answered() {
    each_way("every_way_in_which_otp_asks_is_answered", |pair| {
        desk(pair);
        assert_eq!(
            pair.eval("gen_server:multi_call([OUR, node()], desk, {echo, x})"),
            format!("{{[{{{},x}}],[x@localhost]}}", pair.a.name())
        );
        assert_eq!(pair.eval("gen_server:multi_call([OUR], desk, {echo, x}, 5000)"), format!("{{[{{{},x}}],[]}}", pair.a.name()));
        assert_eq!(pair.eval("gen_server:wait_response(gen_server:send_request({desk, OUR}, {echo, y}), 5000)"), "{reply,y}");
        assert_eq!(pair.eval("gen_server:abcast([OUR], desk, psst)"), "abcast");
        assert_eq!(pair.eval("gen_server:cast({desk, OUR}, aloud)"), "ok");
        assert_eq!(pair.eval("gen_server:cast(persistent_term:get(desk), by_pid)"), "ok");
        assert_eq!(pair.eval("{desk, OUR} ! plain"), "plain");
        pair.settle();
        // Each expression is a process of its own, and between two of them no order holds.
        assert_eq!(
            pair.eval("lists:sort(gen_server:call({desk, OUR}, heard))"),
            "[{info,plain},{cast,aloud,false},{cast,by_pid,false},{cast,psst,false}]"
        );
        assert_eq!(pair.eval("gen:call({desk, OUR}, '$gen_call', {echo, z}, infinity)"), "{ok,z}");
    });
}

#[test]
fn they_get_an_answer_that_comes_later_and_from_another_process() {
    each_way("they_get_an_answer_that_comes_later_and_from_another_process", |pair| {
        desk(pair);
        let waiting = [pair.begin("gen_server:call({desk, OUR}, later)"), pair.begin("gen_server:call(persistent_term:get(desk), later)")];
        wait_for(pair, 2);
        assert!(waiting.iter().all(|waiting| !waiting.is_answered()));
        assert_eq!(pair.eval("gen_server:cast({desk, OUR}, {release, now})"), "ok");
        assert!(waiting.into_iter().all(|waiting| waiting.wait() == "now"));
        assert_eq!(pair.eval("gen_server:call({desk, OUR}, elsewhere)"), "from_elsewhere");
        assert_eq!(pair.eval("gen_server:call({desk, OUR}, forget)"), "{error,unanswered}");
    });
}

#[test]
fn an_answer_that_comes_too_late_for_them_reaches_nobody() {
    each_way("an_answer_that_comes_too_late_for_them_reaches_nobody", |pair| {
        desk(pair);
        let late = "{'EXIT', {timeout, _}} = (catch gen_server:call({desk, OUR}, later, 20)),
            ok = gen_server:cast({desk, OUR}, {release, late}),
            0 = gen_server:call({desk, OUR}, waiting),
            receive Anything -> Anything after 0 -> nothing end";
        assert_eq!(pair.eval(late), "nothing");
    });
}

#[test]
fn they_see_how_a_server_of_ours_ends() {
    each_way("they_see_how_a_server_of_ours_ends", |pair| {
        let watched = |request: &str| {
            desk(pair);
            let ending = format!(
                "M = monitor(process, {{desk, OUR}}), Said = (catch gen_server:call({{desk, OUR}}, {request})),
                 receive {{'DOWN', M, process, _, Reason}} -> {{Said, Reason}} end"
            );
            pair.eval(&ending).replace(pair.a.name().as_str(), "OUR")
        };
        assert_eq!(watched("{stop, normal, bye}"), "{bye,normal}");
        assert_eq!(watched("{stop, {shutdown, 7}, bye}"), "{bye,{shutdown,7}}");
        assert_eq!(watched("{quit, enough}"), "{{'EXIT',{enough,{gen_server,call,[{desk,OUR},{quit,enough}]}}},enough}");
        let panic = "{panic,<<\"as the test wants it\">>}";
        assert_eq!(watched("panic"), format!("{{{{'EXIT',{{{panic},{{gen_server,call,[{{desk,OUR}},panic]}}}}}},{panic}}}"));
        let gone = pair.eval("gen_server:call({desk, OUR}, heard)");
        assert!(gone.starts_with("{'EXIT',{noproc,{gen_server,call,"), "{gone}");
    });
}

#[test]
fn who_waits_for_a_promise_of_ours_sees_the_end_of_the_server() {
    each_way("who_waits_for_a_promise_of_ours_sees_the_end_of_the_server", |pair| {
        let pid = desk(pair);
        let waiting = pair.begin("gen_server:call({desk, OUR}, later)");
        wait_for(pair, 1);
        in_time(pair.a.exit(&pid, countersign::etf::atom("kill"))).unwrap();
        let seen = waiting.wait();
        assert!(seen.starts_with("{'EXIT',{killed,{gen_server,call,"), "{seen}");
    });
}

#[test]
fn their_supervisor_and_their_link_see_the_end_of_ours() {
    each_way("their_supervisor_and_their_link_see_the_end_of_ours", |pair| {
        desk(pair);
        let linked = "process_flag(trap_exit, true), Pid = persistent_term:get(desk), link(Pid),
            ok = gen_server:cast(Pid, {stop, over}), receive {'EXIT', Pid, Reason} -> Reason end";
        assert_eq!(pair.eval(linked), "over");
    });
}

#[test]
fn a_thousand_callers_of_theirs_get_each_their_own_answer() {
    each_way("a_thousand_callers_of_theirs_get_each_their_own_answer", |pair| {
        desk(pair);
        let calls = "Self = self(),
            [spawn(fun() -> Self ! {N, gen_server:call({desk, OUR}, {echo, {N, lists:seq(1, N rem 50)}}, 60000)} end) || N <- lists:seq(1, 1000)],
            lists:foldl(fun(N, Wrong) ->
                receive {N, {N, Numbers}} -> Wrong + (length(Numbers) - N rem 50) end
            end, 0, lists:seq(1, 1000))";
        assert_eq!(pair.eval(calls), "0");
        assert_eq!(pair.eval("gen_server:call({desk, OUR}, heard)"), "[]");
    });
}

#[test]
fn a_process_of_theirs_waits_for_ours_to_be_ready() {
    each_way("a_process_of_theirs_waits_for_ours_to_be_ready", |pair| {
        let (ours, starter) = (Puppet::new(&pair.a), pair.puppet("starter"));
        let child =
            ours.tell(move |process| Box::pin(async move { process.spawn(|process| Launch::new(Desk::default()).run(process, starter)) }));
        ours.send(pair.there("starter"), Term::from(child.clone())).unwrap();
        // As proc_lib:start waits for it.
        assert_eq!(pair.tell("starter", "receive Pid when is_pid(Pid) -> receive {ack, Pid, {ok, Pid}} -> ready end end"), "ready");
        let watching = ours.monitor(&child);
        in_time(pair.a.exit(&child, countersign::etf::atom("kill"))).unwrap();
        assert!(matches!(ours.mail(), Mail::Down(down) if down.reference == watching));
        assert_eq!(pair.tell("starter", "exit(normal)"), "{ended,normal}");
    });
}
