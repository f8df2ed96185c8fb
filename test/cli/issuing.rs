//! `cert ca`, `agent`, `client`, `renew`, `revoke`, `crl`.

use crate::steady::steady;
use crate::world::World;

#[test]
fn making_a_ca_says_what_was_made_and_what_to_type_next() {
    let ran = World::new().done("cert ca -n Root");
    assert_eq!(
        steady(&ran.out),
        "\
made the CA CN=Root
  certificate  certs/ca.crt
  key          certs/ca.key (P-256)
  issuer       CN=Root
  valid until  DATE (N days left)
  sha256       HEX"
    );
    assert_eq!(ran.err, "next: countersign cert agent -n NAME --dns HOST --ca certs -o certs\n");
}

#[test]
fn issuing_an_agent_shows_its_names() {
    let world = World::new();
    world.done("cert ca -n Root -o pki");
    let ran = world.done("cert node -n a --dns localhost,db-1.internal --ip 127.0.0.1 ::1 --uri erl:a@localhost --ca pki -o nodes");
    assert_eq!(
        steady(&ran.out),
        "\
issued the agent certificate CN=a
  certificate  nodes/a.crt
  key          nodes/a.key (P-256)
  names        DNS:localhost, DNS:db-1.internal, IP:127.0.0.1, IP:::1, URI:erl:a@localhost
  issuer       CN=Root
  valid until  DATE (N days left)
  sha256       HEX"
    );
    assert_eq!(ran.err, "");
}

#[test]
fn an_agent_without_a_name_is_told_how_to_get_one() {
    let world = World::furnished();
    let ran = world.run("cert agent -n b");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(
        ran.err,
        "\
error: an agent certificate needs at least one name, and none was given
hint: say what peers dial: --dns HOST, --ip ADDRESS, or --uri erl:name@host
"
    );
    assert!(!world.0.join("certs/b.crt").exists() && !world.0.join("certs/b.key").exists());
}

#[test]
fn a_name_that_no_verifier_would_match_is_refused_with_its_cure() {
    let world = World::furnished();
    for (host, cure) in [("münchen.example", "xn--"), ("*.local", "*.nodes.example"), ("https://a.example", "bare host name")] {
        let ran = world.run(&format!("cert agent -n b --dns {host}"));
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(&format!("{host:?} cannot stand on a certificate")) && ran.err.contains(cure), "{}", ran.err);
    }
}

#[test]
fn an_existing_pair_is_kept_unless_force_is_given() {
    let world = World::furnished();
    let ran = world.run("cert agent -n a --dns localhost");
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (2, "error: certs/a.crt: exists already\nhint: choose another -n or -o, or replace it with --force\n")
    );
    world.done("cert agent -n a --dns localhost --force");
    assert!(world.0.join("certs/a.key.old").exists());
    let ca = world.run("cert ca -n Another");
    assert_eq!(ca.code, 2);
    assert!(ca.err.contains("\nhint: choose another -o, "), "-n does not name a CA's files: {}", ca.err);
}

#[test]
fn warnings_go_to_standard_error_and_the_certificate_is_made() {
    let ran = World::furnished().done("cert agent -n b --dns 127.0.0.1 --days 4000");
    assert!(ran.out.starts_with("issued the agent certificate CN=b\n"));
    let warnings: Vec<&str> = ran.err.lines().collect();
    assert_eq!(warnings.len(), 3, "{}", ran.err);
    assert!(warnings.iter().all(|line| line.starts_with("warning: ")));
}

#[test]
fn a_missing_ca_is_named_with_its_path() {
    let ran = World::new().run("cert agent -n a --dns localhost");
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error: certs/ca.crt: not there, and a CA is its ca.crt with its ca.key\n  caused by: "), "{}", ran.err);
    assert!(ran.err.contains("\nhint: make one with countersign cert ca"), "{}", ran.err);
}

#[test]
fn days_and_hours_exclude_each_other() {
    let ran = World::furnished().run("cert client -n b --days 1 --hours 1");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("cannot be used with"), "{}", ran.err);
}

#[test]
fn renewing_says_where_the_old_pair_is() {
    let world = World::furnished();
    let ran = world.done("cert renew certs/a.crt --hours 36");
    assert_eq!(
        steady(&ran.out),
        "\
renewed CN=a
  certificate  certs/a.crt
  key          certs/a.key (P-256)
  names        DNS:localhost, IP:127.0.0.1
  issuer       CN=Root
  valid until  DATE (N hours left)
  sha256       HEX"
    );
    assert_eq!(ran.err, "the pair before it stays beside it, with .old behind its names\n");
    assert!(world.0.join("certs/a.crt.old").exists());
}

#[test]
fn revoking_writes_the_list_and_a_second_time_says_since_when() {
    let world = World::furnished();
    let ran = world.done("cert revoke certs/a.crt");
    assert_eq!(
        steady(&ran.out),
        "\
revoked CN=a
  serial  HEX
  since   DATE
wrote the revocation list certs/crl.pem
  number    1
  revoked   1
  next due  DATE"
    );
    let again = world.done("cert revoke certs/a.crt");
    assert!(again.out.starts_with("was revoked already: CN=a\n"), "{}", again.out);
    assert!(world.done("cert crl --days 7").out.contains("number    3\n"));
}

#[test]
fn without_ca_the_directory_of_the_file_is_taken() {
    let world = World::new();
    world.done("cert ca -n Root -o pki");
    world.done("cert client -n a -o pki");
    world.done("cert renew pki/a.crt");
    assert!(world.done("cert revoke pki/a.crt").out.contains("pki/crl.pem"));
}

#[test]
fn what_to_type_next_can_be_pasted_into_a_shell() {
    let world = World::new();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"));
    let ran = command.args(["cert", "ca", "-n", "Überschall 🚀", "-o", "it's here"]).current_dir(&*world.0).output().unwrap();
    let err = crate::scratch::printed(&ran.stderr);
    assert_eq!(err, "next: countersign cert agent -n NAME --dns HOST --ca 'it'\\''s here' -o 'it'\\''s here'\n");
}

#[test]
fn another_cas_certificate_is_neither_renewed_nor_revoked() {
    let world = World::furnished();
    world.done("cert ca -n Other -o other");
    for verb in ["renew", "revoke"] {
        let ran = world.run(&format!("cert {verb} certs/a.crt --ca other"));
        assert_eq!(ran.code, 2);
        assert!(ran.err.starts_with("error: certs/a.crt: issued by CN=Root, not by this CA (CN=Other)\nhint: point --ca"), "{}", ran.err);
    }
}
