//! Routes: what each of their settings does, in which order they are tried, where they lead, and that they come and go.

mod attempts;
mod finding;
mod overrides;
mod run_time;
mod trust;

use crate::world::{World, eventually};
use countersign::dist::Flags;
use countersign::failure::{Code, Failure};
use countersign::node::{EpmdMode, LinkOptions, Node, NodeOptions, Peer, Route, RouteRefused};
use std::sync::Arc;

/// Nobody finds this node but by a route.
async fn hermit(name: &str, options: NodeOptions) -> Node {
    Node::start(name, NodeOptions { epmd: EpmdMode::Off, ..options }).await.unwrap()
}

/// A node that only dials. It knows an epmd that knows nobody.
async fn dialler(world: &World, options: NodeOptions) -> Node {
    Node::start("b@localhost", NodeOptions { acceptors: Vec::new(), epmd: EpmdMode::At(world.epmd.port()), ..options }).await.unwrap()
}

/// To the first acceptor of a node.
fn to(node: &Node) -> Route {
    Route::to(node.name().clone(), "localhost", port(node))
}

fn port(node: &Node) -> u16 {
    node.local_addrs()[0].port()
}

/// Dials a node by this route and no other.
async fn by(dialler: &Node, route: Route, node: &Node) -> Result<Arc<Peer>, Code> {
    let id = dialler.add_route(route).unwrap();
    let outcome = dialler.connect(node.name()).await;
    assert!(dialler.remove_route(id) && dialler.routes().is_empty());
    if outcome.is_ok() {
        dialler.disconnect(node.name()).await;
        eventually("the link is over", || node.peers().is_empty());
    }
    outcome.map_err(|error| error.code())
}

/// The node is reached by the second route, and by the first one is not, which differs in one thing.
async fn only(dialler: &Node, node: &Node, without: (Route, Code), with: Route) -> Arc<Peer> {
    let (route, code) = without;
    assert_eq!(by(dialler, route, node).await.unwrap_err(), code, "the node's own setting is good enough, so nothing is shown");
    by(dialler, with, node).await.unwrap()
}

fn withholding(flags: Flags) -> LinkOptions {
    LinkOptions { withhold: Some(flags), ..LinkOptions::default() }
}

fn refused(dialler: &Node, route: Route) -> RouteRefused {
    let refused = dialler.add_route(route).unwrap_err();
    assert!(!refused.hint().as_str().is_empty() && dialler.routes().is_empty());
    refused
}
