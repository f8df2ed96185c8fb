//! `s_client` against our listener.

use crate::child::{Directory, Openssl, flags};
use crate::world::{bind, eventually, mutual};
use countersign::failure::Code;
use countersign::net::{Connection, Listener, ListenerOptions};
use countersign::rt::block_on;
use countersign::testing::{Ca, LeafBuilder};
use countersign::tls::{CertAuth, TlsPolicy};
use countersign::x509::Fingerprint;
use countersign::x509::pem::{self, Origin};
use std::sync::Arc;

/// A listener of ours, and what `s_client` needs to dial it.
pub(crate) struct Stage {
    pub(crate) ca: Ca,
    pub(crate) manager: Arc<CertAuth>,
    pub(crate) listener: Listener,
    pub(crate) directory: Directory,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(TlsPolicy::default())
    }

    pub(crate) fn with(policy: TlsPolicy) -> Self {
        let ca = Ca::new();
        let leaf = ca.agent(&["localhost", "127.0.0.1"]);
        Self::serving(ca, leaf, policy)
    }

    /// A listener that presents this, and trusts this CA.
    pub(crate) fn serving(ca: Ca, leaf: countersign::tls::Certificate, policy: TlsPolicy) -> Self {
        let manager = mutual(leaf, &ca);
        let mut options = ListenerOptions::secure(manager.clone());
        options.tls = policy;
        Self { listener: block_on(bind(options)), ca, manager, directory: Directory::new() }
    }

    /// Dials with this identity, believing in our CA and in nobody else.
    pub(crate) fn dial(&self, leaf: LeafBuilder<'_>, more: &[&str]) -> Openssl {
        self.dial_believing(&self.ca, [self.directory.identity(leaf), flags(more)].concat())
    }

    pub(crate) fn dial_believing(&self, ca: &Ca, more: Vec<String>) -> Openssl {
        let (to, ca) = (self.listener.local_addr().to_string(), self.directory.ca(ca));
        let always = flags(&["s_client", "-connect", &to, "-CAfile", &ca, "-verify_return_error"]);
        Openssl::run(&[always, more].concat())
    }

    pub(crate) fn accept(&self) -> Connection {
        block_on(self.listener.accept()).unwrap()
    }

    /// The listener refuses with this code, and `s_client` hears this alert.
    #[track_caller]
    pub(crate) fn refuses(&self, client: &Openssl, code: Code, alert: u8) {
        let said = client.wait_for_end();
        assert!(said.contains(&format!("SSL alert number {alert}\n")), "no alert {alert} in:\n{said}");
        self.counts(code);
    }

    /// One refusal with this code, and no other.
    #[track_caller]
    pub(crate) fn counts(&self, code: Code) {
        eventually("a refusal is counted", || !self.listener.counters().refusals().is_empty());
        let counted: Vec<_> = self.listener.counters().refusals().into_iter().collect();
        assert_eq!(counted, [(code.as_str(), 1)]);
        assert_eq!(self.listener.counters().accepted(), 0);
    }
}

/// The first certificate in what `openssl` printed: the peer's leaf.
#[track_caller]
pub(crate) fn printed_certificate(said: &str) -> Fingerprint {
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    let start = said.find(begin).unwrap();
    let block: String = said.chars().skip(start).collect();
    let length = block.find(end).unwrap() + end.len();
    let block: String = block.chars().take(length).chain(['\n']).collect();
    let (_, der) = pem::certificates(&Origin::memory(), block.as_bytes()).unwrap().remove(0);
    Fingerprint::of(&der)
}
