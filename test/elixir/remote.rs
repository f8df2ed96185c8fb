//! Functions of ours that Elixir calls and spawns.

use crate::pair::Pair;
use crate::puppet::Puppet;
use countersign::etf::serde::from_term;
use countersign::etf::{Term, atom, list, tuple};
use countersign::node::rpc::{Call, Callers, Functions, Raised};

/// The module `Shop`, for every node of this host but `close/0`, which is for nobody.
fn shop() -> Functions {
    let callers = || Callers::nodes(["*@localhost"]).unwrap();
    let functions = Functions::new()
        .export("Elixir.Shop", "total", 2, callers(), total)
        .and_then(|all| all.export("Elixir.Shop", "fail", 2, callers(), fail))
        .and_then(|all| all.export("Elixir.Shop", "wait", 1, callers(), wait))
        .and_then(|all| all.export("Elixir.Shop", "close", 0, Callers::nobody(), total));
    functions.unwrap()
}

async fn total(call: Call) -> Result<i64, Raised> {
    let arguments = list(call.arguments);
    let (price, count): (i64, i64) = from_term(&arguments).map_err(|_| Raised::error(atom("badarg")))?;
    Ok(price * count)
}

async fn fail(call: Call) -> Result<Term, Raised> {
    let [kind, reason] = call.arguments.as_slice() else { panic!("two were sent") };
    Err(match kind.to_string().as_str() {
        "error" => Raised::error(reason.clone()),
        "throw" => Raised::throw(reason.clone()),
        "exit" => Raised::exit(reason.clone()),
        other => panic!("{other}"),
    })
}

/// Says who waits, and returns what it is told.
async fn wait(mut call: Call) -> Result<Term, Raised> {
    let own = Term::from(call.process.pid().clone());
    let told = call.arguments.first().and_then(Term::as_pid).cloned().unwrap();
    call.process.send(&told, tuple([atom("waits"), own])).await.unwrap();
    Ok(call.process.receive().await.into_term().unwrap())
}

#[test]
fn elixir_calls_functions_of_ours() {
    let Some(pair) = Pair::exporting("elixir_calls_functions_of_ours", shop()) else { return };
    assert_eq!(pair.eval(":erpc.call(:rust@localhost, Shop, :total, [6, 7])"), "42");
    assert_eq!(pair.eval(":rpc.call(:rust@localhost, Shop, :total, [6, 7])"), "42");
    // They have a module of this name, too.
    let both = "defmodule Shop do def total(price, count), do: price + count end
        :erpc.multicall([node(), :rust@localhost, :nobody@localhost], Shop, :total, [6, 7])";
    assert_eq!(pair.eval(both), "[ok: 13, ok: 42, error: {:erpc, :noconnection}]");
    assert_eq!(pair.eval(":rpc.multicall([:rust@localhost], Shop, :total, [600, 7])"), "{[4200], []}");
    let puppet = Puppet::named(&pair.rust, "puppet");
    let cast = "spawn(fn ->
            :ok = :erpc.cast(:rust@localhost, Shop, :wait, [self()])
            receive do {:waits, pid} -> send({:puppet, :rust@localhost}, node(pid)) end end)";
    pair.eval(cast);
    assert!(puppet.term().is_atom("rust@localhost"));
    pair.end();
}

#[test]
fn calls_of_many_tasks_run_at_a_time() {
    let Some(pair) = Pair::exporting("calls_of_many_tasks_run_at_a_time", shop()) else { return };
    // All wait before the first one may go on.
    let tasks = "own = self()
        tasks = for _ <- 1..20, do: Task.async(fn -> :erpc.call(:rust@localhost, Shop, :wait, [own]) end)
        pids = for _ <- tasks, do: (receive do {:waits, pid} -> pid end)
        for {pid, number} <- Enum.with_index(pids), do: send(pid, number)
        Task.await_many(tasks) |> Enum.sort() == Enum.to_list(0..19)";
    assert_eq!(pair.eval(tasks), "true");
    pair.end();
}

#[test]
fn elixir_rescues_and_catches_what_functions_of_ours_raise() {
    let Some(pair) = Pair::exporting("elixir_rescues_and_catches_what_functions_of_ours_raise", shop()) else { return };
    let caught = |call: &str| {
        pair.eval(&format!(
            "try do :erpc.call(:rust@localhost, Shop, {call}) rescue error -> {{error.__struct__, error.original}}
             catch kind, value -> {{kind, value}} end"
        ))
    };
    assert_eq!(caught(":total, [:six, 7]"), "{ErlangError, {:exception, :badarg, [{Shop, :total, 2, []}]}}");
    assert_eq!(caught(":fail, [:error, :bad]"), "{ErlangError, {:exception, :bad, [{Shop, :fail, 2, []}]}}");
    assert_eq!(caught(":fail, [:throw, :ball]"), "{:throw, :ball}");
    assert_eq!(caught(":fail, [:exit, :enough]"), "{:exit, {:exception, :enough}}");
    assert_eq!(pair.eval(":rpc.call(:rust@localhost, Shop, :fail, [:exit, :enough])"), "{:badrpc, {:EXIT, :enough}}");
    let late = "try do :erpc.call(:rust@localhost, Shop, :wait, [self()], 20) rescue error -> error.original end";
    assert_eq!(pair.eval(late), "{:erpc, :timeout}");
    pair.end();
}

