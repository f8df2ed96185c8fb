//! Our functions under the names of those of theirs: what `counterpart` does in Erlang, in Rust. So the same call at
//! either node has the same outcome, or a test says where it differs.

use countersign::etf::{Term, atom, list, tuple};
use countersign::node::rpc::{Arity, Call, Callers, Functions, Raised};

/// `counterpart:add/2`, `counterpart:raise/2`, `counterpart:wait/0`, `counterpart:echoed` with any number of arguments and
/// `counterpart:die/0` for nodes of this host, and `counterpart:tell/2` for nobody.
pub(crate) fn functions() -> Functions {
    // Over plain TCP nobody vouches for a name.
    let callers = || Callers::nodes(["*@localhost"]).unwrap().danger_unverified();
    let functions = Functions::new()
        .export("counterpart", "add", 2, callers(), add)
        .and_then(|all| all.export("counterpart", "raise", 2, callers(), raise))
        .and_then(|all| all.export("counterpart", "wait", 0, callers(), wait))
        .and_then(|all| all.export("counterpart", "echoed", Arity::Any, callers(), echoed))
        .and_then(|all| all.export("counterpart", "die", 0, callers(), die))
        .and_then(|all| all.export("counterpart", "tell", 2, Callers::nobody(), echoed));
    functions.unwrap()
}

async fn add(call: Call) -> Result<i64, Raised> {
    match call.arguments.as_slice() {
        [Term::Integer(one), Term::Integer(other)] => Ok(one + other),
        _ => Err(Raised::error(atom("badarith"))),
    }
}

async fn raise(call: Call) -> Result<Term, Raised> {
    let [kind, value] = call.arguments.as_slice() else { panic!("two were sent") };
    Err(match kind.as_atom().unwrap().as_str() {
        "error" => Raised::error(value.clone()),
        "throw" => Raised::throw(value.clone()),
        "exit" => Raised::exit(value.clone()),
        other => panic!("{other}"),
    })
}

/// Says who waits to the collector of the caller's node, and returns what it is told.
async fn wait(mut call: Call) -> Result<Term, Raised> {
    let collector = (countersign::etf::Atom::fixed("collector"), call.caller.node().clone());
    let own = Term::from(call.process.pid().clone());
    call.process.send(collector, own).await.unwrap();
    loop {
        if let Some(Term::Tuple(told)) = call.process.receive().await.into_term()
            && let [go, value] = &*told
            && go.is_atom("go")
        {
            return Ok(value.clone());
        }
    }
}

async fn echoed(call: Call) -> Result<Term, Raised> {
    Ok(tuple([atom("echoed"), list(call.arguments)]))
}

async fn die(mut call: Call) -> Result<Term, Raised> {
    let own = call.process.pid().clone();
    call.process.exit(&own, atom("kill")).await.unwrap();
    std::future::pending().await
}
