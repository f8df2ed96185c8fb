//! The node's own certificates come to their ends. The clock is in the test's hands, and what a node finds when it looks
//! is asked for; that it looks by itself has tests of its own.

use crate::logbook;
use crate::verdicts::{lasting, now, until};
use crate::world::{NEVER, World, door, there};
use countersign::clock::{Clock, DAY, ManualClock, SystemClock, Timestamp};
use countersign::etf::{Term, atom};
use countersign::failure::{Code, Failure};
use countersign::node::{
    Acceptor, EpmdMode, ExpiredLinks, ExpiryStage, LinkVerdict, Mail, Node, NodeOptions, NodePattern, OwnCertificate, Place, Route,
};
use countersign::rt::channel::{Receiver, bounded, unbounded};
use countersign::rt::{self, block_on};
use countersign::testing::Ca;
use countersign::tls::{CertAuth, CertAuthManager, Certificate, TlsPolicy};
use std::sync::Arc;

/// A CA, and a clock that all nodes of a test go by.
struct Scene {
    world: World,
    start: Timestamp,
    clock: Arc<ManualClock>,
}

impl Scene {
    async fn new() -> Self {
        logbook::open();
        log::set_max_level(log::LevelFilter::Info);
        let start = now();
        Self { world: World::new().await, start, clock: Arc::new(ManualClock::at(start)) }
    }

    fn options(&self, certificate: Certificate) -> NodeOptions {
        let tls = TlsPolicy::default().clock(self.clock.clone());
        NodeOptions { tls, ..self.world.with(Some(manager(certificate, &self.world.ca))) }
    }

    async fn node(&self, own: &str, certificate: Certificate) -> Node {
        Node::start(own, self.options(certificate)).await.unwrap()
    }

    /// What the node finds so many seconds from the start.
    fn look(&self, node: &Node, seconds: i64) -> Vec<OwnCertificate> {
        self.clock.set(self.start + seconds);
        node.certificates()
    }

    fn stage(&self, node: &Node, seconds: i64) -> ExpiryStage {
        let [own] = &self.look(node, seconds)[..] else { panic!("one certificate") };
        own.stage
    }

    /// A life from the start on, under a name that no other line of the log has.
    fn born(&self, subject: &str, seconds: i64) -> Certificate {
        self.world.ca.leaf().common_name(subject).names(&["localhost"]).valid(self.start, self.start + seconds).build()
    }
}

fn manager(certificate: Certificate, ca: &Ca) -> Arc<dyn CertAuthManager> {
    Arc::new(CertAuth::mutual(certificate, ca.pool()))
}

/// The events that stand in the log for this certificate, in order.
fn events(subject: &str) -> Vec<String> {
    let word = |line: &str| line.split(' ').find_map(|word| word.strip_prefix("event=")).unwrap().to_owned();
    let lines = logbook::said(&format!("subject=CN={subject} "));
    lines.iter().filter(|line| line.starts_with("own certificate ") || line.starts_with("peers refuse ")).map(|line| word(line)).collect()
}

/// What a process is told about the node's certificates, from now on.
async fn told(node: &Node) -> Receiver<OwnCertificate> {
    let (sender, receiver) = unbounded();
    let (ready, is_ready) = bounded(1);
    node.spawn(|mut process| async move {
        process.monitor_certificates(true);
        ready.send(()).await.unwrap();
        while let Mail::OwnCertificate(own) = process.receive().await {
            sender.send(*own).await.unwrap();
        }
    });
    is_ready.recv().await.unwrap();
    receiver
}

async fn next(told: &Receiver<OwnCertificate>) -> OwnCertificate {
    rt::timeout(NEVER, told.recv()).await.unwrap().unwrap()
}

#[test]
fn each_stage_is_said_once_for_each_certificate_and_a_new_one_begins_anew() {
    block_on(async {
        let scene = Scene::new().await;
        let node = scene.node("a@localhost", scene.born("first", 900)).await;
        let told = told(&node).await;
        let stages = [0, 599, 600, 700, 810, 882, 890].map(|after| scene.stage(&node, after).as_str());
        assert_eq!(stages, ["well", "well", "third", "third", "tenth", "fiftieth", "fiftieth"]);
        assert_eq!(events("first"), ["own_certificate_ending"; 3]);
        // A clock that is set back begins nothing again.
        assert_eq!([600, 882].map(|after| scene.stage(&node, after).as_str()), ["third", "fiftieth"]);
        assert_eq!(events("first").len(), 3);
        node.cert_manager().unwrap().update(scene.born("second", 9_000)).unwrap();
        assert_eq!(scene.stage(&node, 890), ExpiryStage::Well);
        assert_eq!(events("second"), [""; 0], "all is well, and nobody says so");
        assert_eq!(scene.stage(&node, 6_000), ExpiryStage::Third);
        assert_eq!(events("second"), ["own_certificate_ending"]);
        let mut heard = Vec::new();
        for _ in 0..7 {
            heard.push(next(&told).await.stage.as_str());
        }
        assert_eq!(heard, ["third", "tenth", "fiftieth", "third", "fiftieth", "well", "third"], "programs hear of every change");
    });
}

