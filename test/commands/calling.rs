//! `call`, and what `start --trace-control` shows of it.

use crate::here::otp_is_here;
use crate::world::{Running, World};

#[test]
fn a_node_that_exports_nothing_says_so() {
    let world = World::new();
    let _node = world.start("--port 0");
    let ran = world.run("call dev@localhost erlang node");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
    let said = "error: dev@localhost runs no functions for others\ncode: no_such_function\nhint: a countersign node runs what its program";
    assert!(ran.err.starts_with(said), "{}", ran.err);
}

#[test]
fn wrong_usage_of_call_is_told_from_a_call_that_fails() {
    let world = World::new();
    for arguments in
        ["call dev@localhost erlang", "call dev erlang node", "call dev@localhost lists seq {", "call dev@localhost a b --timeout 0"]
    {
        let ran = world.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments}: {}", ran.err);
    }
    let nobody = world.run("call nobody@localhost erlang node");
    assert!(nobody.code == 2 && nobody.err.contains("hint: "), "{}", nobody.err);
    let _node = world.start("--port 0");
    let nobody = world.run("call nobody@localhost erlang node");
    assert!(nobody.code == 1 && nobody.err.contains("code: unreachable"), "{}", nobody.err);
}

#[test]
fn a_function_of_an_erlang_node_is_called_and_shown() {
    if !otp_is_here("a_function_of_an_erlang_node_is_called_and_shown") {
        return;
    }
    let world = World::new();
    let node = world.start("--port 0");
    node.line_after("an Erlang shell joins with");
    let line = node.line_after("  ");
    let mut shell = world.command("sh", "-c");
    shell.arg(format!("exec env {line} -start_epmd false -noshell -eval \"io:format(\\\"ready~n\\\")\""));
    let shell = Running::of(shell);
    shell.line_after("ready");

    let out = |arguments: &str| world.done(&format!("call shell@localhost {arguments}")).out;
    assert_eq!(out("erlang node"), "\"shell@localhost\"\n");
    assert_eq!(out("lists sum [1,2,-5]"), "-2\n");
    assert_eq!(out("erlang abs -7"), "7\n");
    assert_eq!(out("maps to_list {}"), "[]\n");
    assert_eq!(out("erlang list_to_tuple [1,true,null]"), "{1,true,null}\n");
    assert_eq!(out("erlang atom_to_list true --erlang"), "\"true\"\n");

    let failed = |arguments: &str| {
        let ran = world.run(&format!("call shell@localhost {arguments}"));
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
        ran.err
    };
    let undef = failed("lists nothing 1 2");
    assert!(
        undef.starts_with("error: shell@localhost has no function lists:nothing/2, or none for this node\ncode: no_such_function\n"),
        "{undef}"
    );
    let badarg = failed("erlang abs true");
    assert!(badarg.starts_with("error: it failed: badarg\ncode: call_failed\nhint: "), "{badarg}");
    let thrown = failed("erlang throw {\"a\":1}");
    assert!(thrown.starts_with("error: it threw #{<<\"a\">> => 1}\n"), "{thrown}");
    let late = failed("timer sleep 300000 --timeout 1");
    assert!(late.starts_with("error: no answer within 1s\ncode: timeout\n"), "{late}");
}

#[test]
fn each_control_message_has_a_line_and_nothing_that_is_sent_is_in_it() {
    let world = World::new();
    let node = world.start("--port 0 --trace-control");
    world.done("send dev@localhost countersign \"hunter2-is-secret\"");
    assert_eq!(world.run("call dev@localhost hunter2 math [\"hunter2-is-secret\"]").code, 1);
    world.done("stop");
    let lines = node.rest();
    let traced: Vec<&str> = lines.iter().map(String::as_str).filter(|line| line.contains("countersign::trace")).collect();
    let said = |words: &[&str]| traced.iter().any(|line| words.iter().all(|word| line.contains(word)));
    for words in [
        &["way=in", "control=REG_SEND", "to=countersign", "payload=binary, 23 bytes"][..],
        &["way=in", "control=MONITOR_P", "reference=#Ref<"],
        &["way=out", "control=ALIAS_SEND", "payload=tuple, "],
        &["way=in", "control=SPAWN_REQUEST", "mfa=erpc:execute_call/4", "payload=list, "],
        &["way=out", "control=SPAWN_REPLY", "result=notsup"],
    ] {
        assert!(said(words), "{words:?}\n{}", traced.join("\n"));
    }
    assert!(traced.iter().all(|line| line.contains("peer=") && line.contains("control message")), "{traced:?}");
    let cookie = world.read("dev/.erlang.cookie");
    for secret in ["hunter2-is-secret", cookie.trim()] {
        assert!(lines.iter().all(|line| !line.contains(secret)), "{secret}");
    }
}

#[test]
fn without_being_asked_nothing_is_traced() {
    let world = World::new();
    let node = world.start("--port 0");
    world.done("ping");
    world.done("stop");
    assert!(node.rest().iter().all(|line| !line.contains("countersign::trace")));
}
