//! `:pg`, on which `Phoenix.PubSub` stands, with members at both sides.

use crate::pair::{Pair, them};
use crate::puppet::{Puppet, in_time};
use crate::world::eventually;
use countersign::etf::{Pid, atom};
use countersign::otp::pg::{Change, Scope, ScopeOptions};
use std::time::Duration;

const START: &str = "{:ok, pid} = :pg.start(:pg); pid";
const JOIN: &str = "pid = spawn(fn -> receive do :end -> :ok end end); :ok = :pg.join(:room, pid); pid";

fn scope(pair: &Pair) -> Scope {
    let options = ScopeOptions { look_around: Duration::from_millis(20), ..ScopeOptions::default() };
    in_time(Scope::start_with(&pair.rust, "pg", options)).unwrap()
}

#[track_caller]
fn they_see(pair: &Pair, nodes: &str) {
    eventually(nodes, || pair.eval("Enum.sort(Enum.map(:pg.get_members(:room), &node/1))") == nodes);
}

#[track_caller]
fn we_see(scope: &Scope, pids: &[&Pid]) {
    let sorted = |mut pids: Vec<Pid>| {
        pids.sort();
        pids
    };
    let wanted = sorted(pids.iter().copied().cloned().collect());
    eventually(&format!("{wanted:?}"), || sorted(scope.members(&atom("room")).to_vec()) == wanted);
}

#[test]
fn processes_of_both_join_one_room_and_leave_it() {
    let Some(pair) = Pair::new("processes_of_both_join_one_room_and_leave_it") else { return };
    let theirs = pair.eval(START);
    let (scope, puppet) = (scope(&pair), Puppet::new(&pair.rust));
    in_time(scope.join(atom("room"), &puppet.pid())).unwrap();
    they_see(&pair, "[:rust@localhost]");
    let guest = pair.pid(JOIN);
    we_see(&scope, &[&guest, &puppet.pid()]);
    they_see(&pair, "[:elixir@localhost, :rust@localhost]");

    pair.eval("for pid <- :pg.get_members(:room), do: send(pid, :hello)");
    assert!(puppet.term().is_atom("hello"));
    assert_eq!(pair.eval(":pg.leave(:room, :pg.get_local_members(:room))"), ":ok");
    we_see(&scope, &[&puppet.pid()]);
    assert_eq!(in_time(scope.leave(atom("room"), &puppet.pid())), Ok(true));
    they_see(&pair, "[]");
    assert_eq!(pair.eval(":pg.which_groups()"), "[]");
    assert_eq!(pair.eval("Process.whereis(:pg)"), theirs);
    pair.end();
}

#[test]
fn who_ends_at_either_side_is_gone() {
    let Some(pair) = Pair::new("who_ends_at_either_side_is_gone") else { return };
    pair.eval(START);
    let (scope, puppet, watcher) = (scope(&pair), Puppet::new(&pair.rust), Puppet::new(&pair.rust));
    in_time(scope.join(atom("room"), &puppet.pid())).unwrap();
    let (watching, _) = in_time(scope.watch_group(atom("room"), &watcher.pid())).unwrap();
    let guest = pair.pid(JOIN);
    let (group, pids) = (atom("room"), vec![guest.clone()]);
    assert_eq!(watching.change(&watcher.mail()), Some(Change::Joined { group: group.clone(), pids: pids.clone() }));
    they_see(&pair, "[:elixir@localhost, :rust@localhost]");
    watcher.send(&guest, atom("end")).unwrap();
    assert_eq!(watching.change(&watcher.mail()), Some(Change::Left { group, pids }));
    they_see(&pair, "[:rust@localhost]");
    in_time(pair.rust.exit(&puppet.pid(), atom("kill"))).unwrap();
    they_see(&pair, "[]");
    pair.end();
}

#[test]
fn a_lost_node_is_gone_and_comes_back_with_all_it_has() {
    let Some(pair) = Pair::new("a_lost_node_is_gone_and_comes_back_with_all_it_has") else { return };
    pair.eval(START);
    let (scope, puppet) = (scope(&pair), Puppet::new(&pair.rust));
    in_time(scope.join(atom("room"), &puppet.pid())).unwrap();
    let guest = pair.pid(JOIN);
    they_see(&pair, "[:elixir@localhost, :rust@localhost]");
    we_see(&scope, &[&guest, &puppet.pid()]);
    in_time(pair.rust.disconnect(&them()));
    they_see(&pair, "[:elixir@localhost]");
    we_see(&scope, &[&puppet.pid()]);
    assert_eq!(pair.eval("Node.connect(:rust@localhost)"), "true");
    they_see(&pair, "[:elixir@localhost, :rust@localhost]");
    we_see(&scope, &[&guest, &puppet.pid()]);
    in_time(pair.rust.stop());
    they_see(&pair, "[:elixir@localhost]");
    pair.end();
}
