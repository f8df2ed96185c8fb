//! `countersign epmd` and `countersign names`, as a person meets them.

use crate::process::{COUNTERSIGN, Running, command, countersign, text};
use crate::world::{free_port, node, server};
use countersign::epmd::Client;
use countersign::rt::block_on;

#[test]
fn names_are_a_table_or_json() {
    block_on(async {
        let (server, client) = server().await;
        let _registered = [client.register(&node("db", 15_000)).await.unwrap(), client.register(&node("cache", 9)).await.unwrap()];
        let table = countersign("names 127.0.0.1", server.port());
        assert_eq!((table.status.code(), text(&table.stdout).as_str()), (Some(0), "NAME   PORT\ncache  9\ndb     15000\n"));
        let json = countersign("names --json", server.port());
        let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!(value, serde_json::json!([{"name": "cache", "port": 9}, {"name": "db", "port": 15_000}]));
    });
}

#[test]
fn an_empty_list_says_so_beside_the_data() {
    let (server, _) = block_on(server());
    let ran = countersign("names 127.0.0.1", server.port());
    assert_eq!((ran.status.code(), text(&ran.stdout).as_str()), (Some(0), "NAME  PORT\n"));
    assert_eq!(text(&ran.stderr), "no node is registered at 127.0.0.1\n");
}

#[test]
fn where_no_epmd_answers_the_exit_code_is_one_and_a_hint_helps() {
    let port = free_port();
    let ran = countersign("names 127.0.0.1", port);
    let said = text(&ran.stderr);
    assert_eq!((ran.status.code(), text(&ran.stdout).as_str()), (Some(1), ""));
    assert!(said.starts_with(&format!("error: no epmd answers at 127.0.0.1 port {port}\n  caused by: ")), "{said}");
    assert!(said.contains("code: unreachable\nhint: start a node there, or countersign epmd;"), "{said}");
}

#[test]
fn a_port_that_is_none_is_wrong_usage() {
    let mut wrong = command(COUNTERSIGN, "names", 1);
    let ran = wrong.env("ERL_EPMD_PORT", "epmd").output().unwrap();
    let said = "error: ERL_EPMD_PORT is \"epmd\", which is not a port\nhint: set it to a number from 1 to 65535, or unset it for 4369\n";
    assert_eq!((ran.status.code(), text(&ran.stderr).as_str()), (Some(2), said));
}

#[test]
fn the_epmd_command_says_where_it_listens_and_serves() {
    block_on(async {
        let epmd = Running::start(command(COUNTERSIGN, "epmd --address 127.0.0.1 --port 0", 1));
        let port = epmd.line_after("epmd listens on 127.0.0.1:").parse().unwrap();
        let registration = Client::at(port).register(&node("db", 1)).await.unwrap();
        let second = countersign(&format!("epmd --address 127.0.0.1 --port {port}"), 1);
        let said = text(&second.stderr);
        assert_eq!(second.status.code(), Some(1), "{said}");
        assert!(said.contains("hint: an epmd seems to run already"), "{said}");
        drop(epmd);
        crate::world::soon("the loss", registration.lost()).await;
    });
}

/// On Linux all of 127.0.0.0/8 is this host.
#[test]
#[cfg(target_os = "linux")]
fn the_environment_says_where_epmd_listens_and_loopback_is_always_there() {
    let port = free_port();
    let mut epmd = command(COUNTERSIGN, "epmd", port);
    epmd.env("ERL_EPMD_ADDRESS", "127.0.0.2,127.0.0.3");
    let epmd = Running::start(epmd);
    for host in ["127.0.0.2", "127.0.0.3", "127.0.0.1"] {
        assert_eq!(epmd.line_after("epmd listens on "), format!("{host}:{port}"));
        assert_eq!(countersign(&format!("names {host}"), port).status.code(), Some(0));
    }
}

#[test]
fn both_help_texts_have_examples() {
    for command in ["epmd", "names"] {
        let help = text(&countersign(&format!("{command} --help"), 1).stdout);
        assert!(help.contains(&format!("Examples:\n  countersign {command}\n")), "{help}");
    }
}
