//! Functions and servers of ours between types of Rust's, as OTP calls them: rightly and wrongly.

use crate::otp::Transport;
use crate::pair::{Pair, each_way};
use crate::puppet::{Puppet, in_time};
use crate::world::World;
use countersign::etf::serde::{Mapping, charlist, from_term};
use countersign::etf::{Atom, Pid};
use countersign::node::rpc::{Apply, Call, Callers, Functions, Raised, typed, typed_with_call};
use countersign::node::{Node, NodeOptions, Process};
use countersign::otp::gen_server::{Answer, AskError, Caller, Client, GenServer, Launch, Typed};
use countersign::rt::block_on;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "#user")]
struct User {
    name: String,
    age: u8,
    mail: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    Add(i64),
    Get,
}

struct Counter(i64);

impl GenServer for Counter {
    type Call = Typed<Request>;
    type Cast = Typed<Request>;

    async fn handle_call(&mut self, Typed(request): Typed<Request>, caller: Caller, _: &mut Process) -> Answer {
        match request {
            Request::Add(more) => {
                self.0 += more;
                caller.answer_typed(&())
            }
            Request::Get => caller.answer_typed(&(self.0, None::<i64>)),
        }
    }
}

/// `users:older(User, Years)`, `users:ratio(A, B)` and `users:caller()`, for nodes of this host; and how often they ran.
fn functions() -> (Functions, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let callers = || Callers::nodes(["*@localhost"]).unwrap();
    let older = {
        let runs = Arc::clone(&runs);
        move |(user, years): (User, u8)| {
            runs.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<_, Raised>(User { age: user.age.saturating_add(years), ..user }) }
        }
    };
    let ratio = |(one, other): (f64, f64)| async move { Ok::<_, Raised>(one / other) };
    let caller = |call: Call, ()| async move { Ok::<_, Raised>((call.caller.to_string(), call.caller.pid)) };
    let functions = Functions::new()
        .export("users", "older", 2, callers(), typed(older))
        .and_then(|users| users.export("Elixir.Users", "ratio", 2, callers(), typed(ratio).mapped(Mapping::elixir())))
        .and_then(|users| users.export("users", "caller", 0, callers(), typed_with_call(caller)));
    (functions.unwrap(), runs)
}

#[test]
fn they_call_functions_of_ours_between_types_of_rust() {
    let Some(world) = World::new("they_call_functions_of_ours_between_types_of_rust") else { return };
    let x = world.otp("x@localhost").start();
    let (functions, runs) = functions();
    let a = block_on(Node::start("a@localhost", NodeOptions { functions, ..world.options("a@localhost", Transport::Tls13) })).unwrap();
    let call = |function: &str| x.eval(&format!("erpc:call('a@localhost', {function})"));

    // The same argument in Erlang's words, and in Elixir's.
    assert_eq!(call("users, older, [{user, <<\"Joe\">>, 68, undefined}, 2]"), "{user,<<\"Joe\">>,70,undefined}");
    assert_eq!(call("users, older, [{user, \"Joe\", 68, nil}, 2]"), "{user,<<\"Joe\">>,70,undefined}");
    assert_eq!(
        x.eval("rpc:call('a@localhost', users, older, [{user, <<\"Joe\">>, 1, <<\"a@b\">>}, 2])"),
        "{user,<<\"Joe\">>,3,<<\"a@b\">>}"
    );
    assert_eq!(call("'Elixir.Users', ratio, [1, 4]"), "0.25");
    assert_eq!(x.eval("{<<\"x@localhost\">>, Pid} = erpc:call('a@localhost', users, caller, []), node(Pid)"), "x@localhost");

    // What does not fit is an error that says where, and nothing has run.
    assert_eq!(runs.load(Ordering::SeqCst), 3);
    let caught = |function: &str| {
        x.eval(&format!(
            "try erpc:call('a@localhost', {function}) catch error:{{exception, Reason, [{{M, F, N, _}}|_]}} -> {{Reason, M, F, N}} end"
        ))
    };
    assert_eq!(
        caught("users, older, [{user, <<\"Joe\">>, 300, undefined}, 2]"),
        "{{badarg,<<\"$[0].age: expected an integer from 0 to 255, found 300\">>},users,older,2}"
    );
    assert_eq!(
        caught("users, older, [{user, <<\"Joe\">>, 68, x}, 2]"),
        "{{badarg,<<\"$[0].mail: expected a string, found x\">>},users,older,2}"
    );
    let tagged = caught("users, older, [{person, <<\"Joe\">>, 68, nil}, 2]");
    assert!(tagged.starts_with("{{badarg,<<\"$[0]: expected "), "{tagged}");
    assert_eq!(
        x.eval("{badrpc, {'EXIT', {{badarg, Text}, _}}} = rpc:call('a@localhost', users, older, [1, 2]), binary:part(Text, 0, 4)"),
        "<<\"$[0]\">>"
    );
    let undef = "try erpc:call('a@localhost', users, older, [1]) catch error:{exception, undef, [{users, older, [1], _}|_]} -> undef end";
    assert_eq!(x.eval(undef), "undef");
    assert_eq!(runs.load(Ordering::SeqCst), 3);
    assert_eq!(
        caught("'Elixir.Users', ratio, [1, 0]"),
        "{{bad_return_value,<<\"$: Erlang has only finite floats\">>},'Elixir.Users',ratio,2}"
    );
    in_time(a.stop());
}

