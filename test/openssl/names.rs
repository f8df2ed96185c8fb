//! Which hosts a certificate names, as OpenSSL sees it: where we say yes, so does it.

use crate::child::{Directory, is_installed};
use countersign::node::IdentityPolicy;
use countersign::testing::{Ca, LeafBuilder};
use countersign::tls::PeerCertificate;
use std::process::Command;
use std::sync::Arc;

/// What is on the certificate, the host, and what OpenSSL and we say, wildcards let in by both.
type Row<'a> = (LeafBuilder<'a>, &'a str, bool, bool);

#[test]
fn no_host_is_named_for_us_that_openssl_does_not_see() {
    if !is_installed() {
        return;
    }
    let ca = Ca::new();
    let dns = |name: &str| ca.leaf().common_names(&["other.example"]).dns(name);
    let rows: [Row<'_>; 14] = [
        (dns("db.internal"), "db.internal", true, true),
        (dns("DB.internal"), "db.INTERNAL", true, true),
        (dns("db.internal"), "xdb.internal", false, false),
        (dns("*.internal.example"), "db.internal.example", true, true),
        (dns("*.internal.example"), "internal.example", false, false),
        (dns("*.internal.example"), "a.db.internal.example", false, false),
        (dns("xn--bcher-kva.example"), "xn--bcher-kva.example", true, true),
        (dns("db.internal\0.evil.example"), "db.internal", false, false),
        (dns("10.0.0.1"), "10.0.0.2", false, false),
        (dns("unrelated.example"), "other.example", false, false),
        // It is more generous than we are: part of a label, a dot at the end, and a common name where there is nothing else.
        (dns("d*.internal.example"), "db.internal.example", true, false),
        (dns("*.xn--bcher-kva.example"), "db.xn--bcher-kva.example", true, true),
        (ca.leaf().common_names(&["db.internal"]), "db.internal", true, false),
        (ca.leaf().common_names(&["a.internal", "db.internal"]), "db.internal", true, false),
    ];
    let directory = Directory::new();
    for (leaf, host, theirs, ours) in rows {
        let chain = leaf.clone().pem().0;
        let certificate = PeerCertificate::new(Arc::new(leaf.build().leaf().clone()), true);
        let node = format!("x@{host}").parse().unwrap();
        let said = IdentityPolicy::DangerWildcardHost.judge(Some(&certificate), &node, None).is_ok();
        let names = (certificate.leaf.names(), &certificate.leaf.subject);
        assert_eq!((openssl_says(&directory, &chain, host), said), (theirs, ours), "{names:?} for {host}");
    }
}

fn openssl_says(directory: &Directory, chain: &str, host: &str) -> bool {
    let file = directory.write(&crate::child::unused("host"), chain);
    let said = Command::new("openssl").args(["x509", "-noout", "-in", &file, "-checkhost", host]).output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("match certificate"), "{said}");
    said.contains("does match certificate")
}
