//! `cert inspect`, `fingerprint`, `list`.

use crate::scratch::{openssl_is_here, printed};
use crate::steady::steady;
use crate::world::World;

#[test]
fn inspect_shows_what_a_person_asks_of_a_certificate() {
    let out = World::furnished().done("cert inspect certs/a.crt").out;
    assert_eq!(
        steady(&out),
        "\
certs/a.crt, block 1 (line 1)
  subject      CN=a
  issuer       CN=Root
  kind         agent
  names        DNS:localhost, IP:127.0.0.1
  valid from   DATE
  valid until  DATE (N days left)
  serial       HEX
  key          P-256
  signature    ecdsa-with-SHA256
  key usage    digitalSignature
  used for     serverAuth, clientAuth
  sha256       HEX
  key sha256   HEX
  key file     certs/a.key (fits)"
    );
}

#[test]
fn inspect_says_of_a_key_what_it_is_and_never_shows_it() {
    let world = World::furnished();
    let ran = world.done("cert inspect certs/a.key");
    assert_eq!(steady(&ran.out), "certs/a.key, block 1 (line 1)\n  kind        private key\n  key         P-256\n  key sha256  HEX");
    let (_, key) = world.json("cert inspect certs/a.key --json");
    let (_, certificate) = world.json("cert inspect certs/a.crt --json");
    assert_eq!(key[0]["key_sha256"], certificate[0]["key_sha256"]);
    let secret = std::fs::read_to_string(world.0.join("certs/a.key")).unwrap();
    assert!(!ran.out.contains(secret.lines().nth(1).unwrap()));
}

#[test]
fn inspect_says_of_a_revocation_list_whom_it_names_until_when() {
    let world = World::furnished();
    world.done("cert revoke certs/a.crt");
    let out = world.done("cert inspect certs/crl.pem").out;
    assert_eq!(
        steady(&out),
        "\
certs/crl.pem, block 1 (line 1)
  kind      revocation list
  issuer    CN=Root
  made      DATE
  next due  DATE (N days left)
  revoked   1
            DATE  HEX"
    );
    let (_, json) = world.json("cert inspect certs/crl.pem --json");
    let serial = world.json("cert inspect certs/a.crt --json").1[0]["serial"].clone();
    assert_eq!((&json[0]["kind"], &json[0]["current"]), (&"revocation_list".into(), &true.into()));
    assert_eq!(json[0]["revoked"][0]["serial"], serial);
}

#[test]
fn inspect_shows_all_of_a_bundle_in_its_order() {
    let world = World::furnished();
    world.done("cert crl");
    let parts = ["a.crt", "crl.pem", "a.key"].map(|name| std::fs::read_to_string(world.0.join("certs").join(name)).unwrap());
    std::fs::write(world.0.join("bundle.pem"), parts.concat()).unwrap();
    let (code, json) = world.json("cert inspect bundle.pem --json");
    let kinds: Vec<&str> = json.as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert_eq!((code, kinds), (0, vec!["agent", "revocation_list", "private_key"]));
}

#[test]
fn a_file_of_another_kind_is_answered_with_the_command_that_tells_the_kind() {
    let world = World::furnished();
    let ran = world.run("cert fingerprint certs/a.key");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("countersign cert inspect FILE says what each of them holds"), "{}", ran.err);
    std::fs::write(world.0.join("a.csr"), "-----BEGIN CERTIFICATE REQUEST-----\nMAMCAQE=\n-----END CERTIFICATE REQUEST-----\n").unwrap();
    let ran = world.run("cert inspect a.csr");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("names what it is") && !ran.err.contains("cert inspect FILE"), "{}", ran.err);
    let ran = world.run("cert inspect certs");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("countersign cert list DIR"), "{}", ran.err);
}

#[test]
fn inspect_as_json_has_stable_keys() {
    let (code, json) = World::furnished().json("cert inspect certs/a.crt --json");
    let keys: Vec<&str> = json[0].as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = vec![
        "kind",
        "subject",
        "issuer",
        "serial",
        "names",
        "not_before",
        "not_after",
        "days_left",
        "valid_now",
        "key",
        "signature",
        "weakness",
        "is_ca",
        "path_len",
        "key_usage",
        "extended_key_usage",
        "self_issued",
        "sha256",
        "key_sha256",
        "subject_key_id",
        "authority_key_id",
    ];
    expected.sort_unstable();
    assert_eq!((code, keys), (0, expected));
    assert_eq!(json[0]["names"][1], serde_json::json!({"type": "ip", "value": "127.0.0.1"}));
}

#[test]
fn a_damaged_file_is_not_well_and_a_missing_one_is_wrong_usage() {
    let world = World::furnished();
    let block = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";
    std::fs::write(world.0.join("bad.crt"), block).unwrap();
    for verb in ["inspect", "fingerprint"] {
        let ran = world.run(&format!("cert {verb} bad.crt"));
        assert_eq!(ran.code, 1);
        assert!(ran.err.starts_with("error: bad.crt, block 1 (line 1): not a certificate\n"), "{}", ran.err);
        assert!(ran.err.contains("\ncode: malformed_certificate\n"), "{}", ran.err);
        assert_eq!(world.run(&format!("cert {verb} missing.crt")).code, 2);
    }
}

