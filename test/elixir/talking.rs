//! Messages, monitors and links, with what Elixir programs send each other.

use crate::pair::Pair;
use crate::puppet::Puppet;
use countersign::etf::{Atom, Term, atom, list, map, tuple};
use countersign::node::Lasts;

#[test]
fn messages_go_both_ways_by_name_and_by_pid() {
    let Some(pair) = Pair::new("messages_go_both_ways_by_name_and_by_pid") else { return };
    let puppet = Puppet::named(&pair.rust, "puppet");
    pair.eval("spawn(fn -> Process.register(self(), :echo); receive do {from, what} -> send(from, {self(), what}) end end)");
    puppet.send(pair.there("echo"), tuple([Term::from(puppet.pid()), atom("hello")])).unwrap();
    let answer = puppet.term();
    let Some([echo, what]) = answer.as_tuple() else { panic!("{answer} is no answer") };
    assert!(what.is_atom("hello"));
    assert_eq!(echo.as_pid().unwrap().node.as_str(), "elixir@localhost");
    assert_eq!(pair.eval("send({:puppet, :rust@localhost}, {:by_name, self()}); :sent"), ":sent");
    assert!(puppet.term().as_tuple().is_some_and(|parts| parts.first().is_some_and(|first| first.is_atom("by_name"))));
    pair.end();
}

#[test]
fn what_elixir_calls_strings_keywords_and_structs_are_terms_as_expected() {
    let Some(pair) = Pair::new("what_elixir_calls_strings_keywords_and_structs_are_terms_as_expected") else { return };
    assert_eq!(pair.term(r#""zażółć""#).as_text(), Some("zażółć"));
    assert_eq!(pair.term("'abc'").to_text().as_deref(), Some("abc"));
    let keywords = list([tuple([atom("one"), Term::from(1)]), tuple([atom("two"), atom("nil")])]);
    assert_eq!(pair.term("[one: 1, two: nil]"), keywords);
    let range = map([
        (atom("__struct__"), atom("Elixir.Range")),
        (atom("first"), Term::from(1)),
        (atom("last"), Term::from(3)),
        (atom("step"), Term::from(1)),
    ]);
    assert_eq!(pair.term("1..3"), range.unwrap());
    assert_eq!(pair.term("String").as_atom().map(Atom::as_str), Some("Elixir.String"));
    assert_eq!(pair.term("{:ok, 1.5, 12345678901234567890, <<1::3>>}").to_string(), "{ok,1.5,12345678901234567890,<<1:3>>}");
    pair.end();
}

#[test]
fn monitors_tell_of_ends_at_either_side() {
    let Some(pair) = Pair::new("monitors_tell_of_ends_at_either_side") else { return };
    let puppet = Puppet::named(&pair.rust, "puppet");
    let theirs = pair.pid("spawn(fn -> receive do reason -> exit(reason) end end)");
    let reference = puppet.monitor(&theirs);
    puppet.send(&theirs, tuple([atom("shutdown"), atom("enough")])).unwrap();
    let down = puppet.down();
    assert_eq!((down.reference, down.reason), (reference, tuple([atom("shutdown"), atom("enough")])));

    let by_name = "ref = Process.monitor({:doomed, :rust@localhost}); send({:puppet, :rust@localhost}, :watching);
        receive do {:DOWN, ^ref, :process, object, reason} -> {object, reason} end";
    let doomed = Puppet::named(&pair.rust, "doomed");
    let watching = pair.elixir.begin(by_name);
    assert!(puppet.term().is_atom("watching"));
    puppet.exit(&doomed.pid(), atom("boom")).unwrap();
    assert_eq!(watching.wait(), "{{:doomed, :rust@localhost}, :boom}");
    assert_eq!(pair.eval(by_name), "{{:doomed, :rust@localhost}, :noproc}");
    pair.end();
}

#[test]
fn a_task_that_is_linked_to_us_takes_us_with_it() {
    let Some(pair) = Pair::new("a_task_that_is_linked_to_us_takes_us_with_it") else { return };
    let (puppet, watcher) = (Puppet::named(&pair.rust, "puppet"), Puppet::new(&pair.rust));
    let reference = watcher.monitor(puppet.pid());
    let task = pair.pid("spawn(fn -> receive do :crash -> exit(:crashed) end end)");
    puppet.link(&task);
    watcher.send(&task, atom("crash")).unwrap();
    let down = watcher.down();
    assert_eq!((down.reference, down.reason), (reference, atom("crashed")));
    puppet.ended();
    pair.end();
}

#[test]
fn an_alias_of_ours_hears_elixir_once() {
    let Some(pair) = Pair::new("an_alias_of_ours_hears_elixir_once") else { return };
    let puppet = Puppet::named(&pair.rust, "puppet");
    pair.eval(&format!("spawn(fn -> Process.register(self(), :caller); receive do alias -> {SAY} end end)"));
    let alias = puppet.tell(|process| Box::pin(async { process.alias(Lasts::UntilReply) }));
    puppet.send(pair.there("caller"), Term::from(alias)).unwrap();
    assert!(puppet.term().is_atom("later"));
    // To what is of another node the timers of OTP send nothing.
    assert!(puppet.term().is_atom("Elixir.ArgumentError"));
    assert_eq!(puppet.waiting(), 0);
    pair.end();
}

/// What a process there makes of an alias of ours: it sends when its own timer says so, and once more.
const SAY: &str = "Process.send_after(self(), :now, 1)
    receive do :now -> send(alias, :later) end
    send(alias, :too_late)
    refused = try do Process.send_after(alias, :never, 1) rescue error -> error.__struct__ end
    send({:puppet, :rust@localhost}, refused)";
