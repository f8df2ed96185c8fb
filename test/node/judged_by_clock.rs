//! Certificates end while links are open, and clocks jump.

use crate::verdicts::{Hub, lasting, now, until, watching};
use countersign::clock::{Clock, DAY, SystemClock};
use countersign::failure::Code;
use countersign::node::{ExpiredLinks, LinkVerdict};
use countersign::rt::block_on;
use std::time::Duration;

#[test]
fn a_link_ends_at_the_moment_at_which_its_peers_certificate_does() {
    block_on(async {
        // The machine's own clock; links are judged for no other reason than that moment.
        let hub = Hub::new(|options| options.tls = options.tls.clone().clock(std::sync::Arc::new(SystemClock))).await;
        let stays = hub.spoke("s0@localhost").await;
        let end = now() + 3;
        let brief = hub.spoke_with("s1@localhost", until(&hub.world.ca, end)).await;
        let told = watching(&hub.node, "s1@localhost").await;
        assert_eq!(told.await.reason.as_deref(), Some("expired"));
        assert!(SystemClock.now() > end, "not before its last moment is over");
        assert_eq!(brief.reconnect(&hub).await, Err("expired".to_owned()));
        assert_eq!(hub.peers(), [stays.node.name().to_string()]);
    });
}

#[test]
fn an_intermediate_that_ends_before_the_leaf_ends_the_link() {
    block_on(async {
        let hub = Hub::new(|options| options.tls = countersign::tls::TlsPolicy::default()).await;
        let inter = hub.world.ca.intermediate_valid(now() + -31 * DAY, now() + 3);
        let _brief = hub.spoke_with("s0@localhost", lasting(&inter)).await;
        let told = watching(&hub.node, "s0@localhost").await;
        assert_eq!(told.await.reason.as_deref(), Some("expired"));
    });
}

#[test]
fn links_are_kept_beyond_their_dates_where_that_is_chosen_until_something_else_speaks_against_them() {
    block_on(async {
        let hub = Hub::new(|options| options.expired = ExpiredLinks::Keep).await;
        let spokes = [hub.spoke_with("s0@localhost", until(&hub.world.ca, now() + DAY)).await, hub.spoke("s1@localhost").await];
        hub.clock.set(now() + 2 * DAY);
        let judgement = hub.node.judge_links().await;
        assert_eq!(judgement.names(LinkVerdict::Kept(Code::Expired)), [spokes[0].node.name()], "{judgement:?}");
        assert_eq!((judgement.count(|verdict| verdict == LinkVerdict::Good), hub.peers().len()), (1, 2));
        let told = watching(&hub.node, "s0@localhost").await;
        hub.revoke(&[&spokes[0]]);
        assert_eq!(told.await.reason.as_deref(), Some("revoked"));
        assert_eq!(hub.peers(), ["s1@localhost"]);
    });
}

#[test]
fn a_clock_that_jumps_a_day_and_back_closes_those_that_are_out_of_date_and_lets_them_in_again() {
    block_on(async {
        let hub = Hub::new(|_| {}).await;
        let brief = hub.spoke_with("s0@localhost", until(&hub.world.ca, now() + DAY / 2)).await;
        let stays = hub.spoke("s1@localhost").await;
        let link = hub.node.peers()[1].facts().id;
        hub.clock.set(now() + DAY);
        let judgement = hub.node.judge_links().await;
        assert_eq!(judgement.names(LinkVerdict::Closed(Code::Expired)), [brief.node.name()]);
        assert_eq!(brief.reconnect(&hub).await, Err("expired".to_owned()));
        hub.clock.set(now());
        assert_eq!(hub.node.judge_links().await.links, [(stays.node.name().clone(), LinkVerdict::Good)]);
        brief.reconnect(&hub).await.unwrap();
        hub.clock.set(now() + -DAY);
        assert_eq!(hub.node.judge_links().await.count(|verdict| verdict == LinkVerdict::Good), 2, "older than yesterday, both");
        assert_eq!(hub.node.peers().iter().find(|peer| peer.name() == stays.node.name()).unwrap().facts().id, link);
    });
}

#[test]
fn a_node_whose_links_are_judged_all_the_time_answers_and_keeps_them() {
    block_on(async {
        let hub = Hub::new(|options| options.judge_every = Duration::from_millis(1)).await;
        let spokes = hub.spokes(3).await;
        for _ in 0..50 {
            spokes[0].node.ping(hub.node.name()).await.unwrap();
        }
        assert!(hub.node.last_judgement().is_some());
        assert_eq!(hub.peers().len(), 3);
    });
}

#[test]
fn whoever_wants_links_judged_never_or_always_gets_a_node_that_runs() {
    block_on(async {
        for every in [Duration::MAX, Duration::ZERO] {
            let hub = Hub::new(|options| options.judge_every = every).await;
            let spoke = hub.spoke("s0@localhost").await;
            spoke.node.ping(hub.node.name()).await.unwrap();
            hub.node.stop().await;
        }
    });
}
