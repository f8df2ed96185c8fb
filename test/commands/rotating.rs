//! Files that are replaced while a node runs: SIGHUP, the node's own look, and `rotate`.

use crate::world::{COUNTERSIGN, Running, World, ran};
use countersign::config;
use countersign::dist::Cookie;
use countersign::etf::{Atom, atom};
use countersign::node::{EpmdMode, Node, NodeOptions};
use countersign::node_name::NodeName;
use countersign::rt::block_on;
use countersign::tls::CertManager;
use serde_json::Value;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const A: &str = "a@localhost";

/// `a@localhost` with its certificate in the directory of its name, and peers with the same CA.
fn world(node: &str, tls: &str) -> World {
    let world = World::new();
    world.issue("ca", &[A, "b@localhost"]);
    world.write("cookie", "secret");
    let document = format!(
        r#"{{ "node": {{ "name": "{A}", "cookie": {{ "file": "cookie" }} {node} }}, "tls": {{ "dir": "{A}" {tls} }}, "acceptors": [{{ "port": 0 }}] }}"#
    );
    world.write("countersign.json", &document);
    world
}

fn start(world: &World) -> Running {
    world.start("--config countersign.json")
}

/// The serial of the certificate that lies in the directory of a node.
fn serial(world: &World, node: &str) -> String {
    let directory = config::tls_directory(&world.directory.join(node)).unwrap();
    directory.resolver().current().certificate.leaf().serial_hex()
}

/// Another certificate in the place of the one before.
fn renew(world: &World) -> String {
    world.done(&format!("cert renew {A}/tls.crt --ca ca"));
    serial(world, A)
}

fn rotate(world: &World, arguments: &str) -> (i32, Value) {
    let ran = world.run(&format!("rotate --config countersign.json --json {arguments}"));
    (ran.code, serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}{}", ran.out, ran.err)))
}

/// A node of the test's own, beside those that run as processes.
async fn peer(world: &World) -> Node {
    let manager = config::tls_directory(&world.directory.join("b@localhost")).unwrap();
    let options = NodeOptions {
        cert_manager: Some(Arc::new(manager)),
        cookie: Some(Cookie::new(b"secret".to_vec())),
        acceptors: Vec::new(),
        epmd: EpmdMode::At(world.epmd_port),
        ..NodeOptions::default()
    };
    Node::start("b@localhost", options).await.unwrap()
}

/// Asks `a`, again and again, and counts the answers; each must come.
async fn ask_until(node: Node, is_over: Arc<AtomicBool>) -> u64 {
    let a: NodeName = A.parse().unwrap();
    let mut answers = 0;
    while !is_over.load(Ordering::SeqCst) {
        let answer = node.call((Atom::fixed("countersign"), &a), atom("ping"), Duration::from_secs(30)).await.unwrap();
        assert_eq!(answer, atom("pong"));
        answers += 1;
    }
    answers
}

