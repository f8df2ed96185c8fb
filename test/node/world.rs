//! What tests of nodes share: a CA, a port mapper, nodes that trust each other, and waiting for something to happen.

use countersign::dist::Cookie;
use countersign::epmd::{Server, ServerOptions};
use countersign::etf::{Atom, Pid, Term};
use countersign::net::Limits;
use countersign::node::{Acceptor, EpmdMode, Mail, Node, NodeOptions, Process};
use countersign::node_name::NodeName;
use countersign::testing::Ca;
use countersign::tls::{CertAuth, CertAuthManager};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// `net_kernel`, `rex`, `user` and `countersign`.
pub(crate) const OWN_PROCESSES: usize = 4;

/// Where nodes of a test meet.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) ca: Ca,
    pub(crate) epmd: Server,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self { ca: Ca::new(), epmd: Server::bind(ServerOptions::loopback()).await.unwrap() }
    }

    /// Mutual TLS with a certificate of this CA for `localhost`.
    pub(crate) fn manager(&self) -> Arc<dyn CertAuthManager> {
        Arc::new(CertAuth::mutual(self.ca.agent(&["localhost", "127.0.0.1"]), self.ca.pool()))
    }

    /// Found through the port mapper, over mutual TLS.
    pub(crate) fn secure(&self) -> NodeOptions {
        self.with(Some(self.manager()))
    }

    /// The same with a manager of the test's own.
    pub(crate) fn with(&self, manager: Option<Arc<dyn CertAuthManager>>) -> NodeOptions {
        NodeOptions {
            danger_plaintext: manager.is_none(),
            cert_manager: manager,
            cookie: Some(cookie("cluster")),
            acceptors: vec![door()],
            epmd: EpmdMode::At(self.epmd.port()),
            ..NodeOptions::default()
        }
    }

    /// The same over plain TCP.
    pub(crate) fn plain(&self) -> NodeOptions {
        self.with(None)
    }

    pub(crate) async fn node(&self, name: &str) -> Node {
        Node::start(name, self.secure()).await.unwrap()
    }

    /// `a@localhost` and `b@localhost`.
    pub(crate) async fn two(&self) -> (Node, Node) {
        (self.node("a@localhost").await, self.node("b@localhost").await)
    }
}

/// A node that nobody dials, for what happens within one.
pub(crate) async fn alone() -> Node {
    alone_with(|_| {}).await
}

pub(crate) async fn alone_with(change: impl FnOnce(&mut NodeOptions)) -> Node {
    let mut options = NodeOptions {
        danger_plaintext: true,
        cookie: Some(cookie("cluster")),
        acceptors: Vec::new(),
        epmd: EpmdMode::Off,
        ..NodeOptions::default()
    };
    change(&mut options);
    Node::start("a@localhost", options).await.unwrap()
}

/// A port that the system chooses, with limits that no test reaches by accident.
pub(crate) fn door() -> Acceptor {
    Acceptor { limits: Limits { per_address: 5_000, ..Limits::default() }, ..Acceptor::at_port(0) }
}

pub(crate) fn cookie(text: &str) -> Cookie {
    Cookie::new(text.as_bytes().to_vec())
}

pub(crate) fn name(text: &str) -> NodeName {
    text.parse().unwrap()
}

/// `{Name, Node}`.
pub(crate) fn there(process: &'static str, node: &Node) -> (Atom, NodeName) {
    (Atom::fixed(process), node.name().clone())
}

/// A process that does nothing but wait to be ended.
pub(crate) fn idle(node: &Node) -> Pid {
    node.spawn(|mut process| async move {
        process.receive_where(|_| false).await;
    })
}

/// A process that ends with the first message that it gets, for that reason.
pub(crate) fn obedient(node: &Node) -> Pid {
    node.spawn(|mut process| async move { next_term(&mut process).await })
}

/// The next message, or whatever else it is.
pub(crate) async fn next_term(process: &mut Process) -> Term {
    match process.receive().await {
        Mail::Message(message) => message.term,
        other => panic!("no message, but {other:?}"),
    }
}

/// What a process has found out; a panic in it fails the test.
pub(crate) async fn found<T>(running: impl Future<Output = Option<T>>) -> T {
    match countersign::rt::timeout(NEVER, running).await {
        Ok(Some(found)) => found,
        Ok(None) => panic!("the process was ended before it found anything"),
        Err(_) => panic!("the process waits in vain"),
    }
}

/// Waits until it is so. Only for what sends no event; the bound is for tests that fail.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < NEVER, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Only a test that fails waits so long.
pub(crate) const NEVER: Duration = Duration::from_secs(30);
