//! What a node of the tests is asked, and how it answers.

use crate::otp::release;
use crate::world::World;

#[test]
fn an_expression_is_answered_with_its_value_on_one_line() {
    let Some(world) = World::new("an_expression_is_answered_with_its_value_on_one_line") else { return };
    let x = world.otp("x@localhost").start();
    assert_eq!(x.eval("X = 1 + 1, {X, node()}."), "{2,x@localhost}");
    assert_eq!(x.eval("[\"two\n lines\",\n <<1,2>>]"), "[\"two  lines\",<<1,2>>]");
    assert_eq!(x.eval("lists:duplicate(2000, abc)").lines().count(), 1);
    assert_eq!(x.eval("{\"ä\", <<\"é\"/utf8>>, '☃'}"), "{\"ä\",<<\"é\"/utf8>>,'☃'}");
    assert_eq!(x.eval("erlang:system_info(otp_release)"), format!("\"{}\"", release().unwrap()));
}

#[test]
fn what_goes_wrong_in_an_expression_is_its_value() {
    let Some(world) = World::new("what_goes_wrong_in_an_expression_is_its_value") else { return };
    let x = world.otp("x@localhost").start();
    assert!(x.eval("1 / (2 - 2)").starts_with("{'EXIT',{badarith,[{erlang,'/',[1,0],"));
    assert_eq!(x.eval("exit(enough)"), "{'EXIT',enough}");
    assert_eq!(x.eval("throw(ball)"), "{throw,ball}");
    assert_eq!(x.eval("exit(self(), kill), receive after infinity -> ok end"), "{'EXIT',killed}");
    assert!(x.eval("nowhere:here(1)").starts_with("{'EXIT',{undef,[{nowhere,here,[1],"));
    assert!(x.eval("1 +").contains("syntax error"));
    assert!(x.eval("\"open").contains("string"));
    assert_eq!(x.eval("fine"), "fine");
}

#[test]
fn an_expression_that_waits_does_not_keep_another_one_waiting() {
    let Some(world) = World::new("an_expression_that_waits_does_not_keep_another_one_waiting") else { return };
    let x = world.otp("x@localhost").start();
    let waiting = x.begin("register(waiting, self()), receive Message -> {got, Message} end");
    x.eval("F = fun F() -> whereis(waiting) =/= undefined orelse F() end, F()");
    assert!(!waiting.is_answered());
    assert_eq!(x.eval("waiting ! hello"), "hello");
    assert_eq!(waiting.wait(), "{got,hello}");
}

#[test]
fn what_a_node_prints_is_kept_apart_from_its_answers() {
    let Some(world) = World::new("what_a_node_prints_is_kept_apart_from_its_answers") else { return };
    let x = world.otp("x@localhost").start();
    assert_eq!(x.eval("io:format(\"a line~nan open line\"), done"), "done");
    assert_eq!(x.eval("io:format(\"~n\"), done"), "done");
    assert!(x.output().contains("a line\nan open line\n"), "{}", x.output());
    assert_eq!((x.name(), x.eval("list_to_integer(os:getpid())")), ("x@localhost", x.process_id().to_string()));
}

#[test]
fn echo_answers_the_collector_keeps_and_the_sink_counts() {
    let Some(world) = World::new("echo_answers_the_collector_keeps_and_the_sink_counts") else { return };
    let x = world.otp("x@localhost").start();
    assert_eq!(x.eval("echo ! {self(), hi}, receive {_, Said} -> Said end"), "hi");

    let kept = x.begin("counterpart:collected(3)");
    assert_eq!(x.eval("[collector ! N || N <- [1, two, {3}]]"), "[1,two,{3}]");
    assert_eq!(kept.wait(), "[1,two,{3}]");

    let sunk = x.begin("counterpart:sunk(3)");
    x.eval("[sink ! Piece || Piece <- [<<\"a\">>, <<>>, <<\"bc\">>]]");
    // What sha256sum says of abc.
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(sunk.wait(), format!("{{3,3,\"{hash}\"}}"));

    assert_eq!(x.eval("counterpart:forget()"), "ok");
    assert_eq!((x.eval("counterpart:collected()"), x.eval("element(1, counterpart:sunk())")), ("[]".to_owned(), "0".to_owned()));
}
