//! Handovers that fail: until the link begins to move, whatever happens to the new connection is nothing to it; from
//! then on it shares its fate. And strangers, who move nothing.

use crate::handover_world::{Arrived, Guard, MUCH, Pair, peer, rotate, shown, traffic};
use crate::relay::{Relay, Way};
use crate::world::{NEVER, eventually};
use countersign::dist::Flags;
use countersign::failure::{Code, Failure};
use countersign::node::{IdentityPolicy, Node, Rotation};
use countersign::rt::{self, block_on};
use countersign::testing::Ca;
use std::time::{Duration, Instant};

async fn patient(setup: Duration) -> Pair {
    Pair::new(|options| options.setup_time = setup).await
}

/// The link goes on as it was, both know why, and everything arrives.
async fn unharmed(pair: &Pair) {
    let arrived = exchange(pair).await;
    assert!(arrived.messages > 0);
    assert_eq!(pair.moved(), [0, 0]);
}

async fn exchange(pair: &Pair) -> Arrived {
    let (there, back) = (traffic(&pair.dialler, &pair.acceptor, SHORT), traffic(&pair.acceptor, &pair.dialler, SHORT));
    back.end().await;
    there.end().await
}

fn last_failure(node: &Node, other: &Node) -> (Code, String) {
    let failure = peer(node, other).link().handovers().last_failure.unwrap();
    (failure.code, failure.reason)
}

/// Two nodes whose messages are one frame each, however long.
async fn unbroken(setup: Duration) -> Pair {
    Pair::new(|options| (options.setup_time, options.withhold) = (setup, Flags::FRAGMENTS)).await
}

/// Has the dialler begin a frame that goes no further: then it cannot begin to move. The frame is longer than all that
/// the system and the relay hold, so whoever has taken it cannot be rid of it, however long anything takes.
async fn stop_the_dialler(pair: &Pair) {
    pair.relay.hold(0, Way::There);
    let link = std::sync::Arc::clone(peer(&pair.dialler, &pair.acceptor).link());
    let there = (countersign::etf::Atom::fixed("nobody"), pair.acceptor.name().clone());
    let before = link.traffic().sent;
    pair.dialler.send(there, countersign::etf::binary(vec![7; MUCH])).await.unwrap();
    eventually("the driver has taken it", || link.traffic().sent > before + MUCH as u64);
}

#[test]
fn a_new_connection_that_is_cut_anywhere_before_the_link_moves_does_not_touch_it() {
    block_on(async {
        let pair = unbroken(Duration::from_millis(700)).await;
        let guards = [Guard::at(&pair.dialler, &[&pair.acceptor]).await, Guard::at(&pair.acceptor, &[&pair.dialler]).await];
        stop_the_dialler(&pair).await;
        // From the first byte of the hello to far behind the answer.
        for bytes in (0..7_200).step_by(600) {
            pair.relay.cut_next_after(Some(bytes));
            let error = pair.hand_over().await.unwrap_err();
            assert!(matches!(error.code(), Code::PeerClosed | Code::Timeout | Code::Unreachable), "after {bytes}: {error}");
            let (code, reason) = last_failure(&pair.dialler, &pair.acceptor);
            assert_eq!(code, error.code(), "{reason}");
        }
        assert_eq!(pair.moved(), [0, 0]);
        pair.relay.cut_next_after(None);
        pair.relay.release(0);
        pair.hand_over().await.unwrap();
        for guard in guards {
            assert_eq!(guard.told().await, [""; 0]);
        }
    });
}

#[test]
fn a_handover_that_finds_no_gap_in_time_is_given_up_and_the_next_one_succeeds() {
    block_on(async {
        let pair = unbroken(Duration::from_secs(1)).await;
        stop_the_dialler(&pair).await;
        let error = pair.hand_over().await.unwrap_err();
        assert_eq!(error.code(), Code::Timeout, "{error}");
        pair.relay.release(0);
        pair.hand_over().await.unwrap();
        exchange(&pair).await;
        eventually("both have counted it", || pair.moved() == [1, 1]);
    });
}

/// Both ends see the end of the link, and a new one can be made.
async fn lost(pair: &Pair, cut: impl FnOnce()) {
    let ends = [peer(&pair.dialler, &pair.acceptor), peer(&pair.acceptor, &pair.dialler)];
    let guards = [Guard::at(&pair.dialler, &[&pair.acceptor]).await, Guard::at(&pair.acceptor, &[&pair.dialler]).await];
    cut();
    for end in &ends {
        rt::timeout(NEVER, end.link().closed()).await.unwrap();
    }
    for guard in guards {
        let told = guard.told_at_the_end().await;
        let of = |word: &str| told.iter().filter(|line| line.starts_with(word)).count();
        assert_eq!((of("Down("), of("Exit"), of("NodeDown(")), (1, 1, 2), "{told:?}");
    }
}

