//! Our dialler against `s_server`.

use crate::child::{Directory, Openssl, flags};
use crate::world::mutual;
use countersign::failure::{Code, Failure};
use countersign::net::{Connection, DialError, Dialer, DialerOptions};
use countersign::rt::block_on;
use countersign::testing::{Ca, LeafBuilder};
use countersign::tls::{CertAuth, Certificate, TlsPolicy};
use futures_util::io::AsyncReadExt;
use std::sync::Arc;

/// An `s_server`, and a dialler of ours.
pub(crate) struct Stage {
    pub(crate) manager: Arc<CertAuth>,
    pub(crate) dialer: Dialer,
    pub(crate) server: Openssl,
    port: u16,
    _directory: Directory,
}

/// Insists on a client's certificate, and says no at once.
pub(crate) const MUTUAL: &[&str] = &["-Verify", "1", "-verify_return_error"];

impl Stage {
    /// The server presents `leaf`, trusts `ca`, and has more flags; we present `own`, and trust `ca`.
    pub(crate) fn new(ca: &Ca, leaf: LeafBuilder<'_>, more: &[&str], own: Certificate) -> Self {
        Self::with(ca, leaf, more, own, TlsPolicy::default())
    }

    pub(crate) fn with(ca: &Ca, leaf: LeafBuilder<'_>, more: &[&str], own: Certificate, policy: TlsPolicy) -> Self {
        let directory = Directory::new();
        let always = flags(&["s_server", "-accept", "127.0.0.1:0", "-CAfile", &directory.ca(ca)]);
        let server = Openssl::run(&[always, directory.identity(leaf), flags(more)].concat());
        let manager = mutual(own, ca);
        let mut options = DialerOptions::secure(manager.clone());
        options.tls = policy;
        Self { port: port(&server), manager, dialer: Dialer::new(options).unwrap(), server, _directory: directory }
    }

    pub(crate) fn dial(&self) -> Result<Connection, DialError> {
        block_on(self.dialer.dial("127.0.0.1", self.port))
    }

    /// We refuse the server, with this code, and it hears this alert.
    #[track_caller]
    pub(crate) fn is_refused(&self, code: Code, alert: u8) {
        let error = self.dial().unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.refused().unwrap().is_guess(), "we judged, and need not guess");
        self.server.wait_for(&format!("SSL alert number {alert}\n"));
    }

    /// The server refuses us. It does so after our half of the handshake, so that the first read tells.
    #[track_caller]
    pub(crate) fn refuses(&self, words: &str, code: Code) {
        let mut connection = self.dial().unwrap();
        assert!(!connection.tls().unwrap().is_accepted(), "nobody has said so yet");
        let error = block_on(connection.read(&mut [0; 1])).unwrap_err();
        let refused = Connection::refusal(&error).unwrap_or_else(|| panic!("no reason in {error:?}"));
        assert_eq!(refused.code(), code, "{refused}");
        self.server.wait_for(words);
    }
}

/// The port that the system chose for it.
fn port(server: &Openssl) -> u16 {
    let ready = "ACCEPT 127.0.0.1:";
    let said = server.wait_for(ready);
    let (_, after) = said.split_once(ready).unwrap();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}
