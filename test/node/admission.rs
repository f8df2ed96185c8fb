//! Lists of those who may be peers, at work: at whoever dials, and at whoever is dialled.

use crate::managers::{Trust, supplied};
use crate::raw::{Frames, Raw, local};
use crate::world::{NEVER, World, door, eventually, name};
use countersign::dist::{Status, initiator};
use countersign::etf::{Atom, atom};
use countersign::failure::{Code, Failure};
use countersign::net::{Dialer, DialerOptions};
use countersign::node::rpc::Callers;
use countersign::node::{
    Acceptor, Admission, AdmissionHandle, ConnectReason, EpmdMode, Node, NodeOptions, NotAdmitted, Pattern, Route, Shown,
};
use countersign::rt::{self, block_on};
use countersign::testing::LeafBuilder;
use countersign::tls::{CertAuth, ClientAuth};
use std::sync::Arc;

fn allow(entry: &str) -> AdmissionHandle {
    Admission::new().allow(entry).unwrap().into()
}

fn deny(entry: &str) -> AdmissionHandle {
    Admission::new().deny(entry).unwrap().into()
}

fn dialler(world: &World, leaf: LeafBuilder<'_>) -> Dialer {
    let manager = CertAuth::builder(leaf.build()).root_cas(world.ca.pool()).build().unwrap();
    Dialer::new(DialerOptions::secure(Arc::new(manager))).unwrap()
}

async fn with(world: &World, own: &str, admission: AdmissionHandle) -> Node {
    Node::start(own, NodeOptions { admission, ..world.secure() }).await.unwrap()
}

/// Why it was not let in.
fn lists(reason: &ConnectReason) -> &NotAdmitted {
    let ConnectReason::NotAdmitted(refused) = reason else { panic!("{reason}") };
    refused
}

#[test]
fn whoever_dials_and_whoever_is_dialled_is_held_against_the_lists() {
    block_on(async {
        let world = World::new().await;
        let b = world.node("b@localhost").await;
        let rows = [
            (allow("node:b@localhost"), true),
            (allow("node:*@localhost"), true),
            (allow("dns:localhost"), true),
            (allow("ip:127.0.0.0/8"), true),
            (allow("node:c@localhost"), false),
            (allow("dns:elsewhere.example"), false),
            (deny("node:b@localhost"), false),
            (deny("dns:localhost"), false),
            (deny("node:c@localhost"), true),
            (Admission::new().allow("dns:localhost").unwrap().deny("node:b@localhost").unwrap().into(), false),
            (Admission::new().allow("node:c@localhost").unwrap().allow("dns:localhost").unwrap().into(), true),
        ];
        for (at, (handle, passes)) in rows.into_iter().enumerate() {
            let a = with(&world, &format!("a{at}@localhost"), handle.clone()).await;
            let dialled_us = b.connect(a.name()).await;
            assert_eq!(dialled_us.is_ok(), passes, "{handle:?}: {dialled_us:?}");
            if let Err(error) = dialled_us {
                assert_eq!(error.code(), Code::NotAllowed, "{error}");
                eventually("it is counted", || a.counters().refused(Code::NotAllowed) == 1);
            }
            b.disconnect(a.name()).await;
            eventually("nobody is linked", || a.peers().is_empty());
            let we_dialled = a.connect(b.name()).await;
            assert_eq!(we_dialled.is_ok(), passes, "{handle:?}: {we_dialled:?}");
            if let Err(error) = we_dialled {
                assert_eq!(error.code(), Code::NotAllowed, "{error}");
                let (NotAdmitted::Denied { who, .. } | NotAdmitted::NotAmongAllowed { who, .. }) = lists(error.reason()) else {
                    panic!("{error}")
                };
                assert_eq!(who.node.as_ref(), Some(b.name()));
            }
            a.stop().await;
        }
    });
}

