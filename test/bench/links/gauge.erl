%% The same measurements as those of our nodes, for two OTP nodes. Times are in microseconds.
-module(gauge).
-export([serve/0, round_trips/2, one_way/4, connects/2]).

serve() ->
    register(gauge_echo, spawn(fun echo/0)),
    register(gauge_sink, spawn(fun sink/0)),
    ok.

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
