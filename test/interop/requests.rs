//! What OTP asks of its peers, and how it takes that we do little of it.

use crate::otp::release;
use crate::pair::each_way;
use crate::puppet::Puppet;
use countersign::etf::{Term, atom};

#[test]
fn remote_calls_are_refused_in_the_words_of_otp() {
    each_way("remote_calls_are_refused_in_the_words_of_otp", |pair| {
        assert_eq!(pair.eval("rpc:call(OUR, erlang, node, [])"), "{badrpc,notsup}");
        assert_eq!(pair.eval("rpc:block_call(OUR, erlang, node, [])"), "{badrpc,notsup}");
        assert_eq!(pair.eval("rpc:yield(rpc:async_call(OUR, erlang, node, []))"), "{badrpc,notsup}");
        assert_eq!(pair.eval("rpc:multicall([OUR], erlang, node, [])"), "{[{badrpc,notsup}],[]}");
        assert_eq!(pair.eval("rpc:cast(OUR, erlang, node, [])"), "true");
        assert!(pair.eval("erpc:call(OUR, erlang, node, [])").starts_with("{'EXIT',{{erpc,notsup},"));
        assert_eq!(pair.eval("erpc:multicall([OUR], erlang, node, [])"), "[{error,{erpc,notsup}}]");
        assert_eq!(pair.eval("erpc:cast(OUR, erlang, node, [])"), "ok");
        assert!(pair.eval("spawn_monitor(OUR, erlang, node, [])").starts_with("{'EXIT',{notsup,"));
        let reply = "R = spawn_request(OUR, fun() -> ok end), receive {spawn_reply, R, Kind, What} -> {Kind, What} end";
        assert_eq!(pair.eval(reply), "{error,notsup}");
        let pid = pair.eval("P = spawn(OUR, fun() -> ok end), {is_pid(P), node(P) =:= OUR}");
        assert_eq!(pid, "{true,false}", "a stand-in of their own");
        assert_eq!(pair.eval("net_adm:ping(OUR)"), "pong", "and the link is as it was");
    });
}

#[test]
fn requests_to_names_are_answered_or_end_in_noproc() {
    each_way("requests_to_names_are_answered_or_end_in_noproc", |pair| {
        assert!(pair.eval("gen_server:call({unknown, OUR}, x)").starts_with("{'EXIT',{noproc,{gen_server,call,"));
        assert_eq!(pair.eval("gen_server:call({countersign, OUR}, ping)"), "pong");
        assert_eq!(pair.eval("gen_server:call({countersign, OUR}, ping, infinity)"), "pong");
        assert_eq!(pair.eval("gen_server:call({countersign, OUR}, other)"), "{error,notsup}");
        assert_eq!(pair.eval("gen_server:multi_call([OUR], countersign, ping)"), format!("{{[{{{},pong}}],[]}}", pair.a.name()));
        assert_eq!(pair.eval("gen_server:multi_call([OUR], unknown, ping)"), format!("{{[],[{}]}}", pair.a.name()));
        let request = "gen_server:wait_response(gen_server:send_request({countersign, OUR}, ping), 20000)";
        assert_eq!(pair.eval(request), "{reply,pong}");
        assert_eq!(pair.eval("gen_server:cast({countersign, OUR}, ping)"), "ok");
        let shown =
            pair.eval("S = gen_server:call({countersign, OUR}, status), [L] = maps:get(links, S), {maps:get(name, S), maps:get(peer, L)}");
        assert_eq!(shown, format!("{{{},x@localhost}}", pair.a.name()));
    });
}

#[test]
fn broadcasts_of_rpc_reach_names() {
    each_way("broadcasts_of_rpc_reach_names", |pair| {
        let ours = Puppet::named(&pair.a, "ours");
        let (own, other) = (format!("[{}]", pair.a.name()), pair.eval("counterpart:forget()"));
        assert_eq!(other, "ok");
        assert_eq!(pair.eval("rpc:sbcast([OUR], ours, confirmed)"), format!("{{{own},[]}}"));
        assert!(ours.term().is_atom("confirmed"));
        assert_eq!(pair.eval("rpc:sbcast([OUR], nobody, confirmed)"), format!("{{[],{own}}}"));
        assert_eq!(pair.eval("rpc:abcast([OUR], ours, not_confirmed)"), "abcast");
        assert!(ours.term().is_atom("not_confirmed"));
    });
}

#[test]
fn global_and_the_kernel_leave_a_hidden_node_alone() {
    each_way("global_and_the_kernel_leave_a_hidden_node_alone", |pair| {
        assert_eq!(pair.eval("global:sync()"), "ok");
        assert_eq!(pair.eval("global:register_name(some, self()), global:whereis_name(some) =:= self()"), "true");
        assert_eq!(pair.eval("global:set_lock({some, self()}), global:del_lock({some, self()})"), "true");
        assert_eq!(pair.eval("global:whereis_name(none)"), "undefined");
        assert_eq!(pair.eval("pg:start(some), pg:join(some, group, self()), length(pg:get_members(some, group))"), "1");
        assert_eq!(pair.eval("rpc:multicall(erlang, node, [])"), "{[x@localhost],[]}");
        assert_eq!(pair.eval("nodes(hidden)"), format!("[{}]", pair.a.name()));
        assert_eq!(pair.eval("{ok, I} = net_kernel:node_info(OUR), proplists:get_value(state, I)"), "up");
        assert!(release().is_some());
    });
}

#[test]
fn answers_to_callers_who_have_given_up_are_harmless() {
    each_way("answers_to_callers_who_have_given_up_are_harmless", |pair| {
        let ours = Puppet::named(&pair.a, "ours");
        let asked = pair
            .begin("R = (catch gen_server:call({ours, OUR}, question, 1)), {element(1, element(2, R)), process_info(self(), messages)}");
        assert_eq!(asked.wait(), "{timeout,{messages,[]}}");
        ours.tell(|process| {
            Box::pin(async move {
                let countersign::node::Mail::Message(message) = process.receive().await else { panic!("a request was sent") };
                let request = countersign::node::Request::parse(message).unwrap();
                assert!(request.request.is_atom("question"));
                process.reply(&request, atom("late")).await.unwrap();
            })
        });
        ours.send(pair.there("collector"), Term::from(1)).unwrap();
        assert_eq!(pair.eval("counterpart:collected(1), counterpart:forget()"), "ok");
    });
}
