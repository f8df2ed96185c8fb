//! Twins of cases of OTP's `ssl_dist_SUITE` that have no place elsewhere; `ssl_dist_suite.md` has the whole list.

use crate::otp::Transport;
use crate::pair::{Dialled, Pair, each_way, name};
use crate::puppet::{Puppet, in_time};
use crate::world::World;
use countersign::etf::binary;
use countersign::failure::{Code, Failure};
use countersign::node::{Acceptor, Node, NodeOptions};

/// Many processes of each side send more than the buffers of the link hold, and each waits for the other side's answer.
#[test]
fn the_port_of_the_link_is_overloaded_both_ways() {
    each_way("the_port_of_the_link_is_overloaded_both_ways", |pair| {
        let ours = Puppet::named(&pair.a, "ours");
        let busy = "{ours, OUR} ! ready, lists:foreach(fun(_) -> spawn(fun() ->
            [{ours, OUR} ! binary:copy(<<7>>, 65536) || _ <- lists:seq(1, 20)] end) end, lists:seq(1, 40)), counterpart:sunk(800)";
        let sunk = pair.begin(busy);
        assert!(ours.term().is_atom("ready"));
        for _ in 0..40 {
            let to = pair.there("sink");
            pair.a.spawn(|mut process| async move {
                for _ in 0..20 {
                    process.send(to.clone(), binary(vec![9; 65_536])).await.unwrap();
                }
            });
        }
        for _ in 0..800 {
            assert_eq!(ours.term(), binary(vec![7; 65_536]));
        }
        assert!(sunk.wait().starts_with("{800,52428800,"));
        pair.eval("counterpart:forget()");
        pair.settle();
    });
}

#[test]
fn an_interface_can_be_chosen() {
    let Some(world) = World::new("an_interface_can_be_chosen") else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        // Who registers at a host's port mapper cannot say more than its port: it is dialled at 127.0.0.1.
        let host = Some("127.0.0.1".parse().unwrap());
        let acceptors = vec![Acceptor { host, ..Acceptor::at_port(0) }];
        let a = in_time(Node::start("a@localhost", NodeOptions { acceptors, ..world.options("a@localhost", transport) })).unwrap();
        assert!(a.local_addrs().iter().all(|address| address.ip().is_loopback()));
        let pair = Pair::of(&x, a, Dialled::ByThem);
        pair.settle();
        in_time(pair.a.stop());
        // And one at which they do not look for us.
        let acceptors = vec![Acceptor { host: Some("127.0.0.2".parse().unwrap()), ..Acceptor::at_port(0) }];
        let b = in_time(Node::start("b@localhost", NodeOptions { acceptors, ..world.options("b@localhost", transport) })).unwrap();
        assert_eq!(x.eval("net_adm:ping(b@localhost)"), "pang");
        in_time(b.ping(&name("x@localhost"))).unwrap();
        in_time(b.stop());
    }
}

#[test]
fn a_range_of_ports_is_kept_to() {
    let Some(world) = World::new("a_range_of_ports_is_kept_to") else { return };
    // A port that was free a moment ago; the node takes the next one while the first is taken.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let acceptors = vec![Acceptor { port, port_range: 50, ..Acceptor::default() }];
    let a = in_time(Node::start("a@localhost", NodeOptions { acceptors, ..world.options("a@localhost", Transport::Tls13) })).unwrap();
    let listens = a.local_addrs().first().unwrap().port();
    assert!(listens > port && listens - port < 50, "{listens} for {port}");
    let x = world.otp("x@localhost").start();
    Pair::of(&x, a.clone(), Dialled::ByThem).settle();
    in_time(a.stop());
}

#[test]
fn a_verify_fun_that_accepts_lets_us_meet() {
    let Some(world) = World::new("a_verify_fun_that_accepts_lets_us_meet") else { return };
    for transport in [Transport::Tls13, Transport::Tls12] {
        let x = world.otp("x@localhost").over(transport).ssl(&verify_fun("accept")).start();
        for dialled in [Dialled::ByThem, Dialled::ByUs] {
            let own = if dialled == Dialled::ByThem { "a@localhost" } else { "z@localhost" };
            let pair = Pair::of(&x, world.node(own, transport), dialled);
            pair.settle();
            in_time(pair.a.stop());
        }
    }
}

#[test]
fn a_verify_fun_that_refuses_keeps_us_apart_and_says_so() {
    let Some(world) = World::new("a_verify_fun_that_refuses_keeps_us_apart_and_says_so") else { return };
    for transport in [Transport::Tls13, Transport::Tls12] {
        let x = world.otp("x@localhost").over(transport).ssl(&verify_fun("refuse")).start();
        let a = world.node("a@localhost", transport);
        assert_eq!(x.eval("net_adm:ping(a@localhost)"), "pang");
        let error = in_time(a.connect(&name("x@localhost"))).unwrap_err();
        assert!(error.reason().is_by_peer(), "{error}");
        assert!(
            matches!(error.code(), Code::BadCertificate | Code::CertificateUnknown | Code::NotAllowed | Code::RefusedByHook),
            "{error}"
        );
        assert!(a.peers().is_empty());
        in_time(a.stop());
    }
}

#[test]
fn options_of_sockets_do_not_disturb_the_link() {
    let Some(world) = World::new("options_of_sockets_do_not_disturb_the_link") else { return };
    let options = "-kernel dist_nodelay false -kernel inet_dist_listen_min 40100 -kernel inet_dist_listen_max 40400
        -kernel inet_dist_listen_options [{sndbuf,8192},{recbuf,8192}] -kernel inet_dist_connect_options [{sndbuf,8192},{recbuf,8192}]";
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).arguments(options).start();
        for dialled in [Dialled::ByThem, Dialled::ByUs] {
            let own = if dialled == Dialled::ByThem { "a@localhost" } else { "z@localhost" };
            let pair = Pair::of(&x, world.node(own, transport), dialled);
            let ours = Puppet::new(&pair.a);
            ours.send(pair.there("sink"), binary(vec![1; 500_000])).unwrap();
            assert!(pair.eval("counterpart:sunk(1)").starts_with("{1,500000,"));
            pair.eval("counterpart:forget()");
            in_time(pair.a.stop());
        }
    }
}

fn verify_fun(kind: &str) -> String {
    format!("{{verify_fun,{{fun counterpart:{kind}_every_peer/3,[]}}}}")
}
