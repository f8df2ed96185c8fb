//! A CA in files: nothing overwritten, nothing half written, no key readable by others.

use crate::scratch::Scratch;
use countersign::authority::{AuthorityError, Directory, Existing, FileName, KeyKind, Leaf, Lifetime, Names, Plan, Renewal, Subject};
use countersign::clock::{DAY, ManualClock, SystemClock, Timestamp};
use countersign::x509::pem::{Origin, read_file};
use countersign::x509::{Inspected, KeyAlgorithm, PrivateKey, RevocationList};
use std::fs;
use std::path::Path;

fn noon() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn clock() -> ManualClock {
    ManualClock::at(noon())
}

fn plan(name: &str) -> Plan {
    Plan::new(Subject::common_name(name).unwrap())
}

fn make(path: &Path) -> Directory {
    Directory::create(path, &plan("Root"), None, Existing::Keep, &clock()).unwrap().0
}

fn agent(name: &str) -> Leaf {
    Leaf::agent(Subject::common_name(name).unwrap(), Names::default().dns("localhost").unwrap().uri("erl:a@localhost").unwrap())
}

fn issue(ca: &Directory, name: &str) -> countersign::authority::Written {
    ca.issue(ca.path(), &name.parse().unwrap(), &agent(name), Existing::Keep, &clock()).unwrap()
}

fn leaf(path: &Path) -> Inspected {
    let blocks = countersign::x509::pem::certificates(&Origin::memory(), read_file(path).unwrap().expose()).unwrap();
    Inspected::from_der(&blocks[0].1).unwrap()
}

