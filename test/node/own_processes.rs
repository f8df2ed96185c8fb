//! The processes that every node has, and what peers can make them do.

use crate::raw::{Frames, Raw, dialer, local};
use crate::world::{NEVER, World, alone, eventually, found, idle, name, next_term, there};
use countersign::dist::control::{Link, PayloadExit, PayloadExit2, RegSend, Unused};
use countersign::etf::{Atom, Creation, Pid, Term, atom, tuple};
use countersign::net::{Dialer, DialerOptions};
use countersign::node::{Acceptor, Node, Overflow, Request, Route};
use countersign::rt::{self, block_on};
use countersign::tls::{CertAuth, ClientAuth};
use std::sync::Arc;

const OWN: [&str; 4] = ["net_kernel", "rex", "user", "countersign"];

fn request(from: impl Into<Term>, tag: impl Into<Term>, what: Term) -> Term {
    tuple([atom("$gen_call"), tuple([from.into(), tag.into()]), what])
}

/// Says this to whoever has that name.
async fn tell(raw: &mut Raw, to: &'static str, term: &Term) {
    let from = raw.pid(1);
    raw.say(RegSend { from, unused: Unused, to: Atom::fixed(to) }, Some(term)).await;
}

/// Returns when the node has done everything that was said to `net_kernel` and to the router before.
async fn settle(raw: &mut Raw, to: &'static str) {
    let ask = request(raw.pid(1), atom("settled"), atom("ping"));
    tell(raw, to, &ask).await;
    while !matches!(raw.hear_term().await.unwrap().as_tuple(), Some([tag, _]) if tag.is_atom("settled")) {}
}

/// A peer whose certificate is good, and which is no admin.
async fn guest(world: &World, node: &Node) -> Raw {
    let manager = Arc::new(CertAuth::mutual(world.ca.agent(&["localhost"]), world.ca.pool()));
    let dialer = Dialer::new(DialerOptions::secure(manager)).unwrap();
    Raw::shake(Frames::with(dialer, node).await, &local("x@localhost"), node).await
}

#[test]
fn no_exit_of_a_peer_ends_a_process_of_the_node() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let before = OWN.map(|own| a.whereis(own).unwrap());
        for to in &before {
            let from = raw.pid(1);
            raw.say(Link { from: from.clone(), to: to.clone() }, None).await;
            raw.say(PayloadExit { from: from.clone(), to: to.clone() }, Some(&atom("broken"))).await;
            for reason in ["kill", "normal", "shutdown"] {
                raw.say(PayloadExit2 { from: from.clone(), to: to.clone() }, Some(&atom(reason))).await;
            }
            raw.say(Link { from, to: to.clone() }, None).await;
        }
        settle(&mut raw, "countersign").await;
        drop(raw);
        eventually("the peer is lost", || a.peers().is_empty());
        assert_eq!(OWN.map(|own| a.whereis(own).unwrap()), before);
        b.ping(a.name()).await.unwrap();
        assert_eq!(b.call(there("countersign", &a), atom("ping"), NEVER).await.unwrap(), atom("pong"));
    });
}

#[test]
fn nor_does_an_exit_from_within_but_the_node_stops_all_the_same() {
    block_on(async {
        let node = alone().await;
        let own = OWN.map(|own| node.whereis(own).unwrap());
        let others = own.clone();
        found(node.run(|mut process| async move {
            process.trap_exits(true);
            for other in others {
                process.exit(&other, atom("kill")).await.unwrap();
            }
        }))
        .await;
        assert!(own.iter().all(|own| node.is_alive(own)));
        node.stop().await;
        assert!(own.iter().all(|own| !node.is_alive(own)));
    });
}

#[test]
fn a_process_of_the_node_whose_mailbox_overflows_goes_on() {
    block_on(async {
        let world = World::new().await;
        let mut options = world.secure();
        (options.limits.mailbox, options.limits.overflow) = (1, Overflow::Exit);
        let a = Node::start("a@localhost", options).await.unwrap();
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let before = a.whereis("rex");
        let from = raw.pid(1);
        let one = raw.packed(RegSend { from, unused: Unused, to: Atom::fixed("rex") }, Some(&atom("hello")));
        // Several in one read: all of them come before the process has its turn.
        while a.dropped_messages() == 0 {
            raw.frames.write(&one.repeat(100)).await.unwrap();
        }
        settle(&mut raw, "countersign").await;
        assert_eq!(a.whereis("rex"), before);
        a.stop().await;
    });
}

#[test]
fn a_peer_that_is_no_admin_cannot_stop_the_node_through_rex_either() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        let mut raw = guest(&world, &a).await;
        let stop = request(raw.pid(1), raw.reference(1), atom("stop"));
        let through = |kind| tuple([Term::from(raw.pid(1)), tuple([atom(kind), atom("countersign"), stop.clone()])]);
        let ways = [("countersign", stop.clone()), ("rex", through("sbcast")), ("rex", through("send"))];
        for (to, term) in ways {
            tell(&mut raw, to, &term).await;
        }
        let refusals = async {
            loop {
                let term = raw.hear_term().await.unwrap();
                let [first, answer] = term.as_tuple().unwrap_or_default() else { continue };
                if first.as_reference().is_some() {
                    return answer.clone();
                }
            }
        };
        assert!(refusals.await.to_string().starts_with("{error,{not_allowed,"));
        settle(&mut raw, "rex").await;
        settle(&mut raw, "countersign").await;
        assert!(rt::timeout(std::time::Duration::ZERO, a.stop_wanted()).await.is_err(), "the node wants to stop");
    });
}

