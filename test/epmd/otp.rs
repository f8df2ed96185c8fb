//! Erlang's own `epmd` and `erl` as the other side.

use crate::process::{Running, command, countersign, otp_is_here, text};
use crate::world::{NEVER, eventually, free_port, name, node, server, soon};
use countersign::epmd::{Client, EpmdError, NodeEntry, NodeType, ServerOptions, auto};
use countersign::failure::{Code, Failure};
use countersign::rt::block_on;
use std::io::ErrorKind;
use std::net::{IpAddr, TcpStream, UdpSocket};

const HOST: &str = "127.0.0.1";

#[test]
fn epmd_names_shows_who_is_registered_with_us() {
    if !otp_is_here("epmd_names_shows_who_is_registered_with_us") {
        return;
    }
    block_on(async {
        let (server, client) = server().await;
        let _registered = client.register(&node("db", 15_000)).await.unwrap();
        let shown = command("epmd", "-names", server.port()).output().unwrap();
        let expected = format!("epmd: up and running on port {} with data:\nname db at port 15000\n", server.port());
        assert_eq!(text(&shown.stdout), expected);
        let dumped = command("epmd", "-d -names", server.port()).output().unwrap();
        assert!(text(&dumped.stdout).contains("name db at port 15000"), "{dumped:?}");
    });
}

#[test]
fn epmd_kill_and_epmd_stop_change_nothing_here() {
    if !otp_is_here("epmd_kill_and_epmd_stop_change_nothing_here") {
        return;
    }
    block_on(async {
        let (server, client) = server().await;
        let _registered = client.register(&node("db", 1)).await.unwrap();
        let killed = command("epmd", "-kill", server.port()).output().unwrap();
        assert!(text(&killed.stdout).contains("not allowed"), "{killed:?}");
        let stopped = command("epmd", "-stop db", server.port()).output().unwrap();
        assert_eq!(server.registered(), [node("db", 1)], "{stopped:?}");
    });
}

#[test]
fn an_erlang_node_registers_with_us_and_leaves_when_it_ends() {
    if !otp_is_here("an_erlang_node_registers_with_us_and_leaves_when_it_ends") {
        return;
    }
    let (server, client) = block_on(server());
    let erl = erl("x", SAY_CREATION, server.port());
    let creation: u32 = erl.line_after("creation ").trim().parse().unwrap();
    assert!(creation >= 4);

    let entry = block_on(client.lookup(&name("x"), HOST)).unwrap();
    assert_eq!((entry.kind, entry.highest, entry.takes_long_creation()), (NodeType::Visible, 6, true));
    let shown = text(&countersign("names 127.0.0.1", server.port()).stdout);
    assert_eq!(shown, format!("NAME  PORT\nx     {}\n", entry.port));

    drop(erl);
    eventually("the name is free", || server.registered().is_empty());
}

#[test]
fn erlang_nodes_find_each_other_and_our_registrations_through_us() {
    if !otp_is_here("erlang_nodes_find_each_other_and_our_registrations_through_us") {
        return;
    }
    let (server, client) = block_on(server());
    let _registered = block_on(client.register(&NodeEntry::hidden(name("db"), 15_000))).unwrap();
    let first = erl("one", "io:format(\"up~n\")", server.port());
    first.line_after("up");
    let ping = "[_, Host] = string:split(atom_to_list(node()), \"@\"), io:format(\"ping ~p ~p~n\", \
                [net_adm:ping(list_to_atom(\"one@\" ++ Host)), erl_epmd:port_please(\"db\", {127,0,0,1})])";
    let second = erl("two", ping, server.port());
    assert_eq!(second.line_after("ping "), "pong {port,15000,6}");
}

