//! `cert verify`: accepted, refused with the code, or wrong usage.

use crate::world::World;

fn verdict(world: &World, arguments: &str) -> (i32, String) {
    let ran = world.run(&format!("cert verify {arguments}"));
    (ran.code, if ran.out.is_empty() { ran.err } else { ran.out })
}

#[test]
fn a_good_certificate_is_accepted_in_each_role_that_it_claims() {
    let world = World::furnished();
    let agent = verdict(&world, "certs/a.crt --ca certs/ca.crt --name localhost");
    assert_eq!(agent, (0, "accepted as server for localhost: CN=a\naccepted as client: CN=a\n".to_owned()));
    let client = verdict(&world, "certs/caller.crt --ca certs/ca.crt");
    assert_eq!(client, (0, "accepted as client: CN=caller\n".to_owned()));
}

#[test]
fn a_refusal_has_code_reason_and_hint() {
    let world = World::furnished();
    let (code, out) = verdict(&world, "certs/a.crt --ca certs/ca.crt --name elsewhere.example --usage server");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(code, 1);
    assert_eq!(lines[0], "refused as server for elsewhere.example: CN=a");
    assert_eq!(lines[1], "  code    name_mismatch");
    assert!(lines[2].starts_with("  reason  ") && lines[2].contains("DNS:localhost"), "{out}");
    assert!(lines[3].starts_with("  hint    "), "{out}");
}

#[test]
fn each_fault_has_its_own_code() {
    let world = World::furnished();
    world.done("cert ca -n Other -o other");
    world.done("cert ca -n Inter --parent certs -o inter");
    world.done("cert agent -n b --dns localhost --ca inter -o inter");
    let leaf_only = std::fs::read_to_string(world.0.join("inter/b.crt")).unwrap();
    let end = leaf_only.find("-----END CERTIFICATE-----\n").unwrap() + 26;
    std::fs::write(world.0.join("alone.crt"), &leaf_only[..end]).unwrap();
    for (arguments, word) in [
        ("certs/a.crt --ca other/ca.crt", "unknown_ca"),
        ("certs/caller.crt --ca certs/ca.crt --usage server", "wrong_usage"),
        ("certs/a.crt --ca certs/ca.crt --at 2199-01-01", "expired"),
        ("certs/a.crt --ca certs/ca.crt --at 2001-01-01T00:00:00Z", "not_yet_valid"),
        ("other/ca.crt --ca certs/ca.crt", "self_signed"),
        ("alone.crt --ca certs/ca.crt", "missing_intermediate"),
    ] {
        let (code, out) = verdict(&world, arguments);
        assert_eq!(code, 1, "{arguments}");
        assert!(out.contains(&format!("code    {word}\n")), "{arguments}\n{out}");
    }
    let helped = verdict(&world, "alone.crt --ca certs/ca.crt --untrusted inter/ca.crt --name localhost");
    assert_eq!(helped.0, 0, "{}", helped.1);
    assert_eq!(verdict(&world, "inter/b.crt --ca certs/ca.crt --name localhost").0, 0, "the intermediate stands in the file");
}

#[test]
fn revocation_is_asked_when_a_list_is_given() {
    let world = World::furnished();
    world.done("cert revoke certs/a.crt");
    assert_eq!(verdict(&world, "certs/a.crt --ca certs/ca.crt").0, 0, "no list, no question");
    let (code, out) = verdict(&world, "certs/a.crt --ca certs/ca.crt --crl certs/crl.pem");
    assert_eq!(code, 1);
    assert!(out.contains("code    revoked\n"), "{out}");
    assert_eq!(verdict(&world, "certs/caller.crt --ca certs/ca.crt --crl certs/crl.pem").0, 0);
    let stale = "certs/caller.crt --ca certs/ca.crt --crl certs/crl.pem --at";
    let in_two_months = (countersign::clock::Clock::now(&countersign::clock::SystemClock) + 60 * 86_400).to_string();
    let (code, out) = verdict(&world, &format!("{stale} {in_two_months}"));
    assert_eq!((code, out.contains("code    revocation_unknown\n")), (1, true), "{out}");
    assert_eq!(verdict(&world, &format!("{stale} {in_two_months} --crl-policy allow_unknown")).0, 0);
}

