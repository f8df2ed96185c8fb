//! A scope of `pg` that OTP's nodes and ours share.

use crate::otp::{Otp, Transport};
use crate::pair::{Dialled, Pair, each_way, name};
use crate::puppet::{Puppet, in_time};
use crate::world::{World, eventually};
use countersign::etf::{Pid, Term, atom, tuple};
use countersign::node::{Node, NodeOptions, Visibility};
use countersign::otp::pg::{Change, Scope, ScopeOptions};
use std::time::Duration;

/// One that finds at once what did not look for us.
fn scope(node: &Node, name: &str) -> Scope {
    let options = ScopeOptions { look_around: Duration::from_millis(20), ..ScopeOptions::default() };
    in_time(Scope::start_with(node, name, options)).unwrap()
}

/// Starts OTP's, which must never end over what we say.
fn pg(x: &Otp) -> String {
    x.eval("{ok, Pid} = pg:start(pg), Pid")
}

/// At which nodes the members of a group are, as OTP sees it.
fn nodes_in(x: &Otp, scope: &str, group: &str) -> String {
    x.eval(&format!("lists:sort([node(Pid) || Pid <- pg:get_members({scope}, {group})])"))
}

#[track_caller]
fn they_see(x: &Otp, group: &str, nodes: &str) {
    eventually(&format!("{} sees {nodes} in {group}", x.name()), || nodes_in(x, "pg", group) == nodes);
}

#[track_caller]
fn we_see(scope: &Scope, group: &'static str, nodes: &[&str]) {
    let seen = || {
        let mut nodes: Vec<String> = scope.members(&atom(group)).iter().map(|pid| pid.node.as_str().to_owned()).collect();
        nodes.sort();
        nodes
    };
    eventually(&format!("we see {nodes:?} in {group}"), || seen() == nodes);
}

#[test]
fn everybody_sees_who_joins_and_leaves_at_either_side() {
    each_way("everybody_sees_who_joins_and_leaves_at_either_side", |pair| {
        let theirs = pair.eval("case whereis(pg) of undefined -> {ok, Pid} = pg:start(pg), Pid; Pid -> Pid end");
        let (ours, puppet, us) = (scope(&pair.a, "pg"), Puppet::new(&pair.a), pair.a.name().as_str());
        pair.puppet("theirs");
        pair.eval("pg:join(g, whereis(theirs))");
        in_time(ours.join(atom("g"), &puppet.pid())).unwrap();
        they_see(pair.x, "g", &printed(&[us, "x@localhost"]));
        we_see(&ours, "g", &ordered(&[us, "x@localhost"]));

        // It is these very processes: what is sent to the members arrives.
        pair.eval("[Pid ! {hello, Pid} || Pid <- pg:get_members(g)]");
        assert_eq!(puppet.term(), tuple([atom("hello"), puppet.pid().into()]));
        for member in ours.members(&atom("g")).iter() {
            in_time(pair.a.send(member, atom("hi"))).unwrap();
        }
        assert!(puppet.term().is_atom("hi"));
        assert_eq!(pair.tell("theirs", "receive hi -> ok end"), "ok");

        // Twice is not once.
        in_time(ours.join_many(atom("g"), [puppet.pid(), puppet.pid()])).unwrap();
        pair.eval("pg:join(g, [whereis(theirs), whereis(theirs)])");
        they_see(pair.x, "g", &printed(&[us, us, us, "x@localhost", "x@localhost", "x@localhost"]));
        we_see(&ours, "g", &ordered(&[us, us, us, "x@localhost", "x@localhost", "x@localhost"]));
        assert_eq!(in_time(ours.leave(atom("g"), &puppet.pid())), Ok(true));
        assert_eq!(pair.eval("pg:leave(g, whereis(theirs))"), "ok");
        they_see(pair.x, "g", &printed(&[us, us, "x@localhost", "x@localhost"]));
        we_see(&ours, "g", &ordered(&[us, us, "x@localhost", "x@localhost"]));
        in_time(ours.leave_many(atom("g"), [puppet.pid(), puppet.pid()])).unwrap();
        pair.eval("pg:leave(g, [whereis(theirs), whereis(theirs)])");
        eventually("they see no group", || pair.eval("pg:which_groups()") == "[]");
        eventually("we see no group", || ours.groups().is_empty());
        assert_eq!(pair.eval("whereis(pg)"), theirs);
        assert_eq!((ours.ignored(), ours.refused()), (0, 0));
        pair.eval("exit(whereis(theirs), kill)");
    });
}

