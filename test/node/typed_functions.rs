//! Functions between types of Rust's, called with terms that fit and with terms that do not.

use crate::served::{Runs, only};
use crate::world::{NEVER, World};
use countersign::etf::serde::{Mapping, from_term};
use countersign::etf::{Term, atom, list, map, tuple};
use countersign::failure::{Code, Failure};
use countersign::node::rpc::{Apply, Arity, Call, Callers, ErpcError, ExportRefused, Functions, Raised, typed, typed_with_call};
use countersign::node::{Node, NodeOptions};
use countersign::rt::block_on;
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    item: String,
    count: u8,
    note: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Receipt {
    Sold(Order),
    SoldOut,
}

/// `shop:sell(Where, Order)`, `shop:close()`, `shop:sum(...)`, `shop:pair(A, B)` with any number, `shop:ratio(A, B)`,
/// `shop:seen(Order)` as Elixir has it, and `shop:who(Greeting)`.
fn shop(callers: &Callers, runs: &Runs) -> Functions {
    let (all, counted) = (|| callers.clone(), || runs.clone());
    let (sell, sum, pair, seen) = (counted(), counted(), counted(), counted());
    let sell = typed(move |(_, order): (String, Order)| {
        sell.one_more();
        async move { Ok(if order.count > 9 { Receipt::SoldOut } else { Receipt::Sold(order) }) }
    });
    let sum = typed(move |numbers: Vec<i64>| {
        sum.one_more();
        async move { Ok(numbers.iter().sum::<i64>()) }
    });
    let pair = typed(move |(one, other): (i64, i64)| {
        pair.one_more();
        async move { Ok((other, one)) }
    });
    let seen = typed(move |(order,): (Order,)| {
        seen.one_more();
        async move { Ok(order) }
    });
    let functions = Functions::new()
        .export("shop", "sell", 2, all(), sell)
        .and_then(|shop| shop.export("shop", "close", 0, all(), typed(|()| async { Err::<(), _>(Raised::throw(atom("closed"))) })))
        .and_then(|shop| shop.export("shop", "sum", Arity::Any, all(), sum))
        .and_then(|shop| shop.export("shop", "pair", Arity::Any, all(), pair))
        .and_then(|shop| shop.export("shop", "ratio", 2, all(), typed(ratio)))
        .and_then(|shop| shop.export("shop", "seen", 1, all(), seen.mapped(Mapping::elixir())))
        .and_then(|shop| shop.export("shop", "who", 1, all(), typed_with_call(who)));
    functions.unwrap()
}

async fn ratio((one, other): (f64, f64)) -> Result<Vec<f64>, Raised> {
    Ok(vec![1.0, one / other])
}

async fn who(mut call: Call, (greeting,): (String,)) -> Result<(String, bool), Raised> {
    let caller = call.caller.pid.clone().ok_or_else(|| Raised::exit(atom("nobody")))?;
    call.process.send(&caller, atom("seen")).await.unwrap();
    Ok((format!("{greeting} {}", call.caller), call.arguments.is_empty()))
}

async fn two(world: &World, callers: &Callers) -> (Node, Node, Runs) {
    let runs = Runs::default();
    let options = NodeOptions { functions: shop(callers, &runs), ..world.secure() };
    (Node::start("a@localhost", options).await.unwrap(), world.node("b@localhost").await, runs)
}

fn order(count: u64) -> Term {
    map([(atom("item"), Term::from("tea")), (atom("count"), Term::from(count)), (atom("note"), atom("nil"))]).unwrap()
}