#[test]
fn a_file_that_is_no_certificate_is_refused_and_one_that_is_missing_is_wrong_usage() {
    let world = World::furnished();
    std::fs::write(world.0.join("bad.crt"), "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n").unwrap();
    let (code, out) = verdict(&world, "bad.crt --ca certs/ca.crt");
    assert_eq!((code, out.contains("code: malformed_certificate")), (1, true), "{out}");
    let (code, json) = world.json("cert verify bad.crt --ca certs/ca.crt --json");
    assert_eq!((code, &json["refusal"]["code"]), (1, &serde_json::json!("malformed_certificate")));
    assert_eq!(verdict(&world, "missing.crt --ca certs/ca.crt").0, 2);
    assert_eq!(verdict(&world, "certs/a.crt --ca missing.crt").0, 2);
    assert_eq!(verdict(&world, "certs/a.crt --ca certs/a.crt").0, 2, "a leaf is no pool");
    assert_eq!(verdict(&world, "certs/a.crt").0, 2, "whom to trust must be said");
}

#[test]
fn whom_to_trust_may_be_a_file_a_cas_directory_or_a_directory_of_cas() {
    let world = World::furnished();
    world.done("cert ca -n Other -o other");
    std::fs::create_dir(world.0.join("pool")).unwrap();
    for name in ["certs", "other"] {
        std::fs::copy(world.0.join(name).join("ca.crt"), world.0.join("pool").join(format!("{name}.pem"))).unwrap();
    }
    for (ca, code) in [("certs/ca.crt", 0), ("certs", 0), ("pool", 0), ("other", 1), ("other --ca certs", 0), ("nowhere", 2)] {
        assert_eq!(verdict(&world, &format!("certs/a.crt --ca {ca}")).0, code, "{ca}");
    }
    assert_eq!(verdict(&world, "--ca certs/ca.crt certs/a.crt").0, 0, "in the order that openssl has");
    let (code, out) = verdict(&world, "certs/a.crt --ca system");
    assert!(code == 1 || out.contains("the system's certificate store"), "{out}");
}

#[test]
fn a_key_is_judged_with_its_certificate_when_it_is_given() {
    let world = World::furnished();
    let (code, out) = verdict(&world, "certs/caller.crt --ca certs --key certs/caller.key");
    assert_eq!((code, out.as_str()), (0, "accepted as client: CN=caller\naccepted with the key certs/caller.key: CN=caller\n"));
    let (code, out) = verdict(&world, "certs/caller.crt --ca certs --key certs/a.key");
    assert_eq!(code, 1);
    assert!(out.contains("refused with the key certs/a.key: CN=caller\n  code    key_mismatch\n"), "{out}");
    let (code, json) = world.json("cert verify certs/caller.crt --ca certs --key certs/a.key --json");
    assert_eq!((code, &json["accepted"], &json["verdicts"][0]["accepted"]), (1, &false.into(), &true.into()));
    assert_eq!((&json["refusal"]["code"], &json["key"]["refusal"]["code"]), (&"key_mismatch".into(), &"key_mismatch".into()));
    assert_eq!(verdict(&world, "certs/caller.crt --ca certs --key missing.key").0, 2);
}

#[test]
fn what_is_wrong_with_the_question_is_never_held_against_the_certificate() {
    let world = World::furnished();
    std::fs::write(world.0.join("empty"), "").unwrap();
    for flag in ["--untrusted empty", "--crl empty", "--ca empty", "--crl certs/ca.crt"] {
        assert_eq!(verdict(&world, &format!("certs/a.crt --ca certs {flag}")).0, 2, "{flag}");
    }
}

#[test]
fn the_verdict_as_json_is_for_programs() {
    let world = World::furnished();
    let (code, json) = world.json("cert verify certs/a.crt --ca certs/ca.crt --name localhost --json");
    assert_eq!(code, 0);
    assert_eq!(json["accepted"], true);
    assert_eq!(json["refusal"], serde_json::Value::Null);
    let server = serde_json::json!({"usage": "server", "name": "localhost", "accepted": true, "refusal": null});
    assert_eq!(json["verdicts"][0], server);
    assert_eq!(json["certificate"]["subject"], "CN=a");
}
