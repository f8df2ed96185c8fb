//! What stands on a certificate, by the clock that was handed in.

use countersign::authority::{Authority, AuthorityError, Issued, KeyKind, Leaf, Lifetime, Names, Plan, Subject, Warning};
use countersign::clock::{DAY, ManualClock, Timestamp};
use countersign::failure::{Code, Failure};
use countersign::testing::rsa_1024_public_key;
use countersign::x509::pem::{self, Origin};

fn noon() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn clock() -> ManualClock {
    ManualClock::at(noon())
}

fn named(name: &str) -> Subject {
    Subject::common_name(name).unwrap()
}

fn root() -> Authority {
    Authority::root(&Plan::new(named("Root")), &clock()).unwrap().authority
}

fn localhost() -> Names {
    Names::default().dns("localhost").unwrap()
}

fn issue(ca: &Authority, leaf: Leaf) -> Issued {
    ca.issue(&leaf, &clock()).unwrap()
}

#[test]
fn a_root_lives_five_years_and_signs_certificates_and_lists_only() {
    let made = Authority::root(&Plan::new(Subject::distinguished("CN=Root, O=Example").unwrap()), &clock()).unwrap();
    let facts = made.authority.facts();
    assert_eq!(facts.subject, "CN=Root, O=Example");
    assert!(facts.is_ca() && facts.is_self_issued() && facts.subject_key_id.is_some());
    assert_eq!(facts.key_usage.as_deref().unwrap(), ["keyCertSign", "cRLSign"]);
    assert_eq!(facts.not_after, noon() + 1_826 * DAY);
    assert!(made.warnings.is_empty());
}

#[test]
fn a_certificate_is_dated_one_minute_back_so_that_a_slow_clock_accepts_it() {
    let root = Authority::root(&Plan::new(named("Root")), &ManualClock::at(noon() + -DAY)).unwrap().authority;
    let facts = issue(&root, Leaf::agent(named("a"), localhost())).certified.facts;
    assert_eq!(facts.not_before, noon() + -60);
    assert_eq!(facts.not_after, noon() + 90 * DAY);
}

#[test]
fn no_certificate_begins_before_its_issuer() {
    let root = Authority::root(&Plan::new(named("Root")), &ManualClock::at(noon() + 30)).unwrap().authority;
    assert_eq!(issue(&root, Leaf::client(named("a"))).certified.facts.not_before, noon() + -30);
}

#[test]
fn a_leaf_that_would_outlive_its_issuer_ends_with_it_and_says_so() {
    let plan = Plan { lifetime: Lifetime::days(10), ..Plan::new(named("Root")) };
    let root = Authority::root(&plan, &clock()).unwrap().authority;
    let certified = issue(&root, Leaf::agent(named("a"), localhost())).certified;
    assert_eq!(certified.facts.not_after, root.facts().not_after);
    assert_eq!(certified.warnings, [Warning::Shortened { until: noon() + 10 * DAY }]);
}

#[test]
fn what_lives_longer_than_usual_is_made_with_a_warning() {
    let plan = Plan { lifetime: Lifetime::days(4_000), ..Plan::new(named("Root")) };
    let made = Authority::root(&plan, &clock()).unwrap();
    assert_eq!(made.warnings, [Warning::LongCa { days: 4_000 }]);
    let leaf = Leaf { lifetime: Lifetime::days(399), ..Leaf::client(named("a")) };
    assert_eq!(issue(&made.authority, leaf).certified.warnings, [Warning::LongLeaf { days: 399 }]);
    let usual = Leaf { lifetime: Lifetime::days(398), ..Leaf::client(named("a")) };
    assert!(issue(&made.authority, usual).certified.warnings.is_empty());
}

#[test]
fn a_ca_that_is_expired_or_not_yet_valid_issues_nothing() {
    let root = root();
    let at = |moment| root.issue(&Leaf::client(named("a")), &ManualClock::at(moment)).unwrap_err().code();
    assert_eq!(at(noon() + 1_827 * DAY), Code::Expired);
    assert_eq!(at(noon() + -DAY), Code::NotYetValid);
}

