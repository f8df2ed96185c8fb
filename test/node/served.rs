//! Functions that tests export, and what is known of their runs.

use crate::world::name;
use countersign::etf::{Term, atom, tuple};
use countersign::node::rpc::{Arity, Call, Callers, Functions, Raised};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How often anything has run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs(Arc<AtomicUsize>);

impl Runs {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn one_more(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// `math:add/2`, `math:raise/2`, `math:wait/0` (until it is told to go on, by a message), `math:sum` with any number of
/// arguments, `math:die/0` and `math:who/0`, for these callers; and `other:add/2` for nobody.
pub(crate) fn functions(callers: &Callers, runs: &Runs) -> Functions {
    let counted = |run: fn(Call) -> Result<Term, Raised>| {
        let runs = runs.clone();
        move |call: Call| {
            runs.one_more();
            std::future::ready(run(call))
        }
    };
    let (waiting, callers) = (runs.clone(), || callers.clone());
    let functions = Functions::new()
        .export("math", "add", 2, callers(), counted(add))
        .and_then(|all| all.export("math", "raise", 2, callers(), counted(raise)))
        .and_then(|all| all.export("math", "who", 0, callers(), counted(who)))
        .and_then(|all| all.export("math", "sum", Arity::Any, callers(), counted(sum)))
        .and_then(|all| all.export("other", "add", 2, Callers::nobody(), counted(add)))
        .and_then(|all| all.export("math", "die", 0, callers(), die))
        .and_then(|all| all.export("math", "wait", 0, callers(), move |call| wait(call, waiting.clone())));
    functions.unwrap()
}

fn add(call: Call) -> Result<Term, Raised> {
    match call.arguments.as_slice() {
        [Term::Integer(one), Term::Integer(other)] => Ok(Term::from(one + other)),
        _ => Err(Raised::error(atom("badarith"))),
    }
}

fn sum(call: Call) -> Result<Term, Raised> {
    Ok(Term::from(call.arguments.iter().filter_map(Term::as_i64).sum::<i64>()))
}

fn raise(call: Call) -> Result<Term, Raised> {
    let [kind, value] = call.arguments.as_slice() else { panic!("two were sent") };
    match kind.as_atom().unwrap().as_str() {
        "error" => Err(Raised::error(value.clone())),
        "throw" => Err(Raised::throw(value.clone())),
        "exit" => Err(Raised::exit(value.clone())),
        other => panic!("{other}"),
    }
}

/// `{Node, Pid, IsVerified}`
fn who(call: Call) -> Result<Term, Raised> {
    let caller = &call.caller;
    assert!(caller.peer.as_ref().is_none_or(|peer| peer.name() == caller.node()));
    let node = Term::from(caller.node().as_str());
    let pid = caller.pid.clone().map_or(atom("undefined"), Term::from);
    Ok(tuple([node, pid, Term::from(caller.identity().is_some_and(|identity| identity.is_verified()))]))
}

/// It is killed while it runs.
async fn die(mut call: Call) -> Result<Term, Raised> {
    let own = call.process.pid().clone();
    call.process.exit(&own, atom("kill")).await.unwrap();
    std::future::pending().await
}

/// The caller learns who waits, and what it then says to it is the value.
async fn wait(mut call: Call, runs: Runs) -> Result<Term, Raised> {
    runs.one_more();
    let own = Term::from(call.process.pid().clone());
    let caller = call.caller.pid.clone().unwrap();
    call.process.send(&caller, tuple([atom("waits"), own])).await.unwrap();
    loop {
        if let Some(term) = call.process.receive().await.into_term() {
            return Ok(term);
        }
    }
}

/// Whoever bears this name.
pub(crate) fn only(node: &str) -> Callers {
    let _ = name(node);
    Callers::nodes([node]).unwrap()
}
