//! The written rule of `Admission`, line by line: how names of nodes and on certificates are held against entries.

use crate::world::name;
use countersign::node::{Admission, Pattern, Shown};
use countersign::node_name::NodeName;
use countersign::testing::{Ca, LeafBuilder};
use countersign::tls::PeerCertificate;
use countersign::x509::Inspected;
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

/// What becomes of a name at an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The entry means it, on either list.
    Meant,
    /// It does not.
    Another,
    /// Allowing does not let it in, and denying keeps it out.
    Doubtful,
}

use Fate::{Another, Doubtful, Meant};

static CA: LazyLock<Ca> = LazyLock::new(Ca::new);

fn fate(entry: &str, node: &NodeName, shown: Shown<'_>) -> Fate {
    let allowed = Admission::new().allow(entry).unwrap().judge(node, shown).is_ok();
    let denied = Admission::new().deny(entry).unwrap().judge(node, shown).is_err();
    match (allowed, denied) {
        (true, true) => Meant,
        (false, false) => Another,
        (false, true) => Doubtful,
        (true, false) => panic!("{entry} lets {node} in and cannot keep it out: {shown:?}"),
    }
}

fn certificate(leaf: LeafBuilder<'_>) -> PeerCertificate {
    PeerCertificate::new(Arc::new(leaf.build().leaf().clone()), true)
}

/// A certificate without a common name.
fn leaf() -> LeafBuilder<'static> {
    CA.leaf().common_names(&[])
}

/// An entry about certificates, and one that shows this.
#[track_caller]
fn assert_shown(entry: &str, certificate: &PeerCertificate, wanted: Fate) {
    let seen = fate(entry, &name("x@unrelated"), Shown::Certificate(certificate));
    assert_eq!(seen, wanted, "{entry} for {} {:?}", certificate.leaf.names(), certificate.leaf.common_names);
}

#[track_caller]
fn assert_dns(rows: &[(&str, &str, Fate)]) {
    rows.iter().for_each(|&(entry, dns, wanted)| assert_shown(entry, &certificate(leaf().dns(dns)), wanted));
}

#[track_caller]
fn assert_uri(rows: &[(&str, &str, Fate)]) {
    rows.iter().for_each(|&(entry, uri, wanted)| assert_shown(entry, &certificate(leaf().uri(uri)), wanted));
}

#[track_caller]
fn assert_cn(rows: &[(&str, &[&str], Fate)]) {
    rows.iter().for_each(|&(entry, names, wanted)| assert_shown(entry, &certificate(CA.leaf().common_names(names)), wanted));
}

#[track_caller]
fn assert_nodes(rows: &[(&str, &str, Fate)]) {
    rows.iter().for_each(|&(entry, node, wanted)| assert_eq!(fate(entry, &name(node), Shown::Plain), wanted, "{entry} for {node}"));
}

#[track_caller]
fn assert_refused(entries: &[&str]) {
    entries.iter().for_each(|entry| assert!(entry.parse::<Pattern>().is_err(), "{entry:?}"));
}

#[test]
fn who_is_not_verified_is_kept_out_by_a_deny_entry_and_let_in_by_none() {
    let shown = PeerCertificate::new(certificate(leaf().dns("db.internal")).leaf, false);
    assert_shown("dns:db.internal", &shown, Doubtful);
    assert_shown("dns:other.internal", &shown, Another);
    assert_eq!(fate("node:x@h", &name("x@h"), Shown::Certificate(&shown)), Doubtful);
    assert_eq!(fate("node:x@h", &name("x@h"), Shown::Nothing), Doubtful);
    assert_eq!(fate("node:x@h", &name("x@h"), Shown::Plain), Meant);
    assert_eq!(fate("dns:h", &name("x@h"), Shown::Plain), Another);
}