#[test]
fn who_was_not_verified_learns_that_the_node_is_there_and_no_more() {
    block_on(async {
        let world = World::new().await;
        let manager = CertAuth::builder(world.ca.agent(&["localhost"])).root_cas(world.ca.pool()).client_auth(ClientAuth::None);
        let a = Node::start("a@localhost", world.with(Some(Arc::new(manager.build().unwrap())))).await.unwrap();
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        assert!(!a.connect(&name("x@localhost")).await.unwrap().identity().is_verified());
        let refused = "{error,{not_allowed,";
        let reading = ["status", "links", "failures"].map(|what| (atom(what), refused));
        let disconnect = tuple([atom("disconnect"), atom("x@localhost")]);
        for (what, wanted) in reading.into_iter().chain([(atom("ping"), "pong"), (atom("stop"), refused), (disconnect, refused)]) {
            let ask = request(raw.pid(1), atom("tag"), what.clone());
            tell(&mut raw, "countersign", &ask).await;
            let term = raw.hear_term().await.unwrap();
            assert!(term.as_tuple().unwrap()[1].to_string().starts_with(wanted), "{what}: {term}");
        }
        let own = a.call(Atom::fixed("countersign"), atom("status"), NEVER).await.unwrap();
        assert!(own.to_string().contains("a@localhost"), "{own}");
    });
}

#[test]
fn verified_peers_read_the_status_and_on_a_plain_node_everybody_does() {
    block_on(async {
        let world = World::new().await;
        for options in [world.secure(), world.plain()] {
            let a = Node::start("a@localhost", options).await.unwrap();
            let mut raw = Raw::shake(Frames::with(dialer(&world, &a), &a).await, &local("x@localhost"), &a).await;
            let ask = request(raw.pid(1), atom("tag"), atom("status"));
            tell(&mut raw, "countersign", &ask).await;
            let term = raw.hear_term().await.unwrap();
            assert!(term.to_string().contains("uptime_seconds"), "{term}");
            a.stop().await;
        }
    });
}

#[test]
fn nobody_hears_from_us_because_a_peer_named_him() {
    block_on(async {
        let world = World::new().await;
        // Whom the peer names has a route, at which nobody must knock.
        let mute = rt::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut options = world.secure();
        options.acceptors = vec![Acceptor { limits: options.acceptors[0].limits, ..Acceptor::at_port(0) }];
        options.routes = vec![Route::to(name("mute@localhost"), "localhost", mute.local_addr().unwrap().port())];
        let a = Node::start("a@localhost", options).await.unwrap();
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let ear = a.run(|mut process| async move {
            process.register(Atom::fixed("ear")).unwrap();
            next_term(&mut process).await
        });
        eventually("somebody listens", || a.whereis("ear").is_some());
        let own = a.whereis("ear").unwrap();
        let far = Pid { node: Atom::fixed("mute@localhost"), id: 1, serial: 0, creation: Creation(1) };
        for victim in [own, far] {
            let tag = raw.reference(1);
            for (to, what) in [("net_kernel", tuple([atom("is_auth"), atom("x")])), ("rex", atom("x")), ("countersign", atom("status"))] {
                tell(&mut raw, to, &request(victim.clone(), tag.clone(), what)).await;
            }
            let printing = tuple([atom("put_chars"), atom("unicode"), atom("x")]);
            tell(&mut raw, "user", &tuple([atom("io_request"), Term::from(victim.clone()), atom("x"), printing])).await;
            for what in [atom("features_request"), tuple([atom("sbcast"), atom("nobody"), atom("x")])] {
                tell(&mut raw, "rex", &tuple([Term::from(victim.clone()), what])).await;
            }
        }
        for to in OWN {
            settle(&mut raw, to).await;
        }
        a.send(Atom::fixed("ear"), atom("first")).await.unwrap();
        assert!(found(ear).await.is_atom("first"));
        assert!(rt::timeout(std::time::Duration::ZERO, mute.accept()).await.is_err(), "somebody was dialled");
        assert_eq!(a.peers().len(), 1);
    });
}

/// Otherwise one message would keep it busy as often as another one stands inside, copying the rest each time.
#[test]
fn rex_passes_nothing_on_to_itself() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        for kind in ["sbcast", "send"] {
            let own = Term::from(raw.pid(1));
            let inner = tuple([own.clone(), tuple([atom("sbcast"), atom("nobody"), atom("x")])]);
            tell(&mut raw, "rex", &tuple([own, tuple([atom(kind), atom("rex"), inner])])).await;
            let said = raw.hear_term().await.unwrap().to_string();
            assert_eq!(said, "{rex,a@localhost,{nonexisting_name,rex}}", "{kind}");
        }
        settle(&mut raw, "rex").await;
        assert_eq!(a.peers().len(), 1);
    });
}

#[test]
fn a_request_of_a_peer_names_a_process_of_that_peer() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        let heard = a.run(|mut process| async move {
            process.register(Atom::fixed("server")).unwrap();
            let mut parsed = Vec::new();
            for _ in 0..3 {
                let countersign::node::Mail::Message(message) = process.receive().await else { panic!("no message") };
                parsed.push(Request::parse(message).is_ok());
            }
            parsed
        });
        eventually("somebody listens", || a.whereis("server").is_some());
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let (theirs, ours) = (raw.pid(1), idle(&a));
        let other = Pid { node: Atom::fixed("y@localhost"), ..raw.pid(1) };
        for from in [theirs, ours, other] {
            tell(&mut raw, "server", &request(from, atom("tag"), atom("x"))).await;
        }
        assert_eq!(found(heard).await, [true, false, false]);
    });
}
