//! Acceptors that differ from their node: each peer here gets in only where the override, and not the node's own
//! setting, is in force, and there is one that gets in only where it is not.

use crate::raw::{Frames, Raw, local};
use crate::world::{World, cookie, door, eventually, found, name, next_term};
use countersign::dist::Flags;
use countersign::dist::control::SendSender;
use countersign::epmd::{AliveName, Client};
use countersign::etf::binary;
use countersign::failure::{Code, Failure};
use countersign::net::{Dialer, DialerOptions, KeepAlive, ListenerError};
use countersign::node::{
    Acceptor, AcceptorError, Host, IdentityPolicy, InvalidOptions, LinkOptions, Node, NodeOptions, Place, Route, StartError,
};
use countersign::rt::block_on;
use countersign::tls::{CertAuth, CertAuthManager, TlsPolicy, TlsVersion};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// A node with the usual acceptor and a second one.
pub(crate) async fn with_second(options: NodeOptions, second: Acceptor) -> Node {
    Node::start("a@localhost", NodeOptions { acceptors: vec![door(), second], ..options }).await.unwrap()
}

/// To one of a node's acceptors.
pub(crate) fn route(to: &Node, acceptor: usize) -> Route {
    Route::to(to.name().clone(), "localhost", to.local_addrs()[acceptor].port())
}

/// A peer made by hand, at one of a node's acceptors, which speaks plain TCP.
pub(crate) async fn raw_at(node: &Node, acceptor: usize, own: &str) -> Raw {
    Raw::shake(frames_at(node, acceptor).await, &local(own), node).await
}

/// Before any handshake.
pub(crate) async fn frames_at(node: &Node, acceptor: usize) -> Frames {
    let dialer = Dialer::new(DialerOptions::plain()).unwrap();
    Frames::accepted(dialer.dial("localhost", node.local_addrs()[acceptor].port()).await.unwrap())
}

/// Nodes with these options, by whether they dial the second acceptor; and how that must end.
async fn try_both(a: &Node, options: impl Fn() -> NodeOptions, ends: [Result<(), Code>; 2]) {
    for (acceptor, end) in ends.into_iter().enumerate() {
        let own = format!("b{acceptor}@localhost");
        let b = Node::start(&own, NodeOptions { routes: vec![route(a, acceptor)], ..options() }).await.unwrap();
        let outcome = b.connect(a.name()).await;
        let code = outcome.as_ref().map(drop).map_err(|error| error.code());
        assert_eq!(code, end, "acceptor {acceptor}: {outcome:?}");
        b.stop().await;
    }
}