/// The error that was raised, and that it was raised by this function.
#[track_caller]
fn error(outcome: Result<Term, ErpcError>, function: &str) -> String {
    match outcome {
        Err(ErpcError::Error { reason, stack }) => {
            assert!(stack.to_string().starts_with(&format!("[{{shop,{function},")), "{stack}");
            reason.to_string()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn arguments_come_as_values_and_what_is_returned_goes_as_a_term() {
    block_on(async {
        let world = World::new().await;
        let (a, b, runs) = two(&world, &only("b@localhost")).await;
        let call = async |what: Apply| b.erpc(a.name(), what, NEVER).await;
        let sold = call(Apply::fixed("shop", "sell", [Term::from("here"), order(2)])).await.unwrap();
        assert_eq!(sold.to_string(), r#"{sold,#{count => 2,item => <<"tea">>,note => undefined}}"#);
        assert_eq!(call(Apply::fixed("shop", "sell", [Term::from("here"), order(10)])).await.unwrap(), atom("sold_out"));
        assert!(matches!(call(Apply::typed("shop", "close", &()).unwrap()).await, Err(ErpcError::Throw(what)) if what.is_atom("closed")));
        assert_eq!(call(Apply::typed("shop", "sum", &vec![1, 2, 3]).unwrap()).await.unwrap(), Term::from(6));
        assert_eq!(call(Apply::typed("shop", "sum", &()).unwrap()).await.unwrap(), Term::from(0));
        assert_eq!(call(Apply::typed("shop", "pair", &(1, 2)).unwrap()).await.unwrap(), tuple([2, 1]));
        assert_eq!(runs.count(), 5);

        // Both ends by types.
        let tea = |count| Order { item: "tea".into(), count, note: Some("hot".into()) };
        let sold = call(Apply::typed("shop", "sell", &("there", tea(1))).unwrap()).await.unwrap();
        assert_eq!(from_term::<Receipt>(&sold).unwrap(), Receipt::Sold(tea(1)));
    });
}

#[test]
fn a_function_has_its_own_mapping() {
    block_on(async {
        let world = World::new().await;
        let (a, b, _) = two(&world, &only("b@localhost")).await;
        let seen = b.erpc(a.name(), Apply::fixed("shop", "seen", [order(3)]), NEVER).await.unwrap();
        assert_eq!(seen.to_string(), r#"#{count => 3,item => <<"tea">>,note => nil}"#);
    });
}

#[test]
fn a_function_may_know_who_calls_and_act_as_a_process() {
    block_on(async {
        let world = World::new().await;
        let (a, b, _) = two(&world, &only("b@localhost")).await;
        let there = a.name().clone();
        let greeted = b.run(move |mut process| async move {
            let value = process.erpc(&there, Apply::typed("shop", "who", &("hello",)).unwrap(), NEVER).await.unwrap();
            (value, process.receive_where(|mail| mail.term().is_some_and(|term| term.is_atom("seen"))).await)
        });
        let (value, _) = crate::world::found(greeted).await;
        assert_eq!(from_term::<(String, bool)>(&value).unwrap(), ("hello b@localhost".into(), true));
    });
}

#[test]
fn arguments_that_do_not_fit_are_an_error_that_says_where_and_nothing_runs() {
    block_on(async {
        let world = World::new().await;
        let (a, b, runs) = two(&world, &only("b@localhost")).await;
        let call = async |function, arguments: Vec<Term>| {
            error(b.erpc(a.name(), Apply::fixed("shop", function, arguments), NEVER).await, function)
        };
        let here = || Term::from("here");
        assert_eq!(
            call("sell", vec![here(), order(300)]).await,
            r#"{badarg,<<"$[1].count: expected an integer from 0 to 255, found 300">>}"#
        );
        assert_eq!(call("sell", vec![Term::from(1), order(1)]).await, r#"{badarg,<<"$[0]: expected a string, found 1">>}"#);
        let bare = map([(atom("item"), here())]).unwrap();
        assert_eq!(call("sell", vec![here(), bare]).await, r#"{badarg,<<"$[1]: the field count is missing">>}"#);
        assert_eq!(call("seen", vec![list([here()])]).await.get(..13), Some(r#"{badarg,<<"$["#));
        assert_eq!(call("sum", vec![Term::from(1), atom("b")]).await.get(..30), Some(r#"{badarg,<<"$[1]: expected an i"#));
        // A list of arguments is no argument.
        assert_eq!(call("who", vec![list([here()])]).await, r#"{badarg,<<"$[0]: expected a string, found [<<\"here\">>]">>}"#);
        for many in [0, 1, 3] {
            let found = call("pair", vec![Term::from(7); many]).await;
            assert!(found.starts_with("{badarg,<<\"$: expected ") && found.contains(&format!("found {}", list(vec![7; many]))), "{found}");
        }
        assert_eq!((runs.count(), a.refused_calls()), (0, 0));
    });
}

#[test]
fn another_number_of_arguments_is_a_function_that_is_not_there() {
    block_on(async {
        let world = World::new().await;
        let (a, b, runs) = two(&world, &only("b@localhost")).await;
        for arguments in [vec![], vec![Term::from("here")], vec![Term::from("here"), order(1), order(1)]] {
            let outcome = b.erpc(a.name(), Apply::fixed("shop", "sell", arguments), NEVER).await;
            assert!(matches!(outcome, Err(ErpcError::Undef { .. })), "{outcome:?}");
        }
        assert_eq!((runs.count(), a.refused_calls()), (0, 3));
    });
}

#[test]
fn who_may_not_call_learns_nothing_of_what_a_function_takes() {
    block_on(async {
        let world = World::new().await;
        let (a, b, runs) = two(&world, &only("c@localhost")).await;
        for arguments in [[Term::from("here"), order(1)], [Term::from("here"), order(300)]] {
            let outcome = b.erpc(a.name(), Apply::fixed("shop", "sell", arguments), NEVER).await;
            assert!(matches!(outcome, Err(ErpcError::Undef { .. })), "{outcome:?}");
        }
        assert_eq!((runs.count(), a.refused_calls()), (0, 2));
    });
}

#[test]
fn a_value_that_has_no_term_is_an_error_of_the_function() {
    block_on(async {
        let world = World::new().await;
        let (a, b, _) = two(&world, &only("b@localhost")).await;
        let call = async |one: f64, other: f64| b.erpc(a.name(), Apply::typed("shop", "ratio", &(one, other)).unwrap(), NEVER).await;
        assert_eq!(error(call(1.0, 0.0).await, "ratio"), r#"{bad_return_value,<<"$[1]: Erlang has only finite floats">>}"#);
        assert_eq!(from_term::<Vec<f64>>(&call(1.0, 2.0).await.unwrap()).unwrap(), [1.0, 0.5]);
    });
}

#[test]
fn a_function_is_not_exported_with_a_number_of_arguments_that_it_does_not_take() {
    let pair = || typed(|(one, other): (i64, i64)| async move { Ok::<_, Raised>(one + other) });
    let export = |arity: Arity| Functions::new().export("m", "f", arity, Callers::nobody(), pair()).map(drop);
    let refused = export(Arity::Exactly(3)).unwrap_err();
    assert!(matches!(refused, ExportRefused::OtherArity { exported: 3, takes: 2, .. }), "{refused:?}");
    assert_eq!((refused.to_string().as_str(), refused.code()), ("m:f is exported with 3 arguments, and takes 2", Code::TermMismatch));
    assert_eq!((export(Arity::Exactly(2)), export(Arity::Any)), (Ok(()), Ok(())));
    let any = typed(|all: Vec<Term>| async move { Ok::<_, Raised>(all) });
    assert!(Functions::new().export("m", "f", 7, Callers::nobody(), any).is_ok());
}

#[test]
fn what_is_called_is_written_from_values_or_not_at_all() {
    let shown = |apply: Apply| list(apply.arguments).to_string();
    assert_eq!(shown(Apply::typed("m", "f", &()).unwrap()), "[]");
    assert_eq!(shown(Apply::typed("m", "f", &((),)).unwrap()), "[ok]");
    assert_eq!(shown(Apply::typed("m", "f", &(vec![1, 2],)).unwrap()), "[[1,2]]");
    assert_eq!(shown(Apply::typed("m", "f", &("a", (1, 2), None::<u8>)).unwrap()), r#"[<<"a">>,{1,2},undefined]"#);
    assert_eq!(shown(Apply::typed("m", "f", &vec!["a", "b"]).unwrap()), r#"[<<"a">>,<<"b">>]"#);
    let refused = Apply::typed("m", "f", &(1, f64::NAN)).unwrap_err();
    assert_eq!(refused.to_string(), "$[1]: Erlang has only finite floats");
    assert!(Apply::typed(&"m".repeat(256), "f", &()).is_err() && Apply::typed("m", &"f".repeat(256), &()).is_err());
}
