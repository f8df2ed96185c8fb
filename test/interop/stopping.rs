//! Nodes that stand still, end, or are ended.

use crate::otp::Transport;
use crate::world::{World, eventually};

#[test]
fn a_paused_node_answers_when_it_goes_on() {
    let Some(world) = World::new("a_paused_node_answers_when_it_goes_on") else { return };
    let (x, y) = world.two(Transport::Tls13);
    assert_eq!(x.eval("net_adm:ping(y@localhost)"), "pong");
    y.pause();
    let echoed = x.begin("{echo, y@localhost} ! {self(), hi}, register(asking, self()), receive {_, Said} -> Said end");
    x.eval("F = fun F() -> whereis(asking) =/= undefined orelse F() end, F()");
    let late = y.begin("on");
    assert!(!echoed.is_answered() && !late.is_answered());
    y.resume();
    assert_eq!((echoed.wait(), late.wait()), ("hi".to_owned(), "on".to_owned()));
    assert_eq!(x.eval("net_adm:ping(y@localhost)"), "pong");
}

#[test]
fn the_peers_of_a_killed_node_see_it_go_down() {
    let Some(world) = World::new("the_peers_of_a_killed_node_see_it_go_down") else { return };
    let (x, y) = world.two(Transport::Tls13);
    assert_eq!(x.eval("net_adm:ping(y@localhost)"), "pong");
    let down = x.begin("register(watch, self()), monitor_node(y@localhost, true), receive {nodedown, Node} -> Node end");
    x.eval("F = fun F() -> whereis(watch) =/= undefined orelse F() end, F()");
    y.kill();
    assert_eq!(down.wait(), "y@localhost");
    eventually("the name is free", || world.epmd.registered().len() == 1);
}

#[test]
fn a_node_ends_when_nobody_can_ask_it_any_more() {
    let Some(world) = World::new("a_node_ends_when_nobody_can_ask_it_any_more") else { return };
    let (x, y) = world.two(Transport::Tls13);
    assert!(y.stop().success());
    drop(x);
    eventually("the names are free", || world.epmd.registered().is_empty());
}

#[test]
#[should_panic(expected = "last words")]
fn a_node_that_ends_without_an_answer_is_shown_with_its_output() {
    let Some(world) = World::new("a_node_that_ends_without_an_answer_is_shown_with_its_output") else { panic!("no last words") };
    world.otp("x@localhost").start().eval("io:format(standard_error, \"last words~n\", []), halt(1)");
}

#[test]
#[should_panic(expected = "x@localhost did not answer: start")]
fn a_node_that_cannot_start_is_shown_with_its_output() {
    let Some(world) = World::new("a_node_that_cannot_start_is_shown_with_its_output") else { panic!("x@localhost did not answer: start") };
    world.otp("x@localhost").over(Transport::Tcp).arguments("-proto_dist nothing").start();
}