#[test]
fn a_wildcard_is_the_whole_left_most_label_and_stands_for_one() {
    assert_dns(&[
        ("dns:*.db.internal", "a.db.internal", Meant),
        ("dns:*.db.internal", "db.internal", Another),
        ("dns:*.db.internal", "a.b.db.internal", Another),
        ("dns:*.db.internal", "a.xdb.internal", Another),
        ("dns:db.internal", "a.db.internal", Another),
        // All that the certificate's stands for, and part of it.
        ("dns:*.db.internal", "*.db.internal", Meant),
        ("dns:a.db.internal", "*.db.internal", Doubtful),
        ("dns:a.b.db.internal", "*.db.internal", Another),
        ("dns:*.internal", "*.db.internal", Another),
        // Elsewhere.
        ("dns:anything.example", "a*.db.internal", Doubtful),
        ("dns:anything.example", "a.*.internal", Doubtful),
        ("dns:anything.example", "*.*.internal", Doubtful),
        ("dns:anything.example", "*", Doubtful),
    ]);
    assert_refused(&["dns:a*.db.internal", "dns:a.*.internal", "dns:*.*.internal", "dns:*", "dns:**.internal"]);
    assert_nodes(&[
        ("node:x@*.db.internal", "x@a.db.internal", Meant),
        ("node:x@*.db.internal", "x@db.internal", Another),
        ("node:x@a.db.internal", "x@*.db.internal", Doubtful),
    ]);
}

#[test]
fn a_star_elsewhere_is_one_or_more_characters_up_to_where_it_stops() {
    assert_nodes(&[
        ("node:*@h", "x@h", Meant),
        ("node:*@h", "x@g", Another),
        ("node:*@*", "x@10.0.0.1", Meant),
        ("node:db-*@h", "db-1@h", Meant),
        ("node:db-*@h", "db-@h", Another),
        ("node:x@h", "*@h", Another),
    ]);
    assert_uri(&[
        ("uri:spiffe://e.org/ns/*/sa/db", "spiffe://e.org/ns/prod/sa/db", Meant),
        ("uri:spiffe://e.org/ns/*/sa/db", "spiffe://e.org/ns//sa/db", Another),
        ("uri:spiffe://e.org/ns/*/sa/db", "spiffe://e.org/ns/a/b/sa/db", Another),
        ("uri:spiffe://e.org/ns/*/sa/db", "spiffe://e.org/ns/a%2Fb/sa/db", Another),
        ("uri:erl:*@h", "erl:x@h", Meant),
        ("uri:erl:*@h", "erl:x@y@h", Another),
    ]);
    assert_cn(&[("cn:db-*", &["db-1"], Meant), ("cn:db-*", &["db-"], Another), ("cn:db-1", &["db-*"], Another)]);
    assert_refused(&["node:**@h", "uri:spiffe://*/ns/x", "uri:*:x", "uri:spiffe://*.e.org/x", "cn:**"]);
}

#[test]
fn letter_case_counts_but_for_hosts_and_common_names() {
    assert_dns(&[("dns:DB.Internal", "db.INTERNAL", Meant)]);
    assert_uri(&[("uri:erl:x@h", "erl:X@h", Another)]);
    assert_cn(&[("cn:Backup", &["bACKUP"], Meant)]);
    assert_nodes(&[("node:x@DB.internal", "x@db.INTERNAL", Meant), ("node:x@h", "X@h", Another)]);
}

#[test]
fn a_dot_at_the_end_of_a_host_is_dropped_where_a_person_writes_it() {
    assert_nodes(&[("node:x@db.internal.", "x@db.internal", Meant), ("node:x@db.internal", "x@db.internal.", Meant)]);
    assert_dns(&[("dns:db.internal.", "db.internal", Meant), ("dns:db.internal", "db.internal.", Doubtful)]);
    assert_refused(&["dns:db.internal..", "dns:.", "dns:.db.internal"]);
    assert_nodes(&[("node:x@h", "x@db.internal..", Doubtful)]);
}

