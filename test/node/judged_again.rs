//! Open links are judged again: by lists, pins, hooks and whoever else was asked to judge.

use crate::verdicts::{Hub, lasting, watching};
use crate::world::{NEVER, World, eventually, found};
use countersign::failure::{Code, Failure};
use countersign::net::link::NotSent;
use countersign::node::{ConnectReason, LinkJudge, LinkVerdict, Mail, Node, Peer, SendError};
use countersign::rt::{self, block_on};
use countersign::tls::rejudge::NotJudged;
use countersign::tls::{CertAuth, Changes, ClientAuth, Hook, Pins, Refusal};
use countersign::x509::Fingerprint;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

#[test]
fn of_five_peers_only_the_one_that_is_revoked_loses_its_link_and_both_ends_are_told() {
    block_on(async {
        let hub = Hub::new(|_| {}).await;
        let spokes = hub.spokes(5).await;
        let bad = &spokes[2];
        let (here, there) = (watching(&hub.node, "s2@localhost").await, watching(&bad.node, "hub@localhost").await);
        let links: Vec<_> = hub.node.peers().iter().map(|peer| peer.facts().id).collect();
        let other = Arc::clone(&hub.node.peers()[1]);

        hub.revoke(&[bad]);
        assert_eq!(here.await.reason.as_deref(), Some("revoked"));
        assert!(there.await.reason.is_some());
        assert_eq!(hub.peers(), ["s0@localhost", "s1@localhost", "s3@localhost", "s4@localhost"]);
        assert!(hub.node.peers().iter().all(|peer| links.contains(&peer.facts().id)), "nobody else's link was made anew");
        assert_eq!(other.link().ended().map(|closed| closed.code()), None);

        assert_eq!(bad.reconnect(&hub).await, Err("revoked".to_owned()));
        assert_eq!(hub.node.connect(bad.node.name()).await.unwrap_err().code(), Code::Revoked);
        assert!(hub.node.counters().refused(Code::Revoked) >= 3, "the link, and an attempt from each end");
        spokes[3].node.ping(hub.node.name()).await.unwrap();
    });
}

#[test]
fn monitors_links_and_whoever_waits_for_room_hear_of_the_end() {
    block_on(async {
        let hub = Hub::new(|options| options.limits.send_buffer = 64 * 1024).await;
        let bad = hub.spoke("s0@localhost").await;
        let there = crate::world::idle(&bad.node);
        let (ready, is_ready) = rt::channel::bounded(1);
        let monitored = there.clone();
        let monitoring = hub.node.run(move |mut process| async move {
            let reference = process.monitor(&monitored).await;
            ready.send(()).await.unwrap();
            match process.receive_where(|mail| mail.down(&reference).is_some()).await {
                Mail::Down(down) => down.reason,
                other => panic!("{other:?}"),
            }
        });
        rt::timeout(NEVER, is_ready.recv()).await.unwrap().unwrap();
        let peer = Arc::clone(&hub.node.peers()[0]);
        let closed = peer.link().closed();
        hub.revoke(&[&bad]);
        assert_eq!(rt::timeout(NEVER, closed).await.unwrap().code(), Code::Revoked);
        assert!(found(monitoring).await.is_atom("noconnection"), "as in Erlang: why, the node's end tells");
        let refused = peer.link().post(countersign::dist::control::NodeLink {}, None);
        assert!(matches!(refused, Err(NotSent::Closed(closed)) if closed.code() == Code::Revoked));
        let sending = hub.node.send(&there, countersign::etf::atom("hello")).await.unwrap_err();
        let SendError::Unreachable(error) = sending else { panic!("{sending:?}") };
        assert!(matches!(error.reason(), ConnectReason::Dial(_)) && error.code() == Code::Revoked, "{error}");
    });
}

#[test]
fn pins_that_change_close_links_of_other_keys() {
    block_on(async {
        let pins = Pins::new([]);
        let hub = Hub::new(|options| options.tls = options.tls.clone().pins(Arc::clone(&pins))).await;
        let (kept, lost) = (hub.spoke("s0@localhost").await, hub.spoke("s1@localhost").await);
        let told = watching(&hub.node, "s1@localhost").await;
        pins.replace([kept.certificate.leaf().key_fingerprint]);
        assert_eq!(told.await.reason.as_deref(), Some("pin_mismatch"));
        assert_eq!(hub.peers(), ["s0@localhost"]);
        assert_eq!(lost.reconnect(&hub).await, Err("certificate_unknown".to_owned()), "TLS has no word for it");
    });
}

