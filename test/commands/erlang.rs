//! The line that `start` shows, as a person would paste it.

use crate::world::{Running, World};

#[test]
fn the_shown_line_starts_an_erlang_shell_that_joins() {
    if !erlang_is_here("the_shown_line_starts_an_erlang_shell_that_joins") {
        return;
    }
    let world = World::new();
    let node = world.start("--port 0");
    node.line_after("an Erlang shell joins with");
    let line = node.line_after("  ");
    node.line_after("and there");
    let ping = node.line_after("  ");
    let expression = format!(
        "io:format(\"said ~p~n\", [{}]), {{ok, #{{name := Name}}}} = {{ok, gen_server:call({{countersign, 'dev@localhost'}}, status)}}, \
         io:format(\"name ~p~n\", [Name]), receive stop -> ok end",
        ping.trim_end_matches('.')
    );
    let mut shell = world.command("sh", "-c");
    shell.arg(format!("exec env {line} -start_epmd false -noshell -eval \"$0.\"")).arg(expression);
    let shell = Running::of(shell);
    assert_eq!(shell.line_after("said "), "pong");
    assert!(shell.line_after("name ").contains("dev@localhost"));
    assert!(world.done("status").out.contains("shell@localhost"));
}

/// Whether Erlang is here, with what TLS needs.
fn erlang_is_here(test: &str) -> bool {
    let asked = std::process::Command::new("erl")
        .args(["-noshell", "-eval", "halt(case code:which(ssl) of non_existing -> 1; _ -> 0 end)."])
        .output();
    let here = asked.is_ok_and(|output| output.status.success());
    assert!(here || std::env::var("CI").as_deref() != Ok("true"), "{test} needs erl with ssl, and CI must have them");
    if !here {
        eprintln!("skipped: {test} (erl or its ssl is not installed)");
    }
    here
}