#[test]
fn files_and_a_sighup_have_links_handed_over_and_no_question_goes_without_its_answer() {
    let world = world(r#", "reload_seconds": 86400"#, r#", "rotation": "handover""#);
    let running = start(&world);
    block_on(async {
        let b = peer(&world).await;
        let link = b.connect(&A.parse().unwrap()).await.unwrap();
        let shown = || link.transport().peer_certificate.as_ref().unwrap().leaf.serial_hex();
        let is_over = Arc::new(AtomicBool::new(false));
        let asking = std::thread::spawn({
            let (b, is_over) = (b.clone(), Arc::clone(&is_over));
            move || block_on(ask_until(b, is_over))
        });
        for times in 1..=3 {
            let new = renew(&world);
            assert_ne!(shown(), new);
            running.signal("HUP");
            running.line_after("certificate replaced");
            running.line_after("link handed over");
            crate::world::eventually("this end shows it, too", || link.link().handovers().done == times && shown() == new);
        }
        is_over.store(true, Ordering::SeqCst);
        assert!(asking.join().unwrap() > 0);
        assert!(link.link().is_up() && b.peers().len() == 1, "it is the link that it was");
        b.stop().await;
    });
    world.done("stop --config countersign.json");
    assert!(running.ended().success());
}

#[test]
fn files_that_change_are_noticed_without_a_word_and_what_is_wrong_is_said_with_its_cure() {
    let world = world(r#", "reload_seconds": 1"#, "");
    let running = start(&world);
    let key = world.read(&format!("{A}/tls.key"));
    world.write(&format!("{A}/tls.key"), &world.read("b@localhost/tls.key"));
    let said = running.line_after("what lies at a source is of no use");
    assert!(said.contains("code=key_mismatch") && said.contains("hint="), "{said}");
    // With the same files the command would not get far, either.
    let status = world.done(&format!("status {A} --tls-dir b@localhost --cookie-file cookie")).out;
    assert!(status.contains("key_mismatch") && status.contains("does not belong"), "{status}");
    world.write(&format!("{A}/tls.key"), &key);
    running.line_after("what lies at a source is good again");
    let new = renew(&world);
    assert!(running.line_after("certificate replaced").contains(&new));
    world.write(&format!("{A}/ca.crt"), &(world.read("ca/ca.crt") + &countersign::testing::Ca::new().pem()));
    running.line_after("the CA file differs from the pool in force");
    for _ in 0..2 {
        running.signal("HUP");
        running.line_after("SIGHUP: a@localhost: the CAs beside it are not those in force, and count after a restart");
    }
    let status: Value = serde_json::from_str(&world.done("status --config countersign.json --json").out).unwrap();
    let source = &status["sources"][0];
    let rotated = world.done("rotate --config countersign.json").out;
    assert!(rotated.contains("\n  CAs         not those in force: they count after a restart\n"), "{rotated}");
    assert_eq!((&source["restart_required"], &source["serial"], &source["code"]), (&true.into(), &new.into(), &"none".into()));
}

#[test]
fn a_start_between_the_two_files_of_a_renewal_waits_for_the_second_one() {
    let world = world("", "");
    let key = world.read(&format!("{A}/tls.key"));
    world.write(&format!("{A}/tls.key"), &world.read("b@localhost/tls.key"));
    let running = Running::of(world.command(COUNTERSIGN, "start --config countersign.json"));
    running.line_after("looking again for 5 seconds");
    world.write(&format!("{A}/tls.key"), &key);
    assert_eq!(running.started(), A);
}

#[test]
fn a_source_that_is_not_to_be_watched_is_none() {
    let world = world("", r#", "watch": false"#);
    let running = start(&world);
    let ran = world.run("rotate --config countersign.json");
    assert_eq!((ran.code, ran.out.as_str()), (1, "a@localhost\n"));
    assert!(ran.err.contains("--cert and --key"), "{}", ran.err);
    running.signal("HUP");
    running.line_after("SIGHUP: no certificate has a source to look at");
}

#[test]
fn rotate_takes_what_lies_in_the_files_and_says_with_serials_what_became_of_it() {
    let world = world(r#", "reload_seconds": 86400"#, r#", "rotation": "handover""#);
    let running = start(&world);
    let (old, new) = (serial(&world, A), renew(&world));
    let (code, answer) = rotate(&world, "--dry-run");
    let row = |outcome: &str, old: &str| serde_json::json!([{ "name": A, "outcome": outcome, "old_serial": old, "new_serial": new, "restart_required": false, "code": "none", "holder": "none", "reason": "none", "hint": "none" }]);
    assert_eq!((code, &answer["dry_run"], &answer["sources"]), (0, &true.into(), &row("would_replace", &old)));
    let (code, answer) = rotate(&world, "");
    assert_eq!((code, &answer["dry_run"], &answer["sources"]), (0, &false.into(), &row("replaced", &old)));
    let (code, answer) = rotate(&world, "");
    assert_eq!((code, &answer["sources"]), (0, &row("unchanged", &new)));
    running.signal("HUP");
    running.line_after("SIGHUP: a@localhost: unchanged");
    world.write(&format!("{A}/tls.crt"), "torn");
    for _ in 0..2 {
        running.signal("HUP");
        let said = running.line_after("SIGHUP: a@localhost: refused: ");
        assert!(said.starts_with("a@localhost/tls.crt: no certificate in it (no PEM block at all); PEM is expected"), "{said}");
    }
}

#[test]
fn rotate_says_what_will_become_of_each_link() {
    let world = world(r#", "reload_seconds": 86400"#, r#", "rotation": "handover""#);
    let running = start(&world);
    block_on(async {
        let b = peer(&world).await;
        b.connect(&A.parse().unwrap()).await.unwrap();
        let (old, new) = (serial(&world, A), renew(&world));
        let said = world.done("rotate --config countersign.json").out;
        let expected = format!(
            "a@localhost\nsource a@localhost\n  outcome     replaced\n  old serial  {old}\n  new serial  {new}\n\
             PEER         ITS LINK  OTHERWISE  REASON\nb@localhost  handover  -          -\n"
        );
        assert_eq!(said, expected);
        running.line_after("link handed over");
        b.stop().await;
    });
}

#[test]
fn rotate_takes_a_pair_of_the_nodes_host_and_no_key_crosses_the_link() {
    let world = world(r#", "reload_seconds": 86400"#, "");
    let running = start(&world);
    fs::create_dir(world.directory.join("new")).unwrap();
    for file in ["tls.crt", "tls.key"] {
        world.write(&format!("new/{file}"), &world.read(&format!("{A}/{file}")));
    }
    world.done("cert renew new/tls.crt --ca ca");
    let (code, answer) = rotate(&world, "--cert new/tls.crt --key new/tls.key");
    assert_eq!((code, &answer["sources"][0]["outcome"]), (0, &"replaced".into()), "{answer}");
    let whole = world.directory.canonicalize().unwrap();
    assert_eq!(answer["sources"][0]["name"], format!("{0}/new/tls.crt, {0}/new/tls.key", whole.display()));
    running.line_after("certificate replaced");
    assert_ne!(answer["sources"][0]["new_serial"], serial(&world, A));
}

#[test]
fn who_had_a_certificate_of_another_subject_presented_can_take_it_back_and_others_cannot() {
    let world = world("", "");
    for name in ["one", "two"] {
        world.done(&format!("cert agent -n {name} --dns localhost --ca ca -o {name}"));
    }
    let tls = r#"{ "cert": "one/one.crt", "key": "one/one.key", "root_ca": "ca/ca.crt", "client_ca": "ca/ca.crt" }"#;
    let node = format!(r#"{{ "name": "{A}", "cookie": {{ "file": "cookie" }}, "reload_seconds": 86400 }}"#);
    world.write("countersign.json", &format!(r#"{{ "node": {node}, "tls": {tls}, "acceptors": [{{ "port": 0 }}] }}"#));
    let _running = start(&world);
    let (code, answer) = rotate(&world, "--cert two/two.crt --key two/two.key");
    assert_eq!((code, &answer["sources"][0]["outcome"]), (0, &"replaced".into()), "{answer}");
    let by_others = world.run(&format!("rotate {A} --tls-dir b@localhost --cookie-file cookie"));
    assert!(by_others.err.contains("code: not_allowed"), "{}", by_others.err);
    let (code, answer) = rotate(&world, "");
    assert_eq!((code, &answer["sources"][0]["outcome"]), (0, &"replaced".into()), "{answer}");
}

#[test]
fn rotate_is_refused_with_the_holder_that_would_break_the_code_and_the_cure() {
    let world = world(r#", "reload_seconds": 86400"#, "");
    let _running = start(&world);
    world.issue("stranger", &["x@localhost"]);
    let ran = world.run("rotate --config countersign.json --cert x@localhost/tls.crt --key x@localhost/tls.key");
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    for words in [
        "refused",
        "dialler could not work",
        "could not work with this certificate",
        "\n  code        unknown_ca\n  reason      ",
        "\n  hint        the CA pool is fixed until restart",
    ] {
        assert!(ran.out.contains(words), "{words}\n{}", ran.out);
    }
    let (code, answer) = rotate(&world, "--cert b@localhost/tls.crt --key x@localhost/tls.key --dry-run");
    assert_eq!((code, &answer["sources"][0]["code"]), (1, &"key_mismatch".into()));
    let before = serial(&world, A);
    let (_, answer) = rotate(&world, "--cert nowhere.crt");
    assert_eq!((&answer["sources"][0]["outcome"], &answer["sources"][0]["old_serial"]), (&"refused".into(), &before.into()));
}

#[test]
fn only_admins_may_rotate() {
    let world = world("", "");
    let _running = start(&world);
    let ran = ran(world.command(COUNTERSIGN, &format!("rotate {A} --tls-dir b@localhost --cookie-file cookie")));
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("code: not_allowed"), "{}", ran.err);
}