#[test]
fn a_function_for_nobody_looks_to_elixir_like_one_that_is_not_there() {
    let Some(pair) = Pair::exporting("a_function_for_nobody_looks_to_elixir_like_one_that_is_not_there", shop()) else { return };
    let before = pair.rust.refused_calls();
    for function in ["close", "nothing"] {
        let undef = |call: &str| pair.eval(&call.replace("WHAT", &format!(":rust@localhost, Shop, :{function}, []")));
        let stack = format!("[{{Shop, :{function}, [], []}}]");
        let rescued = undef("try do :erpc.call(WHAT) rescue error -> error.original end");
        assert_eq!(rescued, format!("{{:exception, :undef, {stack}}}"));
        assert_eq!(undef(":rpc.call(WHAT)"), format!("{{:badrpc, {{:EXIT, {{:undef, {stack}}}}}}}"));
        let spawned = "Process.flag(:trap_exit, true); pid = Node.spawn_link(WHAT); receive do {:EXIT, ^pid, why} -> why end";
        assert_eq!(undef(spawned), format!("{{:undef, {stack}}}"));
    }
    // No fun of theirs runs here, and no code of theirs is evaluated.
    let fun = "Process.flag(:trap_exit, true); pid = Node.spawn_link(:rust@localhost, fn -> :ok end)
        receive do {:EXIT, ^pid, {:undef, [{:erlang, :apply, [_, []], _}]}} -> :undef end";
    assert_eq!(pair.eval(fun), ":undef");
    let code = r#"match?({:badrpc, {:EXIT, {:undef, _}}}, :rpc.call(:rust@localhost, Code, :eval_string, ["1 + 1"]))"#;
    assert_eq!(pair.eval(code), "true");
    assert_eq!(pair.rust.refused_calls() - before, 8);
    pair.end();
}

#[test]
fn without_functions_elixir_is_told_that_there_are_none() {
    let Some(pair) = Pair::new("without_functions_elixir_is_told_that_there_are_none") else { return };
    let rescued = "try do :erpc.call(:rust@localhost, Shop, :total, [6, 7]) rescue error -> error.original end";
    assert_eq!(pair.eval(rescued), "{:erpc, :notsup}");
    assert_eq!(pair.eval(":rpc.call(:rust@localhost, Shop, :total, [6, 7])"), "{:badrpc, :notsup}");
    pair.end();
}

#[test]
fn a_function_of_ours_is_spawned_linked_and_ends_as_it_says() {
    let Some(pair) = Pair::exporting("a_function_of_ours_is_spawned_linked_and_ends_as_it_says", shop()) else { return };
    let ended = |call: &str| {
        pair.eval(&format!(
            "Process.flag(:trap_exit, true); pid = Node.spawn_link(:rust@localhost, Shop, {call})
             receive do {{:EXIT, ^pid, why}} -> {{node(pid), why}} end"
        ))
    };
    assert_eq!(ended(":total, [6, 7]"), "{:rust@localhost, :normal}");
    assert_eq!(ended(":fail, [:error, :bad]"), "{:rust@localhost, {:bad, [{Shop, :fail, 2, []}]}}");
    assert_eq!(ended(":fail, [:exit, :shutdown]"), "{:rust@localhost, :shutdown}");

    // It ends with whoever has spawned it.
    let parent = "own = self(); parent = spawn(fn -> Node.spawn_link(:rust@localhost, Shop, :wait, [own]); Process.sleep(:infinity) end)
        child = receive do {:waits, pid} -> pid end
        ref = Process.monitor(child)
        Process.exit(parent, :enough)
        receive do {:DOWN, ^ref, :process, ^child, why} -> why end";
    assert_eq!(pair.eval(parent), ":enough");
    let watched = "{pid, ref} = Node.spawn_monitor(:rust@localhost, Shop, :total, [:six, 7])
        receive do {:DOWN, ^ref, :process, ^pid, {why, _}} -> why end";
    assert_eq!(pair.eval(watched), ":badarg");
    pair.end();
}
