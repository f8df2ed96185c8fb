//! What becomes of links when the certificate behind them is replaced: what the node, the acceptor or the route says.

use crate::handover_world::{Guard, HANDOVER, Pair, peer, rotate, say_much, shown};
use crate::managers::{Trust, hand_written};
use crate::relay::Way;
use crate::world::{NEVER, World, door, eventually};
use countersign::failure::{Code, Failure};
use countersign::net::CannotHandOver;
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions, Otherwise, Rotation, Route};
use countersign::rt::{self, block_on};
use countersign::tls::{CertAuthManager, ClientAuth, TlsPolicy, TlsVersion};
use futures_util::future::join_all;
use std::sync::Arc;

#[test]
fn a_link_that_keeps_its_certificate_keeps_it() {
    block_on(async {
        let pair = Pair::rotating(Rotation::Keep).await;
        let before = pair.shown();
        rotate(&pair.world, &pair.dialler);
        rotate(&pair.world, &pair.acceptor);
        // A handover by hand takes the new ones; it would have to come after one that nobody wanted.
        assert_eq!((pair.shown(), pair.moved()), (before, [0, 0]));
        pair.hand_over().await.unwrap();
        eventually("that was the only one", || pair.moved() == [1, 1]);
    });
}

#[test]
fn a_link_that_is_to_be_closed_is_seen_to_end_and_made_anew_by_the_next_message() {
    block_on(async {
        for rotates_dialler in [true, false] {
            let pair = Pair::rotating(Rotation::Close).await;
            let (node, other) = if rotates_dialler { (&pair.dialler, &pair.acceptor) } else { (&pair.acceptor, &pair.dialler) };
            let (guard, link) = (Guard::at(node, &[other]).await, Arc::clone(peer(node, other).link()));
            let newest = rotate(&pair.world, node);
            let closed = link.closed().await;
            assert_eq!(closed.to_string(), "the certificate was replaced");
            let told = guard.told_at_the_end().await;
            assert!(told.iter().any(|line| line.starts_with("NodeDown") && line.contains("the certificate was replaced")), "{told:?}");
            let is_new = || node.peers().iter().any(|peer| peer.name() == other.name());
            pair.dialler.ping(pair.acceptor.name()).await.unwrap();
            eventually("there is a link again", is_new);
            assert_eq!(shown(node, other), newest);
        }
    });
}

/// It goes on to tick, so nothing else would ever end it.
#[test]
fn a_link_that_is_to_be_closed_ends_though_its_peer_takes_nothing() {
    block_on(async {
        let pair = Pair::rotating(Rotation::Close).await;
        let link = Arc::clone(peer(&pair.dialler, &pair.acceptor).link());
        pair.relay.hold(0, Way::There);
        say_much(&pair.dialler, &pair.acceptor);
        rotate(&pair.world, &pair.dialler);
        let closed = rt::timeout(NEVER, link.closed()).await.unwrap();
        assert_eq!(closed.to_string(), "the certificate was replaced");
    });
}

#[test]
fn a_link_that_cannot_be_handed_over_says_so_and_does_what_was_chosen_otherwise() {
    block_on(async {
        for otherwise in [Otherwise::Keep, Otherwise::Close] {
            let pair = Pair::new(|options| {
                options.rotation = Rotation::Handover { otherwise };
                options.tls = TlsPolicy::default().min_version(TlsVersion::Tls12).suites(&[OLD]).unwrap();
            })
            .await;
            let link = Arc::clone(peer(&pair.dialler, &pair.acceptor).link());
            assert_eq!(link.handovers().cannot, Some(CannotHandOver::OldTls));
            assert_eq!(pair.hand_over().await.unwrap_err().code(), Code::VersionMismatch);
            rotate(&pair.world, &pair.dialler);
            match otherwise {
                Otherwise::Keep => {
                    pair.dialler.ping(pair.acceptor.name()).await.unwrap();
                    assert!(link.is_up());
                }
                Otherwise::Close => assert_eq!(link.closed().await.to_string(), "the certificate was replaced"),
            }
        }
    });
}

#[test]
fn a_plain_link_has_no_certificate_to_change() {
    block_on(async {
        let world = World::new().await;
        let a = Node::start("a@localhost", NodeOptions { rotation: HANDOVER, ..world.plain() }).await.unwrap();
        let b = Node::start("b@localhost", world.plain()).await.unwrap();
        a.ping(b.name()).await.unwrap();
        assert_eq!(a.hand_over(b.name()).await.unwrap_err().code(), Code::PlaintextPeer);
        assert_eq!(b.hand_over(a.name()).await.unwrap_err().code(), Code::PlaintextPeer);
        assert_eq!(peer(&a, &b).link().handovers().cannot, Some(CannotHandOver::Plain));
        b.ping(a.name()).await.unwrap();
    });
}

#[test]
fn a_manager_of_the_users_own_that_shares_only_the_resolver_is_noticed_too() {
    block_on(async {
        let world = World::new().await;
        let own = || hand_written(world.ca.agent(&["localhost"]), Trust::cluster(world.ca.pool(), ClientAuth::RequireAndVerify));
        let start = async |name| Node::start(name, NodeOptions { rotation: HANDOVER, ..world.with(Some(own())) }).await.unwrap();
        let (a, b) = (start("a@localhost").await, start("b@localhost").await);
        b.ping(a.name()).await.unwrap();
        let newest = [&a, &b].map(|node| rotate(&world, node));
        eventually("both show them", || [shown(&a, &b), shown(&b, &a)] == newest);
    });
}

