//! Certificates that are replaced under links that are up: the links move to new connections, and nobody notices.

use crate::handover_world::{Guard, HANDOVER, MIXED, Pair, peer, rotate, traffic};
use crate::world::{NEVER, eventually};
use countersign::failure::Failure;
use countersign::node::Rotation;
use countersign::rt::{self, block_on};

/// Traffic both ways, and somebody who watches on each side, while this is done to them.
async fn unnoticed(pair: &Pair, done: impl AsyncFnOnce(&Pair)) {
    unnoticed_by(pair, MIXED, done).await;
}

async fn unnoticed_by(pair: &Pair, lengths: &'static [usize], done: impl AsyncFnOnce(&Pair)) {
    let (id, other_id) = (peer(&pair.dialler, &pair.acceptor).facts().id, peer(&pair.acceptor, &pair.dialler).facts().id);
    let guards = [Guard::at(&pair.dialler, &[&pair.acceptor]).await, Guard::at(&pair.acceptor, &[&pair.dialler]).await];
    let there = traffic(&pair.dialler, &pair.acceptor, lengths);
    let back = traffic(&pair.acceptor, &pair.dialler, lengths);
    done(pair).await;
    let arrived = [there.end().await, back.end().await];
    assert!(arrived.iter().all(|arrived| arrived.messages > 0));
    for guard in guards {
        assert_eq!(guard.told().await, [""; 0], "nobody is told of anything");
    }
    assert_eq!(peer(&pair.dialler, &pair.acceptor).facts().id, id, "it is still the same link");
    assert_eq!(peer(&pair.acceptor, &pair.dialler).facts().id, other_id, "it is still the same link");
    assert_eq!((pair.dialler.dropped_messages(), pair.acceptor.dropped_messages()), (0, 0));
}

#[test]
fn a_new_certificate_of_the_dialler_comes_under_the_link_and_nobody_notices() {
    block_on(async {
        let pair = Pair::rotating(HANDOVER).await;
        unnoticed(&pair, async |pair| {
            let newest = rotate(&pair.world, &pair.dialler);
            eventually("the dialler shows it", || pair.shown()[0] == newest);
            let current = pair.dialler.cert_manager().unwrap().resolver().current().certificate.fingerprint();
            let seen = || peer(&pair.acceptor, &pair.dialler).transport().peer_certificate.clone().unwrap().leaf.fingerprint;
            eventually("the acceptor sees it", || seen() == current);
            let identity = || peer(&pair.acceptor, &pair.dialler).identity().certificate().unwrap().fingerprint;
            eventually("it is the peer's identity", || identity() == current);
        })
        .await;
        assert_eq!(pair.moved(), [1, 1]);
        assert_eq!((pair.dialler.handovers().dialled, pair.acceptor.handovers().answered), (1, 1));
    });
}

#[test]
fn a_new_certificate_of_the_acceptor_comes_under_the_link_and_it_is_the_dialler_who_dials() {
    block_on(async {
        let pair = Pair::rotating(HANDOVER).await;
        unnoticed(&pair, async |pair| {
            let newest = rotate(&pair.world, &pair.acceptor);
            eventually("the acceptor shows it", || pair.shown()[1] == newest);
            let current = pair.acceptor.cert_manager().unwrap().resolver().current().certificate.fingerprint();
            let seen = || peer(&pair.dialler, &pair.acceptor).transport().peer_certificate.clone().unwrap().leaf.fingerprint;
            eventually("the dialler sees it", || seen() == current);
        })
        .await;
        assert_eq!(pair.moved(), [1, 1]);
        assert_eq!((pair.dialler.handovers().dialled, pair.acceptor.handovers().dialled), (1, 0));
    });
}

#[test]
fn both_ends_may_have_new_certificates_at_once() {
    block_on(async {
        let pair = Pair::rotating(HANDOVER).await;
        unnoticed(&pair, async |pair| {
            for _ in 0..3 {
                let newest = [rotate(&pair.world, &pair.dialler), rotate(&pair.world, &pair.acceptor)];
                eventually("both show them", || pair.shown() == newest);
            }
        })
        .await;
        let [moved, also] = pair.moved();
        assert!(moved == also && (3..=6).contains(&moved), "one or two for each round, and not {moved}");
    });
}

#[test]
fn two_hundred_handovers_in_a_row_lose_double_and_disorder_nothing() {
    block_on(async {
        let pair = Pair::rotating(Rotation::Keep).await;
        // Enough for the driver to be in the middle of something; a debug build is slow with more.
        unnoticed_by(&pair, &[64, 200, 64, 8_192, 70_000], async |pair| {
            for round in 0..200 {
                // What a peer asks for is done, but not as often as it may ask.
                let (by, other) = if round % 20 == 0 { (&pair.acceptor, &pair.dialler) } else { (&pair.dialler, &pair.acceptor) };
                let newest = rotate(&pair.world, by);
                rt::timeout(NEVER, by.hand_over(other.name())).await.unwrap().unwrap();
                assert!(crate::handover_world::shown(by, other) >= newest);
            }
        })
        .await;
        eventually("both have counted the last one", || pair.moved() == [200, 200]);
        assert_eq!(pair.relay.connections(), 201);
    });
}

#[test]
fn long_messages_in_fragments_go_on_over_the_new_connection_and_short_ones_between_them() {
    const LONG: &[usize] = &[1024 * 1024];
    const SHORT: &[usize] = &[64];
    block_on(async {
        let pair = Pair::rotating(HANDOVER).await;
        let long = traffic(&pair.dialler, &pair.acceptor, LONG);
        let short = crate::handover_world::traffic_to(&pair.dialler, &pair.acceptor, "short", SHORT);
        for _ in 0..20 {
            pair.hand_over().await.unwrap();
        }
        assert!(long.end().await.messages > 0 && short.end().await.messages > 0);
    });
}

#[test]
fn a_link_that_is_not_there_cannot_be_handed_over() {
    block_on(async {
        let pair = Pair::rotating(HANDOVER).await;
        let error = pair.dialler.hand_over(&crate::world::name("nobody@localhost")).await.unwrap_err();
        assert_eq!(error.code().as_str(), "wrong_node", "{error}");
    });
}

#[test]
fn what_the_one_side_has_sent_the_other_has_received_over_however_many_connections() {
    block_on(async {
        let pair = Pair::rotating(Rotation::Keep).await;
        let ends = [peer(&pair.dialler, &pair.acceptor), peer(&pair.acceptor, &pair.dialler)];
        let [dialler, acceptor] = [&ends[0], &ends[1]].map(|end| || end.link().traffic());
        let lost = || [dialler().sent.wrapping_sub(acceptor().received), acceptor().sent.wrapping_sub(dialler().received)];
        // The acceptor's last word of the handshake goes out with the link's first bytes, and is read before there is a link.
        let settled = || lost() == [0, LAST_WORD];
        eventually("both have counted what made the link", settled);
        unnoticed_by(&pair, &[64, 8_192], async |pair| {
            for _ in 0..20 {
                pair.hand_over().await.unwrap();
            }
        })
        .await;
        eventually("all is counted on both sides", settled);
    });
}

/// `send_challenge_ack` with its length.
const LAST_WORD: u64 = 4 + 17;