fn counter(pair: &Pair<'_>) -> Pid {
    in_time(Launch::new(Counter(39)).named(Atom::fixed("counter")).start(&pair.a)).unwrap()
}

#[test]
fn they_call_a_server_of_ours_between_types_of_rust() {
    each_way("they_call_a_server_of_ours_between_types_of_rust", |pair| {
        counter(pair);
        assert_eq!(pair.eval("gen_server:call({counter, OUR}, {add, 3})"), "ok");
        assert_eq!(pair.eval("gen_server:call({counter, OUR}, get)"), "{42,undefined}");
        assert_eq!(
            pair.eval("gen_server:call({counter, OUR}, dance)"),
            "{error,{bad_request,<<\"$: expected add or get, found dance\">>}}"
        );
        let wrong = pair.eval("{error, {bad_request, Text}} = gen_server:call({counter, OUR}, {add, three}), Text");
        assert!(wrong.starts_with("<<\"${add}: expected an integer"), "{wrong}");
        assert_eq!(pair.eval("gen_server:cast({counter, OUR}, {add, three})"), "ok");
        assert_eq!(pair.eval("gen_server:call({counter, OUR}, get)"), "{42,undefined}");
    });
}

#[test]
fn we_call_functions_of_theirs_by_types() {
    each_way("we_call_functions_of_theirs_by_types", |pair| {
        #[derive(Serialize)]
        struct Text(#[serde(with = "charlist")] String);

        let erpc = |apply: Apply| in_time(pair.a.erpc(&pair.them(), apply, LONG)).unwrap();
        let numbers: Vec<u8> = from_term(&erpc(Apply::typed("lists", "seq", &(1, 3)).unwrap())).unwrap();
        assert_eq!(numbers, [1, 2, 3]);
        let node: Atom = from_term(&erpc(Apply::typed("erlang", "node", &()).unwrap())).unwrap();
        assert_eq!(node, Atom::fixed("x@localhost"));
        let upper: String = from_term(&erpc(Apply::typed("string", "uppercase", &(Text("köln".into()),)).unwrap())).unwrap();
        assert_eq!(upper, "KÖLN");
    });
}

#[test]
fn we_call_a_server_of_theirs_by_types() {
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Ask {
        Echo(Option<User>),
        Add(i64),
        Sum,
    }

    each_way("we_call_a_server_of_theirs_by_types", |pair| {
        pair.eval("catch gen_server:stop(sums)");
        pair.eval("counterpart:server(sums)");
        let sums = Client::of(pair.there("sums")).within(LONG);
        let sum = Puppet::new(&pair.a).tell({
            let sums = sums.clone();
            |process| {
                Box::pin(async move {
                    sums.cast(&mut *process, &Ask::Add(42)).await.unwrap();
                    sums.call::<u8>(process, &Ask::Sum).await.unwrap()
                })
            }
        });
        assert_eq!(sum, 42);
        let joe = || Some(User { name: "Joe".into(), age: 68, mail: None });
        let echoed: Option<User> = in_time(sums.call(&pair.a, &Ask::Echo(joe()))).unwrap();
        assert_eq!(echoed, joe());
        assert_eq!(in_time(sums.call::<Option<User>>(&pair.a, &Ask::Echo(None))).unwrap(), None);
        let other = in_time(sums.call::<String>(&pair.a, &Ask::Sum)).unwrap_err();
        assert!(matches!(&other, AskError::Answer(why) if why.to_string() == "$: expected a string, found 42"), "{other:?}");
    });
}

const LONG: Duration = Duration::from_secs(20);
