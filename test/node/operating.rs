//! What an operator sees of links, and what ends them.

use crate::handover_world::{peer, say_much};
use crate::raw::{Frames, Raw, dialer, local};
use crate::relay::{Relay, Way};
use crate::world::{NEVER, World, cookie, eventually, found, name, next_term, there};
use countersign::etf::{Atom, Term, atom, binary, tuple};
use countersign::failure::Code;
use countersign::node::{Node, NodeOptions, NodePattern, Place, Process, Route};
use countersign::observe::Occasion;
use countersign::rt::{self, block_on};
use countersign::testing::Ca;
use countersign::tls::{CertAuth, CertAuthManager};
use std::sync::Arc;

/// A process of `b` that answers when it has had so many messages.
async fn send_and_settle(a: &Node, b: &Node, terms: Vec<Term>) {
    let count = terms.len();
    let counting = b.spawn(move |mut process| async move {
        let asker = next_term(&mut process).await;
        for _ in 0..count {
            next_term(&mut process).await;
        }
        process.send(asker.as_pid().unwrap(), atom("done")).await.unwrap();
    });
    let answer = found(a.run(move |mut process: Process| async move {
        process.send(&counting, process.pid().clone()).await.unwrap();
        for term in terms {
            process.send(&counting, term).await.unwrap();
        }
        next_term(&mut process).await
    }));
    assert_eq!(answer.await, atom("done"));
}

#[test]
fn every_message_counts_once_at_both_ends_short_or_long() {
    block_on(async {
        let world = World::new().await;
        for options in [world.secure(), world.plain()] {
            let a = Node::start("a@localhost", options.clone()).await.unwrap();
            let b = Node::start("b@localhost", options).await.unwrap();
            // No ping: the last it says is counted after its answer has come.
            a.connect(b.name()).await.unwrap();
            eventually("both are peers", || a.peers().len() == 1 && b.peers().len() == 1);
            let traffic = |node: &Node| node.peers()[0].link().traffic();
            let counts =
                || (traffic(&a).messages_sent, traffic(&b).messages_received, traffic(&b).messages_sent, traffic(&a).messages_received);
            let agree = || matches!(counts(), (sent, received, back, heard) if sent == received && back == heard);
            assert_eq!(counts(), (0, 0, 0, 0));
            let long = binary(vec![7; 3_000_000]);
            let terms = std::iter::repeat_n(atom("short"), 500).chain([long.clone(), atom("short"), long]);
            send_and_settle(&a, &b, terms.collect()).await;
            eventually("both agree", agree);
            assert_eq!(counts(), (504, 504, 1, 1));
            assert!(traffic(&a).sent > 6_000_000 && traffic(&b).received > 6_000_000);
            a.stop().await;
            b.stop().await;
        }
    });
}

#[test]
fn a_link_knows_whether_a_newer_certificate_is_in_force() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let linked = |from: &Node| from.peers().first().map(|peer| peer.transport().is_outdated());
        a.ping(b.name()).await.unwrap();
        assert_eq!((linked(&a), linked(&b)), (Some(false), Some(false)));
        a.cert_manager().unwrap().update(world.ca.agent(&["localhost", "127.0.0.1"])).unwrap();
        assert_eq!((linked(&a), linked(&b)), (Some(true), Some(false)));
        assert!(a.disconnect(b.name()).await);
        a.ping(b.name()).await.unwrap();
        assert_eq!(linked(&a), Some(false));

        // With a manager of its own a route does not care about the node's.
        let own = world.manager();
        let route = Route { cert_manager: Some(Arc::clone(&own)), ..Route::matching(NodePattern::exactly(b.name()), Place::DISCOVERY) };
        let c = Node::start("c@localhost", NodeOptions { routes: vec![route], ..world.secure() }).await.unwrap();
        c.ping(b.name()).await.unwrap();
        c.cert_manager().unwrap().update(world.ca.agent(&["localhost", "127.0.0.1"])).unwrap();
        assert_eq!(linked(&c), Some(false));
        own.update(world.ca.agent(&["localhost", "127.0.0.1"])).unwrap();
        assert_eq!(linked(&c), Some(true));
    });
}

/// Code, occasion, by whom and how often.
fn last(node: &Node, peer: &str) -> Option<(Code, Occasion, bool, u64)> {
    node.counters().last_failures().of(peer).map(|last| (last.code, last.occasion, last.by_peer, last.times))
}

