//! The line that `start` shows, as a person would paste it.

use crate::here::otp_is_here;
use crate::world::{Running, World};

#[test]
fn the_shown_line_starts_an_erlang_shell_that_joins() {
    if !otp_is_here("the_shown_line_starts_an_erlang_shell_that_joins") {
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
