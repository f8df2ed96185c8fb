//! Locks that nodes of OTP ask of all `nodes()`, a visible node of ours among them.

use crate::otp::Transport;
use crate::pair::{Dialled, Pair};
use crate::puppet::in_time;
use crate::visible::visible;
use crate::world::World;

/// Has a process of theirs, of this name, take the lock and keep it; whether it has it.
fn take(pair: &Pair<'_>, puppet: &str) -> String {
    pair.tell(puppet, "global:set_lock({disk, self()}, [node() | nodes()], 0)")
}

#[test]
fn a_lock_that_a_peer_holds_is_granted_to_no_other_until_it_is_given_back_or_its_holder_ends() {
    let Some(world) = World::new("a_lock_that_a_peer_holds") else { return };
    // These two know each other only through us: nobody else can tell them apart.
    let start = |name: &str| world.otp(name).arguments("-connect_all false -kernel dist_auto_connect never").start();
    let (x, y) = (start("x@localhost"), start("y@localhost"));
    let a = visible(&world, "a@localhost", Transport::Tls13);
    let (x, y) = (Pair::of(&x, a.clone(), Dialled::ByUs), Pair::of(&y, a.clone(), Dialled::ByUs));
    for pair in [&x, &y] {
        assert_eq!(pair.eval("counterpart:puppet(one), nodes()"), "[a@localhost]");
    }
    assert_eq!((take(&x, "one"), take(&y, "one"), take(&x, "one")), ("true".to_owned(), "false".to_owned(), "true".to_owned()));
    assert_eq!(x.tell("one", "global:del_lock({disk, self()})"), "true");
    assert_eq!((take(&y, "one"), take(&x, "one")), ("true".to_owned(), "false".to_owned()));
    // It waits for the lock, and the one who has it ends.
    let waiting = x.begin("counterpart:tell(one, fun() -> global:set_lock({disk, self()}) end)");
    assert_eq!(y.eval("exit(whereis(one), kill), ok"), "ok");
    assert_eq!(waiting.wait(), "true");
    in_time(a.stop());
}

#[test]
fn a_lock_is_free_again_when_the_node_of_its_holder_is_lost() {
    let Some(world) = World::new("a_lock_is_free_again_when_the_node_of_its_holder_is_lost") else { return };
    let (x, y) = world.two(Transport::Tls13);
    let a = visible(&world, "a@localhost", Transport::Tls13);
    let there = Pair::of(&y, a.clone(), Dialled::ByUs);
    there.eval("counterpart:puppet(one), global:sync()");
    let only_us = |puppet: &str| format!("counterpart:tell({puppet}, fun() -> global:set_lock({{disk, self()}}, ['a@localhost'], 0) end)");
    {
        let here = Pair::of(&x, a.clone(), Dialled::ByUs);
        here.eval("counterpart:puppet(one)");
        assert_eq!((here.eval(&only_us("one")), there.eval(&only_us("one"))), ("true".to_owned(), "false".to_owned()));
    }
    let waiting = there.begin("counterpart:tell(one, fun() -> global:set_lock({disk, self()}, ['a@localhost']) end)");
    x.kill();
    assert_eq!(waiting.wait(), "true");
    in_time(a.stop());
}

#[test]
fn a_transaction_over_all_nodes_runs() {
    let Some(world) = World::new("a_transaction_over_all_nodes_runs") else { return };
    let (x, _y) = world.two(Transport::Tls13);
    let pair = Pair::of(&x, visible(&world, "a@localhost", Transport::Tls13), Dialled::ByThem);
    assert_eq!(pair.eval("net_adm:ping(y@localhost), global:sync(), global:trans({disk, self()}, fun() -> length(nodes()) end)"), "2");
    // Whatever else it is asked it says that it does not do.
    assert_eq!(
        pair.eval("gen_server:call({global_name_server, OUR}, {register, x, self(), fun global:random_exit_name/3})"),
        "{error,notsup}"
    );
    in_time(pair.a.stop());
}