#[test]
fn the_last_failure_of_each_peer_is_kept_with_its_code_its_sentence_and_its_cure() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        for times in 1..=2 {
            a.connect(&name("nobody@localhost")).await.unwrap_err();
            assert_eq!(last(&a, "nobody@localhost"), Some((Code::Unreachable, Occasion::Dialling, false, times)));
        }
        let kept = a.counters().last_failures().of("nobody@localhost").unwrap();
        assert!(kept.reason.contains("no node nobody is registered") && kept.hint.as_str().contains("countersign names"), "{kept:?}");

        // Who said a name is kept under it; who did not get so far, under the address.
        let other = NodeOptions { cookie: Some(cookie("other")), ..world.secure() };
        let b = Node::start("b@localhost", other).await.unwrap();
        b.connect(a.name()).await.unwrap_err();
        assert_eq!(last(&b, "a@localhost"), Some((Code::CookieMismatch, Occasion::Dialling, true, 1)));
        eventually("a knows too", || last(&a, "b@localhost") == Some((Code::CookieMismatch, Occasion::Answering, false, 1)));
        let strange: Arc<dyn CertAuthManager> = Arc::new(CertAuth::mutual(Ca::new().agent(&["localhost"]), world.ca.pool()));
        let c = Node::start("c@localhost", world.with(Some(strange))).await.unwrap();
        c.connect(a.name()).await.unwrap_err();
        eventually("a knows too", || last(&a, "127.0.0.1") == Some((Code::UnknownCa, Occasion::Answering, false, 1)));
        assert_eq!(last(&c, "a@localhost"), Some((Code::UnknownCa, Occasion::Dialling, true, 1)));
    });
}

#[test]
fn a_link_that_breaks_leaves_its_reason_and_one_that_is_ended_leaves_none() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        a.ping(b.name()).await.unwrap();
        assert!(a.disconnect(b.name()).await);
        eventually("both know", || b.peers().is_empty());
        assert!(a.counters().last_failures().all().is_empty() && b.counters().last_failures().all().is_empty());

        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        raw.frames.write(&[0, 0, 0, 1, 77]).await.unwrap();
        let broken = Some((Code::ProtocolViolation, Occasion::Linked, false, 1));
        eventually("its reason is kept", || last(&a, "x@localhost") == broken);
    });
}

fn request(peer: &str) -> Term {
    tuple([atom("disconnect"), Term::from(Atom::new(peer).unwrap())])
}

#[test]
fn an_admin_has_a_link_ended_and_is_answered_when_it_is_down() {
    block_on(async {
        let world = World::new().await;
        // Who shows a node's own certificate is an admin of it.
        let options = world.secure();
        let (a, b) = (Node::start("a@localhost", options.clone()).await.unwrap(), world.node("b@localhost").await);
        let c = Node::start("c@localhost", options).await.unwrap();
        a.ping(b.name()).await.unwrap();
        let refused = b.call(there("countersign", &a), request("b@localhost"), NEVER).await.unwrap();
        assert!(refused.to_string().starts_with("{error,{not_allowed,"), "{refused}");
        let answer = c.call(there("countersign", &a), request("b@localhost"), NEVER).await.unwrap();
        assert_eq!((answer, a.peers().len()), (atom("ok"), 1));
        let answer = c.call(there("countersign", &a), request("b@localhost"), NEVER).await.unwrap();
        assert_eq!(answer.to_string(), "{error,{not_connected,<<\"a@localhost has no link to b@localhost\">>}}");
        // Who asks for the end of its own link is told before.
        let answer = c.call(there("countersign", &a), request("c@localhost"), NEVER).await.unwrap();
        assert_eq!(answer, atom("ok"));
        eventually("its link is down", || a.peers().is_empty());
    });
}

#[test]
fn an_admin_that_has_its_own_link_ended_is_rid_of_it_though_it_reads_nothing() {
    block_on(async {
        let world = World::new().await;
        let options = world.secure();
        let a = Node::start("a@localhost", options.clone()).await.unwrap();
        let relay = Relay::to(a.local_addrs()[0].port());
        let route = Route::to(a.name().clone(), "localhost", relay.port());
        let c = Node::start("c@localhost", NodeOptions { routes: vec![route], ..options }).await.unwrap();
        c.ping(a.name()).await.unwrap();
        let link = Arc::clone(peer(&a, &c).link());
        relay.hold(0, Way::Back);
        say_much(&a, &c);
        let (countersign, own) = (there("countersign", &a), request("c@localhost"));
        // Its answer is held up like all else.
        c.spawn(|mut process| async move { process.call(countersign, own, NEVER).await.map(drop).unwrap_or_default() });
        let closed = rt::timeout(NEVER, link.closed()).await.unwrap();
        assert_eq!(closed.to_string(), "it was disconnected");
    });
}

#[test]
fn a_peer_that_does_not_go_keeps_nobody_else_waiting() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        // It neither reads nor closes: two seconds pass before it is given up.
        let _mute = Raw::shake(Frames::with(dialer(&world, &a), &a).await, &local("x@localhost"), &a).await;
        eventually("it is a peer", || a.peers().len() == 1);
        let answers = found(a.run(|mut process: Process| async move {
            for (tag, what) in [(1, request("x@localhost")), (2, atom("ping"))] {
                let from = tuple([Term::from(process.pid().clone()), Term::from(tag)]);
                process.send(Atom::fixed("countersign"), tuple([atom("$gen_call"), from, what])).await.unwrap();
            }
            [next_term(&mut process).await.to_string(), next_term(&mut process).await.to_string()]
        }));
        assert_eq!(answers.await, ["{2,pong}", "{1,ok}"]);
        // Whoever is answered finds the name free: an answer that came too early would find the link still ending.
        let again = a.call(Atom::fixed("countersign"), request("x@localhost"), NEVER).await.unwrap();
        assert!(again.to_string().starts_with("{error,{not_connected,"), "{again}");
    });
}
