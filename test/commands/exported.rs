//! `call`, of a program that exports functions.

use crate::here::{otp_is_here, programs_are_here};
use crate::world::{Running, World};
use countersign::dist::Cookie;
use countersign::epmd::{Server, ServerOptions};
use countersign::etf::{Term, atom, binary, list, map, tuple};
use countersign::node::rpc::{Call, Callers, Functions, Raised};
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions};
use countersign::rt::block_on;
use countersign::tls::CertAuth;
use std::sync::Arc;

/// `shop:total/1` for every node of this host, and `shop:close/0` for who bears the URI of `ops@localhost`.
fn shop() -> Functions {
    let operators = Callers::identities(["erl:ops@localhost"]).unwrap();
    let functions = Functions::new().export("shop", "total", 1, Callers::nodes(["*@localhost"]).unwrap(), total);
    functions.and_then(|all| all.export("shop", "close", 0, operators, close)).unwrap()
}

/// `[[Price, Count]]`
async fn total(call: Call) -> Result<Term, Raised> {
    let order = call.arguments.first().and_then(Term::as_list).unwrap_or_default();
    let price = |line: &Term| match line.as_list()? {
        [price, count] => Some(price.as_i64()? * count.as_i64()?),
        _ => None,
    };
    let total: Option<i64> = order.iter().map(price).sum();
    let total = total.ok_or_else(|| Raised::error(atom("badarg")))?;
    Ok(map([(binary("lines"), Term::from(order.len() as u64)), (binary("total"), Term::from(total))]).unwrap())
}

async fn close(_: Call) -> Result<Term, Raised> {
    Ok(tuple([atom("closed"), list([atom("now")])]))
}

#[test]
fn what_a_program_exports_is_called_by_those_on_its_list_and_shown() {
    let epmd = block_on(Server::bind(ServerOptions::loopback())).unwrap();
    let world = World::beside(epmd.port());
    world.issue("ca", &["shop@localhost", "ops@localhost", "till@localhost"]);
    world.write("cookie", "secret");
    let file = |name: &str| world.directory.join("shop@localhost").join(name);
    let options = NodeOptions {
        cert_manager: Some(Arc::new(CertAuth::from_paths(file("tls.crt"), file("ca.crt"), Some(&file("tls.key"))).unwrap())),
        cookie: Some(Cookie::new(b"secret".to_vec())),
        acceptors: vec![Acceptor::at_port(0)],
        epmd: EpmdMode::At(epmd.port()),
        functions: shop(),
        ..NodeOptions::default()
    };
    let node = block_on(Node::start("shop@localhost", options)).unwrap();

    let call =
        |who: &str, what: &str| world.run(&format!("call shop@localhost shop {what} --tls-dir {who}@localhost --cookie-file cookie"));
    let total = call("till", "total [[6,7],[1,-2]]");
    assert_eq!((total.code, total.out.as_str()), (0, "{\n  \"lines\": 2,\n  \"total\": 40\n}\n"), "{}", total.err);
    let total = call("till", "total [] --erlang");
    assert_eq!(total.out, "#{<<\"lines\">> => 0,<<\"total\">> => 0}\n", "{}", total.err);
    let failed = call("till", "total [[6]]");
    assert_eq!((failed.code, failed.out.as_str()), (1, ""));
    assert!(failed.err.starts_with("error: it failed: badarg\ncode: call_failed\nhint: "), "{}", failed.err);

    assert_eq!(call("ops", "close").out, "{closed,[now]}\n");
    assert_eq!(node.refused_calls(), 0);
    // Who may not is told what who asks for nothing is told.
    for what in ["close", "nothing"] {
        let refused = call("till", what);
        let said = format!("error: shop@localhost has no function shop:{what}/0, or none for this node\ncode: no_such_function\n");
        assert!(refused.code == 1 && refused.err.starts_with(&said), "{}", refused.err);
    }
    assert_eq!(node.refused_calls(), 2);
    block_on(node.stop());
}

#[test]
fn a_module_of_elixir_is_called() {
    let test = "a_module_of_elixir_is_called";
    if !programs_are_here(test, &["elixir"]) || !otp_is_here(test) {
        return;
    }
    let world = World::new();
    let node = world.start("--port 0");
    node.line_after("an Erlang shell joins with");
    let line = node.line_after("  ");
    let folder = world.command("elixir", "").args(["-e", "IO.write(:code.lib_dir(:elixir))"]).output().unwrap();
    let elixir = String::from_utf8(folder.stdout).unwrap();
    let mut shell = world.command("sh", "-c");
    let ready = "application:ensure_all_started(elixir), io:format(\\\"ready~n\\\")";
    shell.arg(format!("exec env {line} -start_epmd false -noshell -pa {elixir}/ebin -eval \"{ready}\""));
    let shell = Running::of(shell);
    shell.line_after("ready");

    let out = |arguments: &str| world.done(&format!("call shell@localhost {arguments}")).out;
    assert_eq!(out("Elixir.String upcase \"zażółć\""), "\"ZAŻÓŁĆ\"\n");
    assert_eq!(out("Elixir.Enum sum [1,2,39]"), "42\n");
    assert_eq!(out("Elixir.Enum chunk_every [1,2,3] 2 --erlang"), "[[1,2],[3]]\n");
    assert_eq!(out("Elixir.Map put {} \"b\" null"), "{\n  \"b\": null\n}\n");
    assert_eq!(out("Elixir.Integer parse \"42nd\""), "{42,<<\"nd\">>}\n");
    let undef = world.run("call shell@localhost Elixir.String shout \"hello\"");
    assert!(undef.code == 1 && undef.err.contains("has no function 'Elixir.String':shout/1"), "{}", undef.err);
}
