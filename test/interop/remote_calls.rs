//! Functions of ours as OTP calls them. Each expression is evaluated twice, for our node and for one of theirs that has
//! the same functions in Erlang, and says the same of both.

use crate::otp::{Otp, Transport};
use crate::pair::{Dialled, Pair};
use crate::puppet::in_time;
use crate::served::functions;
use crate::world::World;
use countersign::node::{Node, NodeOptions};
use countersign::rt::block_on;

/// A node of theirs that calls, one of theirs that serves, and one of ours that serves.
struct Three {
    x: Otp,
    y: Otp,
    a: Node,
}

impl Three {
    fn meet(world: &World, transport: Transport) -> Self {
        let (x, y) = world.two(transport);
        let options = NodeOptions { functions: functions(), ..world.options("a@localhost", transport) };
        let a = block_on(Node::start("a@localhost", options)).unwrap();
        let pair = Pair::of(&x, a.clone(), Dialled::ByThem);
        drop(pair);
        assert_eq!(x.eval("net_adm:ping(y@localhost)"), "pong");
        Self { x, y, a }
    }

    /// With N for the node that serves: what is said of ours, having been said of theirs. Stacks are cut to what has
    /// no file and line.
    #[track_caller]
    fn both(&self, expression: &str) -> String {
        let of = |node: &str| {
            let cut = "C = fun C([{M, F, A, _} | R]) -> [{M, F, A} | C(R)]; C(T) when is_tuple(T) -> list_to_tuple(C(tuple_to_list(T))); \
                       C([H | T]) -> [C(H) | C(T)]; C(O) -> O end";
            self.x
                .eval(&format!(
                    "{cut}, N = '{node}', C((fun() -> try {expression} catch Kind:Caught -> {{caught, Kind, Caught}} end end)())"
                ))
                .replace(node, "N")
        };
        let (theirs, ours) = (of(self.y.name()), of(self.a.name().as_str()));
        assert_eq!(ours, theirs, "{expression}");
        ours
    }
}

fn over_each(test: &str, run: impl Fn(&Three)) {
    let Some(world) = World::new(test) else { return };
    for transport in Transport::ALL {
        let three = Three::meet(&world, transport);
        run(&three);
        assert_eq!(three.x.eval("net_adm:ping(a@localhost)"), "pong", "the link is as it was");
        in_time(three.a.stop());
    }
}

#[test]
fn erpc_returns_and_raises_as_with_otp() {
    over_each("erpc_returns_and_raises_as_with_otp", |three| {
        assert_eq!(three.both("erpc:call(N, counterpart, add, [20, 22])"), "42");
        assert_eq!(three.both("erpc:call(N, counterpart, add, [20, 22], 20000)"), "42");
        assert_eq!(three.both("erpc:call(N, counterpart, raise, [throw, ball])"), "{caught,throw,ball}");
        assert_eq!(three.both("erpc:call(N, counterpart, raise, [exit, enough])"), "{caught,exit,{exception,enough}}");
        assert_eq!(three.both("erpc:call(N, counterpart, raise, [error, bad])"), "{caught,error,{exception,bad,[{counterpart,raise,2}]}}");
        assert_eq!(three.both("erpc:call(N, counterpart, die, [])"), "{caught,exit,{signal,killed}}");
        assert_eq!(
            three.both("erpc:call(N, counterpart, nothing, [1, x])"),
            "{caught,error,{exception,undef,[{counterpart,nothing,[1,x]}]}}"
        );
        assert_eq!(three.both("erpc:call(N, nowhere, nothing, [])"), "{caught,error,{exception,undef,[{nowhere,nothing,[]}]}}");
        assert_eq!(three.both("erpc:call(N, counterpart, wait, [], 50)"), "{caught,error,{erpc,timeout}}");
        assert_eq!(three.both("erpc:call(N, counterpart, wait, [], 0)"), "{caught,error,{erpc,timeout}}");
    });
}

#[test]
fn the_other_ways_of_erpc_are_served() {
    over_each("the_other_ways_of_erpc_are_served", |three| {
        assert_eq!(three.both("erpc:receive_response(erpc:send_request(N, counterpart, add, [1, 2]), 20000)"), "3");
        assert_eq!(three.both("erpc:wait_response(erpc:send_request(N, counterpart, add, [1, 2]), 20000)"), "{response,3}");
        assert_eq!(three.both("erpc:wait_response(erpc:send_request(N, counterpart, wait, []), 20)"), "no_response");
        assert_eq!(three.both("erpc:multicall([N, N], counterpart, add, [1, 2], 20000)"), "[{ok,3},{ok,3}]");
        assert_eq!(three.both("erpc:multicall([N], counterpart, raise, [throw, x])"), "[{throw,x}]");
        assert_eq!(three.both("erpc:cast(N, counterpart, add, [1, 2])"), "ok");
        assert_eq!(three.both("erpc:multicast([N], counterpart, add, [1, 2])"), "ok");
        let cast =
            "begin counterpart:forget(), ok = erpc:cast(N, counterpart, wait, []), [P] = counterpart:collected(1), node(P) =:= N end";
        assert_eq!(three.both(cast), "true");
        let all = three.x.eval("erpc:multicall(['a@localhost', 'y@localhost', node()], counterpart, add, [3, 4])");
        assert_eq!(all, "[{ok,7},{ok,7},{ok,7}]");
    });
}

