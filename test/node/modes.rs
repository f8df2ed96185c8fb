//! Nodes that announce nothing, and nodes that nobody can dial.

use crate::world::{NEVER, World, name};
use countersign::epmd::Server;
use countersign::etf::{Atom, Term, atom};
use countersign::failure::{Code, Failure};
use countersign::node::{EpmdMode, Mode, Node, NodeOptions, Route, StartError, Visibility};
use countersign::rt::block_on;

async fn says(node: &Node, of: &Node, key: &str) -> Term {
    let status = node.call((Atom::fixed("countersign"), of.name()), atom("status"), NEVER).await.unwrap();
    let Term::Map(status) = status else { panic!("{status}") };
    status.field(key).unwrap().clone()
}

fn knows(epmd: &Server, name: &str) -> bool {
    epmd.registered().iter().any(|node| node.name.as_str() == name)
}

#[test]
fn a_passive_node_is_found_by_a_route_alone_and_finds_others() {
    block_on(async {
        let world = World::new().await;
        let quiet = Node::start("quiet@localhost", NodeOptions { mode: Mode::Passive, ..world.secure() }).await.unwrap();
        let b = world.node("b@localhost").await;
        assert!(!knows(&world.epmd, "quiet") && knows(&world.epmd, "b"));
        assert_eq!((quiet.mode(), quiet.epmd_port(), quiet.local_addrs().len()), (Mode::Passive, None, 1));
        assert_eq!(b.connect(quiet.name()).await.unwrap_err().code(), Code::Unreachable);
        quiet.ping(b.name()).await.unwrap();
        assert!(b.nodes().is_empty() && !b.peers()[0].facts().dialled);
        assert_eq!(says(&b, &quiet, "mode").await, atom("passive"));
        assert_eq!(says(&b, &quiet, "visible").await, Term::from(false));

        let route = Route::to(quiet.name().clone(), "localhost", quiet.local_addrs()[0].port());
        let c = Node::start("c@localhost", NodeOptions { routes: vec![route], ..world.secure() }).await.unwrap();
        c.ping(quiet.name()).await.unwrap();
    });
}

#[test]
fn a_passive_node_starts_no_epmd_and_needs_none() {
    block_on(async {
        let world = World::new().await;
        let nowhere = EpmdMode::At(1);
        let options = NodeOptions { mode: Mode::Passive, epmd: nowhere, ..world.secure() };
        let a = Node::start("a@localhost", options.clone()).await.unwrap();
        let route = Route::to(a.name().clone(), "localhost", a.local_addrs()[0].port());
        let b = Node::start("b@localhost", NodeOptions { routes: vec![route], ..options }).await.unwrap();
        b.ping(a.name()).await.unwrap();
    });
}

#[test]
fn a_passive_node_that_shall_be_visible_does_not_start() {
    block_on(async {
        let options = NodeOptions { mode: Mode::Passive, visibility: Visibility::Visible, ..World::new().await.secure() };
        let error = Node::start("a@localhost", options).await.unwrap_err();
        assert!(matches!(error, StartError::PassiveAndVisible), "{error}");
        assert_eq!(error.code(), Code::InvalidTlsConfiguration);
    });
}

#[test]
fn a_node_that_only_dials_listens_nowhere_and_is_known_to_nobody() {
    block_on(async {
        let world = World::new().await;
        let b = world.node("b@localhost").await;
        // With acceptors, and without.
        let with = NodeOptions { mode: Mode::OutgoingOnly, ..world.secure() };
        let without = NodeOptions { acceptors: vec![], ..world.secure() };
        for (own, options) in [("c@localhost", with), ("d@localhost", without)] {
            let dialler = Node::start(own, options).await.unwrap();
            assert_eq!((dialler.mode(), dialler.epmd_port(), dialler.local_addrs().len()), (Mode::OutgoingOnly, None, 0));
            assert_eq!(b.connect(dialler.name()).await.unwrap_err().code(), Code::Unreachable);
            dialler.ping(b.name()).await.unwrap();
            // Over the link that it has made.
            b.ping(&name(own)).await.unwrap();
            assert_eq!(says(&b, &dialler, "mode").await, atom("outgoing_only"));
        }
    });
}