/// The link has begun to move, and the other end does not know it yet.
async fn begun(pair: &Pair) -> impl Future<Output = ()> + use<> {
    let (node, name) = (pair.dialler.clone(), pair.acceptor.name().clone());
    pair.relay.hold(0, Way::There);
    let link = std::sync::Arc::clone(peer(&pair.dialler, &pair.acceptor).link());
    let (sender, outcome) = rt::channel::bounded(1);
    rt::spawn("test", async move { sender.send(node.hand_over(&name).await).await.unwrap() }).unwrap().detach();
    eventually("the new connection is there", || pair.relay.connections() == 2);
    // What is said from now on goes over the new connection, and only after the last word on the old one.
    let there = (countersign::etf::Atom::fixed("nobody"), pair.acceptor.name().clone());
    let mut before = 0;
    eventually("the new connection is in use", || {
        block_on(pair.dialler.send(there.clone(), countersign::etf::binary(vec![0; 10_000]))).unwrap();
        let grows = before > 0 && pair.relay.carried(1) > before + 9_000;
        before = pair.relay.carried(1);
        grows
    });
    async move {
        let outcome: Result<(), countersign::node::HandOverError> = rt::timeout(NEVER, outcome.recv()).await.unwrap().unwrap();
        drop(outcome);
        assert!(!link.is_up());
    }
}

#[test]
fn a_new_connection_that_is_cut_after_the_link_has_begun_to_move_is_the_end_of_the_link() {
    block_on(async {
        let pair = patient(Duration::from_secs(7)).await;
        let ended = begun(&pair).await;
        lost_after(&pair, || {
            pair.relay.cut(1);
            pair.relay.release(0);
        })
        .await;
        ended.await;
        pair.dialler.ping(pair.acceptor.name()).await.unwrap();
        exchange(&pair).await;
    });
}

#[test]
fn an_old_connection_that_is_cut_while_the_link_moves_is_the_end_of_the_link() {
    block_on(async {
        let pair = patient(Duration::from_secs(7)).await;
        let ended = begun(&pair).await;
        lost_after(&pair, || pair.relay.cut(0)).await;
        ended.await;
        pair.dialler.ping(pair.acceptor.name()).await.unwrap();
        exchange(&pair).await;
    });
}

/// The other end hears nothing more: its last words are held up, and all else goes over the new connection.
#[test]
fn a_link_that_does_not_end_moving_is_ended_by_its_pulse() {
    block_on(async {
        let pair = Pair::new(|options| options.tick.period = Duration::from_secs(1)).await;
        let end = peer(&pair.acceptor, &pair.dialler);
        let ended = begun(&pair).await;
        let closed = rt::timeout(NEVER, end.link().closed()).await.unwrap();
        assert_eq!(closed.code(), Code::Timeout, "{closed}");
        ended.await;
    });
}

#[test]
fn ticks_go_on_over_each_new_connection() {
    block_on(async {
        let pair = Pair::new(|options| options.tick.period = Duration::from_millis(400)).await;
        let guard = Guard::at(&pair.dialler, &[&pair.acceptor]).await;
        let received = || peer(&pair.dialler, &pair.acceptor).link().traffic().received;
        for _ in 0..3 {
            pair.hand_over().await.unwrap();
            let before = received();
            eventually("several ticks have come", || received() >= before + 5 * 4);
        }
        assert_eq!(guard.told().await, [""; 0]);
    });
}

/// As [`lost`], where no monitor can be set any more.
async fn lost_after(pair: &Pair, cut: impl FnOnce()) {
    let ends = [peer(&pair.dialler, &pair.acceptor), peer(&pair.acceptor, &pair.dialler)];
    cut();
    for end in &ends {
        rt::timeout(NEVER, end.link().closed()).await.unwrap();
    }
    eventually("both have been told", || pair.dialler.peers().is_empty() && pair.acceptor.peers().is_empty());
}

#[test]
fn a_link_that_was_handed_over_ends_with_its_new_connection_and_does_not_care_for_the_old_one() {
    block_on(async {
        let pair = patient(Duration::from_secs(7)).await;
        pair.hand_over().await.unwrap();
        pair.relay.cut(0);
        exchange(&pair).await;
        lost(&pair, || pair.relay.cut(1)).await;
    });
}

#[test]
fn nothing_arrives_twice_or_in_disorder_when_connections_are_cut_at_any_moment_of_a_handover() {
    block_on(async {
        for bytes in (3_000..12_000).step_by(600) {
            let pair = patient(Duration::from_secs(7)).await;
            let (there, back) = (traffic(&pair.dialler, &pair.acceptor, SHORT), traffic(&pair.acceptor, &pair.dialler, SHORT));
            pair.relay.cut_next_after(Some(bytes));
            // It may have moved, and the link have ended; or not. The sinks check all that comes before.
            let outcome = pair.hand_over().await;
            if outcome.is_err() && peer_is_up(&pair) {
                there.end().await;
                back.end().await;
            }
            pair.dialler.stop().await;
            pair.acceptor.stop().await;
        }
    });
}

