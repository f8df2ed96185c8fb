//! A visible node of ours among nodes of OTP: what their `global` makes of it.

use crate::otp::{Otp, Transport};
use crate::pair::{Dialled, Pair, name};
use crate::puppet::{Puppet, in_time};
use crate::world::{World, eventually};
use countersign::etf::atom;
use countersign::node::{Node, NodeOptions, Visibility};

pub(crate) fn visible(world: &World, own: &str, transport: Transport) -> Node {
    let options = NodeOptions { visibility: Visibility::Visible, ..world.options(own, transport) };
    in_time(Node::start(own, options)).unwrap()
}

/// Nodes that are linked to each other and in step, and one of ours that is linked to all of them.
fn among<'a>(world: &World, transport: Transport, theirs: &'a [Otp], dialled: Dialled) -> Vec<Pair<'a>> {
    for other in theirs.iter().skip(1) {
        assert_eq!(theirs.first().unwrap().eval(&format!("net_adm:ping({})", other.name())), "pong");
    }
    let all = theirs.iter().map(Otp::name).collect::<Vec<_>>().join(",");
    for one in theirs {
        assert_eq!(one.eval(&format!("global:sync([{all}]), [{all}] -- [node() | nodes()]")), "[]");
    }
    let a = visible(world, "a@localhost", transport);
    theirs.iter().map(|one| Pair::of(one, a.clone(), dialled)).collect()
}

fn start(world: &World, transport: Transport, names: &[&str]) -> Vec<Otp> {
    names.iter().map(|name| world.otp(&format!("{name}@localhost")).over(transport).start()).collect()
}

#[test]
fn a_visible_node_is_listed_and_nobody_waits_for_it() {
    let Some(world) = World::new("a_visible_node_is_listed_and_nobody_waits_for_it") else { return };
    for transport in Transport::ALL {
        for dialled in [Dialled::ByThem, Dialled::ByUs] {
            let theirs = start(&world, transport, &["x", "y"]);
            let pairs = among(&world, transport, &theirs, dialled);
            for (pair, other) in pairs.iter().zip(["y@localhost", "x@localhost"]) {
                assert_eq!(pair.eval("{global:sync(), lists:sort(nodes()), nodes(hidden)}"), format!("{{ok,[a@localhost,{other}],[]}}"));
            }
            let a = &pairs.first().unwrap().a;
            assert_eq!(a.nodes(), [name("x@localhost"), name("y@localhost")]);
            in_time(a.stop());
        }
    }
}

#[test]
fn a_visible_node_that_comes_again_is_in_step_again() {
    let Some(world) = World::new("a_visible_node_that_comes_again_is_in_step_again") else { return };
    let theirs = start(&world, Transport::Tls13, &["x"]);
    for _ in 0..5 {
        let pairs = among(&world, Transport::Tls13, &theirs, Dialled::ByUs);
        let pair = pairs.first().unwrap();
        assert_eq!(pair.eval("global:sync()"), "ok");
        assert_eq!(pair.eval("net_kernel:disconnect(OUR), net_kernel:connect_node(OUR), {global:sync(), nodes()}"), "{ok,[a@localhost]}");
        in_time(pair.a.stop());
    }
}

#[test]
fn names_are_theirs_alone_and_outlive_our_coming_and_going() {
    let Some(world) = World::new("names_are_theirs_alone_and_outlive_our_coming_and_going") else { return };
    let theirs = start(&world, Transport::Tls13, &["x", "y", "z"]);
    let [x, y, z] = &theirs[..] else { panic!("three") };
    let register = |node: &Otp, name: &str| node.eval(&format!("global:register_name({name}, counterpart:puppet({name}))"));
    let whose = |node: &Otp| node.eval("[node(global:whereis_name(Name)) || Name <- lists:sort(global:registered_names())]");
    let pairs = among(&world, Transport::Tls13, &theirs, Dialled::ByThem);
    assert_eq!((register(x, "one"), register(z, "two"), register(y, "one")), ("yes".to_owned(), "yes".to_owned(), "no".to_owned()));
    for node in &theirs {
        assert_eq!(whose(node), "[x@localhost,z@localhost]");
    }
    in_time(pairs.first().unwrap().a.stop());
    assert_eq!(register(y, "three"), "yes");
    for node in &theirs {
        assert_eq!(whose(node), "[x@localhost,y@localhost,z@localhost]");
        assert_eq!(node.eval("{length(nodes()), global:sync()}"), "{2,ok}");
    }
}

