//! Servers whose requests and answers are types of Rust's, asked by terms and by types.

use crate::world::{World, alone, found, idle, name, there};
use countersign::etf::serde::{Mapping, from_term};
use countersign::etf::{Atom, Term, atom, list, tuple};
use countersign::failure::{Code, Failure};
use countersign::node::{CallError, Node, Process};
use countersign::otp::gen_server::{Access, Answer, AskError, Caller, Client, Deferred, GenServer, Launch, Origin, Step, Typed};
use countersign::rt::block_on;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    Add(i64),
    Get,
    /// Answered when something is said.
    Next,
    Divide(f64, f64),
    Guess {
        number: i64,
    },
    /// The server knows it, and has nothing to say.
    Dance,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Set(i64),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Count {
    value: i64,
    last: Option<i64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wrong {
    TooLow,
    TooHigh { by: i64 },
}

struct Counter {
    count: Count,
    waiting: Vec<Deferred>,
    /// How many requests it has seen.
    seen: u64,
    admits: bool,
}

impl Counter {
    fn new() -> Self {
        Self { count: Count { value: 0, last: None }, waiting: Vec::new(), seen: 0, admits: true }
    }
}

impl GenServer for Counter {
    type Call = Typed<Request>;
    type Cast = Typed<Said>;

    fn admits(&self, _: &Origin, _: Access) -> bool {
        self.admits
    }

    async fn handle_call(&mut self, Typed(request): Typed<Request>, caller: Caller, _: &mut Process) -> Answer {
        self.seen += 1;
        match request {
            Request::Add(more) => {
                self.count = Count { value: self.count.value + more, last: Some(more) };
                caller.answer_typed(&())
            }
            Request::Get => caller.answer_typed(&self.count),
            Request::Next => {
                let (promise, answer) = caller.defer();
                self.waiting.push(promise);
                answer
            }
            Request::Divide(one, other) => caller.answer_typed(&(one, one / other)),
            Request::Guess { number } => caller.answer_typed(&match number - self.count.value {
                0 => Ok("right"),
                difference if difference > 0 => Err(Wrong::TooHigh { by: difference }),
                _ => Err(Wrong::TooLow),
            }),
            Request::Dance => caller.not_supported(),
        }
    }

    async fn handle_cast(&mut self, Typed(said): Typed<Said>, _: Origin, process: &mut Process) -> Step {
        let Said::Set(value) = said;
        self.count = Count { value, last: None };
        for promise in self.waiting.drain(..) {
            promise.answer_typed(process, &self.count).await;
        }
        Step::Wait
    }

    fn state(&self) -> Term {
        Term::from(self.seen)
    }
}

/// At `b`, and who asks it from `a`.
async fn served(test: impl AsyncFn(&Node, &Node, &Client<Request>)) {
    let world = World::new().await;
    let (a, b) = world.two().await;
    Launch::new(Counter::new()).named(Atom::fixed("counter")).start(&b).await.unwrap();
    let client = Client::of(there("counter", &b)).within(LONG);
    test(&a, &b, &client).await;
}

async fn by_term(from: &Node, to: &Node, request: Term) -> String {
    from.call(there("counter", to), request, LONG).await.unwrap().to_string()
}

#[test]
fn requests_and_answers_are_types_at_either_end_and_terms_between() {
    block_on(served(async |a, b, client| {
        assert_eq!(by_term(a, b, tuple([atom("add"), Term::from(3)])).await, "ok");
        assert_eq!(by_term(a, b, atom("get")).await, "#{last => 3,value => 3}");
        let () = client.call(a, &Request::Add(4)).await.unwrap();
        let count: Count = client.call(a, &Request::Get).await.unwrap();
        assert_eq!(count, Count { value: 7, last: Some(4) });
        let guess = async |number| client.call::<Result<String, Wrong>>(a, &Request::Guess { number }).await.unwrap();
        assert_eq!(guess(7).await, Ok("right".into()));
        assert_eq!((guess(6).await, guess(9).await), (Err(Wrong::TooLow), Err(Wrong::TooHigh { by: 2 })));
        assert_eq!(by_term(a, b, from_erlang_guess(9)).await, "{error,{too_high,#{by => 2}}}");
        // A process asks as itself.
        let client = client.clone();
        let asked = a.run(move |mut process| async move { client.call::<Count>(&mut process, &Request::Get).await.unwrap().value });
        assert_eq!(found(asked).await, 7);
    }));
}

fn from_erlang_guess(number: i64) -> Term {
    tuple([atom("guess"), countersign::etf::map([(atom("number"), Term::from(number))]).unwrap()])
}

#[test]
fn a_request_of_another_type_is_answered_with_where_it_differs_and_the_server_never_sees_it() {
    block_on(served(async |a, b, client| {
        let wrong = [
            (atom("danse"), "$: expected add, get, next, divide, guess or dance, found danse"),
            (tuple([atom("divide"), Term::from(1), atom("b")]), "${divide}[1]: expected a float, found b"),
            (tuple([atom("guess"), list([tuple([atom("number"), atom("one")])])]), "$"),
            (list([1, 2]), "$: expected"),
        ];
        for (request, why) in wrong {
            let answer = by_term(a, b, request).await;
            assert!(answer.starts_with(&format!("{{error,{{bad_request,<<\"{why}")), "{answer}");
        }
        // What is said in other words is dropped, and the server goes on.
        a.cast(there("counter", b), tuple([atom("set"), atom("b")])).await.unwrap();
        let count: Count = client.call(a, &Request::Get).await.unwrap();
        assert_eq!(count, Count { value: 0, last: None });
        let state = b.run(|mut process| async move {
            let asks = tuple([Term::from(process.pid().clone()), atom("tag")]);
            process.send(Atom::fixed("counter"), tuple([atom("system"), asks, atom("get_state")])).await.unwrap();
            crate::world::next_term(&mut process).await
        });
        let state = found(state).await;
        assert_eq!(state.as_tuple().unwrap()[1].to_string(), "{ok,1}");
    }));
}

#[test]
fn a_promised_answer_is_typed_too_and_a_cast_is_a_type() {
    block_on(served(async |a, b, client| {
        let said = Client::of(there("counter", b));
        let next = client.call::<Count>(a, &Request::Next);
        let set = async {
            // Until it waits, every one that is set goes by unheard.
            loop {
                said.cast(a, &Said::Set(5)).await.unwrap();
                countersign::rt::yield_now().await;
            }
        };
        let next = Box::pin(next);
        match futures_util::future::select(next, Box::pin(set)).await {
            futures_util::future::Either::Left((count, _)) => assert_eq!(count.unwrap(), Count { value: 5, last: None }),
            futures_util::future::Either::Right(((), _)) => panic!("it never ends"),
        }
    }));
}

#[test]
fn an_answer_that_has_no_term_is_said_to_be_none_and_the_server_goes_on() {
    block_on(served(async |a, b, client| {
        let answer = by_term(a, b, tuple([atom("divide"), Term::from(1), Term::from(0)])).await;
        assert_eq!(answer, r#"{error,{bad_answer,<<"$[1]: Erlang has only finite floats">>}}"#);
        let divided: (f64, f64) = client.call(a, &Request::Divide(1.0, 2.0)).await.unwrap();
        assert_eq!(divided, (1.0, 0.5));
    }));
}

#[test]
fn a_server_and_a_client_have_their_own_mapping() {
    block_on(async {
        let node = alone().await;
        const COUNTER: Atom = Atom::fixed("counter");
        Launch::new(Counter::new()).named(COUNTER).mapped(Mapping::elixir()).start(&node).await.unwrap();
        assert_eq!(by_term(&node, &node, atom("get")).await, "#{last => nil,value => 0}");
        let count: Count = Client::of(COUNTER).call(&node, &Request::Get).await.unwrap();
        assert_eq!(count.last, None);
        let heard = node.run(|mut process| async move {
            let own = process.pid().clone();
            Client::of(&own).mapped(Mapping::elixir()).cast(&mut process, &None::<u8>).await.unwrap();
            Client::of(&own).cast(&mut process, &None::<u8>).await.unwrap();
            let heard = [crate::world::next_term(&mut process).await, crate::world::next_term(&mut process).await];
            list(heard).to_string()
        });
        assert_eq!(found(heard).await, "[{'$gen_cast',nil},{'$gen_cast',undefined}]");
    });
}

#[test]
fn who_asks_by_types_learns_why_there_is_no_answer() {
    block_on(served(async |a, b, client| {
        // Nothing was sent.
        let error = client.call::<Count>(a, &Request::Divide(f64::NAN, 1.0)).await.unwrap_err();
        assert!(matches!(&error, AskError::Request(why) if why.path().to_string() == "${divide}[0]"), "{error:?}");
        // Something else was said.
        let error = client.call::<String>(a, &Request::Get).await.unwrap_err();
        assert_eq!(error.to_string(), "the answer is not what was asked for: $: expected a string, found #{last => undefined,value => 0}");
        assert_eq!(error.code(), Code::TermMismatch);
        // The server refuses, and in words that are not those of the program.
        let error = client.call::<Count>(a, &Request::Dance).await.unwrap_err();
        assert!(matches!(&error, AskError::Refused { reason, .. } if reason.is_atom("notsup")), "{error:?}");
        assert_eq!(error.code(), Code::CallFailed);
        let error = client.call::<Result<(), Wrong>>(a, &Request::Dance).await.unwrap_err();
        assert!(matches!(error, AskError::Refused { .. }), "{error:?}");
        let other = Client::of(there("counter", b)).call::<Count>(a, &"danse").await.unwrap_err();
        assert_eq!(other.code(), Code::TermMismatch);
        // Unless it asks for them.
        let reason = client.call::<Result<(), Atom>>(a, &Request::Dance).await.unwrap();
        assert_eq!(reason, Err(Atom::fixed("notsup")));
        // Nobody is there, or nobody answers.
        let error = Client::of(there("nobody", b)).call::<Count>(a, &Request::Get).await.unwrap_err();
        assert!(matches!(error, AskError::Call(CallError::NoProcess { .. })), "{error:?}");
        let silent = Client::of(idle(b)).within(Duration::from_millis(20));
        let error = silent.call::<Count>(a, &Request::Get).await.unwrap_err();
        assert_eq!(error.code(), Code::Timeout);
        let unreachable = Client::of((Atom::fixed("counter"), name("c@localhost"))).cast(a, &Said::Set(1)).await.unwrap_err();
        assert!(matches!(unreachable, AskError::Call(CallError::Send(_))), "{unreachable:?}");
    }));
}

#[test]
fn who_is_not_admitted_is_refused_before_a_request_is_read() {
    block_on(async {
        let node = alone().await;
        let closed = Counter { admits: false, ..Counter::new() };
        let closed = Launch::new(closed).start(&node).await.unwrap();
        let answer = node.call(&closed, atom("danse"), LONG).await.unwrap();
        let (_, (word, _)): (Atom, (Atom, String)) = from_term(&answer).unwrap();
        assert_eq!(word, Atom::fixed("not_allowed"));
        let error = Client::of(&closed).call::<Count>(&node, &Request::Get).await.unwrap_err();
        assert_eq!(error.code(), Code::NotAllowed);
    });
}

const LONG: Duration = Duration::from_secs(20);
