//! A directory with a CA, certificates and a configuration, and a peer of our own kind to meet.

use crate::scratch::Scratch;
use countersign::dist::Cookie;
use countersign::doctor::{Case, Check, Finding, Health, Report, examine, visit};
use countersign::failure::Code;
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions};
use countersign::rt::block_on;
use countersign::testing::{Ca, LeafBuilder};
use countersign::tls::{CertAuth, Certificate};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

pub(crate) struct World {
    pub(crate) directory: Scratch,
    pub(crate) ca: Ca,
}

impl World {
    /// `ca.crt`, and a good pair of `a@localhost`: `a.crt`, `a.key`.
    pub(crate) fn new() -> Self {
        let world = Self { directory: Scratch::new(), ca: Ca::new() };
        world.write("ca.crt", world.ca.pem(), 0o644);
        world.issue("a", world.good());
        world
    }

    /// What `a@localhost` presents when all is well.
    pub(crate) fn good(&self) -> LeafBuilder<'_> {
        self.ca.leaf().common_name("a").names(&["localhost", "127.0.0.1", "erl:a@localhost"])
    }

    pub(crate) fn issue(&self, name: &str, leaf: LeafBuilder<'_>) {
        let (chain, key) = leaf.pem();
        self.write(&format!("{name}.crt"), chain, 0o644);
        self.write(&format!("{name}.key"), key.expose(), 0o600);
    }

    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>, mode: u32) {
        let path = self.directory.join(name);
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.directory.join(name)).unwrap()
    }

    /// With the usual files, and more in the document.
    pub(crate) fn case(&self, more: &str) -> Case {
        self.case_of(TLS, more)
    }

    /// With this section `tls`.
    pub(crate) fn case_of(&self, tls: &str, more: &str) -> Case {
        let text = format!(
            r#"{{ "node": {{ "name": "a@localhost", "cookie": "cluster" }}, "tls": {{ {tls} }},
                  "acceptors": [{{ "host": "127.0.0.1", "port": 0 }}], "epmd": {{ "mode": "off" }} {more} }}"#
        );
        Case::of_json(&text, &self.directory)
    }

    /// What is found without a peer, with the usual files.
    pub(crate) fn examined(&self) -> Report {
        block_on(examine(&self.case("")))
    }

    /// Meets whoever listens there.
    pub(crate) fn visit(&self, target: &str) -> Report {
        block_on(visit(&self.case(""), &target.parse().unwrap()))
    }
}

/// A node of ours that presents this and trusts that CA.
pub(crate) fn node(name: &str, certificate: Certificate, ca: &Ca, cookie: &str) -> Node {
    let options = NodeOptions {
        cert_manager: Some(Arc::new(CertAuth::mutual(certificate, ca.pool()))),
        cookie: Some(Cookie::new(cookie.as_bytes().to_vec())),
        acceptors: vec![Acceptor { host: Some("127.0.0.1".parse().unwrap()), ..Acceptor::at_port(0) }],
        epmd: EpmdMode::Off,
        ..NodeOptions::default()
    };
    block_on(Node::start(name, options)).unwrap()
}

/// Where it listens.
pub(crate) fn address(node: &Node) -> String {
    node.local_addrs().first().unwrap().to_string()
}

/// What is wrong with this, and nothing but this.
#[track_caller]
pub(crate) fn only_wrong(report: &Report, check: Check, code: Code) -> &Finding {
    let wrong: Vec<&Finding> = report.findings().iter().filter(|finding| finding.health == Health::Bad).collect();
    let [finding] = wrong[..] else { panic!("one thing should be wrong, {check} with {code}, and there are {wrong:#?}") };
    assert_eq!((finding.check, finding.code), (check, Some(code)), "{finding:#?}");
    assert!(finding.hint.is_some(), "{finding:#?}");
    finding
}

/// The finding of this check; the first of several.
#[track_caller]
pub(crate) fn found(report: &Report, check: Check) -> &Finding {
    let found = report.findings().iter().find(|finding| finding.check == check);
    found.unwrap_or_else(|| panic!("nothing of {check} in {report:#?}"))
}

#[track_caller]
pub(crate) fn well(report: &Report) {
    assert!(report.is_well(), "{report:#?}");
}

pub(crate) const TLS: &str = r#""cert": "a.crt", "key": "a.key", "root_ca": "ca.crt", "client_ca": "ca.crt""#;

/// Longer than anything here takes; only a failing test waits for so long.
pub(crate) const NEVER: std::time::Duration = std::time::Duration::from_secs(60);