#[test]
fn the_stage_in_force_at_start_is_said_at_start_with_what_is_left_and_what_helps() {
    block_on(async {
        let scene = Scene::new().await;
        let certificate =
            scene.world.ca.leaf().common_name("old").dns("localhost").valid(scene.start + -85 * DAY, scene.start + 5 * DAY).build();
        let _node = scene.node("a@localhost", certificate).await;
        let [line] = &logbook::said("subject=CN=old ")[..] else { panic!("one line") };
        let end = scene.start + 5 * DAY;
        let parts = [
            "own certificate ends soon event=own_certificate_ending holder=node subject=CN=old serial=",
            &format!(" stage=tenth until={end} seconds_left=432000 "),
            &format!("reason=the certificate CN=old (node) is good for 5 days more, until {end} hint=renew it, and have the node take "),
        ];
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    });
}

#[test]
fn a_certificate_for_a_day_does_not_warn_at_birth() {
    block_on(async {
        let scene = Scene::new().await;
        let node = scene.node("a@localhost", scene.born("brief", DAY)).await;
        assert_eq!([0, DAY / 2].map(|after| scene.stage(&node, after)), [ExpiryStage::Well; 2]);
        assert_eq!(events("brief"), [""; 0]);
    });
}

#[test]
fn an_authority_that_ends_first_counts_and_is_named() {
    block_on(async {
        let scene = Scene::new().await;
        let inter = scene.world.ca.intermediate_valid(scene.start + -DAY, scene.start + 9 * DAY);
        let node = scene.node("a@localhost", until(&inter, scene.start + 90 * DAY)).await;
        let [own] = &scene.look(&node, 8 * DAY)[..] else { panic!("one certificate") };
        assert_eq!((own.stage, own.until), (ExpiryStage::Tenth, scene.start + 9 * DAY));
        let authority = inter.facts().subject.clone();
        assert_eq!(own.authority.as_ref(), Some(&authority));
        assert!(
            own.to_string().ends_with(&format!("is good for 24 hours more, until {}, when the authority {authority} ends", own.until)),
            "{own}"
        );
        assert!(own.hint().unwrap().to_string().starts_with("a renewal alone does not help, for the authority "));
    });
}

#[test]
fn every_certificate_of_the_node_is_looked_at_once_and_says_who_presents_it() {
    block_on(async {
        let scene = Scene::new().await;
        let ca = &scene.world.ca;
        let [shared, own] = [lasting(ca), lasting(ca)];
        let at = |certificate: &Certificate| Acceptor { cert_manager: Some(manager(certificate.clone(), ca)), ..door() };
        let to = |pattern: &str, certificate: Certificate| Route {
            cert_manager: Some(manager(certificate, ca)),
            ..Route::matching(pattern.parse::<NodePattern>().unwrap(), Place::at("127.0.0.1", 1))
        };
        let options = NodeOptions {
            acceptors: vec![door(), at(&shared), at(&own)],
            routes: vec![Route { cert_manager: None, ..to("plain-*@x", lasting(ca)) }, to("own-*@x", own.clone())],
            ..scene.options(shared.clone())
        };
        let node = Node::start("a@localhost", options).await.unwrap();
        let told = told(&node).await;
        let [_, second, third] = node.local_addrs()[..] else { panic!("three doors") };
        let holders = |node: &Node| node.certificates().into_iter().map(|own| own.holders.join(", ")).collect::<Vec<_>>();
        let both = [format!("node, acceptor {second}"), format!("acceptor {third}, route own-*@x")];
        assert_eq!(holders(&node), both);

        let id = node.add_route(to("late-*@x", until(ca, now() + -1))).unwrap();
        // Nobody has asked: the node has looked because there is a new route.
        let late = next(&told).await;
        assert_eq!((late.holders, late.stage), (vec!["route late-*@x".to_owned()], ExpiryStage::Expired));
        assert!(node.remove_route(id));
        assert_eq!(holders(&node), both);
    });
}

