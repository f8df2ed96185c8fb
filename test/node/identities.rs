//! Which names a certificate bears: SPIFFE ids, wildcards, common names.

use crate::raw::{Frames, Raw, local};
use crate::world::{NEVER, World, name};
use countersign::dist::control::{RegSend, Unused};
use countersign::etf::Atom;
use countersign::etf::{Term, atom, tuple};
use countersign::net::{Dialer, DialerOptions};
use countersign::node::{IdentityPolicy, IdentityRule, Node, NodeOptions, SpiffeTemplate};
use countersign::rt::{self, block_on};
use countersign::testing::{Ca, LeafBuilder};
use countersign::tls::{CertAuth, PeerCertificate, ServerName};
use std::sync::Arc;

fn shown(leaf: LeafBuilder<'_>, verified: bool) -> PeerCertificate {
    PeerCertificate::new(Arc::new(leaf.build().leaf().clone()), verified)
}

fn rule(policy: IdentityPolicy, template: &str) -> IdentityRule {
    IdentityRule::from(policy).spiffe(template.parse().unwrap())
}

/// Whether a rule lets the holder of a certificate with these names be `db-1@node.internal`.
fn bears(rule: &IdentityRule, names: &[&str]) -> bool {
    rule.judge(Some(&shown(Ca::new().leaf().names(names), true)), &name("db-1@node.internal"), None).is_ok()
}

#[test]
fn one_spiffe_id_stands_for_a_node_and_no_other() {
    use IdentityPolicy::{Host, Strict};
    let rows: [(&str, &[&str], bool); 12] = [
        ("spiffe://e.org/node/{name}", &["spiffe://e.org/node/db-1"], true),
        ("spiffe://e.org/{host}/{name}", &["spiffe://e.org/node.internal/db-1"], true),
        ("spiffe://e.org/{host}/n-{name}", &["spiffe://e.org/node.internal/n-db-1"], true),
        ("spiffe://e.org/{host}/{name}", &["spiffe://e.org/node.internal/db-2"], false),
        ("spiffe://e.org/{host}/{name}", &["spiffe://e.org/node.internal/DB-1"], false),
        ("spiffe://e.org/{host}/{name}", &["spiffe://e.org/node.internal/db-1/"], false),
        ("spiffe://e.org/{host}/{name}", &["spiffe://E.org/node.internal/db-1"], false),
        ("spiffe://e.org/{host}/{name}", &["spiffe://f.org/node.internal/db-1"], false),
        ("spiffe://e.org/{host}/{name}", &["spiffe://e.org/node.internal/db%2D1"], false),
        // The standard has one on a certificate, and who has two could be either.
        ("spiffe://e.org/{host}/{name}", &["spiffe://e.org/node.internal/db-1", "spiffe://e.org/node.internal/db-2"], false),
        ("spiffe://e.org/{host}/{name}", &["spiffe://e.org/node.internal/db-1", "SPIFFE://e.org/x"], false),
        ("spiffe://e.org/{host}/{name}", &["spiffe://e.org/node.internal/db-1", "https://e.org/"], true),
    ];
    for (template, names, passes) in rows {
        for policy in [Host, Strict] {
            assert_eq!(bears(&rule(policy, template), names), passes, "{policy} {template} {names:?}");
        }
    }
    assert!(bears(&rule(Strict, "spiffe://e.org/{name}"), &["erl:db-1@node.internal"]));
    assert!(!bears(&IdentityRule::from(Strict), &["spiffe://e.org/node.internal/db-1"]));
    assert!(!bears(&rule(Strict, "spiffe://e.org/{name}"), &["node.internal"]));
}

#[test]
fn a_spiffe_id_that_nobody_vouches_for_stands_for_nobody() {
    let unverified = shown(Ca::new().leaf().uri("spiffe://e.org/db-1"), false);
    let rule = rule(IdentityPolicy::Strict, "spiffe://e.org/{name}");
    assert!(rule.judge(Some(&unverified), &name("db-1@node.internal"), None).is_err());
}

#[test]
fn a_template_makes_one_id_of_each_name_or_is_refused() {
    for text in [
        "",
        "spiffe://",
        "https://e.org/{name}",
        "SPIFFE://e.org/{name}",
        "spiffe://E.org/{name}",
        "spiffe://e.org:80/{name}",
        "spiffe://{name}/x",
        "spiffe://e.org",
        "spiffe://e.org/",
        "spiffe://e.org/{host}",
        "spiffe://e.org/{name}/",
        "spiffe://e.org//{name}",
        "spiffe://e.org/../{name}",
        "spiffe://e.org/{name}-{host}",
        "spiffe://e.org/{name}{name}",
        "spiffe://e.org/{name}/{other}",
        "spiffe://e.org/{name}?x",
        "spiffe://e.org/{name}/a b",
        "spiffe://e.org/{name}/ü",
    ] {
        assert!(text.parse::<SpiffeTemplate>().is_err(), "{text}");
    }
    let template: SpiffeTemplate = "spiffe://e.org/{host}/{name}".parse().unwrap();
    // What a segment cannot hold is not bent into it: `a/b` at `h` is not `b` at `h/a`.
    for node in ["a/b@h", "..@h", "a%2F@h", "{host}@h", "a@::1", "größe@h"] {
        assert_eq!(template.id_of(&name(node)), None, "{node}");
    }
    assert_eq!(template.id_of(&name("a@H")).as_deref(), Some("spiffe://e.org/H/a"));
}