#[test]
fn letters_beyond_ascii_are_for_node_and_common_names_alone() {
    assert_refused(&["dns:bücher.example", "node:x@bücher.example", "uri:https://e.org/ü"]);
    assert_nodes(&[("node:größe@h", "größe@h", Meant), ("node:x@h", "x@bücher.example", Doubtful)]);
    // Two ways to write one letter are two letters.
    assert_cn(&[("cn:größe", &["größe"], Meant), ("cn:gr\u{f6}\u{df}e", &["gro\u{308}\u{df}e"], Another)]);
    // A name for a host in UTF-8 is no name of RFC 5280, and so no certificate. (The two bytes of ü.)
    let mut der = leaf().dns("b..cher.example").build().leaf_der().to_vec();
    let at = der.windows(4).position(|bytes| bytes == b"b..c").unwrap();
    der[at + 1..at + 3].copy_from_slice("ü".as_bytes());
    assert_eq!(Inspected::from_der(&der).unwrap_err().part, "subject alternative name");
}

#[test]
fn an_a_label_is_compared_letter_by_letter_and_never_decoded() {
    assert_dns(&[
        ("dns:xn--bcher-kva.example", "XN--bcher-kva.example", Meant),
        ("dns:xn--bcher-kva.example", "xn--bcher-kvb.example", Another),
        ("dns:bucher.example", "xn--bcher-kva.example", Another),
        ("dns:*.example", "xn--bcher-kva.example", Meant),
    ]);
}

#[test]
fn a_control_character_makes_a_name_ambiguous() {
    assert_dns(&[
        ("dns:db.internal", "db.internal\0.evil.example", Doubtful),
        ("dns:*.evil.example", "db.internal\0.evil.example", Doubtful),
        ("dns:db.internal", "db.internal\n", Doubtful),
        ("dns:db.internal", "\u{7f}", Doubtful),
    ]);
    assert_uri(&[("uri:erl:x@h", "erl:x@h\0", Doubtful), ("uri:erl:x@h", "erl:x@h y", Doubtful)]);
    assert_cn(&[("cn:backup", &["backup\0"], Doubtful), ("cn:backup", &["\u{202e}pukcab"], Doubtful), ("cn:*", &["a\tb"], Doubtful)]);
    assert_refused(&["dns:db.internal\0", "uri:erl:x@h\0", "cn:backup\0", "node:x\0@h", "node:x@h\0", "cn:\u{202e}a", "node:a b@h"]);
}

#[test]
fn an_empty_or_odd_label_makes_a_host_ambiguous() {
    let long = "a".repeat(64);
    for host in ["", "a..b", ".a", "-a.b", "a-.b", "a/b", "a b", "a:80", &long] {
        assert_dns(&[("dns:anything.example", host, Doubtful)]);
        assert_refused(&[&format!("dns:{host}")]);
    }
    assert_dns(&[("dns:a_b.example", "a_b.example", Meant)]);
    assert_nodes(&[("node:x@anything", "x@a..b", Doubtful), ("node:x@anything", &format!("x@{long}"), Doubtful)]);
}

#[test]
fn a_name_longer_than_its_standard_allows_is_ambiguous() {
    let host = |labels: usize| vec!["a".repeat(63); labels].join(".");
    assert_dns(&[("dns:anything.example", &host(4), Doubtful), (&format!("dns:{}", host(3)), &host(3), Meant)]);
    assert_uri(&[
        ("uri:x:y", &format!("x:{}", "y".repeat(2_047)), Doubtful),
        // Longer than a line of a log shows.
        ("uri:x:*/z", &format!("x:{}/z", "y".repeat(1_000)), Meant),
        ("uri:x:*/z", &format!("x:{}/y", "y".repeat(1_000)), Another),
    ]);
    assert_cn(&[("cn:*", &["a".repeat(64).as_str()], Meant), ("cn:b", &["a".repeat(65).as_str()], Doubtful)]);
    assert_refused(&[&format!("dns:{}", host(4)), &format!("uri:x:{}", "y".repeat(2_047)), &format!("node:{}@h", "a".repeat(254))]);
}