#[test]
fn a_refusal_names_the_entry_the_peer_and_its_certificate() {
    block_on(async {
        let world = World::new().await;
        let b = world.node("b@localhost").await;
        let a = with(&world, "a@localhost", deny("dns:localhost")).await;
        let error = a.connect(b.name()).await.unwrap_err();
        let said = "cannot connect to b@localhost: b@localhost (DNS:localhost, IP:127.0.0.1) is denied by dns:localhost";
        assert_eq!(error.to_string(), said);
        assert_eq!(error.hint().as_str(), "take dns:localhost off the deny list if this peer may come in");
        a.admission().set(Admission::new().allow("cn:backup").unwrap());
        let error = a.connect(b.name()).await.unwrap_err();
        let said = "b@localhost (DNS:localhost, IP:127.0.0.1) is none of those who are allowed (1 entry)";
        assert_eq!(error.reason().to_string(), said);
    });
}

#[test]
fn a_peer_whose_name_is_denied_is_not_even_dialled() {
    block_on(async {
        let world = World::new().await;
        // Nobody has the name: to look for it would be another error.
        let a = with(&world, "a@localhost", deny("node:x@localhost")).await;
        lists(a.connect(&name("x@localhost")).await.unwrap_err().reason());
        assert_eq!(a.connect(&name("y@localhost")).await.unwrap_err().code(), Code::Unreachable);
    });
}

#[test]
fn where_the_certificate_says_enough_nothing_is_read_of_the_peer() {
    block_on(async {
        let world = World::new().await;
        // A name on the list could still come, and is waited for; where there is none, no name helps.
        let rows = [
            (deny("cn:laptop"), true),
            (allow("dns:elsewhere.example"), true),
            (Admission::new().allow("node:x@localhost").unwrap().deny("cn:laptop").unwrap().into(), true),
            (allow("node:y@localhost"), false),
        ];
        for (at, (handle, at_once)) in rows.into_iter().enumerate() {
            let a = with(&world, &format!("a{at}@localhost"), handle).await;
            let leaf = world.ca.leaf().common_name("laptop").dns("localhost");
            let mut frames = Frames::with(dialler(&world, leaf), &a).await;
            if !at_once {
                frames.send(&initiator::send_name(&local("x@localhost"), a.name().clone()).0).await;
            }
            assert_eq!(frames.next().await.unwrap()[..], Status::NotAllowed.write()[..]);
            assert!(frames.next().await.is_none());
            // It is waited for until it has heard.
            drop(frames);
            eventually("it is counted", || a.counters().refused(Code::NotAllowed) == 1);
        }
    });
}

#[test]
fn whoever_speaks_meanwhile_still_hears_that_it_is_not_allowed() {
    block_on(async {
        let world = World::new().await;
        let a = with(&world, "a@localhost", allow("cn:nobody")).await;
        for at in 0..20 {
            let b = world.node(&format!("b{at}@localhost")).await;
            let error = b.connect(a.name()).await.unwrap_err();
            let ConnectReason::Meeting(_) = error.reason() else { panic!("{error:?}") };
            assert_eq!(error.code(), Code::NotAllowed, "{error:?}");
        }
    });
}

#[test]
fn lists_are_exchanged_while_the_node_runs() {
    block_on(async {
        let world = World::new().await;
        let handle = AdmissionHandle::default();
        let (a, b) = (with(&world, "a@localhost", handle.clone()).await, world.node("b@localhost").await);
        b.ping(a.name()).await.unwrap();
        let peer = Arc::clone(&a.peers()[0]);
        let other = world.node("c@localhost").await;
        let c = a.connect(other.name()).await.unwrap();
        let before = handle.current();
        let watching = handle.clone();
        let (sender, told) = rt::channel::bounded(1);
        let watch = rt::spawn("watching", async move {
            watching.changed_from(&before).await;
            sender.send(watching.current()).await.unwrap();
        });
        handle.set(Admission::new().deny("node:b@localhost").unwrap());
        let lists = rt::timeout(NEVER, told.recv()).await.unwrap().unwrap();
        // Whoever watches judges the links that are up by what they have shown.
        assert!(lists.judge(peer.name(), Shown::from(&*peer.transport())).is_err());
        assert!(Admission::new().allow("dns:localhost").unwrap().judge(peer.name(), Shown::from(&*peer.transport())).is_ok());
        drop(watch);

        // And so does the node itself.
        let closed = rt::timeout(NEVER, peer.link().closed()).await.unwrap();
        assert_eq!(closed.code(), Code::NotAllowed);
        assert!(c.link().is_up(), "nobody else is closed");
        eventually("b has no link", || b.peers().is_empty());
        assert_eq!(b.connect(a.name()).await.unwrap_err().code(), Code::NotAllowed);
        a.admission().set(Admission::new());
        b.ping(a.name()).await.unwrap();
    });
}

