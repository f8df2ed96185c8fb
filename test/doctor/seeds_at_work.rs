//! The symptoms of Ergo that show only in a node that runs, and one of Muti Metroo from the side that was dialled.

use crate::child::{Openssl, flags, is_installed};
use crate::program::World;
use crate::running::{Stage, findings, of, text};
use crate::world::{NEVER, found, well};
use countersign::dist::Cookie;
use countersign::doctor::{Asked, Check, Health, running};
use countersign::etf::{Atom, atom, json};
use countersign::failure::Code;
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions, Route};
use countersign::rt::block_on;
use countersign::tls::{CertAuth, CertManager, Certificate};
use serde_json::Value;
use std::sync::Arc;

#[track_caller]
fn symptom(said: &str, finding: &Value, code: &str) {
    assert_eq!(text(finding, "code"), code, "{finding:#?}");
    assert!(Code::seen_as(said).iter().any(|seen| seen.as_str() == code), "{said:?} leads to {code}");
}

#[test]
fn ergo_certificate_rotation_not_taking_effect_because_nobody_told_the_node() {
    let stage = Stage::new();
    let pair = |world: &World| {
        let issued = world.done("cert agent -n a --dns localhost --uri erl:a@localhost --ca ca -o new");
        assert!(!issued.out.is_empty());
        for (from, to) in [("new/a.crt", "a@localhost/tls.crt"), ("new/a.key", "a@localhost/tls.key")] {
            world.write(to, &world.read(from));
        }
    };
    pair(&stage.world);
    let ran = stage.world.run("doctor --config a.json --json");
    let all = findings(&ran);
    assert_eq!(ran.code, 1);
    symptom("Certificate rotation not taking effect", of(&all, "running_certificate"), "stale_certificate");
    assert_eq!(of(&all, "running_ca").get("ok"), Some(&Value::Bool(true)), "{all:#?}");
    drop(stage.node);
}

#[test]
fn ergo_certificate_rotation_not_taking_effect_because_links_keep_what_they_began_with() {
    let files = crate::world::World::new();
    let manager = Arc::new(CertAuth::mutual(files.ca.agent(&["localhost"]), files.ca.pool()));
    let options = NodeOptions {
        cert_manager: Some(manager.clone()),
        cookie: Some(Cookie::new(b"cluster".to_vec())),
        acceptors: vec![Acceptor::at_port(0)],
        epmd: EpmdMode::Off,
        ..NodeOptions::default()
    };
    let a = block_on(Node::start("a@localhost", options.clone())).unwrap();
    let routes = vec![Route::to(a.name().clone(), "localhost", a.local_addrs().first().unwrap().port())];
    let own = Some(Arc::new(CertAuth::mutual(files.ca.agent(&["localhost"]), files.ca.pool())) as _);
    let b = block_on(Node::start("b@localhost", NodeOptions { routes, cert_manager: own, ..options })).unwrap();
    block_on(b.connect(a.name())).unwrap();
    let path = |name: &str| files.directory.join(name);
    manager.update(Certificate::from_paths(path("a.crt"), Some(&path("a.key"))).unwrap()).unwrap();
    let asked = block_on(b.call((Atom::fixed("countersign"), a.name()), atom("status"), NEVER)).unwrap();
    let report = block_on(running(&files.case(""), &Asked::Said(&json::of(&asked))));
    well(&report);
    assert_eq!(found(&report, Check::RunningCertificate).health, Health::Good, "{report:#?}");
    let links = found(&report, Check::RunningLinks);
    assert!(links.said.starts_with("1 of 1 links still have the certificate from before"), "{links:?}");
    crate::seeds::symptom("Certificate rotation not taking effect", &report, Code::StaleCertificate);
    block_on(b.stop());
    block_on(a.stop());
}

#[test]
fn ergo_ca_pool_changes_not_taking_effect() {
    let stage = Stage::new();
    stage.replace_files("another-ca");
    let ran = stage.world.run("doctor --config a.json --json");
    let all = findings(&ran);
    assert_eq!(ran.code, 1);
    symptom("CA pool changes not taking effect", of(&all, "running_ca"), "restart_required");
    symptom("Certificate rotation not taking effect", of(&all, "running_certificate"), "stale_certificate");
    drop(stage.node);
}

#[test]
fn muti_metroo_client_certificate_required_as_the_node_saw_it() {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    let to = format!("127.0.0.1:{}", stage.port);
    let client = Openssl::run(&flags(&["s_client", "-connect", &to, "-verify_quiet"]));
    client.wait_for_end();
    let ran = stage.world.run("doctor --config a.json --json");
    let all = findings(&ran);
    assert_eq!(ran.code, 0, "what is past is no fault: {all:#?}");
    symptom("tls: client didn't provide a certificate", of(&all, "running_failures"), "no_client_certificate");
    drop(stage.node);
}
