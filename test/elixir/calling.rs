//! We ask servers of Elixir.

use crate::pair::Pair;
use crate::puppet::{Puppet, in_time};
use countersign::etf::{Term, atom, tuple};
use countersign::node::CallError;
use std::time::Duration;

/// Counts, under the name `:counter`, and ends when it is told to.
const COUNTER: &str = "defmodule Counter do
    use GenServer
    def init(count), do: {:ok, count}
    def handle_call({:add, number}, _from, count), do: {:reply, {:ok, count + number}, count + number}
    def handle_call(:later, from, count) do
      spawn(fn -> GenServer.reply(from, :at_last) end)
      {:noreply, count}
    end
    def handle_call(:never, _from, count), do: {:noreply, count}
    def handle_call(:stop, _from, count), do: {:stop, :enough, count}
    def handle_call(:who, {pid, _}, count), do: {:reply, node(pid), count}
    def handle_cast({:add, number}, count), do: {:noreply, count + number}
    def handle_info({:info, number}, count), do: {:noreply, count - number}
  end
  {:ok, pid} = GenServer.start(Counter, 0, name: :counter)
  is_pid(pid)";

#[test]
fn a_gen_server_answers_us() {
    let Some(pair) = Pair::new("a_gen_server_answers_us") else { return };
    assert_eq!(pair.eval(COUNTER), "true");
    let ask = |request: Term| in_time(pair.rust.call(pair.there("counter"), request, LONG));
    let add = |number: i64| tuple([atom("add"), Term::from(number)]);
    assert_eq!(ask(add(5)).unwrap(), tuple([atom("ok"), Term::from(5)]));
    assert!(ask(atom("later")).unwrap().is_atom("at_last"));
    assert!(ask(atom("who")).unwrap().is_atom("rust@localhost"));

    let puppet = Puppet::new(&pair.rust);
    puppet.send(pair.there("counter"), tuple([atom("$gen_cast"), add(10)])).unwrap();
    puppet.send(pair.there("counter"), tuple([atom("info"), Term::from(1)])).unwrap();
    let asked = puppet.tell({
        let (whom, request) = (pair.there("counter"), add(0));
        |process| Box::pin(process.call(whom, request, LONG))
    });
    assert_eq!(asked.unwrap(), tuple([atom("ok"), Term::from(14)]));
    pair.end();
}

#[test]
fn why_a_gen_server_does_not_answer_is_told() {
    let Some(pair) = Pair::new("why_a_gen_server_does_not_answer_is_told") else { return };
    let ask = |request, within| in_time(pair.rust.call(pair.there("counter"), request, within));
    assert!(matches!(ask(atom("who"), LONG), Err(CallError::NoProcess { .. })));
    assert_eq!(pair.eval(COUNTER), "true");
    assert!(matches!(ask(atom("never"), Duration::from_millis(50)), Err(CallError::Timeout(_))));
    let Err(CallError::Exited { reason, .. }) = ask(atom("stop"), LONG) else { panic!("it ends") };
    assert!(reason.is_atom("enough"));
    pair.end();
}

#[test]
fn an_agent_answers_us() {
    let Some(pair) = Pair::new("an_agent_answers_us") else { return };
    // What an agent runs is a fun, which only Elixir can make; so it brings its own.
    let started = "{:ok, pid} = GenServer.start(Agent.Server, fn -> %{visits: 3} end, name: :agent); is_pid(pid)";
    assert_eq!(pair.eval(started), "true");
    let get = pair.term("{:get, &Map.get(&1, :visits)}");
    assert_eq!(in_time(pair.rust.call(pair.there("agent"), get, LONG)).unwrap().as_i64(), Some(3));
    pair.end();
}

/// Only a failing test waits so long.
const LONG: Duration = Duration::from_secs(30);