#[test]
fn who_ends_is_in_no_group_at_either_side() {
    let Some(world) = World::new("who_ends_is_in_no_group_at_either_side") else { return };
    let x = world.otp("x@localhost").start();
    let theirs = pg(&x);
    let pair = Pair::of(&x, world.node("a@localhost", Transport::Tls13), Dialled::ByUs);
    let (ours, puppet) = (scope(&pair.a, "pg"), Puppet::new(&pair.a));
    pair.puppet("theirs");
    for group in ["g", "g", "h"] {
        pair.eval(&format!("pg:join({group}, whereis(theirs))"));
        in_time(ours.join(atom(group), &puppet.pid())).unwrap();
    }
    they_see(&x, "h", "[a@localhost,x@localhost]");
    we_see(&ours, "h", &["a@localhost", "x@localhost"]);
    in_time(pair.a.exit(&puppet.pid(), atom("kill"))).unwrap();
    they_see(&x, "g", "[x@localhost,x@localhost]");
    they_see(&x, "h", "[x@localhost]");
    pair.eval("exit(whereis(theirs), kill)");
    eventually("we see no group", || ours.groups().is_empty());
    eventually("they see no group", || x.eval("pg:which_groups()") == "[]");
    assert_eq!(x.eval("whereis(pg)"), theirs);
    in_time(pair.a.stop());
}

#[test]
fn a_lost_link_takes_members_away_and_the_next_one_brings_them_back() {
    let Some(world) = World::new("a_lost_link_takes_members_away_and_the_next_one_brings_them_back") else { return };
    let x = world.otp("x@localhost").start();
    let theirs = pg(&x);
    let a = world.node("a@localhost", Transport::Tls13);
    let (ours, puppet) = (scope(&a, "pg"), Puppet::new(&a));
    in_time(ours.join(atom("g"), &puppet.pid())).unwrap();
    for round in 0..6 {
        let dialled = if round % 2 == 0 { Dialled::ByThem } else { Dialled::ByUs };
        let pair = Pair::of(&x, a.clone(), dialled);
        if round == 0 {
            pair.puppet("theirs");
            pair.eval("pg:join(g, whereis(theirs))");
        }
        they_see(&x, "g", "[a@localhost,x@localhost]");
        we_see(&ours, "g", &["a@localhost", "x@localhost"]);
        if round % 3 == 0 {
            in_time(a.disconnect(&name("x@localhost")));
        } else {
            x.eval("erlang:disconnect_node(a@localhost)");
        }
        they_see(&x, "g", "[x@localhost]");
        we_see(&ours, "g", &["a@localhost"]);
    }
    assert_eq!(x.eval("whereis(pg)"), theirs);
    in_time(a.stop());
}

#[test]
fn a_node_of_otp_that_comes_back_has_only_its_new_members() {
    let Some(world) = World::new("a_node_of_otp_that_comes_back_has_only_its_new_members") else { return };
    let a = world.node("a@localhost", Transport::Tls13);
    let (ours, puppet) = (scope(&a, "pg"), Puppet::new(&a));
    in_time(ours.join(atom("g"), &puppet.pid())).unwrap();
    let mut earlier: Vec<Pid> = Vec::new();
    for kills in [true, false, true] {
        eventually("the name is free", || world.epmd.registered().iter().all(|node| node.name.to_string() != "x"));
        let x = world.otp("x@localhost").start();
        pg(&x);
        let pair = Pair::of(&x, a.clone(), Dialled::ByUs);
        pair.puppet("theirs");
        pair.eval("pg:join(g, whereis(theirs))");
        we_see(&ours, "g", &["a@localhost", "x@localhost"]);
        they_see(&x, "g", "[a@localhost,x@localhost]");
        let theirs = ours.members(&atom("g")).iter().find(|pid| pid.node == "x@localhost").cloned().unwrap();
        assert!(!earlier.contains(&theirs));
        earlier.push(theirs);
        if kills {
            x.kill();
        } else {
            x.stop();
        }
        we_see(&ours, "g", &["a@localhost"]);
    }
    in_time(a.stop());
}