fn peer_is_up(pair: &Pair) -> bool {
    !pair.dialler.peers().is_empty() && !pair.acceptor.peers().is_empty() && pair.relay.connections() == 2
}

#[test]
fn a_certificate_that_the_peer_does_not_know_is_refused_and_the_link_goes_on() {
    block_on(async {
        let pair = patient(Duration::from_secs(7)).await;
        let strange = Ca::new().agent(&["localhost"]);
        pair.dialler.cert_manager().unwrap().resolver().swap_unchecked(strange);
        let error = pair.hand_over().await.unwrap_err();
        assert_eq!(error.code(), Code::UnknownCa, "{error}");
        assert_eq!(last_failure(&pair.dialler, &pair.acceptor).0, Code::UnknownCa);
        unharmed(&pair).await;
    });
}

#[test]
fn a_certificate_of_another_host_is_refused_by_whoever_it_is_shown_to_and_the_link_goes_on() {
    block_on(async {
        let pair = patient(Duration::from_secs(7)).await;
        let elsewhere = || pair.world.ca.agent(&["elsewhere.example"]);
        pair.dialler.cert_manager().unwrap().resolver().swap_unchecked(elsewhere());
        let error = pair.hand_over().await.unwrap_err();
        assert_eq!(error.code(), Code::IdentityMismatch, "{error}");
        assert_eq!(last_failure(&pair.acceptor, &pair.dialler).0, Code::IdentityMismatch);
        unharmed(&pair).await;

        rotate(&pair.world, &pair.dialler);
        pair.acceptor.cert_manager().unwrap().resolver().swap_unchecked(elsewhere());
        let error = rt::timeout(NEVER, pair.acceptor.hand_over(pair.dialler.name())).await.unwrap().unwrap_err();
        assert_eq!(error.code(), Code::NameMismatch, "the dialler tells whoever asked: {error}");
        unharmed(&pair).await;
    });
}

#[test]
fn a_peer_that_must_name_its_node_must_do_so_on_the_new_connection_too() {
    block_on(async {
        let pair = Pair::new(|options| options.identity = IdentityPolicy::Host).await;
        let before = shown(&pair.acceptor, &pair.dialler);
        rotate(&pair.world, &pair.acceptor);
        pair.hand_over().await.unwrap();
        eventually("the acceptor shows the new one", || shown(&pair.acceptor, &pair.dialler) > before);
    });
}

#[test]
fn a_failed_handover_is_tried_again_until_the_newest_certificate_is_under_the_link() {
    block_on(async {
        let pair = Pair::new(|options| options.rotation = crate::handover_world::HANDOVER).await;
        pair.relay.cut_next_after(Some(1_000));
        let newest = rotate(&pair.world, &pair.dialler);
        eventually("it is tried again", || shown(&pair.dialler, &pair.acceptor) == newest);
        let handovers = peer(&pair.dialler, &pair.acceptor).link().handovers();
        assert_eq!((handovers.done, handovers.failed), (1, 1));
        assert!(pair.dialler.counters().refused(Code::PeerClosed) > 0, "{:?}", pair.dialler.counters().refusals());
    });
}

#[test]
fn policies_stay_silent_while_nothing_is_rotated() {
    block_on(async {
        let pair = Pair::rotating(Rotation::Close).await;
        exchange(&pair).await;
        assert_eq!(pair.moved(), [0, 0]);
    });
}

/// A relay of its own for a second way to the acceptor is of no use to a dialler whose link came another way.
#[test]
fn a_handover_goes_where_the_link_leads_and_not_where_its_name_leads_now() {
    block_on(async {
        let pair = patient(Duration::from_secs(7)).await;
        let other = Relay::to(pair.acceptor.local_addrs()[0].port());
        pair.hand_over().await.unwrap();
        assert_eq!((pair.relay.connections(), other.connections()), (2, 0));
    });
}

const SHORT: &[usize] = &[64, 1_000];

#[test]
fn a_certificate_that_is_right_at_last_does_not_wait_for_as_long_as_the_wrong_ones_before_it() {
    block_on(async {
        let pair = Pair::new(|options| options.rotation = crate::handover_world::HANDOVER).await;
        pair.dialler.cert_manager().unwrap().resolver().swap_unchecked(Ca::new().agent(&["localhost"]));
        eventually("the pauses between attempts are long", || peer(&pair.dialler, &pair.acceptor).link().handovers().failed >= 5);
        let (newest, rotated) = (rotate(&pair.world, &pair.dialler), Instant::now());
        eventually("it is under the link", || shown(&pair.dialler, &pair.acceptor) == newest);
        assert!(rotated.elapsed() < Duration::from_secs(4), "{:?}", rotated.elapsed());
    });
}
