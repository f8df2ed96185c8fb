//! What an operator asks of a node of ours from an Erlang shell.

use crate::otp::Transport;
use crate::pair::name;
use crate::puppet::in_time;
use crate::world::{World, eventually};
use countersign::node::{Node, NodeOptions};
use countersign::rt::block_on;
use countersign::tls::source::CertFiles;
use countersign::tls::{CertAuth, Certificate};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn an_erlang_shell_reads_the_links_of_every_transport() {
    let Some(world) = World::new("an_erlang_shell_reads_the_links_of_every_transport") else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        let a = world.node("a@localhost", transport);
        assert_eq!(x.eval("net_adm:ping('a@localhost')"), "pong");
        let of = |what: &str| x.eval(&format!("[Link] = gen_server:call({{countersign, 'a@localhost'}}, links), {what}"));
        assert_eq!(of("{maps:get(peer, Link), maps:get(dialled, Link), maps:get(outdated, Link)}"), "{x@localhost,false,false}");
        let tls = of("case maps:get(tls, Link) of none -> none; Tls -> {maps:get(version, Tls), maps:get(countersign, Tls)} end");
        let wanted = match transport {
            Transport::Tls13 => "{<<\"TLSv1_3\">>,false}",
            Transport::Tls12 => "{<<\"TLSv1_2\">>,false}",
            Transport::Tcp => "none",
        };
        assert_eq!(tls, wanted);
        let serial = of("case maps:get(peer_certificate, Link) of none -> none; #{serial := Serial} -> is_binary(Serial) end");
        assert_eq!(serial, if transport == Transport::Tcp { "none" } else { "true" });
        // Between two questions there are at least the first one's answer and the second one itself.
        let counted = "{maps:get(messages_received, Link), maps:get(messages_sent, Link)}";
        let counts = |text: String| -> (u64, u64) {
            let (heard, said) =
                text.trim_matches(['{', '}']).split_once(',').map(|(one, other)| (one.to_owned(), other.to_owned())).unwrap();
            (heard.parse().unwrap(), said.parse().unwrap())
        };
        let (before, after) = (counts(of(counted)), counts(of(counted)));
        assert!(after.0 > before.0 && after.1 > before.1, "{before:?} {after:?}");
        in_time(a.stop());
    }
}

#[test]
fn an_erlang_shell_with_the_nodes_own_certificate_has_links_ended() {
    let Some(world) = World::new("an_erlang_shell_with_the_nodes_own_certificate_has_links_ended") else { return };
    let a = world.node("a@localhost", Transport::Tls13);
    let (x, y) = (world.otp("x@localhost").certificate("a").start(), world.otp("y@localhost").start());
    assert_eq!((x.eval("net_adm:ping('a@localhost')"), y.eval("net_adm:ping('a@localhost')")), ("pong".to_owned(), "pong".to_owned()));
    let ask = |what: &str| format!("gen_server:call({{countersign, 'a@localhost'}}, {what})");
    assert!(y.eval(&ask("{disconnect, 'x@localhost'}")).starts_with("{error,{not_allowed,"));
    assert_eq!(x.eval(&ask("{disconnect, 'y@localhost'}")), "ok");
    eventually("y has seen it", || y.eval("nodes(hidden)") == "[]");
    assert!(a.peers().iter().all(|peer| *peer.name() == name("x@localhost")));
    assert_eq!(x.eval(&ask("{disconnect, <<\"y@localhost\">>}")), "{error,{not_connected,<<\"a@localhost has no link to y@localhost\">>}}");
    // Its own link: the answer comes first.
    assert_eq!(x.eval(&ask("{disconnect, node()}")), "ok");
    eventually("x has seen it", || x.eval("nodes(hidden)") == "[]");
    // What ended a link does not keep it from coming up again.
    assert_eq!(y.eval("net_adm:ping('a@localhost')"), "pong");
    in_time(a.stop());
}

#[test]
fn an_erlang_shell_with_the_nodes_own_certificate_has_certificates_replaced() {
    let Some(world) = World::new("an_erlang_shell_with_the_nodes_own_certificate_has_certificates_replaced") else { return };
    let serial = |certificate: &Certificate| certificate.leaf().serial_hex();
    let first = serial(&world.pki.certificate("a"));
    let source = CertFiles::pair(world.pki.path("a.pem"), world.pki.path("a.key"));
    let manager = CertAuth::mutual(world.pki.certificate("a"), world.pki.ca().pool()).with_source(Arc::new(source));
    let reload_every = Duration::from_secs(86_400);
    let options = NodeOptions { cert_manager: Some(Arc::new(manager)), reload_every, ..world.options("a@localhost", Transport::Tls13) };
    let a = block_on(Node::start("a@localhost", options)).unwrap();
    let (x, y) = (world.otp("x@localhost").certificate("a").start(), world.otp("y@localhost").start());
    assert_eq!((x.eval("net_adm:ping('a@localhost')"), y.eval("net_adm:ping('a@localhost')")), ("pong".to_owned(), "pong".to_owned()));
    let ask = |what: &str| format!("gen_server:call({{countersign, 'a@localhost'}}, {what})");
    for what in ["rotate", "{rotate, #{dry_run => true}}"] {
        assert!(y.eval(&ask(what)).starts_with("{error,{not_allowed,"));
    }

    // The names of links are those of OTP's nodes, and so is what becomes of them.
    let answer = |what: &str| {
        let facts = "{Dry, Outcome, Old, New, [Fate || #{fate := Fate} <- Links]}";
        let pattern = "#{dry_run := Dry, links := Links, sources := [#{outcome := Outcome, old_serial := Old, new_serial := New}]}";
        x.eval(&format!("{pattern} = {}, {facts}", ask(what)))
    };
    let said = |dry: bool, outcome: &str, [old, new]: [&String; 2], fates: &str| {
        format!("{{{dry},<<\"{outcome}\">>,<<\"{old}\">>,<<\"{new}\">>,{fates}}}")
    };
    let both = "[<<\"keep\">>,<<\"keep\">>]";
    assert_eq!(answer("rotate"), said(false, "unchanged", [&first, &first], "[]"));
    let second = serial(&world.pki.issue("a"));
    assert_eq!(answer("{rotate, #{dry_run => true}}"), said(true, "would_replace", [&first, &second], both));
    assert_eq!(answer("rotate"), said(false, "replaced", [&first, &second], both));
    let third = serial(&world.pki.issue("given"));
    let (pem, key) = (world.pki.path("given.pem"), world.pki.path("given.key"));
    let given = format!("{{rotate, #{{cert => \"{}\", key => <<\"{}\">>}}}}", pem.display(), key.display());
    assert_eq!(answer(&given), said(false, "replaced", [&second, &third], both));
    assert_eq!(
        x.eval(&ask("{rotate, #{cert => \"given.pem\"}}")),
        "{error,{badarg,<<\"cert and key are whole paths of files on the node's host\">>}}"
    );
    in_time(a.stop());
}
