//! OTP nodes meet through our port mapper, each way that a link can be carried.

use crate::otp::{Otp, Transport};
use crate::world::World;
use countersign::testing::Ca;

#[test]
fn nodes_over_tls_1_3_find_each_other() {
    nodes_find_each_other("nodes_over_tls_1_3_find_each_other", Transport::Tls13);
}

#[test]
fn nodes_over_tls_1_2_find_each_other() {
    nodes_find_each_other("nodes_over_tls_1_2_find_each_other", Transport::Tls12);
}

#[test]
fn nodes_over_tcp_find_each_other() {
    nodes_find_each_other("nodes_over_tcp_find_each_other", Transport::Tcp);
}

fn nodes_find_each_other(test: &str, transport: Transport) {
    let Some(world) = World::new(test) else { return };
    let (x, y) = world.two(transport);
    let names: Vec<String> = world.epmd.registered().iter().map(|node| node.name.to_string()).collect();
    assert_eq!(names, ["x", "y"]);
    assert_eq!(x.eval("net_adm:ping(y@localhost)"), "pong");
    assert_eq!(y.eval("{nodes(), net_adm:ping(x@localhost)}"), "{[x@localhost],pong}");
    assert_eq!(y.eval("{echo, x@localhost} ! {self(), hi}, receive {_, Said} -> Said end"), "hi");
}

#[test]
fn nodes_of_different_transports_do_not_meet() {
    let Some(world) = World::new("nodes_of_different_transports_do_not_meet") else { return };
    for (index, transport) in Transport::ALL.into_iter().enumerate() {
        let x = world.otp(&format!("x{index}@localhost")).over(transport).start();
        let other = Transport::ALL.into_iter().find(|other| *other != transport).unwrap();
        let y = world.otp(&format!("y{index}@localhost")).over(other).arguments("-kernel net_setuptime 1").start();
        assert_eq!(y.eval(&format!("net_adm:ping({})", x.name())), "pang", "{other:?} dials {transport:?}");
    }
}

#[test]
fn certificates_are_asked_of_both_sides() {
    let Some(world) = World::new("certificates_are_asked_of_both_sides") else { return };
    let stranger = Ca::new();
    world.pki.write("stranger", stranger.leaf().names(&["localhost"]));
    let x = world.otp("x@localhost").start();
    let y = world.otp("y@localhost").certificate("stranger").start();
    assert_eq!((x.eval("net_adm:ping(y@localhost)"), y.eval("net_adm:ping(x@localhost)")), ("pang".to_owned(), "pang".to_owned()));

    world.pki.issue("stranger");
    let z = world.otp("z@localhost").certificate("stranger").start();
    assert_eq!(z.eval("net_adm:ping(x@localhost)"), "pong");
}

#[test]
fn a_wrong_cookie_keeps_nodes_apart() {
    let Some(world) = World::new("a_wrong_cookie_keeps_nodes_apart") else { return };
    let x = world.otp("x@localhost").start();
    let y = world.otp("y@localhost").cookie("other").start();
    assert_eq!(y.eval("net_adm:ping(x@localhost)"), "pang");
    assert_eq!(x.eval("erlang:get_cookie()"), "cluster");
}

#[test]
fn a_node_takes_arguments_and_options_of_tls() {
    let Some(world) = World::new("a_node_takes_arguments_and_options_of_tls") else { return };
    let x = world.otp("x@localhost").arguments("-hidden -kernel net_ticktime 8").ssl("{key_update_at, 1000000}").start();
    let y = world.otp("y@127.0.0.1").arguments("-kernel net_ticktime 8").start();
    assert_eq!(x.eval("{application:get_env(kernel, net_ticktime), net_kernel:longnames()}"), "{{ok,8},false}");
    assert_eq!(
        x.eval("[{server, Options} | _] = ets:lookup(ssl_dist_opts, server), proplists:get_value(key_update_at, Options)"),
        "1000000"
    );
    assert_eq!(y.eval("net_kernel:longnames()"), "true");

    let z = world.otp("z@localhost").start();
    assert_eq!(z.eval("{net_adm:ping(x@localhost), nodes(), nodes(hidden)}"), "{pong,[],[x@localhost]}");
}

#[test]
fn a_verify_fun_of_the_helper_module_decides() {
    let Some(world) = World::new("a_verify_fun_of_the_helper_module_decides") else { return };
    let node =
        |name, verify: &str| world.otp(name).ssl_server(&format!("{{verify_fun,{{fun counterpart:{verify}_every_peer/3,[]}}}}")).start();
    let (open, closed) = (node("open@localhost", "accept"), node("closed@localhost", "refuse"));
    assert_eq!(ping(&closed, &open), "pong");
    assert_eq!(open.eval("net_kernel:disconnect(closed@localhost)"), "true");
    assert_eq!(ping(&open, &closed), "pang");
}

#[test]
fn a_node_without_a_name_gets_one_from_the_first_peer() {
    let Some(world) = World::new("a_node_without_a_name_gets_one_from_the_first_peer") else { return };
    let x = world.otp("x@localhost").start();
    let nameless = world.otp("undefined@localhost").start();
    // Not net_adm:ping: as long as the node has no name it does not dial of itself.
    assert_eq!(nameless.eval("net_kernel:connect_node(x@localhost)"), "true");
    let name = nameless.eval("node()");
    assert!(name.ends_with("@localhost'"), "{name}");
    assert_eq!(x.eval("nodes(hidden)"), format!("[{name}]"));
}

fn ping(from: &Otp, to: &Otp) -> String {
    from.eval(&format!("net_adm:ping({})", to.name()))
}
