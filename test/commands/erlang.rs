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
        "io:format(\"said ~p~n\", [{}]), #{{name := Name}} = gen_server:call({{countersign, 'dev@localhost'}}, status), \
         register(printer, self()), io:format(\"name ~p~n\", [Name]), receive Message -> io:format(\"got ~p~n\", [Message]) end, \
         receive stop -> ok end",
        ping.trim_end_matches('.')
    );
    let mut shell = world.command("sh", "-c");
    shell.arg(format!("exec env {line} -start_epmd false -noshell -eval \"$0.\"")).arg(expression);
    let shell = Running::of(shell);
    assert_eq!(shell.line_after("said "), "pong");
    assert!(shell.line_after("name ").contains("dev@localhost"));
    assert!(world.done("status").out.contains("shell@localhost"));

    // The other way round: the shell is a node like any other.
    assert!(world.done("ping shell@localhost").out.starts_with("shell@localhost answered in "));
    assert_eq!(world.done("send shell@localhost printer {\"job\":[7,null]}").out, "sent to printer at shell@localhost\n");
    assert_eq!(shell.line_after("got "), "#{<<\"job\">> => [7,null]}");
    let ran = world.run("send shell@localhost nobody 1");
    assert!(ran.code == 1 && ran.err.starts_with("error: no process of shell@localhost has the name nobody\n"), "{}", ran.err);
}