/// OTP's new scope process asks visible nodes only; we find it.
#[test]
fn a_scope_that_starts_again_at_either_side_is_met_again() {
    let Some(world) = World::new("a_scope_that_starts_again_at_either_side_is_met_again") else { return };
    let x = world.otp("x@localhost").start();
    let pair = Pair::of(&x, world.node("a@localhost", Transport::Tls13), Dialled::ByUs);
    let (mut ours, puppet) = (scope(&pair.a, "pg"), Puppet::new(&pair.a));
    pair.puppet("theirs");
    for _ in 0..3 {
        in_time(ours.join(atom("g"), &puppet.pid())).unwrap();
        let theirs = pg(&x);
        pair.eval("pg:join(g, whereis(theirs))");
        they_see(&x, "g", "[a@localhost,x@localhost]");
        we_see(&ours, "g", &["a@localhost", "x@localhost"]);
        in_time(ours.stop());
        they_see(&x, "g", "[x@localhost]");
        ours = scope(&pair.a, "pg");
        we_see(&ours, "g", &["x@localhost"]);
        assert_eq!(x.eval("whereis(pg)"), theirs);
        x.eval("exit(whereis(pg), kill)");
        eventually("we see no group", || ours.groups().is_empty());
    }
    in_time(pair.a.stop());
}

#[test]
fn a_scope_of_any_name_is_one_of_its_own() {
    let Some(world) = World::new("a_scope_of_any_name_is_one_of_its_own") else { return };
    let x = world.otp("x@localhost").start();
    pg(&x);
    x.eval("pg:start('our scope')");
    let pair = Pair::of(&x, world.node("a@localhost", Transport::Tls13), Dialled::ByUs);
    let (of_all, own, puppet) = (scope(&pair.a, "pg"), scope(&pair.a, "our scope"), Puppet::new(&pair.a));
    pair.puppet("theirs");
    pair.eval("pg:join('our scope', {room, <<1>>}, whereis(theirs))");
    let room = tuple([atom("room"), Term::from(&[1_u8][..])]);
    in_time(own.join(room.clone(), &puppet.pid())).unwrap();
    eventually("we see both", || own.members(&room).len() == 2);
    eventually("they see both", || nodes_in(&x, "'our scope'", "{room, <<1>>}") == "[a@localhost,x@localhost]");
    in_time(of_all.join(atom("g"), &puppet.pid())).unwrap();
    they_see(&x, "g", "[a@localhost]");
    assert_eq!((of_all.groups(), x.eval("pg:which_groups('our scope')")), (vec![atom("g")], "[{room,<<1>>}]".to_owned()));
    in_time(pair.a.stop());
}

#[test]
fn their_monitor_of_a_scope_tells_of_our_joins() {
    let Some(world) = World::new("their_monitor_of_a_scope_tells_of_our_joins") else { return };
    let x = world.otp("x@localhost").start();
    pg(&x);
    let pair = Pair::of(&x, world.node("a@localhost", Transport::Tls13), Dialled::ByUs);
    let (ours, puppet) = (scope(&pair.a, "pg"), Puppet::new(&pair.a));
    pair.puppet("watcher");
    assert_eq!(pair.tell("watcher", "{Ref, Known} = pg:monitor_scope(pg), put(ref, Ref), Known"), "#{}");
    let told = "Ref = get(ref), receive {Ref, What, Group, Pids} -> {What, Group, [node(Pid) || Pid <- Pids]} end";
    in_time(ours.join_many(atom("g"), [puppet.pid(), puppet.pid()])).unwrap();
    assert_eq!(pair.tell("watcher", told), "{join,g,[a@localhost,a@localhost]}");
    in_time(ours.leave(atom("g"), &puppet.pid())).unwrap();
    assert_eq!(pair.tell("watcher", told), "{leave,g,[a@localhost]}");
    in_time(pair.a.exit(&puppet.pid(), atom("kill"))).unwrap();
    assert_eq!(pair.tell("watcher", told), "{leave,g,[a@localhost]}");
    in_time(pair.a.stop());
}

