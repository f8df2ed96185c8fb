//! How long an acceptor or a route waits, and for how much: instead of the node.

use crate::acceptors::{frames_at, raw_at, with_second};
use crate::raw::{Raw, local};
use crate::world::{NEVER, World, door, eventually, name};
use countersign::dist::control::{MonitorP, Proc};
use countersign::dist::{Framing, Status, initiator};
use countersign::etf::{Atom, Pid, binary};
use countersign::failure::{Code, Failure};
use countersign::net::{Limits, Listener, ListenerOptions, Timeout};
use countersign::node::{Acceptor, LinkOptions, Node, NodeOptions, Peer, Route};
use countersign::rt::{self, block_on};
use rustix::net::{AddressFamily, SocketType};
use std::io::{ErrorKind, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

const BRIEF: Duration = Duration::from_millis(50);

#[test]
fn an_acceptor_may_be_more_patient_than_the_node() {
    block_on(async {
        let world = World::new().await;
        let link = LinkOptions { setup_time: Some(NEVER), ..LinkOptions::default() };
        let a = with_second(NodeOptions { setup_time: BRIEF, ..world.plain() }, Acceptor { link, ..door() }).await;
        let (mut patient, mut hasty) = (frames_at(&a, 1).await, frames_at(&a, 0).await);
        let mut hello = Vec::new();
        Framing::Two.write(&initiator::send_name(&local("x@localhost"), a.name().clone()).0, &mut hello).unwrap();
        let (beginning, rest) = hello.split_at(4);
        patient.write(beginning).await.unwrap();
        hasty.write(beginning).await.unwrap();
        assert!(hasty.next().await.is_none());
        patient.write(rest).await.unwrap();
        assert_eq!(patient.next().await.unwrap()[..], Status::Ok.write()[..]);
        // It is counted after the connection has been closed.
        eventually("the hasty one has been counted", || a.counters().refused(Code::Timeout) == 1);
    });
}

/// A sender that never stops.
fn send_on(node: &Node, to: Pid) {
    node.spawn(|mut process| async move { while process.send(&to, binary(vec![7; 32 * 1024])).await.is_ok() {} });
}

async fn peer(node: &Node, own: &str) -> Arc<Peer> {
    node.connect(&name(own)).await.unwrap()
}

#[test]
fn as_much_waits_for_a_peer_as_its_acceptor_says() {
    block_on(async {
        let world = World::new().await;
        let mut options = world.plain();
        options.limits.send_buffer = 64 * 1024;
        let link = LinkOptions { send_buffer: Some(4 * 1024 * 1024), ..LinkOptions::default() };
        let a = with_second(options, Acceptor { link, ..door() }).await;
        let raws = [raw_at(&a, 0, "x@localhost").await, raw_at(&a, 1, "y@localhost").await];
        let (little, much) = (peer(&a, "x@localhost").await, peer(&a, "y@localhost").await);
        raws.iter().for_each(|raw| send_on(&a, raw.pid(1)));
        eventually("much waits", || much.link().waiting() > 2 * 1024 * 1024);
        eventually("little waits", || little.link().waiting() > 64 * 1024);
        assert!(little.link().waiting() < 1024 * 1024, "{} bytes wait", little.link().waiting());
    });
}

/// Something that has a long answer.
fn question(raw: &mut Raw, number: u32) -> Vec<u8> {
    let nobody = Proc::Name(Atom::new(&"n".repeat(255)).unwrap());
    raw.packed(MonitorP { from: raw.pid(1), to: nobody, reference: raw.reference(number) }, None)
}

#[test]
fn a_peer_may_leave_as_many_answers_unread_as_its_acceptor_says() {
    block_on(async {
        let world = World::new().await;
        let mut options = world.plain();
        options.limits.unread_answers = 64 * 1024;
        let link = LinkOptions { unread_answers: Some(64 * 1024 * 1024), ..LinkOptions::default() };
        let a = with_second(options, Acceptor { link, ..door() }).await;
        let (mut few, mut many) = (raw_at(&a, 0, "x@localhost").await, raw_at(&a, 1, "y@localhost").await);
        let (at_first, at_second) = (peer(&a, "x@localhost").await, peer(&a, "y@localhost").await);
        for number in 1.. {
            let bytes = question(&mut many, number);
            many.frames.write(&bytes).await.unwrap();
            let bytes = question(&mut few, number);
            let is_cut = few.frames.write(&bytes).await.is_err();
            if is_cut && at_second.link().waiting() > 1024 * 1024 {
                break;
            }
        }
        let closed = rt::timeout(NEVER, at_first.link().closed()).await.unwrap();
        assert_eq!(closed.code(), Code::TooMany, "{closed}");
        assert!(at_second.link().is_up());
    });
}

#[test]
fn a_peer_that_takes_nothing_loses_its_link_where_its_acceptor_says_so() {
    block_on(async {
        let world = World::new().await;
        let link = LinkOptions { send_timeout: Some(Timeout::After(BRIEF)), ..LinkOptions::default() };
        let a = with_second(world.plain(), Acceptor { link, ..door() }).await;
        let (usual, strict) = (raw_at(&a, 0, "x@localhost").await, raw_at(&a, 1, "y@localhost").await);
        let (idle, cut) = (raw_at(&a, 1, "z@localhost").await, peer(&a, "y@localhost").await);
        for raw in [&usual, &strict] {
            send_on(&a, raw.pid(1));
        }
        let closed = rt::timeout(NEVER, cut.link().closed()).await.unwrap();
        assert_eq!(closed.code(), Code::Timeout, "{closed}");
        assert!(closed.to_string().contains("has taken nothing for 50ms"), "{closed}");
        assert!(closed.hint().as_str().contains("send_timeout"), "{}", closed.hint());
        // For these two nobody has a time, or nothing waits.
        eventually("something waits for the first", || a.peers().iter().any(|peer| peer.link().waiting() > 512 * 1024));
        assert_eq!(a.peers().iter().map(|peer| peer.name().as_str()).collect::<Vec<_>>(), ["x@localhost", "z@localhost"]);
        drop((usual, idle));
    });
}

#[test]
fn a_peer_that_reads_keeps_its_link_however_long_a_message_takes() {
    block_on(async {
        let world = World::new().await;
        let link = LinkOptions { send_timeout: Some(Timeout::After(NEVER / 2)), ..LinkOptions::default() };
        let a = with_second(world.plain(), Acceptor { link, ..door() }).await;
        let mut raw = raw_at(&a, 1, "x@localhost").await;
        let (to, term) = (raw.pid(1), binary(vec![7; 16 * 1024 * 1024]));
        let sent = term.clone();
        let sending = a.run(|mut process| async move { process.send(&to, sent).await.unwrap() });
        assert_eq!(raw.hear_term().await.unwrap(), term);
        rt::timeout(NEVER, sending).await.unwrap().unwrap();
        assert!(peer(&a, "x@localhost").await.link().is_up());
    });
}

/// A node that has one route, and waits longer than any test unless the route says otherwise.
async fn dialling(world: &World, route: Route) -> Node {
    let options = NodeOptions { setup_time: NEVER * 10, routes: vec![route], ..world.secure() };
    Node::start("b@localhost", options).await.unwrap()
}

#[test]
fn a_route_may_be_less_patient_than_the_node_with_a_host_that_does_not_answer() {
    block_on(async {
        let world = World::new().await;
        let (address, full) = full_listener();
        let to = Route::to(name("x@localhost"), address.ip().to_string(), address.port());
        let b = dialling(&world, Route { connect_timeout: Some(BRIEF), ..to }).await;
        let error = rt::timeout(NEVER, b.connect(&name("x@localhost"))).await.unwrap().unwrap_err();
        assert_eq!(error.code(), Code::Timeout, "{error}");
        assert!(error.to_string().contains("did not answer within 50ms"), "{error}");
        drop(full);
    });
}

/// A port at which nobody else gets as far as being connected: there is room for one who waits.
fn full_listener() -> (SocketAddr, (std::os::fd::OwnedFd, Vec<TcpStream>)) {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    rustix::net::listen(&socket, 0).unwrap();
    let address = SocketAddr::try_from(rustix::net::getsockname(&socket).unwrap()).unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        waiting.push(stream);
    }
    (address, (socket, waiting))
}

