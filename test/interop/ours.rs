//! A node of ours among OTP's.

use crate::otp::Transport;
use crate::world::World;
use countersign::etf::{Atom, Term, atom, tuple};
use countersign::rt::block_on;

#[test]
fn they_ping_us_and_we_ping_them_over_every_transport() {
    let Some(world) = World::new("they_ping_us_and_we_ping_them_over_every_transport") else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        let a = world.node("a@localhost", transport);
        assert_eq!(x.eval("net_adm:ping('a@localhost')"), "pong", "{transport:?}");
        assert_eq!(x.eval("nodes(hidden)"), "[a@localhost]");
        block_on(a.ping(&"x@localhost".parse().unwrap())).unwrap();
        block_on(a.stop());
        let b = world.node("b@localhost", transport);
        block_on(b.ping(&"x@localhost".parse().unwrap())).unwrap();
        assert_eq!(x.eval("nodes(hidden)"), "[b@localhost]");
        let answer = block_on(b.run(|mut process| async move {
            let echo = (Atom::fixed("echo"), "x@localhost".parse::<countersign::node_name::NodeName>().unwrap());
            process.send(echo, tuple([Term::from(process.pid().clone()), atom("hello")])).await.unwrap();
            process.receive().await.into_term()
        }));
        assert!(answer.flatten().unwrap().as_tuple().unwrap()[1].is_atom("hello"));
        block_on(b.stop());
    }
}
