//! How handshakes are made and judged, apart from whom to trust: versions, suites, revocation, the
//! user's own hook and the clock.

use super::pins::Pins;
use super::verify::hook::VerifyPeer;
use super::verify::revocation::RevocationLists;
use super::verify::{Demands, ExpectedIdentity};
use crate::clock::{Clock, SystemClock};
use rustls::SupportedCipherSuite;
use std::sync::Arc;

/// The rules of a listener's or dialler's handshakes. The default is what a new cluster should use.
///
/// ```
/// use countersign::tls::{TlsPolicy, TlsVersion};
///
/// // A cluster that still has peers of TLS 1.2, and must avoid AES-128:
/// let policy = TlsPolicy::default()
///     .min_version(TlsVersion::Tls12)
///     .suites(&["TLS13_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"])?;
/// assert!(TlsPolicy::default().suites(&["TLS_RSA_WITH_RC4_128_SHA"]).is_err());
/// # Ok::<(), countersign::tls::policy::UnknownSuite>(())
/// ```
#[derive(Clone, Debug)]
pub struct TlsPolicy {
    pub(super) min_version: TlsVersion,
    pub(super) suites: Option<Vec<SupportedCipherSuite>>,
    pub(super) revocation: Arc<RevocationLists>,
    pub(super) demands: Demands,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) skip_server_verification: bool,
}

impl Default for TlsPolicy {
    fn default() -> Self {
        Self {
            min_version: TlsVersion::Tls13,
            suites: None,
            revocation: Arc::default(),
            demands: Demands::default(),
            clock: Arc::new(SystemClock),
            skip_server_verification: false,
        }
    }
}

impl TlsPolicy {
    /// The oldest version to speak; TLS 1.3 unless said otherwise.
    #[must_use]
    pub fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = version;
        self
    }

    /// Only these suites, in this order of preference, by the names that rustls gives them.
    ///
    /// # Errors
    /// The name that is none, with those that are.
    pub fn suites(mut self, names: &[&str]) -> Result<Self, UnknownSuite> {
        self.suites = Some(names.iter().map(|name| suite(name)).collect::<Result<_, _>>()?);
        Ok(self)
    }

    /// Revocation lists, and what to do where they are silent: a [`Revocation`](super::Revocation) that stays, or
    /// [`RevocationLists`] that may be replaced while they are in use.
    #[must_use]
    pub fn revocation(mut self, revocation: impl Into<Arc<RevocationLists>>) -> Self {
        self.revocation = revocation.into();
        self
    }

    /// Only peers with one of these keys or certificates. A pin narrows what the CAs vouch for. It is held against
    /// certificates that come: a listener that lets in peers without one lets them in.
    #[must_use]
    pub fn pins(mut self, pins: Arc<Pins>) -> Self {
        self.demands.pins = pins;
        self
    }

    /// The user's own judgement of a peer. It comes last and can only refuse.
    #[must_use]
    pub fn hook(mut self, hook: Arc<dyn VerifyPeer>) -> Self {
        self.demands.hook = Some(hook);
        self
    }

    /// Only a peer whose certificate names this one. For who is dialled it stands in for the host that was.
    #[must_use]
    pub fn expecting(mut self, identity: ExpectedIdentity) -> Self {
        self.demands.identity = Some(identity);
        self
    }

    /// The clock of all verdicts.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Dials **without knowing who answers**: any certificate is taken, and whoever stands between can
    /// read and change everything. A dialler warns about it when it starts.
    #[must_use]
    pub fn danger_insecure_skip_verify(mut self) -> Self {
        self.skip_server_verification = true;
        self
    }

    /// The revocation lists in use.
    pub const fn the_revocation(&self) -> &Arc<RevocationLists> {
        &self.revocation
    }

    /// The oldest version in force.
    pub const fn the_min_version(&self) -> TlsVersion {
        self.min_version
    }

    /// The pins in use; none: any certificate that the CAs vouch for.
    pub const fn the_pins(&self) -> &Arc<Pins> {
        &self.demands.pins
    }

    /// Who is expected, if somebody is.
    pub const fn the_expected(&self) -> Option<&ExpectedIdentity> {
        self.demands.identity.as_ref()
    }

    /// Whether servers are not verified.
    pub const fn skips_verification(&self) -> bool {
        self.skip_server_verification
    }

    /// The clock in force.
    pub fn the_clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }
}

/// A protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2, for old peers only.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// No suite has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a cipher suite that is offered here; these are: {known}")]
pub struct UnknownSuite {
    /// What was asked for.
    pub name: String,
    /// What there is.
    pub known: String,
}

fn suite(name: &str) -> Result<SupportedCipherSuite, UnknownSuite> {
    let all = rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES;
    let called = |suite: &SupportedCipherSuite| suite.suite().as_str().unwrap_or_default().to_owned();
    let found = all.iter().find(|suite| called(suite) == name).copied();
    found.ok_or_else(|| UnknownSuite { name: name.to_owned(), known: all.iter().map(called).collect::<Vec<_>>().join(", ") })
}