#[test]
fn of_several_common_names_none_counts() {
    assert_cn(&[
        ("cn:a", &["a"], Meant),
        ("cn:a", &["a", "b"], Doubtful),
        ("cn:b", &["a", "b"], Doubtful),
        ("cn:c", &["a", "b"], Doubtful),
        ("cn:a", &["a", "a"], Doubtful),
        ("cn:a", &[], Another),
        ("dns:a", &["a", "b"], Another),
        // X.520 takes these for `a b` and `a`.
        ("cn:a b", &["a  b"], Doubtful),
        ("cn:a", &[" a"], Doubtful),
        ("cn:a", &["a\u{a0}"], Doubtful),
    ]);
    let t61 = certificate(leaf().common_name_in_t61(b"backup"));
    assert_shown("cn:backup", &t61, Doubtful);
}

#[test]
fn a_common_name_is_no_host_whatever_stands_beside_it() {
    let alone = certificate(CA.leaf().common_names(&["db.internal"]));
    assert_shown("dns:db.internal", &alone, Another);
    let beside = certificate(CA.leaf().common_names(&["db.internal"]).dns("other.internal"));
    assert_shown("dns:db.internal", &beside, Another);
    assert_shown("dns:other.internal", &beside, Meant);
    assert_shown("cn:db.internal", &beside, Meant);
    assert_shown("cn:other.internal", &beside, Another);
}

#[test]
fn an_address_is_written_in_one_way() {
    let ip = |text: &str| certificate(leaf().ip(text.parse().unwrap()));
    assert_shown("ip:10.0.0.0/8", &ip("10.1.2.3"), Meant);
    assert_shown("ip:10.0.0.0/8", &ip("11.1.2.3"), Another);
    assert_shown("ip:2001:db8::/32", &ip("2001:DB8:0:0::1"), Meant);
    assert_refused(&["ip:010.0.0.1", "ip:0x0a.0.0.1", "ip:167772161", "ip:10.1", "ip:fe80::1%eth0", "ip:[::1]", "ip:10.0.0.1/8", "ip:"]);
    assert_nodes(&[
        ("node:x@10.0.0.1", "x@10.0.0.1", Meant),
        ("node:x@2001:db8::1", "x@2001:DB8:0::1", Meant),
        ("node:x@h", "x@10.0.0.1", Another),
        ("node:x@10.0.0.1", "x@010.0.0.1", Doubtful),
        ("node:x@10.0.0.1", "x@0x0a.0.0.1", Doubtful),
        ("node:x@10.0.0.1", "x@167772161", Doubtful),
        ("node:x@10.0.0.1", "x@10.1", Doubtful),
        ("node:x@fe80::1", "x@fe80::1%eth0", Doubtful),
    ]);
    assert_refused(&["node:x@010.0.0.1", "node:x@10.1", "node:x@fe80::1%eth0"]);
}

#[test]
fn an_ipv4_address_in_ipv6_is_the_ipv4_address() {
    let ip = |text: &str| certificate(leaf().ip(text.parse().unwrap()));
    assert_shown("ip:10.0.0.0/8", &ip("::ffff:10.1.2.3"), Meant);
    assert_shown("ip:::ffff:10.0.0.0/104", &ip("10.1.2.3"), Meant);
    assert_shown("ip:::/0", &ip("::ffff:10.1.2.3"), Another);
    assert_shown("ip:10.0.0.0/8", &ip("::10.1.2.3"), Another);
    assert_nodes(&[("node:x@10.0.0.1", "x@::ffff:10.0.0.1", Meant), ("node:x@::ffff:a00:1", "x@10.0.0.1", Meant)]);
}