#[test]
fn an_agent_without_a_name_is_refused_with_a_cure() {
    let error = root().issue(&Leaf::agent(named("a"), Names::default()), &clock()).unwrap_err();
    assert!(matches!(error, AuthorityError::NoNames));
    assert!(error.hint().as_str().contains("--dns"), "{}", error.hint());
}

#[test]
fn an_address_as_a_dns_name_is_taken_for_otp_with_a_warning() {
    let names = Names::default().dns("127.0.0.1").unwrap();
    let certified = issue(&root(), Leaf::agent(named("a"), names)).certified;
    assert_eq!(certified.facts.names(), "DNS:127.0.0.1");
    assert_eq!(certified.warnings, [Warning::AddressAsDnsName { name: "127.0.0.1".into() }]);
}

#[test]
fn a_name_that_is_given_twice_stands_once_on_the_certificate() {
    let address = "10.0.0.7".parse().unwrap();
    let twice = |names: Names| names.dns("localhost").unwrap().dns("10.0.0.7").unwrap().ip(address).uri("erl:a@localhost").unwrap();
    let certified = issue(&root(), Leaf::agent(named("a"), twice(twice(Names::default())))).certified;
    assert_eq!(certified.facts.names(), "DNS:localhost, DNS:10.0.0.7, IP:10.0.0.7, URI:erl:a@localhost");
    assert_eq!(certified.warnings.len(), 1);
}

#[test]
fn dates_from_2050_on_take_the_long_form() {
    let late = ManualClock::at("2049-12-31T00:00:00Z".parse().unwrap());
    let root = Authority::root(&Plan::new(named("Late")), &late).unwrap().authority;
    let issued = root.issue(&Leaf::client(named("a")), &late).unwrap();
    assert_eq!(issued.certified.facts.not_after.to_string(), "2050-03-31T00:00:00Z");
    let der = pem::certificates(&Origin::memory(), issued.certified.chain_pem.as_bytes()).unwrap().remove(0).1;
    let has = |needle: &[u8]| der.windows(needle.len()).any(|window| window == needle);
    assert!(has(b"\x17\x0d491230235900Z") && has(b"\x18\x0f20500331000000Z"));
}

#[test]
fn an_intermediate_signs_leaves_and_no_further_ca() {
    let root = root();
    let inter = root.intermediate(&Plan::new(named("Inter")), &clock()).unwrap().authority;
    assert_eq!(inter.facts().basic_constraints.unwrap().path_len, Some(0));
    let error = inter.intermediate(&Plan::new(named("Below")), &clock()).unwrap_err();
    assert!(matches!(error, AuthorityError::PathLength { .. }), "{error}");
    let chain = issue(&inter, Leaf::agent(named("a"), localhost())).certified.chain_pem;
    assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 2, "leaf and intermediate, no root");
    assert_eq!(inter.ca_pem().matches("BEGIN CERTIFICATE").count(), 2, "intermediate and root");
}

#[test]
fn a_ca_survives_being_written_and_read_in_every_kind_of_key() {
    for &key in KeyKind::ALL {
        let made = Authority::root(&Plan { key, ..Plan::new(named("Root")) }, &clock()).unwrap().authority;
        let origin = Origin::memory();
        let read = Authority::from_pem((&origin, made.ca_pem().as_bytes()), (&origin, made.key().pem().expose())).unwrap();
        assert_eq!(read.facts(), made.facts());
    }
}

#[test]
fn a_ca_whose_key_is_another_ones_is_refused() {
    let (one, other, origin) = (root(), root(), Origin::memory());
    let error = Authority::from_pem((&origin, one.ca_pem().as_bytes()), (&origin, other.key().pem().expose())).unwrap_err();
    assert_eq!(error.code(), Code::KeyMismatch);
}

#[test]
fn a_leaf_cannot_be_taken_for_a_ca() {
    let (issued, origin) = (issue(&root(), Leaf::client(named("a"))), Origin::memory());
    let error = Authority::from_pem((&origin, issued.certified.chain_pem.as_bytes()), (&origin, issued.key_pem.expose())).unwrap_err();
    assert_eq!(error.code(), Code::NotACa);
}

#[test]
fn somebody_elses_weak_key_is_not_certified() {
    let error = root().certify(&Leaf::client(named("a")), &rsa_1024_public_key(), &clock()).unwrap_err();
    assert_eq!(error.code(), Code::WeakKey);
}