#[test]
fn a_change_before_the_waiting_is_not_missed() {
    block_on(async {
        let handle = AdmissionHandle::default();
        let before = handle.current();
        handle.set(Admission::new());
        rt::timeout(NEVER, handle.changed_from(&before)).await.unwrap();
    });
}

#[test]
fn no_change_of_the_lists_is_lost_to_another_at_the_same_time() {
    let handle = AdmissionHandle::default();
    let denying = |thread: usize| {
        let handle = handle.clone();
        std::thread::spawn(move || {
            for at in 0..100 {
                let entry: Pattern = format!("cn:{thread}-{at}").parse().unwrap();
                handle.change(|lists| lists.clone().denying([entry.clone()]));
            }
        })
    };
    [0, 1, 2, 3].map(denying).into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(handle.current().denied().len(), 400);
}

#[test]
fn over_plain_tcp_names_of_nodes_count_and_certificates_let_nobody_in() {
    block_on(async {
        let world = World::new().await;
        let rows = [(allow("node:b@*"), true), (allow("node:c@*"), false), (allow("dns:localhost"), false), (deny("dns:localhost"), true)];
        let b = Node::start("b@localhost", world.plain()).await.unwrap();
        for (at, (handle, passes)) in rows.into_iter().enumerate() {
            let a = Node::start(&format!("a{at}@localhost"), NodeOptions { admission: handle.clone(), ..world.plain() }).await.unwrap();
            let linked = b.connect(a.name()).await;
            assert_eq!(linked.is_ok(), passes, "{handle:?}: {linked:?}");
            a.stop().await;
        }
    });
}

#[test]
fn over_tls_a_name_that_nobody_vouches_for_is_on_no_allow_list() {
    block_on(async {
        let world = World::new().await;
        let own = |mode| {
            supplied(world.ca.agent(&["localhost"]), Trust { client_auth: mode, root_cas: Some(world.ca.pool()), ..Trust::default() })
        };
        let stranger = countersign::testing::Ca::new();
        for (at, mode) in [ClientAuth::None, ClientAuth::Request].into_iter().enumerate() {
            for (handle, passes) in
                [(allow("node:x@localhost"), false), (AdmissionHandle::default(), true), (deny("node:x@localhost"), false)]
            {
                let options = NodeOptions { admission: handle.clone(), ..world.with(Some(own(mode))) };
                let a = Node::start(&format!("a{at}@localhost"), options).await.unwrap();
                let mut frames = Frames::with(dialler(&world, stranger.leaf().dns("localhost")), &a).await;
                frames.send(&initiator::send_name(&local("x@localhost"), a.name().clone()).0).await;
                let answer = frames.next().await.unwrap();
                assert_eq!(answer[..] != Status::NotAllowed.write()[..], passes, "{mode:?} {handle:?}");
                drop(frames);
                a.stop().await;
            }
        }
    });
}

#[test]
fn a_node_that_asks_for_a_name_is_held_against_the_lists_too() {
    block_on(async {
        let world = World::new().await;
        for (at, (handle, passes)) in [(allow("node:*@localhost"), true), (deny("node:*@localhost"), false)].into_iter().enumerate() {
            let a = with(&world, &format!("a{at}@localhost"), handle).await;
            let joined = Node::join(a.name(), NodeOptions { acceptors: vec![], ..world.secure() }).await;
            assert_eq!(joined.is_ok(), passes, "{:?}", joined.err());
        }
    });
}

