//! Both sides dial at the same moment, again and again.

use crate::otp::Transport;
use crate::pair::{Dialled, Pair, name};
use crate::puppet::{Puppet, in_time};
use crate::world::World;
use countersign::etf::{Term, atom, tuple};
use std::time::{Duration, Instant};

#[test]
fn both_dial_at_once_and_ours_is_the_smaller_name() {
    both_dial_at_once("both_dial_at_once_and_ours_is_the_smaller_name", "a@localhost");
}

#[test]
fn both_dial_at_once_and_ours_is_the_larger_name() {
    both_dial_at_once("both_dial_at_once_and_ours_is_the_larger_name", "z@localhost");
}

fn both_dial_at_once(test: &str, own: &str) {
    let Some(world) = World::new(test) else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        let pair = Pair::of(&x, world.node(own, transport), Dialled::ByUs);
        let (ours, them) = (Puppet::new(&pair.a), name("x@localhost"));
        part(&pair, &ours, 0);
        let mut denied = 0;
        for round in 0..ROUNDS {
            let theirs = pair.begin("net_kernel:connect_node(OUR)");
            // A little later each time, and then from the start: what one is doing when the other dials is to vary.
            let (began, pause) = (Instant::now(), Duration::from_micros(u64::from(round % 20) * 150));
            while began.elapsed() < pause {
                std::hint::spin_loop();
            }
            let met = in_time(pair.a.connect(&them));
            assert!(met.is_ok(), "round {round} over {transport:?}: {met:?}");
            // OTP says `false` once in a thousand rounds although the link is up, as the next lines show; why is not known.
            denied += u32::from(theirs.wait() != "true");
            assert_eq!(pair.eval("nodes(hidden)"), format!("[{own}]"), "round {round} over {transport:?}");
            assert_eq!(pair.a.peers().len(), 1);
            ours.send(pair.there("echo"), tuple([Term::from(ours.pid()), atom("hello")])).unwrap();
            let echoed = ours.term();
            assert!(
                echoed.as_tuple().and_then(<[Term]>::last).is_some_and(|last| last.is_atom("hello")),
                "round {round} over {transport:?}"
            );
            part(&pair, &ours, round);
        }
        assert!(denied <= ROUNDS / 100, "{denied} of {ROUNDS} over {transport:?}");
        in_time(pair.a.stop());
    }
}

/// Either side ends the link, and both know it.
fn part(pair: &Pair<'_>, ours: &Puppet, round: u32) {
    ours.monitor_node(&pair.them());
    if round.is_multiple_of(2) {
        assert_eq!(pair.eval("erlang:disconnect_node(OUR)"), "true");
    } else {
        let watching = "monitor_node(OUR, true), {ours, OUR} ! watching, receive {nodedown, _} -> ok end";
        pair.a.register("ours", &ours.pid()).unwrap();
        let down = pair.begin(watching);
        assert!(ours.term().is_atom("watching"));
        pair.a.unregister("ours");
        assert!(in_time(pair.a.disconnect(&pair.them())));
        assert_eq!(down.wait(), "ok");
    }
    ours.node_down();
}

const ROUNDS: u32 = 200;
