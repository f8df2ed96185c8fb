//! Nodes that join others when they start, and do not start without them.

use crate::world::{NEVER, World, cookie, eventually, name};
use countersign::failure::{Code, Failure};
use countersign::node::{ClusterOptions, Node, NodeOptions, Quorum, QuorumPolicy, Reconnect, StartError};
use countersign::node_name::NodeName;
use countersign::rt::{self, block_on, channel::unbounded};
use std::time::Duration;

/// Pauses that no test notices.
pub(crate) const SOON: Reconnect = Reconnect { first: Duration::from_millis(1), most: Duration::from_millis(8), at_a_time: 16 };

/// These seeds, and so many of them to be waited for.
fn joining(world: &World, seeds: &[&str], quorum: Quorum) -> NodeOptions {
    let seeds = seeds.iter().map(|seed| name(seed)).collect();
    NodeOptions { cluster: ClusterOptions { seeds, quorum: Some(quorum), reconnect: SOON, ..ClusterOptions::default() }, ..world.secure() }
}

fn of(seeds: usize) -> Quorum {
    Quorum { within: NEVER, ..Quorum::of(seeds) }
}

fn peers(node: &Node) -> Vec<NodeName> {
    node.peers().iter().map(|peer| peer.name().clone()).collect()
}

#[test]
fn a_node_has_its_quorum_when_it_has_started_and_does_not_count_itself() {
    block_on(async {
        let world = World::new().await;
        let (b, c) = (world.node("b@localhost").await, world.node("c@localhost").await);
        let options = joining(&world, &["a@localhost", "b@localhost", "c@localhost", "b@localhost"], of(2));
        let a = Node::start("a@localhost", options.clone()).await.unwrap();
        assert_eq!(peers(&a), [b.name().clone(), c.name().clone()]);
        assert!(a.kept().iter().all(|kept| kept.is_linked && kept.error.is_none()));
        // The seeds as well may have the list; and one more than there are can never be had.
        let more = NodeOptions { cluster: ClusterOptions { quorum: Some(of(3)), ..options.cluster.clone() }, ..options };
        let error = Node::start("a@localhost", more).await.unwrap_err();
        assert!(matches!(error, StartError::QuorumBeyondSeeds { wanted: 3, seeds: 2 }), "{error}");
    });
}

#[test]
fn a_seed_that_comes_late_completes_the_quorum_and_what_happens_meanwhile_is_told() {
    block_on(async {
        let world = World::new().await;
        let options = joining(&world, &["b@localhost"], of(1));
        let (sender, told) = unbounded();
        let starting = Box::pin(Node::start_telling("a@localhost", options, move |seeds| {
            sender.try_send(seeds.to_vec()).unwrap();
        }));
        let late = async {
            while told.recv().await.unwrap()[0].error.as_ref().is_none_or(|error| error.code() != Code::Unreachable) {}
            world.node("b@localhost").await
        };
        let (a, b) = rt::timeout(NEVER, futures_util::future::join(starting, late)).await.unwrap();
        assert_eq!(peers(&a.unwrap()), [b.name().clone()]);
        let mut last = None;
        while let Ok(seeds) = told.try_recv() {
            last = Some(seeds[0].is_linked);
        }
        assert_eq!(last, Some(true));
    });
}

#[test]
fn a_node_without_its_quorum_says_why_of_each_seed_and_leaves_nothing_behind() {
    block_on(async {
        let world = World::new().await;
        let b = world.node("b@localhost").await;
        let _stranger = Node::start("d@localhost", NodeOptions { cookie: Some(cookie("other")), ..world.secure() }).await.unwrap();
        let seeds = ["b@localhost", "c@localhost", "d@localhost"];
        // Long enough for a first answer of each.
        let quorum = Quorum { within: Duration::from_secs(2), ..Quorum::of(3) };
        let error = Node::start("a@localhost", joining(&world, &seeds, quorum)).await.unwrap_err();
        let StartError::NoQuorum(missing) = &error else { panic!("{error}") };
        let codes: Vec<_> = missing.seeds.iter().map(|seed| (seed.is_linked, seed.error.as_ref().map(|error| error.code()))).collect();
        assert_eq!(codes, [(true, None), (false, Some(Code::Unreachable)), (false, Some(Code::CookieMismatch))], "{error}");
        assert_eq!((missing.linked(), error.code()), (1, Code::Unreachable));
        let said = error.to_string();
        assert!(said.starts_with("1 of 3 seeds are linked after 2s, and 3 are wanted; c@localhost: "), "{said}");
        assert!(said.contains("; d@localhost: ") && !said.contains("b@localhost"), "{said}");
        assert!(world.epmd.registered().iter().all(|node| node.name.as_str() != "a"));
        eventually("b has lost it", || b.peers().is_empty());
    });
}

#[test]
fn a_node_that_may_start_without_its_quorum_finds_the_seeds_later() {
    block_on(async {
        let world = World::new().await;
        let quorum = Quorum { within: Duration::from_millis(1), policy: QuorumPolicy::Warn, ..Quorum::of(1) };
        let a = Node::start("a@localhost", joining(&world, &["b@localhost"], quorum)).await.unwrap();
        let b = world.node("b@localhost").await;
        eventually("they are linked", || peers(&a) == [b.name().clone()]);
        assert!(a.peers()[0].facts().dialled);
    });
}

#[test]
fn a_node_that_joins_to_be_given_a_name_dials_nobody_else() {
    block_on(async {
        let world = World::new().await;
        let b = world.node("b@localhost").await;
        let nameless = Node::join(b.name(), joining(&world, &["c@localhost"], of(1))).await.unwrap();
        assert!(nameless.kept().is_empty());
    });
}
