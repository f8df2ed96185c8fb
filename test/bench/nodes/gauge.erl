%% The same measurements as those of our nodes, for two OTP nodes. Times are in microseconds.
-module(gauge).
-behaviour(gen_server).
-export([serve/0, round_trips/2, one_way/4, connects/2, local_send/1, spawns/1, calls/2]).
-export([init/1, handle_call/3, handle_cast/2]).

serve() ->
    register(gauge_echo, spawn(fun echo/0)),
    register(gauge_sink, spawn(fun sink/0)),
    {ok, _} = gen_server:start({local, gauge_mirror}, ?MODULE, none, []),
    ok.

init(State) -> {ok, State}.
handle_call(Request, _, State) -> {reply, Request, State}.
handle_cast(_, State) -> {noreply, State}.

echo() ->
    receive {From, Ref} -> From ! Ref, echo() end.

sink() ->
    receive
        {done, From, Ref} -> From ! Ref, sink();
        _ -> sink()
    end.

%% The median of so many round trips.
round_trips(Node, Count) ->
    _ = [round_trip(Node) || _ <- lists:seq(1, Count div 10)],
    Times = lists:sort([round_trip(Node) || _ <- lists:seq(1, Count)]),
    lists:nth(Count div 2, Times) / 1000.

round_trip(Node) ->
    Ref = make_ref(),
    Before = erlang:monotonic_time(nanosecond),
    {gauge_echo, Node} ! {self(), Ref},
    receive Ref -> erlang:monotonic_time(nanosecond) - Before end.

%% How long it takes until so many binaries of this size have arrived.
one_way(Node, Count, Size, Warm) ->
    Message = {message, binary:copy(<<7>>, Size)},
    _ = sent(Node, Warm, Message),
    sent(Node, Count, Message).

sent(Node, Count, Message) ->
    Ref = make_ref(),
    Sink = {gauge_sink, Node},
    Before = erlang:monotonic_time(microsecond),
    send(Sink, Message, Count),
    Sink ! {done, self(), Ref},
    receive Ref -> erlang:monotonic_time(microsecond) - Before end.

send(_, _, 0) -> ok;
send(Sink, Message, Count) -> Sink ! Message, send(Sink, Message, Count - 1).

%% The median time of so many connects, each after the link before is gone.
connects(Node, Count) ->
    net_kernel:monitor_nodes(true, [{node_type, all}]),
    Times = lists:sort([connect(Node) || _ <- lists:seq(1, Count)]),
    net_kernel:monitor_nodes(false, [{node_type, all}]),
    lists:nth(Count div 2, Times).

connect(Node) ->
    case erlang:disconnect_node(Node) of
        true -> receive {nodedown, Node, _} -> ok after 5000 -> exit(no_nodedown) end;
        _ -> ok
    end,
    timer:sleep(15),
    Before = erlang:monotonic_time(microsecond),
    true = net_kernel:connect_node(Node),
    After = erlang:monotonic_time(microsecond),
    receive {nodeup, Node, _} -> After - Before after 5000 -> exit(no_nodeup) end.

%% How long it takes until so many messages have gone from one process to another of this node.
local_send(Count) ->
    Message = {message, binary:copy(<<7>>, 64)},
    Sink = spawn(fun sink/0),
    Ref = make_ref(),
    Before = erlang:monotonic_time(microsecond),
    send(Sink, Message, Count),
    Sink ! {done, self(), Ref},
    receive Ref -> ok end,
    After = erlang:monotonic_time(microsecond),
    exit(Sink, kill),
    After - Before.

%% How long it takes until so many processes have been started, and each has said that it was.
spawns(Count) ->
    Self = self(),
    Before = erlang:monotonic_time(microsecond),
    [spawn(fun() -> Self ! here end) || _ <- lists:seq(1, Count)],
    [receive here -> ok end || _ <- lists:seq(1, Count)],
    erlang:monotonic_time(microsecond) - Before.

%% The median of so many calls.
calls(Whom, Count) ->
    _ = [call(Whom) || _ <- lists:seq(1, Count div 10)],
    Times = lists:sort([call(Whom) || _ <- lists:seq(1, Count)]),
    lists:nth(Count div 2, Times) / 1000.

call(Whom) ->
    Before = erlang:monotonic_time(nanosecond),
    question = gen_server:call(Whom, question),
    erlang:monotonic_time(nanosecond) - Before.
