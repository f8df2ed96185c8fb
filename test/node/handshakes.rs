//! What strangers and liars do in the handshake.

use crate::managers::{Trust, supplied};
use crate::raw::{Frames, Raw, local};
use crate::world::{NEVER, World, eventually, name};
use countersign::dist::initiator::{self, AfterStatus};
use countersign::dist::{Challenge, Framing, Refused, Status, acceptor};
use countersign::failure::{Code, Failure};
use countersign::net::{Dialer, DialerOptions, Listener, ListenerOptions};
use countersign::node::{ConnectReason, Node, NodeOptions, Route};
use countersign::rt::{self, block_on};
use countersign::tls::{CertAuth, ClientAuth};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_instead_of_a_handshake_are_refused(storms in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 60)) {
        block_on(async {
            let world = World::new().await;
            let node = Node::start("a@localhost", world.plain()).await.unwrap();
            for storm in &storms {
                let mut frames = Frames::dial(&world, &node).await;
                let mut bytes = b"N".to_vec();
                bytes.extend(storm);
                let mut framed = Vec::new();
                Framing::Two.write(if storm.len() % 2 == 0 { storm } else { &bytes }, &mut framed).unwrap();
                let _ = frames.write(&framed).await;
                let _ = frames.write(&[0xff; 4096]).await;
                while frames.next().await.is_some() {}
            }
            let witness = Node::start("b@localhost", world.plain()).await.unwrap();
            witness.ping(node.name()).await.unwrap();
            prop_assert_eq!(node.peers().len(), 1);
            Ok(())
        })?;
    }
}

#[test]
fn a_peer_that_does_not_take_its_step_in_time_is_shown_out() {
    block_on(async {
        let world = World::new().await;
        let mut options = NodeOptions { setup_time: Duration::from_millis(50), ..world.plain() };
        options.acceptors[0].limits.handshake_timeout = Duration::from_millis(50);
        let node = Node::start("a@localhost", options).await.unwrap();
        // One says nothing, one only half a name, one its name and nothing more.
        let mut silent = Frames::dial(&world, &node).await;
        let mut slow = Frames::dial(&world, &node).await;
        slow.write(&[0, 20, b'N']).await.unwrap();
        let mut stopped = Frames::dial(&world, &node).await;
        stopped.send(&initiator::send_name(&local("x@localhost"), node.name().clone()).0).await;
        for frames in [&mut silent, &mut slow, &mut stopped] {
            while frames.next().await.is_some() {}
        }
        eventually("all are counted", || node.counters().refused(Code::Timeout) == 3);
    });
}

#[test]
fn a_node_that_is_dialled_and_says_nothing_is_given_up() {
    block_on(async {
        let world = World::new().await;
        let mute = Listener::bind("127.0.0.1:0".parse().unwrap(), ListenerOptions::plain()).await.unwrap();
        let route = Route::to(name("x@localhost"), "localhost", mute.local_addr().port());
        let options = NodeOptions { setup_time: Duration::from_millis(50), routes: vec![route], ..world.plain() };
        let node = Node::start("a@localhost", options).await.unwrap();
        let error = node.connect(&name("x@localhost")).await.unwrap_err();
        assert_eq!(error.code(), Code::Timeout, "{error}");
    });
}

/// Says its name on a new connection.
async fn introduced(world: &World, node: &Node, own: &str) -> Frames {
    let mut frames = Frames::dial(world, node).await;
    frames.send(&initiator::send_name(&local(own), node.name().clone()).0).await;
    frames
}

