//! `countersign::testing::Ca` makes good certificates, and every bad one that a verifier must refuse.

use countersign::authority::KeyKind;
use countersign::clock::Timestamp;
use countersign::testing::{Ca, Usage, rsa_1024_public_key};
use countersign::x509::pem::Origin;
use countersign::x509::{Inspected, KeyAlgorithm, RevocationList, San};

#[test]
fn an_agent_bears_each_name_in_its_own_kind() {
    let agent = Ca::new().agent(&["localhost", "::1", "erl:a@localhost"]);
    let expected = [San::Dns("localhost".into()), San::Ip("::1".parse().unwrap()), San::Uri("erl:a@localhost".into())];
    assert_eq!(agent.leaf().sans, expected);
    assert_eq!(agent.leaf().extended_key_usage.as_deref().unwrap(), ["serverAuth", "clientAuth"]);
    assert_eq!(agent.leaf().key_usage.as_deref().unwrap(), ["digitalSignature"]);
    assert!(!agent.leaf().is_ca());
}

#[test]
fn a_client_may_only_dial() {
    let client = Ca::new().client("caller");
    assert_eq!(client.leaf().subject, "CN=caller");
    assert_eq!(client.leaf().extended_key_usage.as_deref().unwrap(), ["clientAuth"]);
}

#[test]
fn a_leaf_of_an_intermediate_carries_it_and_names_its_issuer() {
    let root = Ca::new();
    let inter = root.intermediate();
    let agent = inter.agent(&["localhost"]);
    assert_eq!(agent.chain().len(), 2, "leaf and intermediate, without the root");
    assert_eq!(agent.chain()[1], *inter.der());
    assert_eq!(agent.leaf().authority_key_id.issuers, [root.facts().subject_der.clone()]);
    assert_eq!(agent.leaf().authority_key_id.key_id, inter.facts().subject_key_id);
    assert_eq!(inter.leaf().without_intermediates().build().chain().len(), 1);
    assert!(root.agent(&["localhost"]).leaf().authority_key_id.issuers.is_empty());
}

#[test]
fn every_kind_of_key_makes_a_ca_and_a_leaf() {
    for &kind in KeyKind::ALL {
        let ca = Ca::with_key(kind);
        let leaf = ca.leaf().key(kind).dns("localhost").build();
        assert!(ca.authority().has_issued(leaf.leaf_der()), "{kind}");
        assert_eq!(KeyKind::in_place_of(&leaf.leaf().key_algorithm), kind);
    }
}

#[test]
fn the_bad_ones_are_bad_in_just_the_way_that_was_asked() {
    let ca = Ca::at("2026-01-01".parse().unwrap());
    assert!(!ca.false_intermediate().facts().is_ca());
    assert!(!Ca::without_crl_sign().facts().allows("cRLSign"));
    assert!(!ca.intermediate_without_crl_sign().facts().allows("cRLSign"));
    assert!(ca.leaf().self_signed().build().leaf().is_self_issued());
    assert!(ca.leaf().with_ca_flag().build().leaf().is_ca());
    assert!(!ca.leaf().without_digital_signature().build().leaf().allows("digitalSignature"));
    assert_eq!(ca.leaf().usage(Usage::Absent).build().leaf().extended_key_usage, None);
    let (from, until): (Timestamp, Timestamp) = ("2020-01-01".parse().unwrap(), "2051-06-01T12:00:00Z".parse().unwrap());
    let leaf = ca.leaf().valid(from, until).build();
    assert_eq!((leaf.leaf().not_before, leaf.leaf().not_after), (from, until));
}

#[test]
fn two_cas_of_one_name_do_not_vouch_for_each_other() {
    let (one, other) = (Ca::named("Twin"), Ca::named("Twin"));
    let leaf = one.agent(&["localhost"]);
    assert!(one.authority().has_issued(leaf.leaf_der()));
    assert!(!other.authority().has_issued(leaf.leaf_der()));
}

#[test]
fn a_certificate_for_a_weak_key_exists_only_for_tests() {
    let chain = Ca::new().leaf().certificate_for(&rsa_1024_public_key());
    assert_eq!(Inspected::from_der(&chain[0]).unwrap().key_algorithm, KeyAlgorithm::Rsa(1024));
}

#[test]
fn a_revocation_list_names_serials_and_dates() {
    let ca = Ca::new();
    let (kept, revoked) = (ca.client("kept"), ca.client("revoked"));
    let lists = RevocationList::from_pem(&Origin::memory(), ca.revocation_list(&[&revoked]).as_bytes()).unwrap();
    let serials: Vec<&[u8]> = lists[0].revoked.iter().map(|(serial, _)| serial.as_slice()).collect();
    assert_eq!(serials, [revoked.leaf().serial.as_slice()]);
    assert!(!serials.contains(&kept.leaf().serial.as_slice()));
    assert_eq!(lists[0].issuer, ca.facts().subject);
    let empty = RevocationList::from_pem(&Origin::memory(), ca.expired_revocation_list(&[]).as_bytes()).unwrap();
    assert!(empty[0].revoked.is_empty());
}

#[test]
fn serial_numbers_are_sixteen_bytes_and_never_repeat() {
    let ca = Ca::new();
    let serials: std::collections::BTreeSet<Vec<u8>> = (0..50).map(|_| ca.client("x").leaf().serial.clone()).collect();
    assert_eq!(serials.len(), 50);
    assert!(serials.iter().all(|serial| serial.len() == 16 && serial[0] < 0x80));
}
