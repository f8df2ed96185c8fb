//! The rotation storm, small enough for every run; `test/bench/storm.rs` is the whole one.

use crate::kinds::Kind;
use crate::storm::{self, Plan};
use countersign::rt::block_on;
use std::time::Duration;

#[test]
fn in_a_storm_of_updates_no_handshake_fails_and_both_ends_agree() {
    weather(Kind::Ours);
}

#[test]
fn a_manager_that_shares_nothing_but_the_resolver_weathers_the_storm_as_well() {
    weather(Kind::Own);
}

fn weather(kind: Kind) {
    let plan = Plan { handshakes: 300, diallers: 8, interval: Duration::from_micros(300), certificates: 32 };
    let outcome = block_on(storm::run(plan, kind));
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    assert_eq!((outcome.connections, outcome.mismatches), (plan.handshakes, 0));
    for turns in [&outcome.listener, &outcome.dialler] {
        let storm::Turns { updates, each, interval, seen } = turns;
        // How many depends on the machine; one alone would be no storm.
        let said = format!("in {:?} {updates} updates of {each:?}, one in {interval:?}", outcome.elapsed);
        assert!(seen.len() > 1 && *updates > 1, "{said}");
    }
}