#[test]
fn a_link_that_lives_stays_however_many_ask_and_goes_for_who_does_not_know_it() {
    block_on(async {
        let world = World::new().await;
        let node = world.node("a@localhost").await;
        let mut first = Raw::meet(&world, &node, "x@localhost").await;
        let mut second = introduced(&world, &node, "x@localhost").await;
        assert_eq!(second.next().await.unwrap()[..], Status::Alive.write()[..]);
        // A stranger can say a name, too: it keeps nobody else from being asked.
        let mut third = introduced(&world, &node, "x@localhost").await;
        assert_eq!(third.next().await.unwrap()[..], Status::Alive.write()[..]);
        // The link lives, says the second: so it does.
        second.send(&Status::False.write()).await;
        assert!(second.next().await.is_none());
        let peer = node.connect(&name("x@localhost")).await.unwrap();
        assert!(peer.link().ended().is_none());

        // And now the peer knows of no link: the new one takes its place.
        let mut again = Raw::meet(&world, &node, "x@localhost").await;
        first.until_ended().await;
        let new = node.connect(&name("x@localhost")).await.unwrap();
        assert_ne!(new.facts().id, peer.facts().id);
        assert!(peer.link().ended().is_some());
        node.disconnect(&name("x@localhost")).await;
        again.until_ended().await;
    });
}

#[test]
fn a_newer_attempt_under_a_name_ends_an_older_one() {
    block_on(async {
        let world = World::new().await;
        let node = world.node("a@localhost").await;
        let mut older = introduced(&world, &node, "x@localhost").await;
        assert!(older.next().await.is_some());
        let mut newer = Raw::meet(&world, &node, "x@localhost").await;
        while older.next().await.is_some() {}
        assert_eq!(node.peers().len(), 1);
        node.disconnect(&name("x@localhost")).await;
        newer.until_ended().await;
    });
}

#[test]
fn a_peer_that_was_not_verified_may_not_have_the_name_of_one_that_was() {
    block_on(async {
        let world = World::new().await;
        let trust = Trust::cluster(world.ca.pool(), ClientAuth::VerifyIfGiven);
        let node = Node::start("a@localhost", world.with(Some(supplied(world.ca.agent(&["localhost"]), trust)))).await.unwrap();
        let _holder = Raw::meet(&world, &node, "x@localhost").await;
        let nameless: Arc<CertAuth> = anonymous(&world);
        let liar = Dialer::new(DialerOptions::secure(nameless)).unwrap();
        let mut frames = Frames::with(liar, &node).await;
        frames.send(&initiator::send_name(&local("x@localhost"), node.name().clone()).0).await;
        assert_eq!(frames.next().await.unwrap()[..], Status::NotAllowed.write()[..]);
        assert!(frames.next().await.is_none());
        assert!(node.peers()[0].identity().is_verified());
        assert!(node.peers()[0].link().ended().is_none());
    });
}

/// Trusts our CA, and shows a certificate of another one; asked for ours, it shows none.
fn anonymous(world: &World) -> Arc<CertAuth> {
    Arc::new(CertAuth::builder(world.ca.client("nobody")).root_cas(world.ca.pool()).build().unwrap())
}

#[test]
fn nobody_answers_a_challenge_of_our_own_with_our_help() {
    block_on(async {
        let world = World::new().await;
        let port = Listener::bind("127.0.0.1:0".parse().unwrap(), ListenerOptions::plain()).await.unwrap();
        let route = Route::to(name("x@localhost"), "localhost", port.local_addr().port());
        let node = Node::start("a@localhost", NodeOptions { routes: vec![route], ..world.plain() }).await.unwrap();
        // It dials the node under one name, and has itself dialled under another.
        let (first, waiting) = initiator::send_name(&local("y@localhost"), node.name().clone());
        let mut dialled = Frames::dial(&world, &node).await;
        dialled.send(&first).await;
        let AfterStatus::Continue(_) = waiting.on_status(&dialled.next().await.unwrap()).unwrap() else { panic!("not ok") };
        let challenge = dialled.next().await.unwrap();
        let number = Challenge(u32::from_be_bytes(challenge[9..13].try_into().unwrap()));

        let (sender, outcome) = rt::channel::bounded(1);
        let calling = node.clone();
        rt::spawn("calling", async move {
            sender.send(calling.connect(&name("x@localhost")).await).await.unwrap();
        })
        .unwrap()
        .detach();
        let mut accepted = Frames::accepted(port.accept().await.unwrap());
        let theirs = acceptor::AwaitName::new(&local("x@localhost")).on_name(&accepted.next().await.unwrap());
        let acceptor::Introduced::Named(theirs) = theirs.unwrap() else { panic!("it has a name") };
        let (send, _) = theirs.send_ok(number);
        for frame in send {
            accepted.send(&frame).await;
        }
        assert!(accepted.next().await.is_none(), "it was answered");
        let error = rt::timeout(NEVER, outcome.recv()).await.unwrap().unwrap().unwrap_err();
        assert_eq!(error.code(), Code::ProtocolViolation);
        let ConnectReason::Meeting(countersign::net::MeetingError::Refused(Refused::Reflected { .. })) = error.reason() else {
            panic!("{error}")
        };
    });
}

