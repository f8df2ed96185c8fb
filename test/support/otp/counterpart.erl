%% What runs in an OTP node of the tests. It reads requests from standard input, one line each: a number and
%% expressions. Each is evaluated by a process of its own, so that one may wait while another one works, and
%% answered by a line with the number. When standard input ends, the node ends.
-module(counterpart).
-export([start/0, collected/0, collected/1, sunk/0, sunk/1, forget/0, puppet/1, tell/2, accept_every_peer/3, refuse_every_peer/3]).
-export([counter/1, send_numbers/2, records/1]).
-export([server/1, init/1, handle_call/3, handle_cast/2, handle_info/2]).
-export([add/2, raise/2, wait/0, echoed/1, die/0, obey/0, tell_and_wait/1]).

start() ->
    ok = io:setopts(user, [{encoding, unicode}]),
    register(echo, spawn(fun echo/0)),
    register(collector, spawn(fun() -> collector([], []) end)),
    register(sink, spawn(fun() -> sink(empty_sink(), []) end)),
    spawn(fun() -> answer(0, {list_to_integer(os:getpid()), node()}), requests() end),
    ok.

requests() ->
    case io:get_line(user, '') of
        Line when is_list(Line) ->
            {Number, Expressions} = string:to_integer(Line),
            spawn(fun() -> answer(Number, evaluated(Expressions)) end),
            requests();
        _ ->
            init:stop()
    end.

%% Evaluated in a third process: where it is killed, through a link for instance, this one still answers.
evaluated(Expressions) ->
    Self = self(),
    {Pid, Monitor} = spawn_monitor(fun() -> Self ! {value, self(), value(Expressions)} end),
    receive
        {value, Pid, Value} -> Value;
        {'DOWN', Monitor, process, Pid, Reason} -> {'EXIT', Reason}
    end.

value(Expressions) ->
    try
        {ok, Tokens, _} = erl_scan:string(Expressions),
        {ok, Forms} = erl_parse:parse_exprs(Tokens),
        {value, Value, _} = erl_eval:exprs(Forms, []),
        Value
    catch
        throw:Thrown -> {throw, Thrown};
        exit:Reason -> {'EXIT', Reason};
        error:Reason:Stack -> {'EXIT', {Reason, [Call || Call <- Stack, not is_own(element(1, Call))]}}
    end.

is_own(Module) -> lists:member(Module, [?MODULE, erl_eval]).

answer(Number, Value) ->
    io:put_chars(user, io_lib:format("counterpart-answer ~b ~0tp~n", [Number, Value])).

%% Registered as echo.
echo() ->
    receive {From, Message} -> From ! {self(), Message} end,
    echo().

%% Registered as collector: keeps what it gets, in order, for those who ask until there is enough.
collector(Kept, Waiting) ->
    receive
        {?MODULE, forget, From} -> From ! {?MODULE, self()}, collector([], Waiting);
        {?MODULE, await, From, Count} -> collector(Kept, served(length(Kept), lists:reverse(Kept), [{From, Count} | Waiting]));
        Message -> collector([Message | Kept], served(length(Kept) + 1, lists:reverse([Message | Kept]), Waiting))
    end.

%% Registered as sink: counts messages and bytes, and keeps one SHA-256 over all: of a binary its bytes, of another
%% term what term_to_binary makes of it.
sink({Count, Size, Hash} = State, Waiting) ->
    receive
        {?MODULE, forget, From} -> From ! {?MODULE, self()}, sink(empty_sink(), Waiting);
        {?MODULE, await, From, Wanted} -> sink(State, served(Count, shown(State), [{From, Wanted} | Waiting]));
        Message ->
            Bytes = if is_binary(Message) -> Message; true -> term_to_binary(Message) end,
            Next = {Count + 1, Size + byte_size(Bytes), crypto:hash_update(Hash, Bytes)},
            sink(Next, case Waiting of [] -> []; _ -> served(Count + 1, shown(Next), Waiting) end)
    end.

empty_sink() -> {0, 0, crypto:hash_init(sha256)}.

shown({Count, Size, Hash}) ->
    {Count, Size, string:lowercase(binary_to_list(binary:encode_hex(crypto:hash_final(Hash))))}.

served(Count, State, Waiting) ->
    {Enough, Rest} = lists:partition(fun({_, Wanted}) -> Count >= Wanted end, Waiting),
    [From ! {?MODULE, self(), State} || {From, _} <- Enough],
    Rest.

%% What the collector has; with a number, as soon as it has so many.
collected() -> collected(0).
collected(Count) -> ask(collector, Count).

%% {Messages, Bytes, Sha256}; with a number, as soon as there are so many messages.
sunk() -> sunk(0).
sunk(Count) -> ask(sink, Count).

%% Empties both.
forget() ->
    [begin Pid = whereis(Name), Pid ! {?MODULE, forget, self()}, receive {?MODULE, Pid} -> ok end end || Name <- [collector, sink]],
    ok.

