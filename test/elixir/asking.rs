//! Elixir asks servers and supervisors of ours.

use crate::desk::Desk;
use crate::pair::{Pair, them};
use crate::puppet::in_time;
use crate::world::eventually;
use countersign::etf::{Atom, Pid, atom};
use countersign::otp::gen_server::Launch;
use countersign::otp::supervisor::{ChildSpec, Strategy, Supervisor};
use std::time::Duration;

/// A server of ours, `{:desk, :rust@localhost}`.
fn desk(pair: &Pair) -> Pid {
    in_time(Launch::new(Desk::default()).named(Atom::fixed("desk")).start(&pair.rust)).unwrap()
}

/// Whoever has asked for something that comes later does wait.
fn wait_for(pair: &Pair, count: usize) {
    eventually("they wait", || pair.eval("GenServer.call({:desk, :rust@localhost}, :waiting)") == count.to_string());
}

#[test]
fn a_server_of_ours_is_called_by_name_and_by_pid() {
    let Some(pair) = Pair::new("a_server_of_ours_is_called_by_name_and_by_pid") else { return };
    desk(&pair);
    let echo = |what: &str| pair.eval(&format!("GenServer.call({{:desk, :rust@localhost}}, {{:echo, {what}}})"));
    for what in [r#""zażółć""#, "[one: 1, two: nil]", "~D[2024-02-29]", "%{1 => 1.5, \"a\" => {:ok, <<1::size(3)>>}}", "1..3"] {
        assert_eq!(echo(what), what);
    }
    // How a charlist is shown depends on the release.
    assert_eq!(pair.eval("GenServer.call({:desk, :rust@localhost}, {:echo, 'abc'}) === [97, 98, 99]"), "true");
    assert_eq!(pair.eval("GenServer.call({:desk, :rust@localhost}, :whence)"), r#""elixir@localhost""#);
    assert_eq!(pair.eval("GenServer.call({:desk, :rust@localhost}, :dance)"), "{:error, :notsup}");
    let by_pid = "{:status, pid, _, _} = :sys.get_status({:desk, :rust@localhost}); GenServer.call(pid, {:echo, node(pid)})";
    assert_eq!(pair.eval(by_pid), ":rust@localhost");
    assert_eq!(
        pair.eval("GenServer.multi_call([node(), :rust@localhost], :desk, {:echo, 7})"),
        "{[rust@localhost: 7], [:elixir@localhost]}"
    );
    pair.end();
}

#[test]
fn casts_and_messages_reach_a_server_of_ours_in_order() {
    let Some(pair) = Pair::new("casts_and_messages_reach_a_server_of_ours_in_order") else { return };
    desk(&pair);
    let said = "desk = {:desk, :rust@localhost}
        :ok = GenServer.cast(desk, :one)
        :two = send(desk, :two)
        :abcast = GenServer.abcast([:rust@localhost], :desk, :three)
        :ok = Process.send(desk, :four, [])
        GenServer.call(desk, :heard)";
    assert_eq!(pair.eval(said), "[{:cast, :one, false}, {:info, :two}, {:cast, :three, false}, {:info, :four}]");
    pair.end();
}

#[test]
fn an_answer_comes_when_the_server_has_it() {
    let Some(pair) = Pair::new("an_answer_comes_when_the_server_has_it") else { return };
    desk(&pair);
    let asking = pair.elixir.begin(
        "tasks = for _ <- 1..3, do: Task.async(fn -> GenServer.call({:desk, :rust@localhost}, :later, :infinity) end)
         Task.await_many(tasks, :infinity)",
    );
    wait_for(&pair, 3);
    assert!(!asking.is_answered());
    assert_eq!(pair.eval("GenServer.cast({:desk, :rust@localhost}, {:release, :at_last})"), ":ok");
    assert_eq!(asking.wait(), "[:at_last, :at_last, :at_last]");
    assert_eq!(pair.eval("GenServer.call({:desk, :rust@localhost}, :elsewhere)"), ":from_elsewhere");
    assert_eq!(pair.eval("GenServer.call({:desk, :rust@localhost}, :forget)"), "{:error, :unanswered}");
    pair.end();
}

#[test]
fn many_tasks_get_each_their_own_answer() {
    let Some(pair) = Pair::new("many_tasks_get_each_their_own_answer") else { return };
    desk(&pair);
    let asked = "1..500
        |> Task.async_stream(&{&1, GenServer.call({:desk, :rust@localhost}, {:echo, &1})}, max_concurrency: 100)
        |> Enum.count(fn {:ok, {asked, answer}} -> asked == answer end)";
    assert_eq!(pair.eval(asked), "500");
    pair.end();
}

#[test]
fn why_a_server_of_ours_does_not_answer_is_told_as_elixir_tells_it() {
    let Some(pair) = Pair::new("why_a_server_of_ours_does_not_answer_is_told_as_elixir_tells_it") else { return };
    let told = |request: &str, within: &str| {
        pair.eval(&format!(
            "try do GenServer.call({{:desk, :rust@localhost}}, {request}, {within}) catch :exit, why -> Exception.format_exit(why) end"
        ))
    };
    let exit = |request: &str, within: &str, why: &str| {
        format!(r#""exited in: GenServer.call({{:desk, :rust@localhost}}, {request}, {within})\n    ** (EXIT) {why}"#)
    };
    assert!(told(":x", "5000").starts_with(&exit(":x", "5000", "no process: the process is not alive")), "{}", told(":x", "5000"));
    desk(&pair);
    assert_eq!(told(":later", "20"), exit(":later", "20", "time out") + "\"");
    assert_eq!(told("{:quit, :enough}", "5000"), exit("{:quit, :enough}", "5000", ":enough") + "\"");
    desk(&pair);
    let panic = r#"{:panic, \"as the test wants it\"}"#;
    assert_eq!(told(":panic", "5000"), exit(":panic", "5000", panic) + "\"");
    desk(&pair);
    let waiting = pair.elixir.begin("GenServer.call({:desk, :rust@localhost}, :later, :infinity)");
    wait_for(&pair, 1);
    assert!(in_time(pair.rust.disconnect(&them())));
    let nodedown = "{:nodedown, :rust@localhost}, {GenServer, :call, [{:desk, :rust@localhost}, :later, :infinity]}";
    assert_eq!(waiting.wait(), format!("{{:EXIT, {{{nodedown}}}}}"));
    pair.end();
}

#[test]
fn a_server_of_ours_is_looked_at_suspended_and_stopped() {
    let Some(pair) = Pair::new("a_server_of_ours_is_looked_at_suspended_and_stopped") else { return };
    desk(&pair);
    assert_eq!(pair.eval(&state("desk")), "%{heard: []}");
    let late = "desk = {:desk, :rust@localhost}
        :ok = :sys.suspend(desk)
        {:timeout, _} = try do GenServer.call(desk, :heard, 20) catch :exit, why -> why end
        :ok = :sys.resume(desk)
        GenServer.call(desk, {:echo, :awake})";
    assert_eq!(pair.eval(late), ":awake");
    let stopped = |how: &str| {
        let watched = format!(
            "desk = {{:desk, :rust@localhost}}; ref = Process.monitor(desk); said = {how}
             receive do {{:DOWN, ^ref, :process, ^desk, why}} -> {{said, why}} end"
        );
        pair.eval(&watched)
    };
    assert_eq!(stopped("GenServer.stop(desk)"), "{:ok, :normal}");
    desk(&pair);
    assert_eq!(stopped("GenServer.stop(desk, {:shutdown, 3}, 5000)"), "{:ok, {:shutdown, 3}}");
    assert_eq!(stopped(":gone"), "{:gone, :noproc}");
    assert_eq!(
        pair.eval("GenServer.stop({:desk, :rust@localhost})"),
        "{:EXIT, {:noproc, {GenServer, :stop, [{:desk, :rust@localhost}, :normal, :infinity]}}}"
    );
    pair.end();
}

#[test]
fn a_supervisor_of_ours_shows_its_children_and_lets_nobody_change_them() {
    let Some(pair) = Pair::new("a_supervisor_of_ours_shows_its_children_and_lets_nobody_change_them") else { return };
    in_time(family().start(&pair.rust)).unwrap();
    let children = "for {id, pid, kind, _} <- Supervisor.which_children({:family, :rust@localhost}), do: {id, node(pid), kind}";
    assert_eq!(pair.eval(children), "[{:bob, :rust@localhost, :worker}, {:ann, :rust@localhost, :worker}]");
    let count = "Supervisor.count_children({:family, :rust@localhost}) |> Enum.sort()";
    assert_eq!(pair.eval(count), "[active: 2, specs: 2, supervisors: 0, workers: 2]");

    // They may ask a child to exit, as they may any process; another one takes its place.
    let other = "ann = fn -> :lists.keyfind(:ann, 1, Supervisor.which_children({:family, :rust@localhost})) |> elem(1) end
        before = ann.()
        ref = Process.monitor(before)
        Process.exit(before, :kill)
        another = Stream.repeatedly(ann) |> Enum.find(&(is_pid(&1) and &1 != before))
        receive do {:DOWN, ^ref, _, _, why} -> {why, node(another)} end";
    assert_eq!(pair.eval(other), "{:killed, :rust@localhost}");
    assert_eq!(pair.eval("Supervisor.terminate_child({:family, :rust@localhost}, :ann)"), "{:error, :not_allowed}");
    let refused = pair.eval("Supervisor.stop({:family, :rust@localhost})");
    assert!(refused.contains("{:error, :not_allowed}"), "{refused}");
    assert_eq!(pair.eval(&format!("length({})", state("family"))), "2");
    assert_eq!(pair.eval(":sys.suspend({:family, :rust@localhost})"), "{:error, :notsup}");
    assert_eq!(pair.eval(count), "[active: 2, specs: 2, supervisors: 0, workers: 2]");
    pair.end();
}

#[test]
fn a_supervisor_of_ours_that_peers_may_change_is_changed_and_stopped() {
    let Some(pair) = Pair::new("a_supervisor_of_ours_that_peers_may_change_is_changed_and_stopped") else { return };
    in_time(family().peers_may_change(true).start(&pair.rust)).unwrap();
    let changed = "family = {:family, :rust@localhost}
        :ok = Supervisor.terminate_child(family, :ann)
        {:error, :not_found} = Supervisor.terminate_child(family, :eve)
        {:ok, ann} = Supervisor.restart_child(family, :ann)
        :ok = Supervisor.terminate_child(family, :bob)
        :ok = Supervisor.delete_child(family, :bob)
        {:status, pid, _, [_, :running | _]} = :sys.get_status(family)
        {node(ann), node(pid), Supervisor.count_children(family).specs}";
    assert_eq!(pair.eval(changed), "{:rust@localhost, :rust@localhost, 1}");
    let stopped = "ref = Process.monitor({:family, :rust@localhost}); said = Supervisor.stop({:family, :rust@localhost}, :shutdown)
        receive do {:DOWN, ^ref, _, _, why} -> {said, why} end";
    assert_eq!(pair.eval(stopped), "{:ok, :shutdown}");
    pair.end();
}

/// Ann and Bob, who do nothing, under `{:family, :rust@localhost}`.
fn family() -> Supervisor {
    let idle = |id: &'static str| {
        ChildSpec::worker(atom(id), |mut process| async move {
            process.receive_where(|_| false).await;
        })
    };
    let family = Supervisor::new(Strategy::OneForOne).intensity(3, Duration::from_secs(60)).named(Atom::fixed("family"));
    family.child(idle("ann")).child(idle("bob"))
}

/// What a server shows of itself. Releases of OTP before 27 show the `:ok` around it, too.
fn state(name: &str) -> String {
    format!("(case :sys.get_state({{:{name}, :rust@localhost}}) do {{:ok, state}} -> state; state -> state end)")
}