#[test]
fn rpc_is_served() {
    over_each("rpc_is_served", |three| {
        for (call, rest) in [("call", ""), ("call", ", 20000"), ("block_call", ""), ("block_call", ", 20000")] {
            let both = |function: &str, arguments: &str| three.both(&format!("rpc:{call}(N, counterpart, {function}, {arguments}{rest})"));
            assert_eq!(both("add", "[1, 2]"), "3");
            assert_eq!(both("raise", "[throw, ball]"), "ball");
            assert_eq!(both("raise", "[exit, enough]"), "{badrpc,{'EXIT',enough}}");
            assert_eq!(both("raise", "[error, bad]"), "{badrpc,{'EXIT',{bad,[{counterpart,raise,2}]}}}");
            assert_eq!(both("nothing", "[1]"), "{badrpc,{'EXIT',{undef,[{counterpart,nothing,[1]}]}}}");
        }
        assert_eq!(three.both("rpc:call(N, counterpart, wait, [], 50)"), "{badrpc,timeout}");
        assert_eq!(three.both("rpc:yield(rpc:async_call(N, counterpart, add, [1, 2]))"), "3");
        assert_eq!(three.both("rpc:nb_yield(rpc:async_call(N, counterpart, add, [1, 2]), 20000)"), "{value,3}");
        assert_eq!(three.both("rpc:multicall([N], counterpart, add, [1, 2])"), "{[3],[]}");
        assert_eq!(
            three.both("rpc:multicall([N], counterpart, nothing, [])"),
            "{[{badrpc,{'EXIT',{undef,[{counterpart,nothing,[]}]}}}],[]}"
        );
        assert_eq!(three.both("rpc:cast(N, counterpart, add, [1, 2])"), "true");
        assert_eq!(three.both("rpc:eval_everywhere([N], counterpart, add, [1, 2])"), "abcast");
        let old = "begin counterpart:forget(), gen_server:cast({rex, N}, {cast, counterpart, wait, [], group_leader()}), [P] = counterpart:collected(1), node(P) =:= N end";
        assert_eq!(three.both(old), "true");
        assert_eq!(three.both("gen_server:call({rex, N}, {call, counterpart, add, [1, 2], group_leader()})"), "3");
        assert_eq!(three.both("begin {rex, N} ! {self(), {call, counterpart, add, [1, 2], user}}, receive {rex, V} -> V end end"), "3");
        assert_eq!(three.both("begin {rex, N} ! {self(), features_request}, receive {features_reply, N, F} -> F end end"), "[erpc]");
    });
}

#[test]
fn a_process_of_ours_is_spawned_linked_and_monitored() {
    over_each("a_process_of_ours_is_spawned_linked_and_monitored", |three| {
        let spawned = "begin counterpart:forget(), P = spawn(N, counterpart, wait, []), [P] = counterpart:collected(1), node(P) =:= N end";
        assert_eq!(three.both(spawned), "true");
        let end = "begin counterpart:forget(), {P, M} = spawn_monitor(N, counterpart, wait, []), [P] = counterpart:collected(1), P ! {go, x}, \
                   receive {'DOWN', M, process, P, Why} -> Why end end";
        assert_eq!(three.both(end), "normal");
        let linked = "begin counterpart:forget(), process_flag(trap_exit, true), P = spawn_link(N, counterpart, wait, []), \
                      [P] = counterpart:collected(1), exit(P, enough), receive {'EXIT', P, Why} -> Why end end";
        assert_eq!(three.both(linked), "enough");
        let both = "begin counterpart:forget(), process_flag(trap_exit, true), \
                    {P, M} = spawn_opt(N, counterpart, wait, [], [link, monitor, {priority, low}, {min_heap_size, 1000}]), \
                    [P] = counterpart:collected(1), P ! {go, x}, receive {'DOWN', M, process, P, D} -> receive {'EXIT', P, E} -> {D, E} end end end";
        assert_eq!(three.both(both), "{normal,normal}");
        for (how, why) in [
            ("error, bad", "{bad,[{counterpart,raise,2}]}"),
            ("throw, ball", "{{nocatch,ball},[{counterpart,raise,2}]}"),
            ("exit, enough", "enough"),
        ] {
            let raised = format!(
                "begin {{P, M}} = spawn_monitor(N, counterpart, raise, [{how}]), receive {{'DOWN', M, process, P, Why}} -> Why end end"
            );
            assert_eq!(three.both(&raised), why);
        }
        let nothing = "begin process_flag(trap_exit, true), {P, M} = spawn_opt(N, nowhere, nothing, [x], [link, monitor]), \
                       receive {'DOWN', M, process, P, D} -> receive {'EXIT', P, D} -> {node(P), D} end end end";
        assert_eq!(three.both(nothing), "{N,{undef,[{nowhere,nothing,[x]}]}}");
        let request = "begin counterpart:forget(), R = spawn_request(N, counterpart, wait, [], [monitor, {reply_tag, told}, {monitor, [{tag, gone}]}]), \
                       receive {told, R, ok, P} -> P ! {go, x}, receive {gone, R, process, P, Why} -> Why end end end";
        assert_eq!(three.both(request), "normal");
        let bad = "begin R = spawn_request(N, counterpart, wait, [], [{no_such, option}]), receive {spawn_reply, R, How, Why} -> {How, Why} end end";
        assert_eq!(three.both(bad), "{error,badopt}");
        let own = "begin process_flag(trap_exit, true), P = spawn_link(N, fun() -> ok end), receive {'EXIT', P, Why} when N =:= 'y@localhost' -> Why; \
                   {'EXIT', P, {undef, [{erlang, apply, [_, []], _}]}} when N =:= 'a@localhost' -> normal end end";
        assert_eq!(three.both(own), "normal", "a closure of theirs is nothing that we could run");
    });
}