#[test]
fn our_watching_tells_of_their_joins() {
    let Some(world) = World::new("our_watching_tells_of_their_joins") else { return };
    let x = world.otp("x@localhost").start();
    pg(&x);
    let pair = Pair::of(&x, world.node("a@localhost", Transport::Tls13), Dialled::ByUs);
    let (ours, watcher, theirs) = (scope(&pair.a, "pg"), Puppet::new(&pair.a), pair.puppet("theirs"));
    let (watching, _) = in_time(ours.watch(&watcher.pid())).unwrap();
    let (group, pids) = (atom("g"), vec![theirs]);
    pair.eval("pg:join(g, whereis(theirs))");
    assert_eq!(watching.change(&watcher.mail()), Some(Change::Joined { group: group.clone(), pids: pids.clone() }));
    pair.eval("exit(whereis(theirs), kill)");
    assert_eq!(watching.change(&watcher.mail()), Some(Change::Left { group, pids }));
    in_time(pair.a.stop());
}

/// Then it is OTP that finds us; and both at once.
#[test]
fn a_visible_node_is_a_member_as_well() {
    let Some(world) = World::new("a_visible_node_is_a_member_as_well") else { return };
    let x = world.otp("x@localhost").start();
    pg(&x);
    let options = NodeOptions { visibility: Visibility::Visible, ..world.options("a@localhost", Transport::Tls13) };
    let a = in_time(Node::start("a@localhost", options)).unwrap();
    let pair = Pair::of(&x, a, Dialled::ByUs);
    let (ours, puppet) = (scope(&pair.a, "pg"), Puppet::new(&pair.a));
    pair.puppet("theirs");
    pair.eval("pg:join(g, whereis(theirs))");
    in_time(ours.join(atom("g"), &puppet.pid())).unwrap();
    they_see(&x, "g", "[a@localhost,x@localhost]");
    we_see(&ours, "g", &["a@localhost", "x@localhost"]);
    x.eval("exit(whereis(pg), kill)");
    we_see(&ours, "g", &["a@localhost"]);
    pg(&x);
    they_see(&x, "g", "[a@localhost]");
    in_time(pair.a.stop());
}

#[test]
fn two_nodes_of_otp_and_two_of_ours_agree() {
    let Some(world) = World::new("two_nodes_of_otp_and_two_of_ours_agree") else { return };
    let (x, y) = world.two(Transport::Tls13);
    let scopes = [pg(&x), pg(&y)];
    let nodes = ["a@localhost", "b@localhost"].map(|own| world.node(own, Transport::Tls13));
    let ours = [scope(&nodes[0], "pg"), scope(&nodes[1], "pg")];
    assert_eq!(x.eval("net_adm:ping(y@localhost)"), "pong");
    in_time(nodes[0].connect(nodes[1].name())).unwrap();
    for node in &nodes {
        assert_eq!(
            (x.eval(&format!("net_adm:ping('{}')", node.name())).as_str(), in_time(node.connect(&name("y@localhost"))).is_ok()),
            ("pong", true)
        );
    }
    let puppets: Vec<Puppet> = nodes.iter().map(Puppet::new).collect();
    for round in 0..20 {
        for (scope, puppet) in ours.iter().zip(&puppets) {
            in_time(scope.join(atom("g"), &puppet.pid())).unwrap();
            if round % 3 == 0 {
                in_time(scope.leave(atom("g"), &puppet.pid())).unwrap();
            }
        }
    }
    for (otp, own) in [(&x, "one"), (&y, "other")] {
        otp.eval(&format!("P = counterpart:puppet({own}), [pg:join(g, P) || _ <- lists:seq(1, 13)]"));
    }
    let all: Vec<&str> = ["a@localhost", "b@localhost", "x@localhost", "y@localhost"].iter().flat_map(|&node| [node; 13]).collect();
    ours.iter().for_each(|scope| we_see(scope, "g", &all));
    [&x, &y].iter().for_each(|otp| they_see(otp, "g", &format!("[{}]", all.join(","))));
    nodes.iter().for_each(|node| in_time(node.stop()));
    they_see(&x, "g", &format!("[{}]", all.get(26..).unwrap_or_default().join(",")));
    assert_eq!([x.eval("whereis(pg)"), y.eval("whereis(pg)")], scopes);
}

fn ordered<'a>(nodes: &[&'a str]) -> Vec<&'a str> {
    let mut nodes = nodes.to_vec();
    nodes.sort_unstable();
    nodes
}

/// As OTP prints the list.
fn printed(nodes: &[&str]) -> String {
    format!("[{}]", ordered(nodes).join(","))
}