#[test]
fn a_stranger_who_claims_a_name_again_and_again_keeps_nobody_from_its_node() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        let b = world.node("b@localhost").await;
        // Twenty strangers say that they are b, and then nothing more.
        let mut strangers = Vec::new();
        for _ in 0..20 {
            strangers.push(introduced(&world, &a, "b@localhost").await);
        }
        for stranger in strangers.iter_mut().skip(4) {
            assert!(stranger.next().await.is_some());
        }
        b.ping(a.name()).await.unwrap();
        assert_eq!(a.peers().len(), 1);
        // Nor from being reached: a does not wait for them for ever, but dials.
        b.stop().await;
        drop(strangers);
        let c = world.node("c@localhost").await;
        let stranger = introduced(&world, &a, "c@localhost").await;
        let reaching = a.connect(c.name());
        drop(stranger);
        reaching.await.unwrap();
    });
}

/// Someone who answers to a name without knowing the cookie: takes a dial to the point where a challenge is due.
async fn pretend(listener: &Listener, own: &str) -> Frames {
    let mut frames = Frames::accepted(listener.accept().await.unwrap());
    let introduction = frames.next().await.unwrap();
    let acceptor::Introduced::Named(state) = acceptor::AwaitName::new(&local(own)).on_name(&introduction).unwrap() else {
        panic!("it has one")
    };
    let ([status, _], _) = state.send_ok(Challenge(0));
    frames.send(&status).await;
    frames
}

fn challenge(own: &str, challenge: u32) -> Vec<u8> {
    let node = local(own);
    let (name, _) = initiator::send_name(&local("us@localhost"), node.name.clone());
    let acceptor::Introduced::Named(state) = acceptor::AwaitName::new(&node).on_name(&name).unwrap() else { panic!("it has one") };
    let ([_, frame], _) = state.send_ok(Challenge(challenge));
    frame
}

#[test]
fn what_we_have_asked_on_one_dial_we_do_not_answer_on_another() {
    block_on(async {
        let world = World::new().await;
        let listen = || Listener::bind("127.0.0.1:0".parse().unwrap(), ListenerOptions::plain());
        let (victims, oracles) = (listen().await.unwrap(), listen().await.unwrap());
        let (one, other) = (name("x1@localhost"), name("x2@localhost"));
        let routes = [(&one, &victims), (&other, &oracles)];
        let routes = routes.map(|(peer, listener)| Route::to(peer.clone(), "localhost", listener.local_addr().port())).to_vec();
        let node = Node::start("us@localhost", NodeOptions { routes, ..world.plain() }).await.unwrap();
        let attack = async {
            let mut victim = pretend(&victims, "x1@localhost").await;
            victim.send(&challenge("x1@localhost", 1)).await;
            let reply = victim.next().await.unwrap();
            let asked = u32::from_be_bytes(reply[1..5].try_into().unwrap());
            let mut oracle = pretend(&oracles, "x2@localhost").await;
            oracle.send(&challenge("x2@localhost", asked)).await;
            // The second dial ends without an answer, and so there is none to be shown on the first.
            assert!(oracle.next().await.is_none());
        };
        let (first, second, ()) = futures_util::join!(node.connect(&one), node.connect(&other), attack);
        assert!(first.is_err());
        assert_eq!(second.unwrap_err().code(), Code::ProtocolViolation);
    });
}
