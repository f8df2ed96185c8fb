//! The symptoms of Ergo that show only in a node that runs, and one of Muti Metroo from the side that was dialled.

use crate::child::{Openssl, flags, is_installed};
use crate::program::World;
use crate::running::{Stage, findings, of, text};
use countersign::failure::Code;
use serde_json::Value;

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