#[test]
fn a_node_that_was_given_its_name_hands_its_link_over_too() {
    block_on(async {
        let world = World::new().await;
        let a = Node::start("a@localhost", NodeOptions { rotation: HANDOVER, ..world.secure() }).await.unwrap();
        let guest = Node::join(a.name(), NodeOptions { rotation: HANDOVER, ..world.secure() }).await.unwrap();
        let newest = [&a, &guest].map(|node| rotate(&world, node));
        eventually("both show them", || [shown(&a, &guest), shown(&guest, &a)] == newest);
    });
}

/// Each of the two has a manager and a policy of its own, and the node's would do something else.
#[test]
fn an_acceptors_links_follow_its_own_manager_and_policy_and_a_routes_links_the_routes() {
    block_on(async {
        let world = World::new().await;
        let (of_door, of_route) = (world.manager(), world.manager());
        let acceptor = Acceptor { cert_manager: Some(Arc::clone(&of_door)), rotation: Some(HANDOVER), ..door() };
        let a = Node::start("a@localhost", NodeOptions { acceptors: vec![door(), acceptor], ..quiet(&world) }).await.unwrap();
        let to = Route::to(a.name().clone(), "localhost", a.local_addrs()[1].port());
        let route = Route { cert_manager: Some(Arc::clone(&of_route)), rotation: Some(HANDOVER), ..to };
        let b = Node::start("b@localhost", NodeOptions { routes: vec![route], ..quiet(&world) }).await.unwrap();
        let c = Node::start(
            "c@localhost",
            NodeOptions { routes: vec![Route::to(a.name().clone(), "localhost", a.local_addrs()[0].port())], ..quiet(&world) },
        );
        let c = c.await.unwrap();
        b.ping(a.name()).await.unwrap();
        c.ping(a.name()).await.unwrap();

        let update = |manager: &Arc<dyn CertAuthManager>| manager.update(world.ca.agent(&["localhost"])).unwrap();
        let newest = update(&of_door);
        eventually("the acceptor's link shows it", || shown(&a, &b) == newest);
        let newest = update(&of_route);
        eventually("the route's link shows it", || shown(&b, &a) == newest);
        // The node's own certificate is under the link of c alone, and that keeps it.
        rotate(&world, &a);
        assert!(c.connect(a.name()).await.is_ok());
        assert_eq!(peer(&a, &c).link().handovers().done, 0);
        assert_eq!(peer(&a, &b).link().handovers().done, 2);
    });
}

#[test]
fn certificates_that_follow_each_other_faster_than_links_can_end_with_the_last_one_under_the_link() {
    block_on(async {
        let pair = Pair::rotating(HANDOVER).await;
        let mut last = pair.shown()[0];
        for _ in 0..200 {
            last = rotate(&pair.world, &pair.dialler);
        }
        eventually("the last one is there", || pair.shown()[0] == last);
        assert!(pair.moved()[0] <= 10, "and not one handover for each: {:?}", pair.moved());
    });
}

#[test]
fn many_links_move_a_few_at_a_time() {
    const LINKS: usize = 40;
    const AT_A_TIME: usize = 3;
    block_on(async {
        let world = World::new().await;
        let hubs_own = world.manager();
        let mut options =
            NodeOptions { rotation: HANDOVER, epmd: EpmdMode::At(world.epmd.port()), ..world.with(Some(Arc::clone(&hubs_own))) };
        options.limits.handovers = AT_A_TIME;
        let hub = Node::start("hub@localhost", options).await.unwrap();
        let shared = world.manager();
        let starting = (0..LINKS).map(|number| {
            let options = world.with(Some(Arc::clone(&shared)));
            async move { Node::start(&format!("n{number}@localhost"), options).await.unwrap() }
        });
        let nodes = join_all(starting).await;
        // Half of the links are dialled by the hub, and it hands those over; for the others it asks.
        for (number, node) in nodes.iter().enumerate() {
            let (from, to) = if number % 2 == 0 { (&hub, node) } else { (node, &hub) };
            from.ping(to.name()).await.unwrap();
        }
        let newest = rotate(&world, &hub);
        eventually("all of them have moved", || nodes.iter().all(|node| shown(&hub, node) == newest));
        eventually("all of them are counted", || hub.handovers().dialled + hub.handovers().answered == LINKS as u64);
        // And when all are wanted at the same moment.
        let wanted = nodes.iter().step_by(2).map(|node| hub.hand_over(node.name()));
        assert!(join_all(wanted).await.iter().all(Result::is_ok));
        let counts = hub.handovers();
        assert_eq!(counts.most_at_once, AT_A_TIME, "{counts:?}");
        assert_eq!(counts.failed, 0, "{counts:?}");
    });
}

fn quiet(world: &World) -> NodeOptions {
    NodeOptions { epmd: EpmdMode::Off, ..world.secure() }
}

const OLD: &str = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