#[test]
fn a_hook_that_begins_to_refuse_is_heard_when_links_are_judged_and_on_the_timer() {
    block_on(async {
        for is_called in [true, false] {
            let is_stern = Arc::new(AtomicBool::new(false));
            let mood = Arc::clone(&is_stern);
            let hook = Hook::new("moody", move |_| if mood.load(Ordering::SeqCst) { Err("not any more".to_owned()) } else { Ok(()) });
            let hub = Hub::new(|options| {
                options.tls = options.tls.clone().hook(hook);
                if !is_called {
                    options.judge_every = std::time::Duration::from_millis(20);
                }
            });
            let hub = hub.await;
            let _spoke = hub.spoke("s0@localhost").await;
            let told = watching(&hub.node, "s0@localhost").await;
            is_stern.store(true, Ordering::SeqCst);
            if is_called {
                let judgement = hub.node.judge_links().await;
                assert_eq!(judgement.names(LinkVerdict::Closed(Code::RefusedByHook)).len(), 1, "{judgement:?}");
            }
            assert_eq!(told.await.reason.as_deref(), Some("refused_by_hook"));
        }
    });
}

/// Names that may not be peers.
#[derive(Debug, Default)]
struct Banned {
    names: Mutex<HashSet<String>>,
    changes: Changes,
}

impl Banned {
    fn ban(&self, name: &str) {
        self.names.lock().unwrap().insert(name.to_owned());
        self.changes.tell();
    }
}

impl LinkJudge for Banned {
    fn changes(&self) -> &Changes {
        &self.changes
    }

    fn judge(&self, peer: &Peer) -> Result<(), Box<dyn Failure + Send + Sync>> {
        assert_ne!(peer.name().name(), "fatal@localhost", "a bug in a judge");
        match self.names.lock().unwrap().contains(peer.name().as_str()) {
            true => Err(Box::new(Refusal::ByHook { hook: "ban", reason: "it is banned".to_owned() })),
            false => Ok(()),
        }
    }
}

#[test]
fn a_judge_of_ones_own_closes_links_when_it_changes_and_those_that_come_up_after() {
    block_on(async {
        let banned = Arc::new(Banned::default());
        let judge = Arc::clone(&banned) as Arc<dyn LinkJudge>;
        let hub = Hub::new(|options| options.link_judges.push(judge)).await;
        let (spoke, _other) = (hub.spoke("s0@localhost").await, hub.spoke("s1@localhost").await);
        let told = watching(&hub.node, "s0@localhost").await;
        banned.ban("s0@localhost");
        assert_eq!(told.await.reason.as_deref(), Some("refused_by_hook"));
        let again = watching(&hub.node, "s0@localhost").await;
        // The hub lets it in and has it judged; what that looks like from here depends on who is faster.
        let _ = spoke.reconnect(&hub).await;
        assert_eq!(again.await.reason.as_deref(), Some("refused_by_hook"));
        eventually("only the other one is left", || hub.peers() == ["s1@localhost"]);
    });
}

#[test]
fn a_link_that_nobody_can_judge_is_counted_and_stays() {
    block_on(async {
        let world = World::new().await;
        let unverifying = CertAuth::builder(lasting(&world.ca)).root_cas(world.ca.pool()).client_auth(ClientAuth::RequireAny);
        let asking_nobody = CertAuth::builder(lasting(&world.ca)).root_cas(world.ca.pool());
        let cases = [
            (world.with(Some(Arc::new(unverifying.build().unwrap()))), NotJudged::Unverified),
            (world.with(Some(Arc::new(asking_nobody.build().unwrap()))), NotJudged::NoCertificate),
            (world.plain(), NotJudged::Plain),
        ];
        for (number, (options, why)) in cases.into_iter().enumerate() {
            let is_plain = options.danger_plaintext;
            let hub = Node::start(&format!("hub{number}@localhost"), options).await.unwrap();
            let own = if is_plain { world.plain() } else { world.secure() };
            let spoke = Node::start(&format!("s{number}@localhost"), own).await.unwrap();
            spoke.ping(hub.name()).await.unwrap();
            let judgement = hub.judge_links().await;
            assert_eq!(judgement.names(LinkVerdict::NotJudged(why)), [spoke.name()], "{judgement:?}");
            assert_eq!((hub.peers().len(), hub.last_judgement()), (1, Some(judgement)));
        }
    });
}

#[test]
fn what_changes_while_a_link_comes_up_is_not_missed() {
    block_on(async {
        let pins = Pins::new([]);
        let hub = Hub::new(|options| options.tls = options.tls.clone().pins(Arc::clone(&pins))).await;
        let stop = Arc::new(AtomicBool::new(false));
        let (flag, changing) = (Arc::clone(&stop), Arc::clone(&pins));
        let thread = std::thread::spawn(move || {
            // Every other moment nobody may be a peer; at the end, nobody at all.
            while !flag.load(Ordering::SeqCst) {
                changing.replace([Fingerprint::of(b"nobody")]);
                changing.replace([]);
            }
            changing.replace([Fingerprint::of(b"nobody")]);
        });
        let mut spokes = Vec::new();
        for number in 0..20 {
            let manager = Arc::new(CertAuth::mutual(lasting(&hub.world.ca), hub.world.ca.pool()));
            let node = Node::start(&format!("s{number}@localhost"), hub.world.with(Some(manager))).await.unwrap();
            let _ = node.connect(hub.node.name()).await;
            spokes.push(node);
        }
        stop.store(true, Ordering::SeqCst);
        thread.join().unwrap();
        eventually("nobody is left", || hub.node.peers().is_empty());
    });
}
