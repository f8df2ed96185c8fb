//! An epmd of ours, a client of it, and patience.

use countersign::epmd::{AliveName, Client, NodeEntry, Server, ServerOptions};
use countersign::rt;
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// Longer than anything here takes; only a failing test waits for so long.
pub(crate) const NEVER: Duration = Duration::from_secs(30);

pub(crate) async fn server() -> (Server, Client) {
    server_with(ServerOptions::loopback()).await
}

pub(crate) async fn server_with(options: ServerOptions) -> (Server, Client) {
    let server = Server::bind(options).await.unwrap();
    let client = Client::at(server.port()).with_patience(NEVER);
    (server, client)
}

pub(crate) fn name(text: &str) -> AliveName {
    text.parse().unwrap()
}

pub(crate) fn node(text: &str, port: u16) -> NodeEntry {
    NodeEntry::visible(name(text), port)
}

/// Holds when this is so, and fails when it never is.
#[track_caller]
pub(crate) fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < NEVER, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Fails instead of waiting for ever.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    rt::timeout(NEVER, future).await.unwrap_or_else(|_| panic!("never: {what}"))
}

/// A port on which nobody listens at this moment.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