fn key(path: &Path) -> PrivateKey {
    PrivateKey::from_pem(&Origin::file(path), read_file(path).unwrap().expose()).unwrap()
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn keys_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new();
    let ca = make(&scratch.join("ca"));
    issue(&ca, "a");
    ca.renew(&ca.path().join("a.crt"), Renewal::default(), &clock()).unwrap();
    for name in ["ca.key", "a.key", "a.key.old"] {
        assert_eq!(fs::metadata(ca.path().join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_opens_no_ca_and_makes_no_node() {
    use countersign::failure::Failure;
    use countersign::tls::Certificate;
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new();
    let ca = make(&scratch.join("ca"));
    issue(&ca, "a");
    for name in ["ca.key", "a.key"] {
        fs::set_permissions(ca.path().join(name), fs::Permissions::from_mode(0o640)).unwrap();
    }
    let refused = Directory::open(ca.path()).unwrap_err();
    assert!(refused.to_string().contains("can be read by others (mode 0640)"), "{refused}");
    let refused = Certificate::from_paths(ca.path().join("a.crt"), Some(&ca.path().join("a.key"))).unwrap_err();
    assert!(refused.hint().to_string().starts_with("chmod 600"), "{}", refused.hint());
}

#[test]
fn nothing_is_overwritten_unless_told_so_and_then_the_old_pair_stays_beside_it() {
    let scratch = Scratch::new();
    let ca = make(&scratch.join("ca"));
    issue(&ca, "a");
    let before = fs::read(ca.path().join("a.crt")).unwrap();
    let again = |existing| ca.issue(ca.path(), &"a".parse().unwrap(), &agent("a"), existing, &clock());
    assert!(matches!(again(Existing::Keep), Err(AuthorityError::Exists { .. })));
    assert_eq!(fs::read(ca.path().join("a.crt")).unwrap(), before);
    again(Existing::Replace).unwrap();
    assert_ne!(fs::read(ca.path().join("a.crt")).unwrap(), before);
    assert_eq!(fs::read(ca.path().join("a.crt.old")).unwrap(), before);
    assert_eq!(names(ca.path()), ["a.crt", "a.crt.old", "a.key", "a.key.old", "ca.crt", "ca.key"], "no draft is left behind");
}

#[test]
fn half_a_pair_is_enough_to_refuse_before_anything_is_written() {
    let scratch = Scratch::new();
    let ca = make(&scratch.join("ca"));
    fs::write(ca.path().join("a.key"), "somebody's key").unwrap();
    let refused = ca.issue(ca.path(), &"a".parse().unwrap(), &agent("a"), Existing::Keep, &clock());
    assert!(matches!(refused, Err(AuthorityError::Exists { path }) if path.ends_with("a.key")));
    assert!(!ca.path().join("a.crt").exists());
    assert_eq!(fs::read_to_string(ca.path().join("a.key")).unwrap(), "somebody's key");
}

#[test]
fn a_ca_is_not_overwritten_by_another() {
    let scratch = Scratch::new();
    let ca = make(&scratch.join("ca"));
    let refused = Directory::create(ca.path(), &plan("Second"), None, Existing::Keep, &clock());
    assert!(matches!(refused, Err(AuthorityError::Exists { .. })));
    assert_eq!(Directory::open(ca.path()).unwrap().authority().facts().subject, "CN=Root");
}

#[test]
fn a_replaced_ca_begins_anew_and_what_the_old_one_revoked_stays_beside_its_pair() {
    let scratch = Scratch::new();
    let ca = make(&scratch.join("ca"));
    let written = issue(&ca, "a");
    ca.revoke(&written.certificate, &clock()).unwrap();
    let register = fs::read(ca.path().join("revoked")).unwrap();
    let second = Directory::create(ca.path(), &plan("Second"), None, Existing::Replace, &clock()).unwrap().0;
    assert_eq!(names(ca.path()), ["a.crt", "a.key", "ca.crt", "ca.crt.old", "ca.key", "ca.key.old", "revoked.old"]);
    assert_eq!(fs::read(ca.path().join("revoked.old")).unwrap(), register);
    assert_eq!(second.publish_list(Lifetime::CRL, &clock()).unwrap().revoked, 0);
}

#[test]
fn a_name_that_is_a_path_or_the_cas_own_is_refused() {
    for name in ["", "ca", "CA", ".hidden", "../a", "a/b", "a\\b", "a\nb", "a.crt", "a.key"] {
        assert!(matches!(name.parse::<FileName>(), Err(AuthorityError::FileName { .. })), "{name:?}");
    }
}

#[test]
fn renewing_keeps_names_use_length_and_kind_of_key_and_makes_a_new_key() {
    let scratch = Scratch::new();
    let ca = make(&scratch.join("ca"));
    let request = Leaf { key: KeyKind::P384, lifetime: Lifetime::hours(48), ..agent("a") };
    let written = ca.issue(&scratch.join("node"), &"a".parse().unwrap(), &request, Existing::Keep, &clock()).unwrap();
    let before = leaf(&written.certificate);

    let later = ManualClock::at(noon() + DAY);
    ca.renew(&written.certificate, Renewal::default(), &later).unwrap();
    let after = leaf(&written.certificate);
    assert_eq!((&after.subject, &after.sans, &after.extended_key_usage), (&before.subject, &before.sans, &before.extended_key_usage));
    assert_eq!(after.key_algorithm, before.key_algorithm);
    assert_eq!(after.not_after, noon() + 3 * DAY);
    assert_ne!(after.spki_der, before.spki_der);
    assert_ne!(after.serial, before.serial);
    assert!(key(&written.key).belongs_to(&after));
    assert!(key(&scratch.join("node/a.key.old")).belongs_to(&before), "the old pair can still be used");

    let renewal = Renewal { lifetime: Some(Lifetime::hours(1)), key: Some(KeyKind::Ed25519) };
    let again = ca.renew(&written.certificate, renewal, &later).unwrap().facts;
    assert_eq!((again.not_after, again.key_algorithm), (noon() + DAY + 3_600, KeyAlgorithm::Ed25519));
}

#[test]
fn renewing_is_refused_for_a_ca_a_strangers_leaf_and_a_leaf_without_its_key() {
    let scratch = Scratch::new();
    let (ca, other) = (make(&scratch.join("ca")), make(&scratch.join("other")));
    let foreign = issue(&other, "a").certificate;
    let renew = |file: &Path| ca.renew(file, Renewal::default(), &clock()).unwrap_err();
    assert!(matches!(renew(&foreign), AuthorityError::NotIssuedHere { .. }), "the same name of CA is not enough");
    assert!(matches!(renew(&ca.path().join("ca.crt")), AuthorityError::RenewCa { .. }));
    let own = issue(&ca, "a");
    fs::remove_file(&own.key).unwrap();
    assert!(matches!(renew(&own.certificate), AuthorityError::NoKeyBeside { .. }));
}

#[test]
fn revoking_twice_changes_nothing_but_the_lists_number() {
    let scratch = Scratch::new();
    let ca = make(&scratch.join("ca"));
    let file = issue(&ca, "a").certificate;
    let first = ca.revoke(&file, &clock()).unwrap();
    let second = ca.revoke(&file, &ManualClock::at(noon() + DAY)).unwrap();
    assert_eq!((first.already, second.already), (false, true));
    assert_eq!(second.entry.since, noon());
    assert_eq!((first.list.number, second.list.number, second.list.revoked), (1, 2, 1));
    let lists = RevocationList::from_pem(&Origin::memory(), &fs::read(&second.list.path).unwrap()).unwrap();
    assert_eq!(lists[0].revoked, [(leaf(&file).serial, noon())]);
    assert_eq!(lists[0].next_update, Some(noon() + 31 * DAY));
}

#[test]
fn revoking_is_refused_for_what_another_ca_issued_and_for_the_ca_itself() {
    let scratch = Scratch::new();
    let (ca, other) = (make(&scratch.join("ca")), make(&scratch.join("other")));
    let foreign = issue(&other, "a").certificate;
    for file in [foreign, ca.path().join("ca.crt")] {
        assert!(matches!(ca.revoke(&file, &clock()), Err(AuthorityError::NotIssuedHere { .. })));
    }
    assert_eq!(names(ca.path()), ["ca.crt", "ca.key"]);
}

#[test]
fn two_revocations_at_once_are_both_remembered() {
    let scratch = Scratch::new();
    let ca = make(&scratch.join("ca"));
    let files: Vec<_> = (0..8).map(|number| issue(&ca, &format!("a{number}")).certificate).collect();
    std::thread::scope(|scope| {
        for file in &files {
            scope.spawn(|| ca.revoke(file, &SystemClock).unwrap());
        }
    });
    let last = ca.publish_list(Lifetime::CRL, &clock()).unwrap();
    assert_eq!((last.revoked, last.number), (8, 9));
}

#[test]
fn a_directory_without_a_whole_ca_says_which_file_is_not_there() {
    let scratch = Scratch::new();
    let missing = |path: &Path| match Directory::open(path).unwrap_err() {
        AuthorityError::NoCa { missing, .. } => missing,
        other => panic!("{other}"),
    };
    assert_eq!(missing(&scratch.join("nowhere")), scratch.join("nowhere/ca.crt"));
    let ca = make(&scratch.join("ca"));
    assert_eq!(missing(&ca.path().join("ca.crt")), ca.path().join("ca.crt/ca.crt"), "the file in place of its directory");
    fs::remove_file(ca.path().join("ca.key")).unwrap();
    assert_eq!(missing(ca.path()), ca.path().join("ca.key"));
}

#[cfg(unix)]
#[test]
fn a_pair_behind_links_is_renewed_where_the_links_point() {
    let scratch = Scratch::new();
    let ca = make(&scratch.join("ca"));
    let elsewhere = ca.issue(&scratch.join("elsewhere"), &"a".parse().unwrap(), &agent("a"), Existing::Keep, &clock()).unwrap();
    let before = leaf(&elsewhere.certificate);
    for file in [&elsewhere.certificate, &elsewhere.key] {
        std::os::unix::fs::symlink(file, ca.path().join(file.file_name().unwrap())).unwrap();
    }
    ca.renew(&ca.path().join("a.crt"), Renewal::default(), &clock()).unwrap();
    assert!(ca.path().join("a.crt").is_symlink() && ca.path().join("a.key").is_symlink());
    let after = leaf(&elsewhere.certificate);
    assert_ne!(after.serial, before.serial);
    assert!(key(&elsewhere.key).belongs_to(&after));
    assert_eq!(names(&scratch.join("elsewhere")), ["a.crt", "a.crt.old", "a.key", "a.key.old"]);
}

#[test]
fn renewals_at_once_leave_a_key_and_a_certificate_that_belong_together() {
    let scratch = Scratch::new();
    let ca = make(&scratch.join("ca"));
    let pair = issue(&ca, "a");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..4).for_each(|_| drop(ca.renew(&pair.certificate, Renewal::default(), &clock()).unwrap())));
        }
    });
    assert!(key(&pair.key).belongs_to(&leaf(&pair.certificate)));
    assert!(key(&ca.path().join("a.key.old")).belongs_to(&leaf(&ca.path().join("a.crt.old"))));
}