#[test]
fn fingerprint_prints_what_openssl_prints() {
    let world = World::furnished();
    let ours = world.done("cert fingerprint certs/a.crt").out;
    assert!(ours.starts_with("sha256 Fingerprint=") && ours.len() == 19 + 96, "{ours}");
    if openssl_is_here("fingerprint_prints_what_openssl_prints") {
        let theirs = world.0.run("openssl", "x509 -in certs/a.crt -noout -fingerprint -sha256");
        // OpenSSL 1.1 wrote SHA256 in capitals.
        assert_eq!(ours.to_lowercase(), printed(&theirs.stdout).to_lowercase());
    }
}

#[test]
fn list_shows_keys_revocation_and_damage_at_a_glance() {
    let world = World::furnished();
    world.done("cert revoke certs/caller.crt");
    std::fs::remove_file(world.0.join("certs/caller.key")).unwrap();
    std::fs::copy(world.0.join("certs/a.crt"), world.0.join("certs/b.crt")).unwrap();
    std::fs::copy(world.0.join("certs/ca.key"), world.0.join("certs/b.key")).unwrap();
    std::fs::write(world.0.join("certs/z.crt"), "junk").unwrap();
    let ran = world.run("cert list");
    let columns: Vec<Vec<&str>> =
        ran.out.lines().map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()).collect();
    assert_eq!(ran.code, 1, "a file is no certificate");
    assert_eq!(columns[0], ["FILE", "KIND", "SUBJECT", "NAMES", "EXPIRES", "LEFT", "KEY", "REVOKED"]);
    assert_eq!((columns[1][0], columns[1][1], columns[1][6]), ("ca.crt", "ca", "fits"));
    assert_eq!((columns[2][0], columns[2][1], columns[2][3]), ("a.crt", "agent", "DNS:localhost IP:127.0.0.1"));
    assert_eq!((columns[3][0], columns[3][6], columns[3][7]), ("b.crt", "mismatch", "no"));
    assert_eq!((columns[4][0], columns[4][1], columns[4][6]), ("caller.crt", "client", "missing"));
    assert!(columns[4][7].ends_with('Z'), "since when it is revoked");
    assert_eq!(columns[5], ["z.crt", "no certificate"]);
    assert_eq!(ran.err, "certs/z.crt: no certificate in it (no PEM block at all)\n", "and why");
}

#[test]
fn what_was_just_made_for_ninety_days_has_ninety_days_left() {
    let out = World::furnished().done("cert list").out;
    assert_eq!(out.lines().filter(|line| line.contains("  90 days  ")).count(), 2, "{out}");
}

#[cfg(unix)]
#[test]
fn list_and_inspect_see_a_key_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::furnished();
    std::fs::set_permissions(world.0.join("certs/a.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = world.run("cert list");
    assert_eq!((ran.code, ran.out.matches("exposed").count()), (1, 1), "{}", ran.out);
    assert!(world.done("cert inspect certs/a.crt").out.contains("certs/a.key (exposed)\n"));
}

#[cfg(unix)]
#[test]
fn the_name_of_a_file_cannot_write_to_the_terminal() {
    let world = World::furnished();
    std::fs::copy(world.0.join("certs/a.crt"), world.0.join("certs/b\n\u{1b}[31mx.crt")).unwrap();
    let out = world.done("cert list").out;
    assert!(out.contains("b\\u{a}\\u{1b}[31mx.crt") && !out.contains('\u{1b}'), "{out:?}");
}

#[test]
fn an_empty_directory_is_said_to_be_empty_and_a_file_is_no_directory() {
    let world = World::furnished();
    std::fs::create_dir(world.0.join("empty")).unwrap();
    assert_eq!(world.done("cert list empty").err, "no *.crt in empty\n");
    let ran = world.run("cert list certs/a.crt");
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error: certs/a.crt: the directory cannot be read\n"), "{}", ran.err);
}

#[test]
fn list_as_json_says_the_same() {
    let world = World::furnished();
    let (code, json) = world.json("cert list certs --json");
    assert_eq!((code, json.as_array().unwrap().len()), (0, 3));
    assert_eq!(json[1]["file"], "a.crt");
    assert_eq!(json[1]["key_file"], "fits");
    assert_eq!(json[1]["certificate"]["kind"], "agent");
    assert_eq!(json[1]["revoked_since"], serde_json::Value::Null);
}

#[test]
fn a_directory_that_is_not_there_is_wrong_usage() {
    let ran = World::new().run("cert list nowhere");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("error: nowhere: the directory cannot be read\n  caused by: "), "{}", ran.err);
}