#[test]
fn a_process_of_ours_may_have_a_name_among_them() {
    let Some(world) = World::new("a_process_of_ours_may_have_a_name_among_them") else { return };
    let theirs = start(&world, Transport::Tls13, &["x", "y"]);
    let pairs = among(&world, Transport::Tls13, &theirs, Dialled::ByUs);
    let [x, y] = &pairs[..] else { panic!("two") };
    let ours = Puppet::new(&x.a);
    x.introduce(&ours, "ours");
    assert_eq!(x.eval("global:register_name(ours, persistent_term:get(ours))"), "yes");
    assert_eq!(y.eval("global:send(ours, hello), node(global:whereis_name(ours))"), "a@localhost");
    assert_eq!(ours.term(), atom("hello"));
    ours.end(&x.a);
    // Each of them is told of the end by us, in its own time.
    let gone = "F = fun F() -> case global:whereis_name(ours) of undefined -> gone; _ -> timer:sleep(1), F() end end, F()";
    assert_eq!((x.eval(gone), y.eval(gone)), ("gone".to_owned(), "gone".to_owned()));
    in_time(x.a.stop());
}

/// Waits until this node has heard, and has dealt with it, that `who` has lost `whom`.
fn heard_of_loss(node: &Otp, who: &str, whom: &str) {
    let table = format!("ets:member(global_lost_connections, {{{who}@localhost,{whom}@localhost}})");
    let heard =
        format!("F = fun F() -> case {table} of true -> sys:get_state(global_name_server), ok; _ -> timer:sleep(1), F() end end, F()");
    assert_eq!(node.eval(&heard), "ok");
}

#[test]
fn who_loses_a_visible_node_of_ours_has_nobody_else_cut_off() {
    let Some(world) = World::new("who_loses_a_visible_node_of_ours_has_nobody_else_cut_off") else { return };
    let theirs = start(&world, Transport::Tls13, &["x", "y", "z"]);
    let [x, y, z] = &theirs[..] else { panic!("three") };
    let pairs = among(&world, Transport::Tls13, &theirs, Dialled::ByUs);
    let a = &pairs.first().unwrap().a;
    let since = |a: &Node| a.peers().iter().map(|peer| (peer.name().to_string(), peer.since())).collect::<Vec<_>>();
    let before = since(a);
    assert_eq!(x.eval("net_kernel:disconnect('a@localhost')"), "true");
    for other in [y, z] {
        heard_of_loss(other, "x", "a");
        assert_eq!(other.eval("length(nodes())"), "3");
    }
    eventually("we have lost x, too", || a.peers().len() == 2);
    assert_eq!(since(a), before[1..], "one of the other links is another one");
    // Of a node of their own they do cut it off: the others, too, lose who has been lost by one.
    assert_eq!(x.eval("net_kernel:disconnect(z@localhost)"), "true");
    heard_of_loss(y, "x", "z");
    let alone = "F = fun F() -> case lists:member(z@localhost, nodes()) of false -> nodes(); _ -> timer:sleep(1), F() end end, F()";
    assert!(y.eval(alone).contains("a@localhost"));
    assert_eq!(since(a), before[1..]);
    in_time(a.stop());
}

#[test]
fn who_knows_one_of_them_is_not_joined_to_the_others() {
    let Some(world) = World::new("who_knows_one_of_them_is_not_joined_to_the_others") else { return };
    let theirs = start(&world, Transport::Tls13, &["x", "y"]);
    let [x, y] = &theirs[..] else { panic!("two") };
    assert_eq!(x.eval("net_adm:ping(y@localhost), global:sync()"), "ok");
    let pair = Pair::of(x, visible(&world, "a@localhost", Transport::Tls13), Dialled::ByUs);
    assert_eq!(pair.eval("global:sync()"), "ok");
    // Whatever x tells y of new nodes it tells before this.
    assert_eq!(x.eval("global:register_name(after_us, self())"), "yes");
    assert_eq!(y.eval("nodes()"), "[x@localhost]");
    in_time(pair.a.stop());
}