#[test]
fn an_address_in_place_of_a_host_is_neither() {
    assert_dns(&[
        ("ip:10.0.0.0/8", "10.0.0.1", Doubtful),
        ("ip:11.0.0.0/8", "10.0.0.1", Another),
        ("dns:anything.example", "10.0.0.1", Another),
        ("ip:11.0.0.0/8", "010.0.0.1", Doubtful),
        ("dns:anything.example", "010.0.0.1", Doubtful),
        ("dns:anything.example", "0x7f.1", Doubtful),
        ("dns:anything.example", "a.1", Doubtful),
        ("dns:1.a", "1.a", Meant),
    ]);
    assert_refused(&["dns:10.0.0.1", "dns:::1", "dns:010.0.0.1", "dns:a.1"]);
}

#[test]
fn only_the_normal_form_of_a_uri_counts() {
    assert_uri(&[
        ("uri:spiffe://e.org/a", "spiffe://e.org/a", Meant),
        ("uri:spiffe://e.org/a", "spiffe://e.org/A", Another),
        ("uri:spiffe://e.org/a", "spiffe://e.org/a/", Another),
        ("uri:spiffe://e.org/a", "spiffe://E.org/a", Doubtful),
        ("uri:spiffe://e.org/a", "SPIFFE://e.org/a", Doubtful),
        ("uri:spiffe://e.org/a", "spiffe://e.org/%61", Doubtful),
        ("uri:spiffe://e.org/a", "spiffe://e.org/b/../a", Doubtful),
        ("uri:spiffe://e.org/a", "no URI", Doubtful),
    ]);
    assert_refused(&[
        "uri:spiffe://E.org/a",
        "uri:Spiffe://e.org/a",
        "uri:spiffe://e.org/%61",
        "uri:spiffe://e.org/./a",
        "uri:nothing",
        "uri:",
    ]);
}

#[test]
fn among_thousands_of_names_none_is_found_that_lets_in_and_all_keep_out() {
    let many = |count: usize| certificate((0..count).fold(leaf(), |leaf, at| leaf.dns(&format!("n{at}.db.internal"))));
    assert_shown("dns:n99.db.internal", &many(100), Meant);
    let thousands = many(5_000);
    for entry in ["dns:n0.db.internal", "dns:n4999.db.internal", "dns:elsewhere.example", "ip:10.0.0.1", "uri:erl:x@h"] {
        assert_shown(entry, &thousands, Doubtful);
    }
    assert_shown("cn:backup", &thousands, Another);
    assert_eq!(fate("node:x@h", &name("x@h"), Shown::Certificate(&thousands)), Meant);
}

#[test]
fn a_text_that_begins_with_no_kind_is_no_entry() {
    assert_refused(&["", ":", "*", "db.internal", "*@db.internal", "DNS:db.internal", " dns:a", "email:a@b", "node:", "node:x", "node:@h"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_is_an_entry_that_reads_as_it_was_written_or_none(text in "(node:|dns:|ip:|uri:|cn:|)\\PC{0,40}|\\PC{0,300}") {
        if let Ok(pattern) = text.parse::<Pattern>() {
            prop_assert_eq!(pattern.to_string(), text);
        }
    }

    #[test]
    fn whoever_an_entry_lets_in_it_also_keeps_out(
        entry in "(node:[ab*]{1,3}@|dns:|uri:x:|cn:|ip:)[ab*.1/:@]{1,6}",
        node in "[ab*]{1,3}@[ab*.1:]{1,6}",
        dns in "[ab*.1]{0,6}|[\\x00-\\x7f]{0,6}",
        uri in "x:[ab*.1/%@]{1,6}|[\\x00-\\x7f]{0,6}",
        cn in "[ab*.1]{0,6}|\\PC{0,6}",
    ) {
        prop_assume!(entry.parse::<Pattern>().is_ok());
        let shown = certificate(CA.leaf().common_names(&[&cn]).dns(&dns).uri(&uri));
        // Panics if it does not.
        fate(&entry, &name(&node), Shown::Certificate(&shown));
        fate(&entry, &name(&node), Shown::Plain);
    }
}