#[test]
fn a_route_may_be_less_patient_than_the_node_with_a_peer_that_says_nothing() {
    block_on(async {
        let world = World::new().await;
        let mute = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = Route::to(name("x@localhost"), "127.0.0.1", mute.local_addr().unwrap().port());
        let b = dialling(&world, Route { handshake_timeout: Some(BRIEF), ..to }).await;
        let error = rt::timeout(NEVER, b.connect(&name("x@localhost"))).await.unwrap().unwrap_err();
        assert_eq!(error.code(), Code::Timeout, "{error}");
        assert!(error.to_string().contains("the handshake took longer than 50ms"), "{error}");
    });
}

#[test]
fn an_acceptor_may_be_less_patient_with_peers_that_do_not_say_hello() {
    block_on(async {
        let world = World::new().await;
        let second = Acceptor { limits: Limits { handshake_timeout: BRIEF, ..door().limits }, ..door() };
        let patient = Acceptor { limits: Limits { handshake_timeout: NEVER, ..door().limits }, ..door() };
        let options = NodeOptions { acceptors: vec![patient, second], ..world.secure() };
        let a = Node::start("a@localhost", options).await.unwrap();
        let [first, mut second] = [0, 1].map(|acceptor| TcpStream::connect(a.local_addrs()[acceptor]).unwrap());
        second.set_read_timeout(Some(NEVER)).unwrap();
        assert_eq!(second.read(&mut [0]).unwrap(), 0);
        eventually("it is counted", || a.counters().refused(Code::Timeout) == 1);
        first.set_nonblocking(true).unwrap();
        assert_eq!((&first).read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn a_route_may_be_less_patient_than_the_node_with_the_steps_of_a_handshake() {
    block_on(async {
        let world = World::new().await;
        // It lets us in, and then nobody says anything.
        let mute = Listener::bind("127.0.0.1:0".parse().unwrap(), ListenerOptions::secure(world.manager())).await.unwrap();
        let link = LinkOptions { setup_time: Some(BRIEF), ..LinkOptions::default() };
        let to = Route::to(name("x@localhost"), "localhost", mute.local_addr().port());
        let to = Route { link, connect_timeout: Some(NEVER), handshake_timeout: Some(NEVER), ..to };
        let error = rt::timeout(NEVER, dialling(&world, to).await.connect(&name("x@localhost"))).await.unwrap().unwrap_err();
        assert_eq!(error.code(), Code::Timeout, "{error}");
        assert!(error.to_string().contains("50ms"), "{error}");
    });
}