#[test]
fn a_node_whose_own_certificate_has_ended_serves_its_links_and_takes_a_new_one() {
    block_on(async {
        let scene = Scene::new().await;
        let a = scene.node("a@localhost", scene.born("ended", DAY)).await;
        let patient = NodeOptions { expired: ExpiredLinks::Keep, ..scene.options(lasting(&scene.world.ca)) };
        let b = Node::start("b@localhost", patient).await.unwrap();
        b.ping(a.name()).await.unwrap();
        let (link, told) = (b.peers()[0].facts().id, told(&a).await);

        assert_eq!(scene.stage(&a, 2 * DAY), ExpiryStage::Expired);
        assert_eq!(next(&told).await.stage, ExpiryStage::Expired);
        assert_eq!(a.judge_links().await.names(LinkVerdict::Good), [b.name()]);
        assert_eq!(b.judge_links().await.names(LinkVerdict::Kept(Code::Expired)), [a.name()]);
        a.ping(b.name()).await.unwrap();
        let c = scene.node("c@localhost", lasting(&scene.world.ca)).await;
        assert_eq!(c.connect(a.name()).await.unwrap_err().code(), Code::Expired);
        assert_eq!(a.connect(c.name()).await.unwrap_err().code(), Code::Expired);

        let fresh = a.cert_manager().unwrap().update(scene.born("fresh", 9 * DAY)).unwrap();
        // Nobody has asked: the node has looked because there is a new certificate.
        let well = next(&told).await;
        assert_eq!((well.stage, well.certificate.leaf().subject.as_str()), (ExpiryStage::Well, "CN=fresh"));
        a.ping(b.name()).await.unwrap();
        c.ping(a.name()).await.unwrap();
        assert_eq!(c.peers()[0].transport().presented.as_ref().map(|own| own.generation.0), Some(1));
        assert_eq!(a.connect(c.name()).await.unwrap().transport().presented.as_ref().map(|own| own.generation), Some(fresh));
        assert_eq!(b.connect(a.name()).await.unwrap().facts().id, link, "the link of before is still the same");
        assert_eq!([events("ended"), events("fresh")], [vec!["own_certificate_ended"], vec!["own_certificate_well"]]);
    });
}

#[test]
fn an_end_is_said_again_every_hour_and_no_more_often() {
    block_on(async {
        let scene = Scene::new().await;
        let node = scene.node("a@localhost", scene.born("gone", 60)).await;
        let count = |after| {
            assert_eq!(scene.stage(&node, after), ExpiryStage::Expired);
            events("gone").len()
        };
        assert_eq!([61, 62, 3_660, 3_661, 7_000, 7_261].map(count), [1, 1, 1, 2, 2, 3]);
        // A clock that jumps back is believed, and what is in force again is said.
        assert_eq!(scene.stage(&node, -5), ExpiryStage::NotYetValid);
        assert_eq!(scene.stage(&node, 10), ExpiryStage::Well);
        assert_eq!(events("gone")[3..], ["own_certificate_ended", "own_certificate_well"]);
    });
}

#[test]
fn a_node_finds_out_by_its_own_clock() {
    block_on(async {
        let world = World::new().await;
        let end = now() + 2;
        let node = Node::start("a@localhost", world.with(Some(manager(until(&world.ca, end), &world.ca)))).await.unwrap();
        assert_eq!(next(&told(&node).await).await.stage, ExpiryStage::Expired);
        assert!(SystemClock.now() > end, "not before its last moment is over");
    });
}

#[test]
fn status_says_it_in_words_and_numbers() {
    block_on(async {
        let scene = Scene::new().await;
        let a = scene.node("a@localhost", scene.born("shown", 90 * DAY)).await;
        scene.clock.set(scene.start + 80 * DAY);
        let b =
            NodeOptions { acceptors: Vec::new(), epmd: EpmdMode::At(scene.world.epmd.port()), ..scene.options(scene.born("b", 99 * DAY)) };
        let b = Node::start("b@localhost", b).await.unwrap();
        let status = b.call(there("countersign", &a), atom("status"), NEVER).await.unwrap();
        let Term::Map(status) = status else { panic!("{status}") };
        let rows = status.field("own_certificates").unwrap().as_list().unwrap();
        let Term::Map(row) = &rows[0] else { panic!("{rows:?}") };
        let fact = |name: &str| row.field(name).unwrap().clone();
        assert_eq!(rows.len(), 1);
        assert_eq!(fact("seconds_left"), Term::from(10 * DAY));
        assert_eq!(fact("authority"), atom("none"));
        let texts = [("holders", "node"), ("subject", "CN=shown"), ("stage", "third"), ("left", "10 days")];
        texts.into_iter().for_each(|(name, text)| assert_eq!(fact(name), Term::from(text), "{name}"));
        assert_eq!(fact("until"), Term::from((scene.start + 90 * DAY).to_string()));
        assert!(fact("hint").to_string().contains("renew it, and have the node take the new one"), "{}", fact("hint"));
    });
}