ask(Name, Count) ->
    Pid = whereis(Name),
    Pid ! {?MODULE, await, self(), Count},
    receive {?MODULE, Pid, State} -> State end.

%% A process of this name that does what it is told, and keeps whatever else it receives for what it is told to do.
puppet(Name) ->
    Pid = spawn(fun obey/0),
    register(Name, Pid),
    Pid.

obey() ->
    receive {?MODULE, tell, From, Do} -> From ! {?MODULE, self(), Do()} end,
    obey().

%% What it makes of that, or why it does not live to say so.
tell(Puppet, Do) ->
    Pid = if is_atom(Puppet) -> whereis(Puppet); true -> Puppet end,
    Monitor = monitor(process, Pid),
    Pid ! {?MODULE, tell, self(), Do},
    receive
        {?MODULE, Pid, Value} -> demonitor(Monitor, [flush]), Value;
        {'DOWN', Monitor, process, Pid, Reason} -> {ended, Reason}
    end.

%% For verify_fun in an option file: {verify_fun, {fun counterpart:refuse_every_peer/3, []}}.
accept_every_peer(_Certificate, {extension, _}, State) -> {unknown, State};
accept_every_peer(_Certificate, _Event, State) -> {valid, State}.

refuse_every_peer(_Certificate, _Event, _State) -> {fail, refused_by_verify_fun}.

%% A process of this name that counts numbers, as long as each is the next one from 0, and says how far it is to whoever asks.
counter(Name) ->
    register(Name, spawn(fun() -> count(0) end)).

count(Next) ->
    receive
        Next -> count(Next + 1);
        {From, counted} -> From ! Next, count(Next);
        _ -> count(Next)
    end.

%% Sends the numbers below Count, each in a record of its own: the process that writes to a link takes all that it finds,
%% so the next number waits until that process has answered, and hence has written the last one. Hardly ever it answers
%% before it was told of the number, and then two share a record. Every so often it waits until all have been counted.
send_numbers({_, Node} = To, Count) ->
    send_numbers(To, proplists:get_value(Node, erlang:system_info(dist_ctrl)), 0, Count).

send_numbers(_, _, Count, Count) -> Count;
send_numbers(To, Writer, Number, Count) ->
    Number rem 10000 =:= 0 andalso begin To ! {self(), counted}, receive Number -> ok end end,
    To ! Number,
    {ok, _} = tls_sender:dist_tls_socket(Writer),
    send_numbers(To, Writer, Number + 1, Count).

%% How many records the TLS connection to this node has written and read, under the keys that it has now.
records(Node) ->
    Writer = proplists:get_value(Node, erlang:system_info(dist_ctrl)),
    {ok, {sslsocket, _, [Reader, Writer]}} = tls_sender:dist_tls_socket(Writer),
    {sequence(current_write, sys:get_state(Writer)), sequence(current_read, sys:get_state(Reader))}.

%% The first one inside this term, wherever a release of OTP keeps it.
sequence(Key, Term) when is_map(Term) ->
    case Term of
        #{Key := #{sequence_number := Number}} -> Number;
        _ -> sequence(Key, maps:values(Term))
    end;
sequence(Key, Term) when is_tuple(Term) -> sequence(Key, tuple_to_list(Term));
sequence(Key, [First | Rest]) ->
    case sequence(Key, First) of
        none -> sequence(Key, Rest);
        Number -> Number
    end;
sequence(_, _) -> none.

%% A gen_server of this name, which outlives whoever starts it.
server(Name) ->
    {ok, Pid} = gen_server:start({local, Name}, ?MODULE, 0, []),
    Pid.

init(Sum) -> {ok, Sum}.

handle_call({echo, What}, _, Sum) -> {reply, What, Sum};
handle_call(sum, _, Sum) -> {reply, Sum, Sum};
handle_call({later, What}, From, Sum) -> spawn(fun() -> gen_server:reply(From, What) end), {noreply, Sum};
handle_call(never, _, Sum) -> {noreply, Sum + 1};
handle_call({stop, Reason, Reply}, _, Sum) -> {stop, Reason, Reply, Sum};
handle_call({fail, Reason}, _, _) -> error(Reason).

handle_cast({add, Number}, Sum) -> {noreply, Sum + Number}.

handle_info(_, Sum) -> {noreply, Sum}.
%% Functions that nodes of ours have, too.
add(One, Other) -> One + Other.

raise(error, Reason) -> error(Reason);
raise(throw, Value) -> throw(Value);
raise(exit, Reason) -> exit(Reason).

%% Says who waits to the collector of the node that wants it, and returns what it is told.
wait() ->
    {collector, node(group_leader())} ! self(),
    receive {go, Value} -> Value end.

echoed(Term) -> {echoed, [Term]}.

die() ->
    exit(self(), kill),
    receive after infinity -> ok end.

tell_and_wait(Whom) ->
    Whom ! waits,
    receive after infinity -> ok end.