#[test]
fn a_child_of_ours_ends_with_its_parent_and_with_a_request_that_was_abandoned() {
    over_each("a_child_of_ours_ends_with_its_parent_and_with_a_request_that_was_abandoned", |three| {
        let parent = "begin counterpart:forget(), Q = spawn(fun() -> spawn_link(N, counterpart, wait, []), receive after infinity -> ok end end), \
                      [P] = counterpart:collected(1), M = monitor(process, P), exit(Q, enough), receive {'DOWN', M, process, P, Why} -> Why end end";
        assert_eq!(three.both(parent), "enough");
        let abandoned = "begin counterpart:forget(), R = spawn_request(N, counterpart, wait, [], [link, {reply, success_only}]), \
                         A = spawn_request_abandon(R), [P] = counterpart:collected(1), M = monitor(process, P), \
                         receive {'DOWN', M, process, P, Why} when Why =:= abandoned; Why =:= noproc -> A end end";
        assert_eq!(three.both(abandoned), "true");
    });
}

#[test]
fn what_is_not_for_them_is_as_if_it_were_not_there() {
    over_each("what_is_not_for_them_is_as_if_it_were_not_there", |three| {
        let undef = "{counterpart,tell,[1,2]}";
        let at_ours = |expression: &str| {
            three.x.eval(&format!("C = fun({{K, {{exception, undef, [{{M, F, A, []}}]}}}}) -> {{K, {{M, F, A}}}}; (O) -> O end, N = 'a@localhost', C(try {expression} catch Kind:Caught -> {{Kind, Caught}} end)"))
        };
        assert_eq!(at_ours("erpc:call(N, counterpart, tell, [1, 2])"), format!("{{error,{undef}}}"));
        assert_eq!(at_ours("rpc:call(N, counterpart, tell, [1, 2])"), "{badrpc,{'EXIT',{undef,[{counterpart,tell,[1,2],[]}]}}}");
        assert_eq!(at_ours("rpc:block_call(N, counterpart, tell, [1, 2])"), "{badrpc,{'EXIT',{undef,[{counterpart,tell,[1,2],[]}]}}}");
        let spawned =
            at_ours("begin {P, M} = spawn_monitor(N, counterpart, tell, [1, 2]), receive {'DOWN', M, process, P, Why} -> Why end end");
        assert_eq!(spawned, "{undef,[{counterpart,tell,[1,2],[]}]}");
        assert_eq!(three.a.refused_calls(), 4);
        let closure = at_ours("erpc:call(N, fun() -> 1 end)");
        assert!(closure.starts_with("{error,{erlang,apply,["), "{closure}");
        assert_eq!(three.a.refused_calls(), 5);
    });
}

#[test]
fn values_of_any_size_come_back_whole() {
    over_each("values_of_any_size_come_back_whole", |three| {
        for megabytes in [1, 3, 70] {
            let big = format!(
                "begin B = binary:copy(<<\"x\">>, {megabytes} * 1024 * 1024), erpc:call(N, counterpart, echoed, [B]) =:= {{echoed, [B]}} end"
            );
            assert_eq!(three.x.eval(&format!("N = 'a@localhost', {big}")), "true");
        }
        let many = "begin B = binary:copy(<<\"x\">>, 300000), R = [erpc:send_request(N, counterpart, echoed, [B]) || _ <- lists:seq(1, 300)], \
                    lists:usort([erpc:receive_response(I) =:= {echoed, [B]} || I <- R]) end";
        assert_eq!(three.both(many), "[true]");
    });
}
