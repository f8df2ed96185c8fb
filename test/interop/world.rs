//! A port mapper of ours and a CA: where OTP nodes of a test meet.

use crate::otp::{Builder, Otp, Transport, otp_is_here};
use crate::pki::Pki;
use countersign::dist::Cookie;
use countersign::epmd::{Server, ServerOptions};
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions};
use countersign::rt::block_on;
use countersign::tls::{CertAuthManager, TlsPolicy, TlsVersion};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) pki: Pki,
    pub(crate) epmd: Server,
}

impl World {
    /// Nothing, and a word about it, where OTP is not installed.
    pub(crate) fn new(test: &str) -> Option<Self> {
        otp_is_here(test).then(|| Self { pki: Pki::new(), epmd: block_on(Server::bind(ServerOptions::loopback())).unwrap() })
    }

    /// An OTP node of this full name, to be started.
    pub(crate) fn otp(&self, name: &str) -> Builder<'_> {
        Otp::node(name, &self.pki, self.epmd.port())
    }

    /// What a node of ours is made of that meets OTP's over this transport.
    pub(crate) fn options(&self, name: &str, transport: Transport) -> NodeOptions {
        let plain = transport == Transport::Tcp;
        let old = TlsPolicy::default().min_version(TlsVersion::Tls12);
        NodeOptions {
            cert_manager: (!plain).then(|| -> Arc<dyn CertAuthManager> { self.pki.auth(name.split('@').next().unwrap()) }),
            danger_plaintext: plain,
            cookie: Some(Cookie::new(b"cluster".to_vec())),
            acceptors: vec![Acceptor::at_port(0)],
            tls: if transport == Transport::Tls12 { old } else { TlsPolicy::default() },
            epmd: EpmdMode::At(self.epmd.port()),
            ..NodeOptions::default()
        }
    }

    /// A node of ours, of this full name.
    pub(crate) fn node(&self, name: &str, transport: Transport) -> Node {
        block_on(Node::start(name, self.options(name, transport))).unwrap()
    }

    /// `x@localhost` and `y@localhost`.
    pub(crate) fn two(&self, transport: Transport) -> (Otp, Otp) {
        let start = |name| self.otp(name).over(transport).start();
        (start("x@localhost"), start("y@localhost"))
    }
}

/// Holds when this is so, and fails when it never is. Only for what sends no event.
#[track_caller]
pub(crate) fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < NEVER, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Longer than anything here takes; only a failing test waits for so long.
const NEVER: Duration = Duration::from_secs(30);