#[test]
fn an_acceptor_may_speak_an_older_tls_than_the_node() {
    block_on(async {
        let world = World::new().await;
        let older = TlsPolicy::default().min_version(TlsVersion::Tls12);
        let a = with_second(world.secure(), Acceptor { tls: Some(older.clone()), ..door() }).await;
        let old = older.suites(&["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]).unwrap();
        try_both(&a, || NodeOptions { tls: old.clone(), ..world.secure() }, [Err(Code::VersionMismatch), Ok(())]).await;
        try_both(&a, || world.secure(), [Ok(()), Ok(())]).await;
    });
}

#[test]
fn an_acceptor_may_be_looser_about_names_than_the_node() {
    block_on(async {
        let world = World::new().await;
        let a = with_second(world.secure(), Acceptor { identity: Some(IdentityPolicy::Off), ..door() }).await;
        let elsewhere = || {
            let manager = CertAuth::mutual(world.ca.agent(&["elsewhere.example"]), world.ca.pool());
            world.with(Some(Arc::new(manager)))
        };
        try_both(&a, elsewhere, [Err(Code::NotAllowed), Ok(())]).await;
        assert_eq!(a.counters().refused(Code::IdentityMismatch), 1);
    });
}

#[test]
fn an_acceptor_may_be_stricter_about_names_than_the_node() {
    block_on(async {
        let world = World::new().await;
        let a = with_second(world.secure(), Acceptor { identity: Some(IdentityPolicy::Strict), ..door() }).await;
        try_both(&a, || world.secure(), [Ok(()), Err(Code::NotAllowed)]).await;
    });
}

#[test]
fn one_acceptor_of_a_node_with_a_certificate_may_speak_plain_tcp() {
    block_on(async {
        let world = World::new().await;
        let a = with_second(world.secure(), Acceptor { danger_plaintext: true, ..door() }).await;
        let mut nodes = Vec::new();
        for (own, options, acceptor, passes) in [
            ("b@localhost", world.plain(), 1, true),
            ("c@localhost", world.plain(), 0, false),
            ("d@localhost", world.secure(), 1, false),
            ("e@localhost", world.secure(), 0, true),
        ] {
            let node = Node::start(own, NodeOptions { routes: vec![route(&a, acceptor)], ..options }).await.unwrap();
            let outcome = node.connect(a.name()).await;
            assert_eq!(outcome.is_ok(), passes, "{own}: {outcome:?}");
            nodes.push(node);
        }
        let plain = a.connect(&name("b@localhost")).await.unwrap();
        assert!(plain.transport().tls.is_none() && !plain.identity().is_verified());
        assert!(a.connect(&name("e@localhost")).await.unwrap().identity().is_verified());
        assert_eq!(a.counters().refused(Code::TlsPeerOnPlainPort), 1);
    });
}

#[test]
fn one_acceptor_of_a_node_without_a_certificate_may_speak_tls() {
    block_on(async {
        let world = World::new().await;
        let a = with_second(world.plain(), Acceptor { cert_manager: Some(world.manager()), ..door() }).await;
        try_both(&a, || world.secure(), [Err(Code::PlaintextPeer), Ok(())]).await;
        try_both(&a, || world.plain(), [Ok(()), Err(Code::TlsPeerOnPlainPort)]).await;
    });
}

#[test]
fn one_route_of_a_node_with_a_certificate_may_speak_plain_tcp() {
    block_on(async {
        let world = World::new().await;
        let a = Node::start("a@localhost", world.plain()).await.unwrap();
        for (own, danger_plaintext) in [("b@localhost", true), ("c@localhost", false)] {
            let to_a = Route { danger_plaintext, ..route(&a, 0) };
            let node = Node::start(own, NodeOptions { routes: vec![to_a], ..world.secure() }).await.unwrap();
            let outcome = node.connect(a.name()).await;
            assert_eq!(outcome.is_ok(), danger_plaintext, "{own}: {outcome:?}");
        }
    });
}

#[test]
fn what_contradicts_itself_does_not_start() {
    block_on(async {
        let world = World::new().await;
        let start = async |acceptors| Node::start("a@localhost", NodeOptions { acceptors, ..world.secure() }).await.unwrap_err();
        let both = Acceptor { danger_plaintext: true, cert_manager: Some(world.manager()), ..door() };
        assert!(matches!(start(vec![both]).await, StartError::Options(InvalidOptions::PlainWithManager)));

        let withhold = Some(Flags::MAP_TAG | Flags::SPAWN);
        let needed = Acceptor { link: LinkOptions { withhold, ..LinkOptions::default() }, ..door() };
        let error = start(vec![needed]).await;
        assert!(matches!(error, StartError::Options(InvalidOptions::Withheld(Flags::MAP_TAG))), "{error}");

        let registered = || Acceptor { registered: Some(true), ..door() };
        let error = start(vec![registered(), door(), registered()]).await;
        assert!(matches!(error, StartError::Acceptor(AcceptorError::TwoRegistered { second: 2 })), "{error}");

        let announcing = || Acceptor { announce_port: Some(4711), ..door() };
        let error = start(vec![announcing(), announcing()]).await;
        assert!(matches!(error, StartError::Acceptor(AcceptorError::NobodyTold { index: 1, port: 4711 })), "{error}");
    });
}

#[test]
fn flags_that_an_acceptor_or_a_route_withholds_are_not_agreed_on() {
    block_on(async {
        let world = World::new().await;
        let link = LinkOptions { withhold: Some(Flags::FRAGMENTS | Flags::SPAWN), ..LinkOptions::default() };
        let a = with_second(world.secure(), Acceptor { link, ..door() }).await;
        let to_second = route(&a, 1);
        for (own, route, withheld) in
            [("b@localhost", route(&a, 0), false), ("c@localhost", to_second, true), ("d@localhost", Route { link, ..route(&a, 0) }, true)]
        {
            let node = Node::start(own, NodeOptions { routes: vec![route], ..world.secure() }).await.unwrap();
            let there = node.connect(a.name()).await.unwrap().facts().flags;
            let here = a.connect(node.name()).await.unwrap().facts().flags;
            assert_eq!(there, here, "{own}");
            for flag in [Flags::FRAGMENTS, Flags::SPAWN] {
                assert_eq!(!there.contains(flag), withheld, "{own}: {flag}");
            }
            node.ping(a.name()).await.unwrap();
        }
    });
}

#[test]
fn an_acceptor_may_take_longer_frames_than_the_node() {
    block_on(async {
        let world = World::new().await;
        let mut options = world.plain();
        options.limits.frame_bytes = 1_000;
        let link = LinkOptions { frame_bytes: Some(100_000), ..LinkOptions::default() };
        let a = with_second(options, Acceptor { link, ..door() }).await;
        let (mut short, mut long) = (raw_at(&a, 0, "x@localhost").await, raw_at(&a, 1, "y@localhost").await);
        let hearing = a.run(|mut process| async move {
            process.register("hearer".parse().unwrap()).unwrap();
            next_term(&mut process).await
        });
        eventually("somebody listens", || a.whereis("hearer").is_some());
        let to = a.whereis("hearer").unwrap();
        let term = binary(vec![7; 10_000]);
        short.say(SendSender { from: short.pid(1), to: to.clone() }, Some(&term)).await;
        short.until_ended().await;
        long.say(SendSender { from: long.pid(1), to }, Some(&term)).await;
        assert_eq!(found(hearing).await, term);
        eventually("the first is lost", || a.peers().len() == 1);
    });
}

#[test]
fn peers_from_other_networks_are_refused_and_counted() {
    block_on(async {
        let world = World::new().await;
        let only = |network: &str| Acceptor { networks: Some(vec![network.parse().unwrap()]), ..door() };
        let acceptors = vec![only("127.0.0.0/8"), only("192.0.2.0/24"), Acceptor { networks: Some(Vec::new()), ..door() }];
        let a = Node::start("a@localhost", NodeOptions { acceptors, ..world.secure() }).await.unwrap();
        for (acceptor, passes) in [(0, true), (1, false), (2, false)] {
            let own = format!("b{acceptor}@localhost");
            let b = Node::start(&own, NodeOptions { routes: vec![route(&a, acceptor)], ..world.secure() }).await.unwrap();
            let outcome = b.connect(a.name()).await;
            assert_eq!(outcome.is_ok(), passes, "{acceptor}: {outcome:?}");
        }
        assert_eq!(a.counters().refused(Code::NotAllowed), 2);
    });
}

#[test]
fn an_ipv4_peer_of_a_socket_for_both_is_judged_as_an_ipv4_peer() {
    block_on(async {
        let Some(everywhere) = ipv6("an_ipv4_peer_of_a_socket_for_both_is_judged_as_an_ipv4_peer", "::") else { return };
        let world = World::new().await;
        let only = |network: &str| Acceptor { host: Some(everywhere.clone()), networks: Some(vec![network.parse().unwrap()]), ..door() };
        let acceptors = vec![only("127.0.0.1"), only("::/0"), only("::ffff:127.0.0.0/104")];
        let a = Node::start("a@localhost", NodeOptions { acceptors, ..world.secure() }).await.unwrap();
        for (acceptor, passes) in [(0, true), (1, false), (2, true)] {
            let to_a = Route { place: Place::at("127.0.0.1", a.local_addrs()[acceptor].port()), ..route(&a, acceptor) };
            let b = Node::start(&format!("b{acceptor}@localhost"), NodeOptions { routes: vec![to_a], ..world.secure() }).await.unwrap();
            let outcome = b.connect(a.name()).await;
            assert_eq!(outcome.is_ok(), passes, "{acceptor}: {outcome:?}");
        }
    });
}

/// The host, if this machine speaks IPv6.
fn ipv6(test: &str, address: &str) -> Option<Host> {
    if std::net::TcpListener::bind((address, 0)).is_ok() {
        return Some(address.parse().unwrap());
    }
    skip(test, "no IPv6 here");
    None
}

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn skip(test: &str, why: &str) {
    eprintln!("SKIPPED {test}: {why}");
}

#[test]
fn an_acceptor_may_listen_at_an_ipv6_address_beside_others() {
    block_on(async {
        let Some(host) = ipv6("an_acceptor_may_listen_at_an_ipv6_address_beside_others", "::1") else { return };
        let world = World::new().await;
        let manager = || -> Arc<dyn CertAuthManager> {
            Arc::new(CertAuth::mutual(world.ca.agent(&["localhost", "127.0.0.1", "::1"]), world.ca.pool()))
        };
        let a = with_second(world.with(Some(manager())), Acceptor { host: Some(host), ..door() }).await;
        let six = Route { place: Place::at("::1", a.local_addrs()[1].port()), ..route(&a, 1) };
        let b = Node::start("b@localhost", NodeOptions { routes: vec![six], ..world.with(Some(manager())) }).await.unwrap();
        b.ping(a.name()).await.unwrap();
        assert!(b.peers()[0].transport().ends.peer.unwrap().is_ipv6());
        let c = Node::start("c@localhost", NodeOptions { routes: vec![route(&a, 0)], ..world.secure() }).await.unwrap();
        c.ping(a.name()).await.unwrap();
    });
}

#[test]
fn a_host_by_name_is_listened_on_at_all_its_addresses_or_the_error_says_which_not() {
    block_on(async {
        let world = World::new().await;
        let at = |host: &str| Acceptor { host: Some(host.parse().unwrap()), ..door() };
        let a = Node::start("a@localhost", NodeOptions { acceptors: vec![at("localhost")], ..world.secure() }).await.unwrap();
        let mut addresses: Vec<IpAddr> =
            std::net::ToSocketAddrs::to_socket_addrs(&("localhost", 0)).unwrap().map(|address| address.ip()).collect();
        addresses.dedup();
        let port = a.local_addrs()[0].port();
        let expected: Vec<_> = addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        assert_eq!(a.local_addrs(), expected);

        let start = async |host| Node::start("b@localhost", NodeOptions { acceptors: vec![at(host)], ..world.secure() }).await.unwrap_err();
        let error = start("nowhere.invalid").await;
        assert!(matches!(error, StartError::Acceptor(AcceptorError::Unresolved { .. })), "{error:?}");
        assert!(error.to_string().contains("nowhere.invalid"), "{error}");
        // Of nobody, by its definition.
        let error = start("192.0.2.1").await;
        let StartError::Listener(ListenerError::Port { address, .. }) = error else { panic!("{error:?}") };
        assert_eq!(address.ip().to_string(), "192.0.2.1");
    });
}

#[test]
fn the_epmd_is_told_of_the_first_acceptor_that_does_not_decline() {
    block_on(async {
        let world = World::new().await;
        let declining = || Acceptor { registered: Some(false), ..door() };
        let second = Acceptor { cookie: Some(cookie("second")), ..door() };
        let acceptors = vec![declining(), second];
        let a = Node::start("a@localhost", NodeOptions { acceptors, ..world.secure() }).await.unwrap();
        let b = Node::start("b@localhost", NodeOptions { cookie: Some(cookie("second")), ..world.secure() }).await.unwrap();
        // Without a route, and with a cookie that only the second acceptor takes.
        b.ping(a.name()).await.unwrap();
        assert_eq!(world.node("c@localhost").await.connect(a.name()).await.unwrap_err().code(), Code::CookieMismatch);

        let insisting = Acceptor { registered: Some(true), ..door() };
        let d = Node::start("d@localhost", NodeOptions { acceptors: vec![door(), insisting], ..world.secure() }).await.unwrap();
        assert_eq!(registered(&world, "d").await, Some(d.local_addrs()[1].port()));
        let e = Node::start("e@localhost", NodeOptions { acceptors: vec![declining()], ..world.secure() }).await.unwrap();
        assert_eq!((registered(&world, "e").await, e.epmd_port()), (None, None));
    });
}

#[test]
fn the_epmd_is_told_the_port_that_is_to_be_announced() {
    block_on(async {
        let world = World::new().await;
        let translated = Acceptor { announce_port: Some(25_000), ..door() };
        let a = Node::start("a@localhost", NodeOptions { acceptors: vec![translated], ..world.secure() }).await.unwrap();
        assert_ne!(a.local_addrs()[0].port(), 25_000);
        assert_eq!(registered(&world, "a").await, Some(25_000));
    });
}

/// The port that the epmd knows.
async fn registered(world: &World, alive: &str) -> Option<u16> {
    let looked_up = Client::at(world.epmd.port()).lookup(&AliveName::new(alive).unwrap(), "localhost").await;
    looked_up.ok().map(|entry| entry.port)
}

#[test]
fn the_system_probes_the_connections_of_one_acceptor_and_of_one_route() {
    if !std::path::Path::new("/proc/net/tcp").exists() {
        return skip("the_system_probes_the_connections_of_one_acceptor_and_of_one_route", "no /proc/net/tcp");
    }
    block_on(async {
        let world = World::new().await;
        let keep_alive = Some(KeepAlive::probing(Duration::from_secs(100), Duration::from_secs(10), 3).unwrap());
        let link = LinkOptions { keep_alive, ..LinkOptions::default() };
        let a = with_second(world.secure(), Acceptor { link, ..door() }).await;
        for (own, route, here, there) in [
            ("b@localhost", route(&a, 0), None, None),
            ("c@localhost", route(&a, 1), None, Some(100)),
            ("d@localhost", Route { link, ..route(&a, 0) }, Some(100), None),
        ] {
            let node = Node::start(own, NodeOptions { routes: vec![route], ..world.secure() }).await.unwrap();
            let dialled = node.connect(a.name()).await.unwrap().transport().ends;
            let accepted = a.connect(node.name()).await.unwrap().transport().ends;
            for (ends, expected, side) in [(dialled, here, "dialled"), (accepted, there, "accepted")] {
                let (local, peer) = (ends.local.unwrap(), ends.peer.unwrap());
                eventually(&format!("{own}, the {side} end"), || probed_after(local, peer) == Some(expected));
            }
        }
    });
}

/// In how many seconds, rounded up to hundreds, the system will probe a connection on which nothing moves; `None` if it
/// will not, and none of it while something does move.
fn probed_after(local: SocketAddr, peer: SocketAddr) -> Option<Option<u64>> {
    let hex = |address: SocketAddr| {
        let IpAddr::V4(ip) = address.ip() else { panic!("{address}") };
        format!("{:08X}:{:04X}", u32::from_ne_bytes(ip.octets()), address.port())
    };
    let ends = format!(" {} {} ", hex(local), hex(peer));
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let line = table.lines().find(|line| line.contains(&ends))?;
    let (kind, jiffies) = line.split_whitespace().nth(5)?.split_once(':')?;
    match kind {
        "00" => Some(None),
        "02" => Some(Some(u64::from_str_radix(jiffies, 16).unwrap().div_ceil(10_000) * 100)),
        _ => None,
    }
}