/// At an acceptor of a node with these lists, which has those.
async fn at_a_door(world: &World, node: AdmissionHandle, own: AdmissionHandle) -> bool {
    let acceptors = vec![Acceptor { admission: Some(own), ..door() }];
    let a = Node::start("a@localhost", NodeOptions { acceptors, admission: node, ..world.secure() }).await.unwrap();
    let b = world.node("b@localhost").await;
    let linked = b.connect(a.name()).await.is_ok();
    futures_util::join!(a.stop(), b.stop());
    linked
}

/// On a route to it.
async fn on_a_route(world: &World, node: AdmissionHandle, own: AdmissionHandle) -> bool {
    let b = world.node("b@localhost").await;
    let route = Route { admission: Some(own), ..Route::to(b.name().clone(), "localhost", b.local_addrs()[0].port()) };
    let options = NodeOptions { acceptors: vec![], epmd: EpmdMode::Off, routes: vec![route], admission: node, ..world.secure() };
    let a = Node::start("a@localhost", options).await.unwrap();
    let linked = a.connect(b.name()).await.is_ok();
    futures_util::join!(a.stop(), b.stop());
    linked
}

#[test]
fn an_acceptor_and_a_route_allow_others_than_the_node_and_deny_more() {
    block_on(async {
        let world = World::new().await;
        let (meant, another) = ("node:b@localhost", "node:c@localhost");
        let rows = [
            // The node's, its own, and whether b comes in.
            (allow(another), allow(meant), true),
            (allow(meant), allow(another), false),
            (allow(another), deny(another), false),
            (allow(meant), deny(another), true),
            (allow(meant), deny(meant), false),
            (deny(meant), allow(meant), false),
            (deny(another), deny(another), true),
        ];
        for (node, own, passes) in rows {
            assert_eq!(at_a_door(&world, node.clone(), own.clone()).await, passes, "at a door: {node:?} {own:?}");
            assert_eq!(on_a_route(&world, node.clone(), own.clone()).await, passes, "on a route: {node:?} {own:?}");
        }
    });
}

#[test]
fn callers_of_functions_are_named_by_the_same_entries() {
    block_on(async {
        let world = World::new().await;
        let (a, runs) = (world.node("a@localhost").await, world.node("b@localhost").await);
        runs.ping(a.name()).await.unwrap();
        let peer = &a.peers()[0];
        let admits = |entry: &str| Callers::matching([entry]).unwrap().admit(peer.name(), &peer.identity());
        for (entry, is_meant) in [
            ("node:b@LOCALHOST", true),
            ("node:c@localhost", false),
            ("dns:localhost", true),
            ("dns:elsewhere.example", false),
            ("ip:127.0.0.0/8", true),
            ("ip:10.0.0.0/8", false),
            ("cn:nobody", false),
            ("uri:erl:b@localhost", false),
        ] {
            assert_eq!(admits(entry), is_meant, "{entry}");
        }
        assert!(Callers::matching(["dns:10.0.0.1"]).is_err() && Callers::identities(["erl:*@localhost"]).is_err());
    });
}

#[test]
fn the_status_shows_the_lists_and_who_each_peer_has_shown_to_be() {
    block_on(async {
        let world = World::new().await;
        let lists = Admission::new().allow("dns:localhost").unwrap().deny("cn:laptop").unwrap();
        let a = with(&world, "a@localhost", lists.into()).await;
        let leaf = world.ca.leaf().common_name("caller").dns("localhost").uri("erl:x@localhost");
        let _raw = Raw::shake(Frames::with(dialler(&world, leaf), &a).await, &local("x@localhost"), &a).await;
        let status = a.call(Atom::fixed("countersign"), atom("status"), NEVER).await.unwrap().to_string();
        for shown in ["allow => [<<\"dns:localhost\">>]", "deny => [<<\"cn:laptop\">>]", "CN=caller (DNS:localhost, URI:erl:x@localhost)"] {
            assert!(status.contains(shown), "{shown} is not in {status}");
        }
    });
}
