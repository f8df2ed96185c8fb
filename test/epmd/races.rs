//! `auto`: who finds an epmd uses it, who finds none starts one, and two who find none agree.

use crate::world::{NEVER, eventually, free_port, name, node, server};
use countersign::epmd::{Client, EpmdError, Registered, ServerOptions, auto};
use countersign::failure::{Code, Failure};
use countersign::rt::{TcpListener, block_on};
use futures_util::future::join_all;
use std::time::Duration;

const HOST: &str = "127.0.0.1";

fn options(port: u16) -> ServerOptions {
    ServerOptions { port, ..ServerOptions::loopback() }
}

fn client(port: u16) -> Client {
    Client::at(port).with_patience(NEVER)
}

#[test]
fn an_epmd_that_runs_is_used() {
    block_on(async {
        let (running, client) = server().await;
        let registered = auto(&client, &options(client.port()), &node("a", 1)).await.unwrap();
        assert!(registered.server.is_none());
        assert_eq!(running.registered(), [node("a", 1)]);
    });
}

#[test]
fn where_none_runs_one_is_started_and_the_next_node_uses_it() {
    block_on(async {
        let port = free_port();
        let first = auto(&client(port), &options(port), &node("a", 1)).await.unwrap();
        let second = auto(&client(port), &options(port), &node("b", 2)).await.unwrap();
        let server = first.server.as_ref().unwrap();
        assert!(second.server.is_none());
        assert_eq!(server.registered(), [node("a", 1), node("b", 2)]);
        drop(second);
        eventually("b is gone", || server.registered() == [node("a", 1)]);
    });
}

#[test]
fn of_many_who_start_at_once_one_serves_and_all_are_registered() {
    for _ in 0..10 {
        let port = free_port();
        let starters: Vec<_> = (1..=8u16)
            .map(|number| {
                std::thread::spawn(move || block_on(auto(&client(port), &options(port), &node(&format!("n{number}"), number))).unwrap())
            })
            .collect();
        let registered: Vec<Registered> = starters.into_iter().map(|starter| starter.join().unwrap()).collect();
        let servers: Vec<_> = registered.iter().filter_map(|one| one.server.as_ref()).collect();
        assert_eq!(servers.len(), 1);
        assert_eq!(servers[0].registered().len(), 8);
        let found = block_on(join_all((1..=8).map(|number| async move { client(port).lookup(&name(&format!("n{number}")), HOST).await })));
        assert!(found.iter().all(Result::is_ok), "{found:?}");
    }
}

#[test]
fn a_name_in_use_starts_no_second_epmd() {
    block_on(async {
        let (_running, client) = server().await;
        let _first = client.register(&node("a", 1)).await.unwrap();
        let error = auto(&client, &options(client.port()), &node("a", 2)).await.unwrap_err();
        assert_eq!(error.code(), Code::NameInUse);
    });
}

#[test]
fn an_epmd_that_is_there_and_silent_is_not_replaced() {
    block_on(async {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        let hasty = Client::at(port).with_patience(Duration::from_millis(50));
        let error = auto(&hasty, &options(port), &node("a", 1)).await.unwrap_err();
        assert!(matches!(error, EpmdError::Timeout { .. }), "{error}");
    });
}