/// A guest from an address that is neither loopback nor the one dialled is another host's, as far as we can
/// tell. Rust's library cannot choose the address from which it dials; Erlang's can.
#[test]
fn who_comes_from_elsewhere_may_look_and_not_register() {
    let test = "who_comes_from_elsewhere_may_look_and_not_register";
    if !otp_is_here(test) {
        return;
    }
    let Some(own) = address_beside_loopback() else {
        eprintln!("skipped: {test} (this machine has no address besides loopback)");
        return;
    };
    let (server, client) = block_on(server());
    let _registered = block_on(client.register(&node("db", 1))).unwrap();
    let asking = format!(
        "Ask = fun(Body) -> {{ok, S}} = gen_tcp:connect({{127,0,0,1}}, {}, [binary, {{active, false}}, {{packet, 0}}, {{ip, element(2, inet:parse_address(\"{own}\"))}}]), \
         ok = gen_tcp:send(S, [<<(iolist_size(Body)):16>>, Body]), gen_tcp:recv(S, 0, 20000) end, \
         io:format(\"said ~p~n\", [[element(1, Ask(\"zdb\")) | [Ask(Body) || Body <- [<<120, 1:16, 77, 0, 6:16, 6:16, 1:16, \"x\", 0:16>>, \"d\", \"k\", \"sdb\"]]]])",
        server.port()
    );
    let said = erl_without_name(&asking).line_after("said ");
    assert_eq!(said, "[ok,{error,closed},{error,closed},{error,closed},{error,closed}]");
    assert_eq!(server.registered(), [node("db", 1)]);
    assert_eq!(server.counters().refused(Code::NotAllowed), 4);
}

#[test]
fn our_client_gets_along_with_erlangs_epmd() {
    if !otp_is_here("our_client_gets_along_with_erlangs_epmd") {
        return;
    }
    block_on(async {
        let (epmd, client) = erlangs_epmd();
        let registration = client.register(&NodeEntry::hidden(name("db"), 15_000)).await.unwrap();
        assert!(registration.creation().as_u32() >= 4);
        assert_eq!(client.lookup(&name("db"), HOST).await.unwrap(), NodeEntry::hidden(name("db"), 15_000));
        let names = client.names(HOST).await.unwrap();
        assert_eq!(names.nodes.iter().map(|node| (node.name.as_str(), node.port)).collect::<Vec<_>>(), [("db", 15_000)]);
        assert_eq!(client.register(&node("db", 1)).await.unwrap_err().code(), Code::NameInUse);
        let missing = client.lookup(&name("none"), HOST).await.unwrap_err();
        assert!(matches!(missing, EpmdError::NotRegistered { .. }), "{missing}");

        let used = auto(&client, &ServerOptions { port: client.port(), ..ServerOptions::loopback() }, &node("second", 2)).await.unwrap();
        assert!(used.server.is_none(), "the one that runs is used");
        let old = client.register(&NodeEntry { highest: 5, lowest: 5, ..node("old", 1) }).await.unwrap();
        assert!((1..=3).contains(&old.creation().as_u32()));

        drop(epmd);
        soon("the loss", registration.lost()).await;
    });
}

#[test]
fn a_name_is_free_at_erlangs_epmd_when_its_registration_is_dropped() {
    if !otp_is_here("a_name_is_free_at_erlangs_epmd_when_its_registration_is_dropped") {
        return;
    }
    let (_epmd, client) = erlangs_epmd();
    drop(block_on(client.register(&node("db", 1))).unwrap());
    eventually("the name is free", || block_on(client.names(HOST)).unwrap().nodes.is_empty());
    let again = block_on(client.register(&node("db", 2))).unwrap();
    assert_eq!(block_on(client.lookup(&name("db"), HOST)).unwrap().port, 2);
    drop(again);
}

/// In the foreground, and only on loopback.
fn erlangs_epmd() -> (Running, Client) {
    let port = free_port();
    let epmd = Running::start(command("epmd", "-address 127.0.0.1", port));
    eventually("epmd listens", || !refused(port));
    (epmd, Client::at(port).with_patience(NEVER))
}

fn refused(port: u16) -> bool {
    TcpStream::connect((HOST, port)).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

/// A node with a short name, which evaluates this and stays. It never starts an epmd of its own.
fn erl(name: &str, expression: &str, port: u16) -> Running {
    let mut erl = command("erl", &format!("-sname {name} -noshell -setcookie epmd-test -start_epmd false"), port);
    erl.args(["-eval", &format!("{expression}.")]);
    Running::start(erl)
}

fn erl_without_name(expression: &str) -> Running {
    let mut erl = command("erl", "-noshell", 1);
    erl.args(["-eval", &format!("{expression}.")]);
    Running::start(erl)
}

/// From where this machine would reach another one. Nothing is sent.
fn address_beside_loopback() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_loopback()).then_some(own)
}

const SAY_CREATION: &str = "io:format(\"creation ~p~n\", [erts_internal:get_creation()])";
