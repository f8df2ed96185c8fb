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
  key sha256   HEX"
    );
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

#[test]
fn every_command_helps_with_an_example() {
    let world = World::new();
    for verb in ["ca", "agent", "client", "inspect", "fingerprint", "list", "verify", "renew", "revoke", "crl"] {
        let help = world.done(&format!("cert {verb} --help")).out;
        assert!(help.contains(&format!("\n  countersign cert {verb} ")), "{help}");
    }
}
