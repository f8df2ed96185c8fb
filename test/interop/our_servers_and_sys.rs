//! What OTP's `sys` and `gen_server:stop` do to a server of ours.

use crate::our_servers::desk;
use crate::pair::{Pair, each_way};

#[test]
fn sys_reads_the_state_and_the_status_of_a_server_of_ours() {
    each_way("sys_reads_the_state_and_the_status_of_a_server_of_ours", |pair| {
        desk(pair);
        assert_eq!(pair.eval(STATE), "#{heard => []}");
        let status = "{status, Pid, {module, gen_server}, [Dictionary, running, Parent, [], Misc]} = sys:get_status({desk, OUR}, 200),
            Pid = Parent = persistent_term:get(desk),
            {_, {Module, init, 1}} = lists:keyfind('$initial_call', 1, Dictionary),
            [{header, Header}, {data, [{\"Status\", running}, {\"Parent\", Pid}, {\"Logged events\", []}]}, {data, [{\"State\", State}]}] = Misc,
            {Module, lists:flatten(Header), State}";
        assert_eq!(pair.eval(status), "{'interop::desk::Desk',\"Status for generic server desk\",#{heard => []}}");
    });
}

#[test]
fn sys_suspends_and_resumes_a_server_of_ours() {
    each_way("sys_suspends_and_resumes_a_server_of_ours", |pair| {
        desk(pair);
        assert_eq!(pair.eval("sys:suspend({desk, OUR})"), "ok");
        // It hears this, and nothing comes of it yet.
        let late = "gen_server:cast({desk, OUR}, meanwhile),
            {'EXIT', {timeout, _}} = (catch gen_server:call({desk, OUR}, heard, 50)),
            {_, _, _, [_, suspended | _]} = sys:get_status({desk, OUR}),
            case sys:get_state({desk, OUR}) of {ok, State} -> State; State -> State end";
        assert_eq!(pair.eval(late), "#{heard => []}");
        let waiting = pair.begin("gen_server:call({desk, OUR}, {echo, at_last}, infinity)");
        assert_eq!(pair.eval("sys:resume({desk, OUR})"), "ok");
        assert_eq!(waiting.wait(), "at_last");
        assert_eq!(pair.eval("gen_server:call({desk, OUR}, heard)"), "[{cast,meanwhile,false}]");
    });
}

#[test]
fn what_sys_can_not_have_it_is_refused_at_once() {
    each_way("what_sys_can_not_have_it_is_refused_at_once", |pair| {
        desk(pair);
        let replaced = pair.eval("sys:replace_state({desk, OUR}, fun(State) -> State end)");
        assert!(replaced.starts_with("{'EXIT',{notsup,"), "{replaced}");
        assert_eq!(pair.eval("sys:trace({desk, OUR}, true)"), "{error,notsup}");
        assert_eq!(pair.eval("sys:trace({desk, OUR}, false)"), "ok");
        assert_eq!(pair.eval("sys:no_debug({desk, OUR})"), "ok");
        assert_eq!(pair.eval("sys:log({desk, OUR}, true)"), "{error,notsup}");
        assert_eq!(pair.eval("sys:log({desk, OUR}, get)"), "{ok,[]}");
        assert_eq!(pair.eval("sys:statistics({desk, OUR}, get)"), "{ok,no_statistics}");
        assert_eq!(pair.eval("sys:install({desk, OUR}, {fun(S, _, _) -> S end, x})"), "{error,notsup}");
        assert_eq!(pair.eval("ok = sys:suspend({desk, OUR}), element(1, sys:change_code({desk, OUR}, m, v, e))"), "error");
        assert_eq!(pair.eval("ok = sys:resume({desk, OUR}), gen_server:call({desk, OUR}, {echo, still_here})"), "still_here");
        // What observer asks about a process: an answer, whatever it is.
        let info = pair.eval("element(1, rpc:call(OUR, erlang, process_info, [persistent_term:get(desk)]))");
        assert_eq!(info, "badrpc");
    });
}

#[test]
fn they_stop_a_server_of_ours() {
    each_way("they_stop_a_server_of_ours", |pair| {
        let stops = |how: &str| {
            desk(pair);
            let watched = format!(
                "M = monitor(process, persistent_term:get(desk)), Said = {how}, receive {{'DOWN', M, _, _, Why}} -> {{Said, Why}} end"
            );
            pair.eval(&watched)
        };
        assert_eq!(stops("gen_server:stop({desk, OUR})"), "{ok,normal}");
        assert_eq!(stops("gen_server:stop(persistent_term:get(desk), {shutdown, 3}, 5000)"), "{ok,{shutdown,3}}");
        assert_eq!(stops("sys:terminate({desk, OUR}, enough)"), "{ok,enough}");
        assert_eq!(stops("begin ok = sys:suspend({desk, OUR}), gen_server:stop({desk, OUR}, shutdown, infinity) end"), "{ok,shutdown}");
        assert!(nobody(pair).starts_with("{'EXIT',noproc}"), "{}", nobody(pair));
    });
}

fn nobody(pair: &Pair<'_>) -> String {
    pair.eval("gen_server:stop({desk, OUR})")
}

/// Releases before OTP 27 show the `ok` around it, too.
const STATE: &str = "case sys:get_state({desk, OUR}) of {ok, State} -> State; State -> State end";