#[test]
fn a_wildcard_names_hosts_only_where_a_setting_says_so() {
    use IdentityPolicy::{DangerWildcardHost, Host, Strict};
    let rows: [(&[&str], bool); 5] =
        [(&["*.internal"], true), (&["*.node.internal"], false), (&["node.internal"], true), (&["n*.internal"], false), (&["*.*"], false)];
    for (names, passes) in rows {
        assert_eq!(bears(&DangerWildcardHost.into(), names), passes, "{names:?}");
        assert_eq!(bears(&Host.into(), names), names == ["node.internal"], "{names:?}");
        assert!(!bears(&Strict.into(), names), "{names:?}");
    }
}

#[test]
fn a_host_is_read_as_in_lists_and_a_common_name_is_none() {
    let bears = |leaf: LeafBuilder<'_>, node: &str| IdentityPolicy::Host.judge(Some(&shown(leaf, true)), &name(node), None).is_ok();
    let ca = Ca::new();
    let address = |text: &str| ca.leaf().ip(text.parse().unwrap());
    assert!(bears(ca.leaf().dns("NODE.internal"), "x@node.INTERNAL."));
    assert!(!bears(ca.leaf().dns("node.internal."), "x@node.internal"));
    assert!(!bears(ca.leaf().dns("node.internal\0.evil.example"), "x@node.internal"));
    assert!(!bears(ca.leaf().dns("xn--bcher-kva.example"), "x@bücher.example"));
    assert!(!bears(ca.leaf().common_names(&["node.internal"]), "x@node.internal"));
    assert!(!bears(ca.leaf().common_names(&["node.internal"]).dns("other.internal"), "x@node.internal"));
    assert!(bears(address("10.0.0.1"), "x@::ffff:10.0.0.1"));
    assert!(bears(address("::ffff:10.0.0.1"), "x@10.0.0.1"));
    assert!(!bears(address("10.0.0.1"), "x@010.0.0.1"));
    assert!(!bears(ca.leaf().dns("10.0.0.1"), "x@10.0.0.1"));
    let as_dialled = ServerName::try_from("other.internal").unwrap();
    let shown = shown(ca.leaf().dns("other.internal"), true);
    assert!(IdentityPolicy::Host.judge(Some(&shown), &name("x@node.internal"), Some(&as_dialled)).is_ok());
}

#[test]
fn nodes_with_spiffe_ids_meet_strictly_and_each_is_whom_its_id_names() {
    block_on(async {
        let world = World::new().await;
        let start = |own: &'static str, id: &'static str| {
            let leaf = world.ca.leaf().dns("localhost").uri(id).build();
            let manager = Arc::new(CertAuth::mutual(leaf, world.ca.pool()));
            let spiffe = Some("spiffe://e.org/{host}/{name}".parse().unwrap());
            Node::start(own, NodeOptions { cert_manager: Some(manager), identity: IdentityPolicy::Strict, spiffe, ..world.secure() })
        };
        let a = start("a@localhost", "spiffe://e.org/localhost/a").await.unwrap();
        let b = start("b@localhost", "spiffe://e.org/localhost/b").await.unwrap();
        let liar = start("c@localhost", "spiffe://e.org/localhost/b").await.unwrap();
        a.ping(b.name()).await.unwrap();
        assert!(liar.connect(a.name()).await.is_err());
        assert!(a.connect(liar.name()).await.is_err());
    });
}

#[test]
fn an_admin_may_be_known_by_its_spiffe_id() {
    block_on(async {
        let world = World::new().await;
        for (id, stops) in [("spiffe://e.org/localhost/x", false), ("spiffe://e.org/localhost/ops", true)] {
            let spiffe = Some("spiffe://e.org/{host}/{name}".parse().unwrap());
            let options = NodeOptions { admins: vec![name("ops@localhost")], spiffe, ..world.secure() };
            let a = Node::start("a@localhost", options).await.unwrap();
            let leaf = world.ca.leaf().dns("localhost").uri(id).build();
            let manager = CertAuth::builder(leaf).root_cas(world.ca.pool()).build().unwrap();
            let dialler = Dialer::new(DialerOptions::secure(Arc::new(manager))).unwrap();
            let mut raw = Raw::shake(Frames::with(dialler, &a).await, &local("x@localhost"), &a).await;
            let from = raw.pid(1);
            let ask = tuple([atom("$gen_call"), tuple([Term::from(from.clone()), atom("tag")]), atom("stop")]);
            raw.say(RegSend { from, unused: Unused, to: Atom::fixed("countersign") }, Some(&ask)).await;
            let answer = raw.hear_term().await.unwrap();
            assert_eq!(answer.as_tuple().unwrap()[1].is_atom("ok"), stops, "{id}: {answer}");
            if stops {
                rt::timeout(NEVER, a.stop_wanted()).await.unwrap();
            }
            drop(raw);
            a.stop().await;
        }
    });
}
